"""The recordings that are made anew, a year and a real conversation: they replay, and are those of before."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.year.proportions import SHED_PLACES, SHEDS
from microgov.folds import FOLDS
from microgov.services.chassis.log import body_of
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.browsing import messages_in
from microgov.services.chassis.recording.verifying import verify
from microgov.services.chassis.replay.feeding import scratch_engine
from microgov.services.chassis.replay.options import Options, Part
from microgov.services.chassis.replay.replay import Database, replay
from tests.real_input import recorded
from tests.replay import made_logs
from tests.replay.made_logs import MADE, difference, digest_of

ROOT = Path(__file__).parents[2]
SMALL = "year-12000"
PART = 20_000
"""How many messages of a large recording are replayed one at a time."""
IN_BATCHES = Database("memory", lambda service: scratch_engine())
ONE_BY_ONE = replace(IN_BATCHES, batch=1)
no_data = pytest.mark.skipif(bool(recorded.missing()), reason=f"NOT replayed: {recorded.missing()}")
only_long = pytest.mark.skipif(
    "LONG" not in os.environ, reason="3 million messages: `make long` alone makes them"
)


def small_years(folder: Path) -> tuple[list[Path], dict[str, Any]]:
    """A small year as two processes make it, whose hashes of strings differ; and what it holds."""
    paths = [folder / f"{n}.ndjson" for n in (1, 2)]
    made = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.year", path, "--messages", "12000", "--json"],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": path.stem},
            stdout=subprocess.PIPE,
        )
        for path in paths
    ]
    held = [json.loads(one.communicate()[0]) for one in made]
    return paths, held[0]


def achieved(path: Path) -> Counter[str]:
    """How many charging sheds, and places in them, were verified in a year."""
    bodies = [body_of(stored) for stored in messages_in(path)]
    units = {
        body["subject"]: body["data"]["unit"]
        for body in bodies
        if body["type"] == "issues.action_item_defined.v1" and body["data"]["unit"] in ("shed", "place")
    }
    found = Counter[str]()
    for body in bodies:
        if body["type"] == "issues.action_item_verified.v1" and body["subject"] in units:
            found[units[body["subject"]]] += body["data"]["done"]
    return found


def assert_as_before(name: str, path: Path) -> None:
    """Asserts that the recording has the digest in git."""
    known = made_logs.read()
    assert name in known, f"no digest yet: python -m tests.replay.made_logs --write {name}"
    why = difference(name, known[name], digest_of(path, MADE[name].every))
    assert not why, why


def assert_replays(path: Path, *databases: Database, part: Part | None = None) -> None:
    """Asserts that every service gives the recorded answers and ends with the recorded rows."""
    report = replay(recordings.read(path), FOLDS, databases, Options(part=part))
    assert not report.differences, report.differences[0]
    assert report.same, report.other_state


@pytest.mark.slow
def test_a_small_year_is_the_same_in_every_process_and_replays(tmp_path: Path) -> None:
    """It was folded in batches when it was made, and is replayed one message at a time."""
    (one, other), held = small_years(tmp_path)

    assert one.read_bytes() == other.read_bytes()
    assert [*verify(recordings.read(one))] == []
    assert_as_before(SMALL, one)
    assert_replays(one, ONE_BY_ONE)
    assert 2 <= held["refused_percent"] <= 6
    assert {"not_found", "wrong_state", "outside_scope", "already_exists"} <= held["refusals"].keys()
    assert len(held["refusals"]) >= 20
    assert achieved(one) == {"shed": SHEDS, "place": SHED_PLACES}


@pytest.mark.slow
@no_data
def test_the_first_5000_votes_of_the_conversation_replay(tmp_path: Path) -> None:
    path = tmp_path / "log.ndjson"
    MADE["conversation-5000"].make(path)

    assert_as_before("conversation-5000", path)
    assert_replays(path, IN_BATCHES)


@pytest.mark.rig
@pytest.mark.always
@pytest.mark.parametrize("name", ["year-200000", pytest.param("conversation", marks=no_data)])
def test_a_large_recording_is_that_of_before_and_replays(name: str, tmp_path: Path) -> None:
    path = tmp_path / "log.ndjson"
    made_and_replayed(name, path)
    assert_as_before(name, path)


@pytest.mark.rig
@only_long
def test_three_million_messages_replay(tmp_path: Path) -> None:
    """The digest is compared if there is one; the replay needs none."""
    path = tmp_path / "log.ndjson"
    assert made_and_replayed("year-3000000", path) >= 3_000_000
    if "year-3000000" in made_logs.read():
        assert_as_before("year-3000000", path)


def made_and_replayed(name: str, path: Path) -> int:
    """Makes a recording and replays it: all of it a thousand messages at a time, and a part, which the seed draws, one at a
    time. Prints the figures; returns the length.
    """
    began = time.monotonic()
    MADE[name].make(path)
    made = time.monotonic()
    part = Part(PART, int(os.environ.get("SEED", "0")))
    assert_replays(path, IN_BATCHES, ONE_BY_ONE, part=part)
    seconds, count = time.monotonic() - made, len(recordings.read(path).messages)
    print(
        f"\n{name}: {count:,} messages, made in {made - began:.0f} s, replayed twice in {seconds:.0f} s, {part}"
    )
    return count


def test_a_digest_that_differs_names_the_part_of_the_log_and_what_to_do() -> None:
    known = made_logs.Digest(3000, "a", ["1000 aa 11 12 13 14", "2000 bb 21 22 23 24", "3000 cc 31 32 33 34"])
    rows = known._replace(marks=[known.marks[0], "2000 bb 21 99 23 24", known.marks[2]])
    messages = known._replace(marks=[known.marks[0], known.marks[1], "3000 dd 31 32 33 34"])

    assert difference(SMALL, known, known) == ""
    assert f"{SMALL}: other rows after message 1000" in difference(SMALL, known, rows)
    assert f"{SMALL}: other messages after message 2000" in difference(SMALL, known, messages)
    assert "other messages after message 3000" in difference(
        SMALL, known, known._replace(marks=[*known.marks, "3500 ee"])
    )
    assert "python -m bench.year OUT.ndjson --messages 12000 --seed 7" in difference(SMALL, known, rows)


def test_every_recording_that_is_made_has_its_place_in_the_file_of_digests() -> None:
    for name in MADE:
        assert f"[{name}]\n" in made_logs.DIGESTS.read_text("utf-8")
