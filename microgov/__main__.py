"""The command `microgov`; `microgov --help` lists what it does."""

import os
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from microgov.commands import base

COMMANDS = (
    "status",
    "demo",
    "send",
    "tail",
    "show",
    "list",
    "due",
    "rates",
    "achieved",
    "plan",
    "waitlist",
    "hours",
    "workload",
    "import",
    "inbox",
    "check",
    "clock",
    "rules",
    "quarantine",
    "attempts",
    "contact",
    "household",
    "publishers",
    "tenant",
    "log",
    "secrets",
    "rebuild",
    "backup",
    "restore",
    "resume",
)
MODULES = {
    "inbox": "show",
    "workload": "hours",
    "list": "listings",
    "waitlist": "listings",
    "import": "imports",
}
"""The modules of commands whose module has another name."""
SINGLE_COMMANDS = (
    "status",
    "send",
    "tail",
    "check",
    "due",
    "rates",
    "achieved",
    "plan",
    "inbox",
    "waitlist",
    "hours",
    "workload",
    "rebuild",
    "attempts",
    "restore",
    "resume",
)
"""Commands without subcommands."""


def _show_version(wanted: bool) -> None:
    if wanted:
        base.out.print(f"microgov {version('microgov')}")
        raise typer.Exit


def application(wanted: str | None = None) -> typer.Typer:
    """The command line; with `wanted`, that one command alone, so that the others need not be imported."""
    app = typer.Typer(
        name="microgov",
        no_args_is_help=True,
        rich_markup_mode="markdown",
        add_completion=False,
        help="Micro-governance of a sub-district on one log · 街道微治理" + base.CODES,
    )
    app.callback()(_options)
    app.command(
        epilog=base.examples("microgov up", "MICROGOV_VAR=/srv/microgov microgov up --nats-port 4333")
    )(up)
    for name in COMMANDS if wanted is None else {wanted} - {"up"}:
        module = import_module(f"microgov.commands.{MODULES.get(name, name)}")
        if name in SINGLE_COMMANDS:
            app.command(name, epilog=module.EXAMPLES)(getattr(module, name))
        else:
            app.add_typer(module.app, name=name)
    return app


def _options(
    show_version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="show which version this is, and exit · 版本号",
            callback=_show_version,
            is_eager=True,
        ),
    ] = False,
) -> None:
    """Takes what is said before a command; it also makes typer keep the names of subcommands if there is only one."""


def up(
    var: Annotated[Path | None, typer.Option(help="folder for all data · 数据文件夹")] = None,
    nats_port: Annotated[int | None, typer.Option(help="the broker's port · 消息服务器端口")] = None,
    health_port: Annotated[
        int | None,
        typer.Option(
            help="the first service's health port; the others follow · 第一个服务的健康检查端口，其余顺延"
        ),
    ] = None,
) -> None:
    """Runs the broker and all services on this machine until ctrl-C · 启动全部服务"""
    given = {"--var": var, "--nats-port": nats_port, "--health-port": health_port}
    arguments = [part for name, value in given.items() if value is not None for part in (name, str(value))]
    raise typer.Exit(import_module("microgov.local.up").main(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Runs the command line with these arguments (None: those of the process), and returns the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    wanted = given[0] if given and given[0] in (*COMMANDS, "up") else None
    return base.exit_code_of(lambda: application(wanted)(given, prog_name="microgov"))


def main() -> None:
    """The entry point.

    Whatever this process and its children write can be read by its owner alone.
    """
    os.umask(0o077)
    sys.exit(run())


if __name__ == "__main__":
    main()
