"""Recordings too large for git: they are made anew wherever they are needed, and git holds their digests alone.

    python -m tests.replay.made_logs                     lists them
    python -m tests.replay.made_logs year-12000          makes it and compares it with its digest
    python -m tests.replay.made_logs --write year-12000  makes it and writes its digest into tests/logs/made.toml

A digest that differs tells in which part of the log. To see what differs, make the recording with the commit before (the
entry names the command), and replay it here: `microgov log replay` names the message, the handler and the values.
"""

import argparse
import hashlib
import os
import sys
import tempfile
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.year import make as years
from microgov.services.chassis.recording.damage import states_of_trailer, trailer_of
from microgov.services.chassis.recording.lines import lines_of
from microgov.services.chassis.replay.checkpoints import sums_at
from microgov.services.chassis.replay.state import state_digest
from tests.real_input import recorded

DIGESTS = Path(__file__).parents[1] / "logs" / "made.toml"
SEED = 7
HEADING = """\
# Digests of recordings that are too large for git, written by `python -m tests.replay.made_logs --write NAME`.
# `sha256` is that of all message lines, as in the trailer of the recording. A mark holds a sequence of the log, the first
# 16 digits of the sha256 up to there, and those of the state of each service after it (directory, issues, matching, notify).
"""


class MadeLog(NamedTuple):
    """A recording that is made: by which command, by which function, and after how many messages there is a mark.

    `missing`: why it cannot be made here; empty if it can.
    """

    command: str
    make: Callable[[Path], object]
    every: int
    missing: Callable[[], str] = lambda: ""


def _year(messages: int, every: int) -> MadeLog:
    command = f"python -m bench.year OUT.ndjson --messages {messages} --seed {SEED}"
    return MadeLog(command, lambda path: years.write(path, messages, SEED), every)


def _conversation(votes: int | None, every: int) -> MadeLog:
    command = "python -m tests.real_input.recorded OUT.ndjson" + (f" --votes {votes}" if votes else "")
    return MadeLog(command, lambda path: recorded.write(path, votes), every, recorded.missing)


MADE: Mapping[str, MadeLog] = {
    "year-12000": _year(12_000, 1_000),
    "year-200000": _year(200_000, 10_000),
    "year-3000000": _year(3_000_000, 100_000),
    "conversation-5000": _conversation(5_000, 1_000),
    "conversation": _conversation(None, 10_000),
}


class Digest(NamedTuple):
    """The digest of a recording of so many messages (`length`)."""

    length: int
    sha256: str
    marks: Sequence[str]


def trailer(path: Path) -> dict[str, object]:
    """The last line of a recording."""
    with path.open("rb") as file:
        file.seek(-min(path.stat().st_size, 50_000_000), os.SEEK_END)
        return trailer_of(2, file.read().rstrip(b"\n").rpartition(b"\n")[2])


def digest_of(path: Path, every: int) -> Digest:
    """The digest of a recording, with a mark after every so many messages and at the end."""
    states = states_of_trailer(2, trailer(path))
    total, count, marks = hashlib.sha256(), 0, list[str]()

    def mark() -> None:
        sums = [state_digest(sums_at(states[name], count))[:16] for name in sorted(states)]
        marks.append(" ".join([str(count), total.hexdigest()[:16], *sums]))

    for line in lines_of(path):
        if line.startswith(b'{"event"'):
            total.update(line)
            count += 1
            if count % every == 0:
                mark()
    mark()
    return Digest(count, total.hexdigest(), marks)


def read() -> dict[str, Digest]:
    """The digests in git, by the names of the recordings; those that were never made are left out."""
    found = tomllib.loads(DIGESTS.read_text("utf-8")) if DIGESTS.exists() else {}
    return {
        name: Digest(one["count"], one["sha256"], one["marks"])
        for name, one in found.items()
        if "sha256" in one
    }


def save(digests: Mapping[str, Digest]) -> None:
    """Writes all digests, and for each recording that was never made a line that says so."""
    parts = [HEADING]
    for name, made in MADE.items():
        lines = [f"[{name}]", f'command = "{made.command}"']
        one = digests.get(name)
        if one is None:
            lines.append("made = false")
        else:
            marks = "".join(f'  "{mark}",\n' for mark in one.marks)
            lines += [f"count = {one.length}", f'sha256 = "{one.sha256}"', f"marks = [\n{marks}]"]
        parts.append("\n".join(lines) + "\n")
    DIGESTS.write_text("\n".join(parts), "utf-8")


def difference(name: str, known: Digest, found: Digest) -> str:
    """Where a recording parts from its digest, and what to do; empty if it does not."""
    if known == found:
        return ""
    pairs = zip(known.marks, found.marks, strict=False)
    at = next(
        (n for n, (one, other) in enumerate(pairs) if one != other), min(len(known.marks), len(found.marks))
    )
    before = known.marks[at - 1].split()[0] if at else "0"
    one, other = ((marks[at].split() if at < len(marks) else []) for marks in (known.marks, found.marks))
    what = "messages" if one[:2] != other[:2] else "rows"
    return (
        f"{name}: other {what} after message {before} (known {one}, now {other}). Make it with the commit before by "
        f"`{MADE[name].command}`, and replay it here: `microgov log replay OUT.ndjson` names the message. If the change is "
        f"wanted: `python -m tests.replay.made_logs --write {name}`."
    )


def main() -> int:
    """Compares or writes digests. Returns 1 if one differs."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m tests.replay.made_logs", description=__doc__, formatter_class=raw
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MADE))
    parser.add_argument("--write", action="store_true", help="write the digests of these recordings")
    given = parser.parse_args()
    if unknown := [name for name in given.names if name not in MADE]:
        parser.error(f"there is no {', '.join(unknown)}; it can be: {', '.join(MADE)}")
    if given.write and not given.names:
        parser.error("--write: name the recordings")
    differing, known = 0, read()
    for name in given.names:
        made = MADE[name]
        if why := made.missing():
            parser.error(why)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "log.ndjson"
            made.make(path)
            found = digest_of(path, made.every)
        if given.write:
            save({**read(), name: found})
            print(f"{name}: {found.length:,} messages, written into {DIGESTS.name}")
            continue
        why = difference(name, known[name], found) if name in known else f"{name}: has no digest yet"
        differing += bool(why)
        print(why or f"{name}: {found.length:,} messages, as before")
    for name in MADE if not given.names else ():
        print(f"{name}: {known[name].length:,} messages" if name in known else f"{name}: not made yet")
    return int(differing > 0)


if __name__ == "__main__":
    sys.exit(main())
