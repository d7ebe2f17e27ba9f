"""A real service process for one tenant, without HTTP: `python -m tests.rig.process issues --tenant rig`.

Settings come from the environment, as for every service. `--points FILE` names the file in which an order such as
`after_commit:3:kill` may appear, `--mended FILE` the one whose presence mends the handlers of failing_handlers.py.
"""

import argparse
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

import uvloop

from microgov.services.chassis.fault_points import FaultPoints
from microgov.services.chassis.runtime.settings import Settings, TenantSettings
from microgov.services.chassis.runtime.tenancy import Tenancy
from microgov.services.chassis.telemetry import start_logging
from tests.rig.failing_handlers import plant_failures
from tests.rig.fault_actions import FaultsFromFile

PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Makes the kernel kill this process when its parent ends, for whatever reason."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def serve(service: str, tenant: str, points: Path, mended: Path) -> None:
    """Runs a service until it is killed, or a loop ends by an unexpected error."""
    settings = Settings()
    start_logging(settings.log_level)
    found = next(one for one in settings.hosted() if one.name == tenant)
    make: Callable[[TenantSettings, Settings, FaultPoints], Tenancy] = import_module(
        f"microgov.services.{service}.app"
    ).tenancy
    tenancy = make(found, settings, FaultsFromFile(points))
    plant_failures(tenancy, mended)
    uvloop.run(tenancy.run())


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.rig.process", description=__doc__)
    parser.add_argument("service")
    parser.add_argument("--tenant", required=True)
    parser.add_argument("--points", type=Path, default=Path(os.devnull, "none"))
    parser.add_argument("--mended", type=Path, default=Path(os.devnull, "none"))
    given = parser.parse_args(arguments)
    die_with_parent()
    serve(given.service, given.tenant, given.points, given.mended)


if __name__ == "__main__":
    main()
