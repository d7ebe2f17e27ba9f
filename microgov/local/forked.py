"""What the children of `make up` run: they are forked, so that each module is imported once for all."""

import gc
import sys
from collections.abc import Sequence
from importlib import import_module
from runpy import run_module

from microgov.services.chassis.installed import installed, installed_service


def preload() -> None:
    """Imports the modules of every service, without garbage collection, which would take a sixth of the time."""
    gc.disable()
    for module in ("faststream.__main__", "uvloop", *(f"{one.package}.app" for one in installed())):
        import_module(module)
    gc.freeze()
    gc.enable()


def add_tenant(name: str, options: Sequence[str]) -> None:
    """Runs `microgov tenant add` in a forked child: most modules that it needs are imported already."""
    tenant, base = (import_module(f"microgov.commands.{module}") for module in ("tenant", "base"))
    sys.exit(base.exit_code_of(lambda: tenant.app(["add", name, *options])))


def back_up() -> None:
    """Runs `microgov backup run` in a forked child."""
    backup, base = (import_module(f"microgov.commands.{module}") for module in ("backup", "base"))
    sys.exit(base.exit_code_of(lambda: backup.app(["run"])))


def serve(name: str, port: int) -> None:
    """Runs `faststream run` for a service until SIGINT or SIGTERM."""
    where = ["--host", "127.0.0.1", "--port", str(port)]
    sys.argv = ["faststream", "run", "--factory", f"{installed_service(name).package}.app:make_app", *where]
    run_module("faststream", run_name="__main__")
