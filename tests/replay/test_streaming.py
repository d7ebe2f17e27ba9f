"""A recording is read as a stream: its messages are a sequence, and no part of a replay holds all of them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from bench.replay import directory_commands, send
from bench.workload import START, TENANT, TEXT
from microgov.contracts.fields import Role
from microgov.contracts.issues import SubmitIssue
from microgov.contracts.message import canonical
from microgov.services.chassis.log import Stored, id_of
from microgov.services.chassis.recording import message_index, recorder, zstd
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.damage import BadRecording, Unfinished
from microgov.services.chassis.recording.id_set import IdSet
from microgov.services.chassis.recording.lines import PIECE, lines_of
from microgov.services.chassis.recording.recorder import Recorder
from microgov.services.chassis.recording.recording import Recording
from microgov.testing.deployment.memory_deployment import MemoryDeployment
from tests.replay.test_recordings import PATCH

MORE_MEGABYTES = 12
"""How much more memory four times as many messages may take: 36,000 messages have 26 MB in the file alone."""
MEASURED = """
import sys
from microgov.__main__ import run
run(sys.argv[1:])
status = open("/proc/self/status").read()
print(status.partition("VmHWM:")[2].split()[0])
"""
"""Runs a command, and prints its greatest resident memory in kB."""


def test_the_messages_of_a_file_are_a_sequence() -> None:
    recording = recordings.read(PATCH)
    messages, whole = recording.messages, tuple(recording.messages)

    assert len(messages) == len(whole) == json.loads(PATCH.read_bytes().splitlines()[-1])["count"]
    assert (messages[0], messages[7], messages[-1], messages[-2]) == (
        whole[0],
        whole[7],
        whole[-1],
        whole[-2],
    )
    assert (messages[3:9], messages[-3:], messages[::-1]) == (whole[3:9], whole[-3:], whole[::-1])
    assert messages == whole
    assert messages != whole[1:]
    with pytest.raises(IndexError):
        messages[len(whole)]
    ours = [m for m in whole if m.subject.startswith("log.rec-vegetable-patch.issues.")]
    assert list(recording.by("issues")) == list(recording.by("issues")) == ours
    assert not recording.by("nobody")
    assert recording.at(70).seq == 70


def test_lines_longer_than_a_piece_of_the_file_are_whole(tmp_path: Path) -> None:
    long = [
        Stored(n, "log.t.issues.x", canonical({"sequence": "1", "text": "菜" * (PIECE // 4 + n)}))
        for n in range(1, 5)
    ]
    recordings.write(tmp_path / "long.ndjson", "t", long, {})

    assert recordings.read(tmp_path / "long.ndjson").messages == long


def test_a_file_that_changes_while_it_is_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / "changing.ndjson"
    file.write_bytes(PATCH.read_bytes())
    recording = recordings.read(file)
    file.write_bytes(PATCH.read_bytes() + b"\n")

    with pytest.raises(BadRecording, match="was changed while it was read"):
        list(recording.messages)


def test_messages_are_found_by_their_id_also_in_a_recording_that_is_not_indexed_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recording = recordings.read(PATCH)
    first, *others = recording.messages
    twice = Recording(recording.tenant, (first, *others, first._replace(seq=9_999)), {})
    in_memory = dict(message_index.index_of(twice.messages))
    monkeypatch.setattr(message_index, "FEW", 10)

    on_disk = message_index.index_of(twice.messages)

    assert dict(on_disk) == in_memory
    assert len(on_disk) == len(in_memory) == len(twice.messages) - 1
    assert on_disk[id_of(first)].seq == first.seq
    assert on_disk.get("nothing") is None


def test_a_set_of_ids_knows_what_was_added() -> None:
    ids, names = IdSet(), [f"id-{n}" for n in range(20_000)]

    assert all(ids.add(name) for name in names)
    assert not any(ids.add(name) for name in names)
    assert all(name in ids for name in names)
    assert not any(f"other-{n}" in ids for n in range(20_000))


def log(deployment: MemoryDeployment) -> Iterator[Stored]:
    """The messages of a deployment to which issues are reported without end."""
    at, n = 0, 0
    issue = SubmitIssue(title="路灯损坏报修", text=TEXT, place="p", channel="app")
    send(deployment, directory_commands())
    while True:
        yield from deployment.log.messages[at:]
        at = len(deployment.log.messages)
        send(deployment, ((f"i-{n + k}", issue, "p-0", Role.RESIDENT) for k in range(1000)))
        n += 1000


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A recording of 12,000 messages, and one of 48,000. They hold no states."""
    folder = tmp_path_factory.mktemp("streaming")
    found = list(islice(log(MemoryDeployment(TENANT, start=START)), 48_000))
    for name, messages in (("short", found[:12_000]), ("long", found)):
        recordings.write(folder / f"{name}.ndjson", TENANT, messages, {}, open_=True)
    return folder / "short.ndjson", folder / "long.ndjson"


def peak(*command: str) -> int:
    """The greatest resident memory of a command, in MB."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *command],
        capture_output=True,
        text=True,
        env={**os.environ, "MICROGOV_LANG": "en"},
        timeout=600,
        check=True,
    )
    said = done.stdout.splitlines()
    assert "the trailer holds no state" in done.stdout
    assert "Traceback" not in done.stderr
    return int(said[-1]) // 1024


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [["verify"], ["replay", "--database", "sqlite"]], ids=["verify", "replay"]
)
def test_four_times_as_many_messages_take_hardly_more_memory(
    command: list[str], files: tuple[Path, Path]
) -> None:
    short, long = (peak("log", command[0], str(file), *command[1:]) for file in files)

    assert long - short <= MORE_MEGABYTES, (short, long)
    assert long < 200


def test_a_packed_recording_is_written_read_and_smaller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zstd, "FRAME", 20_000)
    monkeypatch.setattr(recorder, "PART", 10)
    whole, file = recordings.read(PATCH), tmp_path / "packed.ndjson.zst"

    recordings.write(file, whole.tenant, whole.messages, whole.states)

    assert file.read_bytes().count(zstd.MAGIC) > 3
    assert recordings.read(file) == whole
    assert file.stat().st_size < PATCH.stat().st_size / 5
    assert b"".join(lines_of(file)) == PATCH.read_bytes()


@pytest.mark.parametrize("name", ["made.ndjson", "made.ndjson.zst"])
def test_what_was_added_to_a_recording_can_be_read_before_its_end(name: str, tmp_path: Path) -> None:
    whole = recordings.read(PATCH)
    made = Recorder.begun(tmp_path / name, whole.tenant)

    for n in (1, 40, 100):
        made.add(whole.messages[made.count : n])
        assert made.messages == whole.messages[:n]
        with pytest.raises(Unfinished, match=f"interrupted after {n} messages"):
            recordings.read(tmp_path / name)
    made.close()
    again = recordings.resumed(tmp_path / name)
    again.take_place()
    again.add(whole.messages[100:])
    again.finish(whole.states, False)

    assert recordings.read(tmp_path / name) == whole
    with pytest.raises(FileExistsError):
        Recorder.begun(tmp_path / name, whole.tenant)


def test_a_copy_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "half.ndjson"
    path.write_bytes(b"".join(PATCH.read_bytes().splitlines(keepends=True)[:5]) + b'{"event":{},"seq":5}\n')
    before = path.read_bytes()

    with pytest.raises(BadRecording, match="subject is not"):
        recordings.resumed(path)

    assert [*tmp_path.iterdir()] == [path]
    assert path.read_bytes() == before
