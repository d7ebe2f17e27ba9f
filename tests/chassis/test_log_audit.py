"""The audit reports every defect of a log, whatever bytes it contains, and none of a log that grows meanwhile."""

from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from microgov.services.chassis.errors import Again, LogDiffers
from microgov.services.chassis.fold import recovery
from microgov.services.chassis.log import MemoryLog, Stored
from microgov.services.chassis.recording.audit import check_log
from microgov.services.chassis.store.bookkeeping import StreamPosition

SUBJECT = "log.t.gateway.issues.submit_issue.v1"


def message(n: int, **other: Any) -> Stored:
    body = {
        "id": f"id-{n}",
        "sequence": str(n),
        "tenant": "t",
        "writer": "gateway",
        "type": "issues.submit_issue.v1",
        "recordedtime": "2026-05-01T08:00:00Z",
        **other,
    }
    return Stored(n, SUBJECT, orjson.dumps(body))


@dataclass
class GrowingLog(MemoryLog):
    """A log to which a message is added before every read."""

    async def holds(self) -> int:
        self.messages.append(message(len(self.messages) + 1))
        return await super().holds()

    async def end(self) -> int:
        self.messages.append(message(len(self.messages) + 1))
        return await super().end()


async def test_a_log_that_grows_while_it_is_checked_has_no_defect() -> None:
    assert (await check_log(GrowingLog("t", [message(1)]))).findings == []


@pytest.mark.parametrize(
    "odd",
    [
        {"id": ["x"]},
        {"causationid": {}},
        {"causationid": [1]},
        {"sequence": "²"},
        {"sequence": 2},
        {"recordedtime": 5},
        {"writer": None},
        {"type": 1},
        {"tenant": []},
    ],
)
async def test_every_defect_is_reported_with_the_sequence_of_its_message(odd: dict[str, Any]) -> None:
    found = (await check_log(MemoryLog("t", [message(1), message(2, **odd), message(3)]))).findings

    assert found
    assert found[0].startswith("2: ")


@dataclass
class LogWithMissingMessage(MemoryLog):
    """A log that reports one more message than can be read."""

    async def holds(self) -> int:
        return await super().holds() + 1

    async def get(self, seq: int) -> Stored | None:
        return None


async def test_a_stream_with_fewer_messages_than_it_reports_has_a_defect() -> None:
    assert (await check_log(MemoryLog("t", [message(1)]))).findings == []
    found = (await check_log(LogWithMissingMessage("t", [message(1)]))).findings
    assert found == ["the stream says that it holds 2 messages; 1 can be read"]


async def test_a_position_without_a_message_in_the_log_is_refused() -> None:
    at = StreamPosition(1, "id", 0)
    with pytest.raises(LogDiffers, match="has no message at 1"):
        await recovery.check_position(LogWithMissingMessage("t", [message(1)]), "LOG", at)


async def test_a_reader_that_gets_nothing_before_the_end_of_a_stream_raises_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recovery, "PATIENCE", 0.05)
    reader = await MemoryLog("t", [message(1)]).read(0, None)

    assert len(await recovery.expected_batch(reader, 10)) == 1
    with pytest.raises(Again, match="holds more than 1"):
        await recovery.expected_batch(reader, 10)
