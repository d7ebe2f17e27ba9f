"""The audit finds messages that are missing, duplicated or out of order."""

import json

import pytest

from microgov.services.chassis.log import Stored
from microgov.services.chassis.recording.audit import Audit

A, B, C = (f"{n:08}-0000-5000-8000-000000000000" for n in (1, 2, 3))


def stored(
    seq: int, writer: str, n: int, id: str, time: str = "2026-03-02T00:00:00Z", cause: str | None = None
) -> Stored:
    body = {
        "tenant": "donghu",
        "writer": writer,
        "type": "log.set_clock.v1",
        "id": id,
        "sequence": f"{n:019}",
        "recordedtime": time,
        "causationid": cause,
    }
    return Stored(seq, f"log.donghu.{writer}.log.set_clock.v1", json.dumps(body).encode())


def findings(*messages: Stored) -> list[str]:
    audit = Audit()
    for one in messages:
        audit.take(one)
    assert audit.clean is not bool(audit.findings)
    return audit.findings


def test_a_whole_log_is_clean() -> None:
    later = "2026-03-02T00:00:00.5Z"

    assert (
        findings(
            stored(1, "gateway", 1, A), stored(2, "issues", 1, B, cause=A), stored(3, "gateway", 2, C, later)
        )
        == []
    )


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ([stored(1, "gateway", 2, A)], "gateway 1 to 1 are missing"),
        ([stored(1, "gateway", 1, A), stored(2, "gateway", 3, B)], "gateway 2 to 2 are missing"),
        ([stored(1, "gateway", 1, A), stored(2, "gateway", 1, B)], "gateway 1 stands twice"),
        ([stored(1, "gateway", 1, A), stored(2, "gateway", 2, A)], f"the id {A} stands twice"),
        (
            [
                stored(1, "gateway", 1, A, "2026-03-03T00:00:00.1Z"),
                stored(2, "gateway", 2, B, "2026-03-03T00:00:00Z"),
            ],
            "goes back",
        ),
        ([stored(1, "issues", 1, A, cause=B)], "its cause"),
    ],
)
def test_what_is_wrong_is_named(messages: list[Stored], said: str) -> None:
    assert said in findings(*messages)[0]
