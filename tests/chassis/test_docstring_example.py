"""The example service in the docstring of the chassis works as it is written there."""

from microgov.services.chassis.replay.digest import digest
from microgov.services.chassis.replay.feeding import prepare
from microgov.services.chassis.store.engine import engine
from tests.chassis import tool_service
from tests.chassis.fold_feeder import Feeder


def test_the_service_in_the_docstring_is_complete_in_under_thirty_lines() -> None:
    lines = [line for line in tool_service.text().splitlines() if line.strip()]

    assert len(lines) < 30


def test_the_service_in_the_docstring_runs() -> None:
    feeder = Feeder(tool_service.service())

    feeder.send(tool_service.OfferTool(), "ladder", by="p-1")
    feeder.send(tool_service.LendTool(), "ladder", by="p-2")
    feeder.send(tool_service.LendTool(), "ladder", by="p-3")
    said = feeder.fold()

    assert [m["type"].split(".")[1] for m in said] == ["tool_offered", "tool_lent", "command_refused"]
    assert said[1]["data"] == {"to": "p-2"}
    assert said[2]["data"]["code"] == "wrong_state"
    assert "lent" in said[2]["data"]["message"]["en"]


def test_its_tables_can_be_digested() -> None:
    made = engine("sqlite://")
    prepare(made, tool_service.service())

    with made.connect() as c:
        assert len(digest(c, tool_service.service())) == 64
