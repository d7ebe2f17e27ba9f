"""Nobody who reads the log or the folded tables learns what a person chose in a secret ballot."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from microgov.contracts.message import canonical
from microgov.folds import FOLDS
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.replay.feeding import feed, prepare
from microgov.services.chassis.store.engine import engine
from microgov.services.issues.deliberation.ballots import sealing

LOGS = Path(__file__).parents[1] / "logs"
SECRET = recordings.read(LOGS / "secret.ndjson")
OPEN = recordings.read(LOGS / "vegetable-patch.ndjson")
VOTERS = {"secret": ("wang", "li", "zhang", "zhao", "chen", "liu"), "vegetable": ("zhang", "zhao", "chen")}
"""Voters by story; of the open ballot only those who did not propose the option that they vote for."""
OPTIONS = {"secret": ("nine", "door"), "vegetable": ("fence", "flowers")}
"""Options by story."""


def stored_bytes(recording: Recording) -> Iterator[bytes]:
    """Every message of the recording, and every row that the services fold from it, as bytes."""
    yield from (stored.data for stored in recording.messages)
    for service in FOLDS:
        made = engine("sqlite://")
        prepare(made, service)
        for _ in feed(service, recording, made):
            pass
        with made.connect() as c:
            for table in service.base.metadata.sorted_tables:
                for row in c.execute(table.select()):
                    yield canonical([table.name, *(str(value) for value in row)])
        made.dispose()


def encodings(option: str) -> list[bytes]:
    """The encodings in which an option could be in a message or a row: as a value of its own, or as the text of a box."""
    text = sealing.one_of(option)
    plain = [f'"{option}"'.encode(), canonical(text.decode())[1:-1], text.rstrip(b"}")]
    return [*plain, base64.b64encode(text)[:-4], base64.urlsafe_b64encode(text)[:-4], text.hex().encode()]


def voter_and_option_pairs(recording: Recording, story: str) -> set[tuple[str, str]]:
    """The pairs of a voter and an option that are together in one message or one row."""
    found: set[tuple[str, str]] = set()
    for place in stored_bytes(recording):
        for who in VOTERS[story]:
            if f'"{story}-{who}"'.encode() in place:
                found |= {
                    (who, option)
                    for option in OPTIONS[story]
                    if any(form in place for form in encodings(option))
                }
    return found


@pytest.mark.rule("2.3", "a secret choice is nowhere in the log")
def test_no_message_and_no_row_shows_what_a_person_chose_in_a_secret_ballot() -> None:
    assert voter_and_option_pairs(SECRET, "secret") == set()


def test_the_same_search_finds_every_vote_of_an_open_ballot() -> None:
    votes = [body["data"] for body in bodies(OPEN, "issues.vote_cast.v1")]
    cast = {(vote["person"].removeprefix("vegetable-"), vote["option"]) for vote in votes}

    assert {pair for pair in cast if pair[0] in VOTERS["vegetable"]} <= voter_and_option_pairs(
        OPEN, "vegetable"
    )
    assert ("zhao", "fence") not in voter_and_option_pairs(OPEN, "vegetable")


@pytest.mark.parametrize("option", OPTIONS["secret"])
def test_the_text_in_a_box_is_nowhere_in_the_clear(option: str) -> None:
    found = b"\n".join(stored_bytes(SECRET))

    assert f'"{option}"'.encode() in found  # the options are no secret
    assert not [form for form in encodings(option)[1:] if form in found]
    leaked = found + canonical({"box": base64.urlsafe_b64encode(sealing.one_of(option).ljust(20)).decode()})
    assert [form for form in encodings(option)[1:] if form in leaked]


def test_the_log_shows_who_took_part() -> None:
    seen = {body["data"]["person"] for body in bodies(SECRET, "issues.sealed_vote_cast.v1")}

    assert seen == {f"secret-{who}" for who in VOTERS["secret"]}


def test_the_boxes_are_counted_before_the_clock_is_set_again() -> None:
    kinds = [stored.subject.split(".", 2)[2] for stored in SECRET.messages]
    ended = kinds.index("issues.issues.secret_ballot_ended.v1")

    counted = kinds.index("issues-edge.issues.secret_ballot_counted.v1")
    assert counted < kinds.index("gateway.log.set_clock.v1", ended)


def bodies(recording: Recording, kind: str) -> list[dict[str, dict[str, str]]]:
    """The messages of this type in the recording."""
    return [json.loads(stored.data) for stored in recording.messages if stored.subject.endswith(kind)]
