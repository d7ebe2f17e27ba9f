"""P4: replays a recording, read from its file, in memory on one core and compares every message of the folds with the log.

The log holds the commands of `bench.workload` and everything that the folds answer. The time for decoding each
message once is measured as well; it shows how fast the machine is at the moment.
"""

import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.workload import OLD_ISSUES, PERSONS, PLACE, START, TENANT, TEXT, AddressedMessage, commands
from microgov.contracts import directory
from microgov.contracts.fields import Part, Role
from microgov.contracts.issues import SubmitIssue
from microgov.contracts.rules import SECTIONS
from microgov.folds import FOLDS
from microgov.services.chassis import memory
from microgov.services.chassis.messages.parsed import read_one
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.replay.feeding import BATCH, prepare, scratch_engine
from microgov.services.chassis.replay.replay import check
from microgov.testing.deployment.memory_deployment import MemoryDeployment

PART = 20_000
"""How many of the messages are replayed one at a time."""
WAVE = 1000
"""Commands that are sent before their answers are folded."""


def send(deployment: MemoryDeployment, sent: Iterable[AddressedMessage]) -> None:
    """Writes the commands into the log, and every message that follows from them."""
    for subject, message, person, role in sent:
        deployment.put(message, subject, person, role, PLACE)
    deployment.settle()


def directory_commands() -> Iterator[AddressedMessage]:
    """Commands that define two places, set every section of the rules and register the persons."""
    yield TENANT, directory.DefinePlace(kind="sub_district", name="东湖"), "setup", Role.OPERATOR
    yield PLACE, directory.DefinePlace(kind="community", name="东湖苑", parent=TENANT), "setup", Role.OPERATOR
    for rules in SECTIONS:
        yield _section(rules), directory.ChangeRules(content=rules()), "setup", Role.OPERATOR  # type: ignore[arg-type]  # the union's members
    for n in range(PERSONS):
        yield f"p-{n}", directory.RegisterPerson(household=f"h-{n // 3}", place=PLACE), "setup", Role.OPERATOR


def _section(rules: type[Part]) -> str:
    return str(rules.model_fields["section"].default)


def recording(count: int) -> Recording:
    """A recording: places, rules and persons, the old issues, then `count` commands in waves."""
    deployment = MemoryDeployment(TENANT, start=START)
    send(deployment, directory_commands())
    issue = SubmitIssue(title="路灯损坏报修", text=TEXT, place=PLACE, channel="app")
    send(deployment, ((f"old-{n}", issue, "p-0", Role.RESIDENT) for n in range(OLD_ISSUES)))
    sent = list(commands(count))
    for at in range(0, count, WAVE):
        send(deployment, sent[at : at + WAVE])
    return Recording(TENANT, tuple(deployment.log.messages), {})


def replay_time(recording: Recording, batch: int) -> float:
    """The seconds that a replay in memory takes, `batch` messages in a transaction. Raises SystemExit at a difference."""
    began = time.perf_counter()
    for service in FOLDS:
        database = scratch_engine()
        prepare(database, service)
        difference = check(service, recording, database, batch=batch)
        if difference is not None:
            raise SystemExit(str(difference))
    return time.perf_counter() - began


def main() -> None:
    """Takes the argument COUNT and prints one line of JSON with messages a second. Raises SystemExit at a difference."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "bench.ndjson"
        made = recording(int(sys.argv[1]))
        recordings.write(file, made.tenant, made.messages, {})
        print(json.dumps(_rates(recordings.read(file))))


def _rates(made: Recording) -> dict[str, float]:
    """Messages a second of a recording in a file."""
    memory.freeze_heap()
    seconds = replay_time(made, BATCH)
    part = Recording(made.tenant, made.messages[:PART], {}, open=True)
    one_at_a_time = replay_time(part, 1)
    began = time.perf_counter()
    for stored in made.messages:
        read_one(stored)
    alone = time.perf_counter() - began
    count = len(made.messages)
    rates = {"per_second": count / seconds, "messages": count, "decoded": count / alone}
    return {**rates, "one_at_a_time": len(part.messages) / one_at_a_time}


if __name__ == "__main__":
    main()
