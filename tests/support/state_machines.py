"""Checks a state machine: what its table allows, and that handlers refuse everything else."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from sqlalchemy.orm import Session

from microgov.contracts.message import Command
from microgov.services.chassis.model import BACK, SAME, Cause, Life, Refused
from microgov.testing.service_driver import ServiceDriver


def walk(life: Life) -> None:
    """Checks that every row of the table moves an entity to the state that it names, and that this state exists."""
    bare = replace(life, table={key: replace(row, guards=()) for key, row in life.table.items()})
    for (state, cause), row in life.table.items():
        assert row.to in life.states or row.to in (SAME, BACK)
        if state is not None:
            entity = SimpleNamespace(id="x", state=state)
            bare.moved_by(entity, cause, None, Session())  # type: ignore[arg-type]  # the guards, which would read the message, are removed
            assert entity.state == (state if row.to in (SAME, BACK) else row.to)


def forbidden(life: Life) -> Iterator[tuple[str, type[Command]]]:
    """Every pair of state and command without a row in the table."""
    causes: set[Cause] = {cause for state, cause in life.table if state is not None}
    commands = [cause for cause in causes if isinstance(cause, type) and issubclass(cause, Command)]
    for state in life.states:
        for command in sorted(commands, key=lambda c: c.TYPE):
            if not life.allows(state, command):
                yield state, command


def refuses(
    driver: ServiceDriver,
    life: Life,
    entity: Any,
    commands: Mapping[type[Command], Callable[[], Any]],
    otherwise: Callable[[str, type[Command]], str] = lambda state, command: "wrong_state",
) -> int:
    """Sends every forbidden command in every state; returns how many were refused, which must be all.

    `otherwise` gives the expected error code where it is not wrong_state.
    """
    count = 0
    for state, command in forbidden(life):
        entity.state = state
        driver.s.flush()
        try:
            commands[command]()
        except Refused as refused:
            assert refused.code == otherwise(state, command), (
                state,
                command.__name__,
                refused.code,
                refused.words.en,
            )
            count += 1
        else:
            raise AssertionError(f"{command.__name__} was not refused in {state}")
    return count
