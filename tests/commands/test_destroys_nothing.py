"""Every command is listed with what it could drop, empty, purge or overwrite; no command destroys anything by mistake.

A new command is in none of the tables and fails the first test: add it to the table that fits.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import typer.main

from microgov.__main__ import application
from tests.commands.conftest import CommandLine
from tests.commands.destruction_refused import (
    a_key_of_backups_replaces_no_key,
    a_part_of_a_recording_overwrites_no_file,
    a_publisher_keeps_its_secret_and_its_grant,
    a_rebuild_in_the_wrong_place_touches_nothing,
    a_rebuild_of_another_tenants_database_is_refused,
    a_rebuild_waits_for_the_service,
    a_recording_overwrites_no_file,
    a_replay_empties_no_database_that_is_in_use,
    an_import_leaves_alone_what_is_there,
    secrets_that_are_there_stay,
)

READS = {
    "status",
    "tail",
    "due",
    "rates",
    "achieved",
    "plan",
    "waitlist",
    "hours",
    "workload",
    "inbox",
    "check",
    "show",
    "list",
    "attempts",
    "clock show",
    "rules show",
    "quarantine list",
    "quarantine show",
    "publishers list",
    "log verify",
    "log coverage",
    "log rows",
    "log show",
    "backup list",
    "backup verify",
}
"""They write only to standard output. A name of one word stands for all commands of a group."""
ADDS = {
    "send",
    "demo",
    "import",
    "clock advance",
    "rules apply",
    "quarantine retry",
    "quarantine discard",
    "quarantine lift",
    "household read",
    "tenant add",
    "publishers mend",
    "up",
    "backup create",
}
"""They append to the log or set up what is missing; what exists stays, and a repeated call adds nothing."""
REPLACES = {
    "contact set": "the person's previous address",
    "household keep": "the whole previous file",
    "household erase": "the file",
    "publishers add": "with --again, its grant",
    "publishers rotate": "its secret",
    "publishers revoke": "its access",
    "clock confirm": "what was confirmed before",
    "backup run": "backups that are superfluous (test_retention.py); a damaged one stays (test_schedule.py)",
    "resume": "the hold: what is closed is never sent (tests/notify/test_hold.py)",
    "restore": "nothing without --replace, which moves all aside whole (test_restore.py)",
    "backup erasures": "in every backup, what was erased (test_erasures.py)",
}
"""Replacing is their purpose, and their help says so: the command, and what it replaces."""


DESTROYS: dict[str, tuple[str, Callable[[CommandLine, Path], Awaitable[None]]]] = {
    "log replay": ("empties the databases it is pointed at", a_replay_empties_no_database_that_is_in_use),
    "log record": ("writes a file", a_recording_overwrites_no_file),
    "log cut": ("writes a file", a_part_of_a_recording_overwrites_no_file),
    "log redact": ("writes a file", a_part_of_a_recording_overwrites_no_file),
    "rebuild": ("empties a service's folded tables", a_rebuild_waits_for_the_service),
    "rebuild ": ("the same, elsewhere", a_rebuild_in_the_wrong_place_touches_nothing),
    "rebuild  ": ("the same, of another tenant", a_rebuild_of_another_tenants_database_is_refused),
    "publishers add": ("replaces a secret or a grant", a_publisher_keeps_its_secret_and_its_grant),
    "import organisations": ("replaces what is registered", an_import_leaves_alone_what_is_there),
    "secrets make": ("writes secrets", secrets_that_are_there_stay),
    "backup key": ("writes a private key and whom backups are sealed to", a_key_of_backups_replaces_no_key),
}
"""Command, what it would destroy, and the test that it does not."""


def leaves(command: Any, path: str = "") -> list[str]:
    """All commands that can be called."""
    if hasattr(command, "commands"):
        return [
            leaf for name, one in command.commands.items() for leaf in leaves(one, f"{path} {name}".strip())
        ]
    return [path]


def test_every_command_is_known_here() -> None:
    named = {*READS, *ADDS, *REPLACES, *(name.strip() for name in DESTROYS)}
    found = leaves(typer.main.get_command(application()))

    assert [one for one in found if one not in named and one.split()[0] not in named] == []
    assert [name for name in named if not any(f"{one} ".startswith(f"{name} ") for one in found)] == []


@pytest.mark.parametrize("which", DESTROYS)
async def test_nothing_is_destroyed(which: str, line: CommandLine, tmp_path: Path) -> None:
    await DESTROYS[which][1](line, tmp_path)
