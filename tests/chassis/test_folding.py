"""How the fold handles each message; the size of batches does not change its events."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from microgov.contracts.fields import Role
from microgov.services.chassis import Said, Service
from microgov.services.chassis.fold.fold import MAX_EVENTS
from microgov.services.chassis.service import several
from tests.chassis import tool_service
from tests.chassis.fold_feeder import Feeder


def emitting_many(many: int, size: int = 0) -> Service:
    """The example service with a handler that emits many events."""
    whole = tool_service.service()

    def offer(m: Any, s: Any) -> Iterator[Said]:
        tool = next(iter(several(whole.handlers[tool_service.OfferTool](m, s))))
        yield tool
        for n in range(many):
            yield Said(tool_service.ToolLent(to=f"p-{n}".ljust(size, "0")[:64]), m.subject)

    return replace(whole, handlers={**whole.handlers, tool_service.OfferTool: offer})


def fill(feeder: Feeder) -> None:
    for n in range(30):
        feeder.send(tool_service.OfferTool(), f"tool-{n % 20}", by=f"p-{n}")
        feeder.send(tool_service.LendTool(), f"tool-{n % 7}", by=f"p-{n}")


def test_the_size_of_batches_does_not_change_the_events() -> None:
    whole = Feeder(tool_service.service())
    fill(whole)
    said = whole.fold()

    for size in (1, 2, 7, 59):
        cut = Feeder(tool_service.service(), batch=size)
        fill(cut)
        assert cut.fold() == said
        assert cut.digest() == whole.digest()


def test_ids_of_events_are_derived_from_the_cause_and_their_number() -> None:
    feeder = Feeder(emitting_many(2))
    feeder.send(tool_service.OfferTool(), "ladder")

    said = feeder.fold()

    assert len({m["id"] for m in said}) == 3
    again = Feeder(emitting_many(3))
    again.send(tool_service.OfferTool(), "ladder")
    assert [m["id"] for m in again.fold()][:3] == [
        m["id"] for m in said
    ]  # one message more shifts no other id


def test_an_event_copies_sender_and_time_from_its_cause() -> None:
    feeder = Feeder(tool_service.service())
    feeder.send(tool_service.OfferTool(), "ladder", by="p-7", role=Role.DASAO)

    said = feeder.fold()[0]

    assert (said["authid"], said["role"], said["writer"], said["subject"]) == (
        "p-7",
        "dasao",
        "tools",
        "ladder",
    )
    assert said["time"] == said["recordedtime"] == "2026-03-02T08:00:01Z"
    assert said["correlationid"] == said["causationid"]
    assert said["entityversion"] == 1


def test_a_batch_with_many_events_is_folded_in_parts() -> None:
    feeder = Feeder(emitting_many(3000))
    for n in range(3):
        feeder.send(tool_service.OfferTool(), f"tool-{n}")

    assert len(feeder.fold()) == 3 * 3001


def test_too_many_events_are_an_error_of_the_handler() -> None:
    feeder = Feeder(emitting_many(MAX_EVENTS))
    feeder.send(tool_service.OfferTool(), "ladder")

    assert [m["type"] for m in feeder.fold()] == ["log.message_quarantined.v1"]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR])
def test_a_role_that_the_command_does_not_name_is_refused_before_the_handler(role: Role) -> None:
    feeder = Feeder(tool_service.service())
    feeder.send(tool_service.OfferTool(), "ladder", role=role)

    said = feeder.fold()

    assert said[0]["data"]["code"] == "role_not_allowed"
    assert said[0]["data"]["field"] == "role"
