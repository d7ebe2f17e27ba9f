"""The rates that the service counts in tables equal the rates counted from the log, in every recording."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from microgov.contracts import issues
from microgov.contracts.message import Envelope, parse
from microgov.contracts.registry import every_message
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.replay.feeding import prepare
from microgov.services.chassis.replay.replay import check
from microgov.services.chassis.store.engine import engine
from microgov.services.issues.handlers import service
from microgov.services.issues.model import Place
from microgov.services.issues.questions import rates_from_log
from microgov.services.issues.questions.rates import show_rates
from tests.support.servers import PostgresServer

LOGS = sorted((Path(__file__).parents[1] / "logs").glob("*.ndjson"))


@pytest.fixture(scope="module")
def on_postgres(postgres: PostgresServer) -> str:
    return postgres.create("rates")


def url(database: str, request: pytest.FixtureRequest) -> str:
    found: str = "sqlite://" if database == "sqlite" else request.getfixturevalue("on_postgres")
    return found


def questions(
    recording: Recording, log: list[Envelope[Any]], places: list[str]
) -> Iterator[issues.ShowRates]:
    """Questions about the whole time at every place, and about the time before and after each moment of the log."""
    times = sorted({m.recordedtime for m in log if m.writer == "issues"}) or [log[-1].recordedtime]
    start, end = times[0] - timedelta(days=1), times[-1] + timedelta(days=1)
    for place in (None, *places):
        yield issues.ShowRates(from_=start, to=end, community=place)
    spans: list[tuple[datetime, datetime]] = [*((start, at) for at in times), *((at, end) for at in times)]
    for span in spans:
        yield issues.ShowRates(from_=span[0], to=span[1])


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_the_rows_and_the_log_give_the_same_rates(
    path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    every_message()
    recording = recordings.read(path)
    log = [parse(stored.subject, stored.data) for stored in recording.messages]
    made = engine(url(database, request))
    prepare(made, service)
    assert check(service, recording, made) is None

    with Session(made) as s:
        asked = list(questions(recording, log, [row.id for row in s.query(Place).order_by(Place.id)]))
        counted = [show_rates(question, s).rates for question in asked]
    made.dispose()

    assert counted == [rates_from_log.rates(log, question) for question in asked]


def test_every_rate_counts_something_in_some_recording() -> None:
    """Without this, the comparison above might compare nothing with nothing."""
    every_message()
    found: dict[str, int] = {}
    for path in LOGS:
        log = [parse(stored.subject, stored.data) for stored in recordings.read(path).messages]
        span = issues.ShowRates(from_=log[0].recordedtime, to=log[-1].recordedtime + timedelta(days=1))
        for rate in rates_from_log.rates(log, span):
            found[rate.rate] = found.get(rate.rate, 0) + rate.denominator

    assert all(found[rate] > 0 for rate in issues.RATES)


BY_HAND = {
    # Auntie Wang reported, three co-signed: four are asked. Two answer: contacted twice, solved twice, satisfied once.
    # One issue is closed, with its record, and stays closed; its one action item was claimed.
    "vegetable-patch": {
        "response": (2, 2),
        "solved": (2, 2),
        "satisfied": (1, 2),
        "deliberated": (1, 1),
        "reopened": (0, 1),
        "self_claimed": (1, 1),
    },
    # Routed three times, and three times returned; nothing is closed.
    "drain": {"returned": (3, 3)},
    # 120 on the list. 3 refuse; 7 are not there on the first day, of whom 3 are on the second: 120 - 3 - (7 - 3).
    "campaign": {"visit_coverage": (113, 120)},
}


@pytest.mark.parametrize("name", sorted(BY_HAND))
def test_the_rates_of_a_story_equal_a_count_by_hand(name: str) -> None:
    every_message()
    log = [
        parse(stored.subject, stored.data)
        for stored in recordings.read(LOGS[0].parent / f"{name}.ndjson").messages
    ]
    span = issues.ShowRates(from_=log[0].recordedtime, to=log[-1].recordedtime + timedelta(days=1))

    rates = rates_from_log.rates(log, span)

    assert {one.rate: (one.numerator, one.denominator) for one in rates if one.denominator} == BY_HAND[name]
    beside = {one.rate: (one.refused, one.unreachable) for one in rates if one.refused or one.unreachable}
    assert beside == ({"visit_coverage": (3, 4)} if name == "campaign" else {})
