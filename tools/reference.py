"""`python -m tools.reference` writes docs/commands.md and docs/configuration.md from the code; `--check` only compares."""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import typer

from microgov.__main__ import application
from microgov.commands.base import CODES
from microgov.services.chassis.runtime.settings import Settings
from tools.pages import write_or_check

COMMAND = "python -m tools.reference"
DOCS = Path(__file__).parents[1] / "docs"
EXIT_CODES = CODES.strip().replace(" · 退出码", "")
COMMANDS = f"""# Commands

Written by `{COMMAND}` from the command line's own help; do not edit. Every command takes `--help`.
What it prints for people is in Chinese and English; the variable `MICROGOV_LANG` chooses one of them, and so does `--lang`
where it is listed below.

{EXIT_CODES}
"""
CONFIGURATION = f"""# Configuration

Written by `{COMMAND}`; do not edit. All settings are environment variables.

## Services and command line

Every service and the command line read these (the class `Settings` in services/chassis/runtime/settings.py). `make up` and
compose set them for the services.
"""
OTHER_VARIABLES = """
## `make up`, command line and compose

Further variables, which `make up`, compose or the command line read; the meaning says which of them.
"""
TABLE_HEAD = """
| variable | meaning | default |
|---|---|---|
"""


class Variable(NamedTuple):
    """An environment variable, with its meaning and its default."""

    name: str
    meaning: str
    default: str | None


VARIABLES = (
    Variable("MICROGOV_VAR", "folder for all data (`make up`, command line)", "var"),
    Variable("MICROGOV_NATS_PORT", "port of the broker (`make up`, compose, command line)", "4222"),
    Variable(
        "MICROGOV_HEALTH_PORT",
        "port of /health and /metrics of the first service; the others take the next ones (`make up`)",
        "8101",
    ),
    Variable("MICROGOV_TENANT", "the tenant, where `--tenant` is not given (command line)", "donghu"),
    Variable(
        "MICROGOV_LANG", "`zh` or `en`, where `--lang` is not given; both if unset (command line)", None
    ),
    Variable(
        "MICROGOV_BIND",
        "address of this machine on which the broker's port is open; `0.0.0.0` opens it to others (compose)",
        "127.0.0.1",
    ),
)
"""The variables that are not fields of `Settings`; tests/test_reference.py compares them with those in code and compose."""


def commands() -> str:
    """The text of docs/commands.md: every command with its purpose, arguments, options and examples."""
    return COMMANDS + "".join(
        _section(*leaf) for leaf in _leaves(typer.main.get_command(application()), "microgov")
    )


def _leaves(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every command at or below this one that has no subcommands, with all its words, such as `microgov show issue`."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, subcommand in command.commands.items():
        yield from _leaves(subcommand, f"{path} {name}")


def _section(path: str, command: Any) -> str:
    """The section about one command: its purpose, a table of its arguments and options, and its examples."""
    lines = ["", f"## {path}", "", " ".join((command.help or "").split()), ""]
    parameters = [parameter for parameter in command.params if parameter.name != "help"]
    if parameters:
        lines += ["| argument or option | meaning |", "|---|---|"]
        lines += [f"| `{_spelled(parameter)}` | {_meaning(parameter)} |" for parameter in parameters]
        lines.append("")
    examples = re.findall(r"^    \$ (.*)$", command.epilog or "", re.MULTILINE)
    if examples:
        lines += [*(f"    {example}" for example in examples), ""]
    return "\n".join(lines)


def _spelled(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    return ", ".join(sorted(parameter.opts, key=len, reverse=True))


def _meaning(parameter: Any) -> str:
    text = " ".join((getattr(parameter, "help", None) or "").split()).replace("|", "\\|")
    default = parameter.default
    shown = default is not None and not callable(default) and default not in (False, "", ())
    return f"{text} (default: `{default}`)" if shown else text


def configuration() -> str:
    """The text of docs/configuration.md: every environment variable with its meaning and its default."""
    settings = [
        Variable(
            f"MICROGOV_{name.upper()}",
            str(field.description),
            None if field.default is None else str(field.default),
        )
        for name, field in Settings.model_fields.items()
    ]
    return f"{CONFIGURATION}{_table(settings)}{OTHER_VARIABLES}{_table(VARIABLES)}"


def _table(variables: Iterable[Variable]) -> str:
    rows = [
        f"| `{one.name}` | {one.meaning} | {'–' if one.default is None else f'`{one.default}`'} |\n"
        for one in variables
    ]
    return TABLE_HEAD + "".join(rows)


def main(arguments: list[str] | None = None) -> int:
    """Writes both pages and returns 0. With `--check` it writes nothing, and returns 1 if a page is out of date."""
    pages = {DOCS / "commands.md": commands(), DOCS / "configuration.md": configuration()}
    return write_or_check(COMMAND, __doc__ or "", pages, arguments)


if __name__ == "__main__":
    sys.exit(main())
