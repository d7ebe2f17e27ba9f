"""A handler fails: its message is quarantined, messages about the same subject wait, and others are handled."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from microgov.contracts.fields import Role
from microgov.contracts.log import DiscardMessage, RetryMessage
from microgov.services.chassis import Service
from microgov.services.chassis.messages.stamp import MOST_BYTES
from microgov.services.chassis.model import Said
from microgov.services.chassis.service import several
from tests.chassis import tool_service
from tests.chassis.fold_feeder import Feeder

BROKEN = {"lend": True}


def failing_tools() -> Service:
    """The example service whose handler of lending fails for the ladder while BROKEN is set."""
    whole = tool_service.service()

    def lend(m: Any, s: Any) -> Iterator[Said]:
        if BROKEN["lend"] and m.subject == "ladder":
            raise ZeroDivisionError("broken on purpose")
        yield from several(whole.handlers[tool_service.LendTool](m, s))

    return replace(whole, handlers={**whole.handlers, tool_service.LendTool: lend})


@pytest.fixture
def feeder() -> Feeder:
    BROKEN["lend"] = True
    made = Feeder(failing_tools())
    for tool in ("ladder", "drill"):
        made.send(tool_service.OfferTool(), tool)
    made.send(tool_service.LendTool(), "ladder", by="p-2")
    made.send(tool_service.OfferTool(), "ladder", by="p-9")
    made.send(tool_service.LendTool(), "drill", by="p-3")
    return made


def kinds(said: list[dict[str, Any]]) -> list[str]:
    return [f"{m['type'].split('.')[1]} {m['subject']}" for m in said]


def retry(feeder: Feeder, seq: int) -> list[dict[str, Any]]:
    feeder.send(RetryMessage(service="tools", stream_seq=seq), "mend", by="op", role=Role.OPERATOR)
    return feeder.fold()


def test_the_message_is_quarantined_and_others_are_handled(feeder: Feeder) -> None:
    said = feeder.fold()

    assert kinds(said) == [
        "tool_offered ladder",
        "tool_offered drill",
        "message_quarantined ladder",
        "tool_lent drill",
    ]
    assert said[2]["data"] == {
        "service": "tools",
        "stream_seq": 3,
        "id": said[2]["causationid"],
        "code": "handler_failed",
    }


def test_messages_about_the_same_subject_are_held_and_folded_after_the_retry(feeder: Feeder) -> None:
    feeder.fold()
    BROKEN["lend"] = False

    said = retry(feeder, 3)

    assert kinds(said) == ["tool_lent ladder", "command_refused ladder"]
    assert said[0]["causationid"] != said[1]["causationid"]
    assert said[0]["recordedtime"] == said[0]["time"] > said[1]["recordedtime"]  # the retry's own time


def test_a_retry_that_fails_again_is_quarantined_again_and_held_messages_stay(feeder: Feeder) -> None:
    feeder.fold()

    assert kinds(retry(feeder, 3)) == ["message_quarantined ladder"]
    BROKEN["lend"] = False
    assert kinds(retry(feeder, 3)) == ["tool_lent ladder", "command_refused ladder"]


def test_held_messages_are_folded_when_the_quarantined_one_is_discarded(feeder: Feeder) -> None:
    feeder.fold()

    feeder.send(DiscardMessage(service="tools", stream_seq=3), "mend", by="op", role=Role.OPERATOR)

    assert kinds(feeder.fold()) == ["command_refused ladder"]


def test_a_retry_where_nothing_is_quarantined_is_refused(feeder: Feeder) -> None:
    feeder.fold()

    said = retry(feeder, 1)

    assert said[0]["data"]["code"] == "not_quarantined"
    assert said[0]["data"]["field"] == "data.stream_seq"


def test_only_the_operator_retries(feeder: Feeder) -> None:
    feeder.fold()
    feeder.send(RetryMessage(service="tools", stream_seq=3), "mend", by="p-1", role=Role.RESIDENT)

    assert feeder.fold()[0]["data"]["code"] == "role_not_allowed"


def test_a_retry_for_another_service_is_ignored(feeder: Feeder) -> None:
    feeder.fold()
    feeder.send(RetryMessage(service="others", stream_seq=3), "mend", by="op", role=Role.OPERATOR)

    assert feeder.fold() == []


@pytest.mark.parametrize("batch", [1, 2, 3, 1000])
def test_repaired_code_repeats_the_quarantine_when_it_folds_the_log_again(feeder: Feeder, batch: int) -> None:
    said = feeder.fold()
    BROKEN["lend"] = False
    said += retry(feeder, 3)
    codes = {m["causationid"]: m["data"]["code"] for m in said if m["type"].endswith("quarantined.v1")}
    anew = Feeder(failing_tools(), batch=batch, forced=codes)
    anew.log = feeder.log

    assert [m["id"] for m in anew.fold()] == [m["id"] for m in said]
    assert anew.digest() == feeder.digest()
    assert anew.failed == []


def test_an_event_too_large_for_a_message_is_quarantined_and_leaves_no_row() -> None:
    """The event is serialised while the database writes already; everything is rolled back."""
    whole = tool_service.service()

    def offer(m: Any, s: Any) -> Iterator[Said]:
        for said in several(whole.handlers[tool_service.OfferTool](m, s)):
            yield (
                said
                if m.subject != "crane"
                else said._replace(event=tool_service.ToolLent.model_construct(to="x" * MOST_BYTES))
            )

    feeder = Feeder(replace(whole, handlers={**whole.handlers, tool_service.OfferTool: offer}))
    for tool in ("ladder", "crane"):
        feeder.send(tool_service.OfferTool(), tool)

    assert kinds(feeder.fold()) == ["tool_offered ladder", "message_quarantined crane"]
    with feeder.engine.connect() as c:
        assert [row.id for row in c.execute(whole.base.metadata.tables["tool"].select())] == ["ladder"]


@pytest.mark.parametrize("end", [SystemExit(0), KeyboardInterrupt(), GeneratorExit()], ids=repr)
def test_a_handler_that_would_end_the_process_is_quarantined_like_any_other(end: BaseException) -> None:
    def ends(m: Any, s: Any) -> Iterator[Said]:
        raise end
        yield

    whole = tool_service.service()
    feeder = Feeder(replace(whole, handlers={**whole.handlers, tool_service.LendTool: ends}))
    feeder.send(tool_service.OfferTool(), "ladder")
    feeder.send(tool_service.LendTool(), "ladder", by="p-2")
    feeder.send(tool_service.OfferTool(), "drill")

    assert kinds(feeder.fold()) == ["tool_offered ladder", "message_quarantined ladder", "tool_offered drill"]
    assert [failed.error for failed in feeder.failed] == [end]


def test_an_order_that_is_not_valid_is_quarantined_like_any_message(feeder: Feeder) -> None:
    feeder.fold()
    seq = feeder.send(RetryMessage(service="tools", stream_seq=3), "mend", by="op", role=Role.OPERATOR)
    broken = feeder.log[-1]
    feeder.log[-1] = broken._replace(data=broken.data.replace(b'"stream_seq":3', b'"stream_seq":"three"'))

    said = feeder.fold()

    assert kinds(said) == ["message_quarantined mend"]
    assert (said[0]["data"]["code"], said[0]["data"]["stream_seq"]) == ("not_valid", seq)
