"""Writes the real conversation as a recording, made in memory by the plan of publisher.py.

    python -m tests.real_input.recorded OUT.ndjson [--votes N]

The data is not part of this repository: MICROGOV_DATA names the folder that holds it.
"""

import argparse
import os
from collections.abc import Iterable
from contextlib import closing
from itertools import islice
from pathlib import Path

from microgov.contracts.directory import DefinePlace
from microgov.contracts.fields import Role
from microgov.services.chassis.recording.recording import RecordingWriter
from microgov.services.chassis.replay.checkpoints import EACH_UP_TO
from microgov.testing.deployment.memory_deployment import MemoryDeployment
from tests.real_input import publisher
from tests.real_input.publisher import BEGINS, CLOSES, OFFICE, Planned

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("MICROGOV_DATA", ROOT.parent / "shared" / "data")) / "polis-vtaiwan-uberx"
TENANT, WAVE = "polis", 1000
"""WAVE: commands that are folded at once."""


def missing() -> str:
    """Why the conversation cannot be read here; empty if it can."""
    if (DATA / "votes.csv").exists():
        return ""
    return f"{DATA} is not there. Set MICROGOV_DATA to the folder that holds it."


def write(path: Path, votes: int | None = None) -> int:
    """Writes the first so many votes, or all, with everything before and after them; returns the number of messages."""
    conversation = publisher.read(DATA, votes)
    with closing(RecordingWriter(path, TENANT)) as writer:
        deployment = MemoryDeployment(TENANT, start=BEGINS, sink=writer.add, collects=True)
        deployment.set_rules()
        deployment.send(DefinePlace(kind="sub_district", name="vTaiwan"), TENANT, OFFICE, Role.OFFICE)
        _send(deployment, publisher.opening(conversation, TENANT))
        _send(deployment, publisher.votes(conversation))
        deployment.advance(CLOSES)
        if deployment.log.length <= EACH_UP_TO:
            raise ValueError(
                f"{deployment.log.length} messages are too few: a recording holds the state after each of them"
            )
        return writer.finish(deployment.collected_states())


def _send(deployment: MemoryDeployment, planned: Iterable[Planned]) -> None:
    rest = iter(planned)
    while wave := list(islice(rest, WAVE)):
        for one in wave:
            deployment.put(one.message, one.subject, one.by, one.role, name=one.id)
        deployment.settle()


def main() -> None:
    """The command line."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m tests.real_input.recorded", description=__doc__, formatter_class=raw
    )
    parser.add_argument("out", type=Path, metavar="OUT.ndjson")
    parser.add_argument("--votes", type=int, help="the first so many votes alone")
    given = parser.parse_args()
    if why := missing():
        parser.error(why)
    print(f"{write(given.out, given.votes)} messages")


if __name__ == "__main__":
    main()
