"""The full mix of benchmark P1 (docs/performance.md): whole lives of issues, from submission to survey. Many issues are open
at once, and their commands are interleaved.

Each issue is routed, deliberated in a room with attendance, a count of hands and minutes, resolved, acted upon,
verified, reported, closed and surveyed: 31 commands, none of which is refused. `python -m bench.issue_lives NATS
DATABASE COUNT 0|1` measures the service (0) or the naive service (1) with COUNT commands; NATS and DATABASE are the URLs of
the broker and of the database.
"""

import random
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from bench import naive, ours
from bench.setup import RowBatches, run_contestant
from bench.workload import (
    PLACE,
    START,
    TENANT,
    TEXT,
    TRIAGE,
    AddressedMessage,
    people,
    reference_rows,
    stamped,
)
from microgov.contracts import issues
from microgov.contracts.fields import Role
from microgov.services.chassis.log import Outgoing

LENGTH, COMPOUNDS = 31, 50
"""LENGTH: commands of one issue. COMPOUNDS: number of places, among which issues and people are distributed."""
HOUSEHOLD_SIZE, PARTICIPANTS = 3, 4
"""HOUSEHOLD_SIZE: people in a household. PARTICIPANTS: households of an issue; the first person of each takes part in it."""
PEOPLE_PER_ISSUE = HOUSEHOLD_SIZE * PARTICIPANTS
BRANCH, SOCIAL, RESIDENT = Role.BRANCH, Role.SOCIAL_WORKER, Role.RESIDENT
OPENS, CLOSES, DUE = START, START + timedelta(days=30), START + timedelta(days=60)


def commands_of_issue(n: int) -> list[AddressedMessage]:
    """The commands of the issue `n`, in order. Four residents of four households take part."""
    four = [f"p-{n * PEOPLE_PER_ISSUE + HOUSEHOLD_SIZE * k}" for k in range(PARTICIPANTS)]
    return [*_opening_commands(n, four), *_deliberation_commands(n, four), *_closing_commands(n, four)]


def _opening_commands(n: int, four: list[str]) -> list[AddressedMessage]:
    """The commands that submit, accept, triage, co-sign and route the issue; its reporter is contacted."""
    issue, reporter = f"issue-{n}", four[0]
    submitted = issues.SubmitIssue(title=f"道路积水 {n}", text=TEXT[:40], place=_compound(n), channel="app")
    return [
        (issue, submitted, reporter, RESIDENT),
        (issue, issues.AcceptIssue(), "p-branch", BRANCH),
        (issue, TRIAGE.model_copy(update={"form": "residents_council"}), "p-branch", BRANCH),
        *((issue, issues.CosignIssue(channel="app"), person, RESIDENT) for person in four[1:]),
        (issue, issues.RouteIssue(owner="crew", rule="by_hand"), "p-branch", BRANCH),
        (issue, _contacted(reporter), "p-social", SOCIAL),
    ]


def _deliberation_commands(n: int, four: list[str]) -> list[AddressedMessage]:
    """The commands of its deliberation: two options, a session with attendance, a count of hands, minutes, a resolution."""
    topic, session, options = f"topic-{n}", f"session-{n}", (f"topic-{n}-a", f"topic-{n}-b")
    proposed = [issues.ProposeOption(option=one, text="这样办", channel="app") for one in options]
    convened = issues.ConveneSession(
        session=session, kind="residents_council", opens_at=OPENS, closes_at=CLOSES
    )
    attended = issues.RecordAttendance(attendees=[issues.Attendee(person=p, role=RESIDENT) for p in four])
    hands = [
        issues.HandTally(option=options[0], agree=3, disagree=0, passed=0),
        issues.HandTally(option=options[1], agree=1, disagree=0, passed=0),
    ]
    counted = issues.RecordHandCount(
        session=session, kind="one_of", people=4, tally=hands, witnesses=four[1:3]
    )
    return [
        (f"issue-{n}", issues.OpenDeliberation(topic=topic, title="路怎么修"), "p-branch", BRANCH),
        *((topic, one, four[0], RESIDENT) for one in proposed),
        (topic, convened, "p-branch", BRANCH),
        (session, attended, "p-branch", BRANCH),
        (session, issues.OpenSession(), "p-branch", BRANCH),
        (f"ballot-{n}", counted, "p-branch", BRANCH),
        (session, issues.DraftMinutes(text=TEXT), "p-social", SOCIAL),
        *((session, issues.ConfirmMinutes(channel="app"), person, RESIDENT) for person in four[:2]),
        (topic, issues.AdoptResolution(option=options[0], items=[]), "p-branch", BRANCH),
    ]


def _closing_commands(n: int, four: list[str]) -> list[AddressedMessage]:
    """The commands for an action item and its verification, the report to all four, the closing and two survey answers."""
    issue, item = f"issue-{n}", f"item-{n}"
    mending = issues.ActionItem(text="修路", unit="metre", target=6, due=DUE)
    done = issues.ReportActionDone(done=6, at_least=False, evidence="照片", channel="app")
    answer = issues.AnswerSurvey(contacted=True, solved=True, satisfied=True, channel="app")
    return [
        (issue, issues.DefineActionItem(action=item, item=mending), "p-branch", BRANCH),
        (item, issues.ClaimActionItem(channel="app"), four[1], RESIDENT),
        (item, done, four[1], RESIDENT),
        (item, issues.VerifyActionItem(note="看过", channel="visit"), "p-social", SOCIAL),
        (issue, issues.ReportResult(text="路修好了"), "p-branch", BRANCH),
        *((issue, _contacted(person), "p-social", SOCIAL) for person in four),
        (issue, issues.CloseIssue(outcome="resolved"), "p-branch", BRANCH),
        *((issue, answer, person, RESIDENT) for person in four[:2]),
    ]


def _compound(n: int) -> str:
    """The place of the issue and its people."""
    return f"compound-{n % COMPOUNDS}"


def _contacted(person: str) -> issues.ContactReporter:
    return issues.ContactReporter(person=person, reached=True, note="当面告知", channel="visit")


def interleaved(
    make_life: Callable[[int], list[AddressedMessage]], length: int, count: int
) -> Iterator[AddressedMessage]:
    """Yields `count` commands of entities that have `length` commands each; `make_life` returns those of the n-th entity, in
    order. All entities are open at once; a seeded draw picks the one whose command is next.
    """
    chance, sent = random.Random(7), 0
    open_lives = [iter(make_life(n)) for n in range(-(-count // length))]
    while sent < count and open_lives:
        index = chance.randrange(len(open_lives))
        command = next(open_lives[index], None)
        if command is None:
            open_lives[index] = open_lives[-1]
            open_lives.pop()
            continue
        sent += 1
        yield command


def _lives_needed(count: int) -> int:
    """The number of issues that together have at least `count` commands."""
    return -(-count // LENGTH)


def rows_before(count: int, *_: int) -> RowBatches:
    """The rows before the run: rules, compounds, people, and their roles."""
    lives = _lives_needed(count)
    residents: list[dict[str, Any]] = [
        {
            "person": f"p-{HOUSEHOLD_SIZE * k}",
            "role": "resident",
            "place": _compound(k // PARTICIPANTS),
            "until": None,
        }
        for k in range(PARTICIPANTS * lives)
    ]
    yield from reference_rows().items()
    yield (
        "place",
        [{"id": _compound(n), "name": "x", "path": [_compound(n), PLACE, TENANT]} for n in range(COMPOUNDS)],
    )
    persons = people(range(PEOPLE_PER_ISSUE * lives))
    yield "person", [row | {"place": _compound(n // PEOPLE_PER_ISSUE)} for n, row in enumerate(persons)]
    yield "standing", residents


def logged_commands(count: int, *_: int) -> Iterator[Outgoing]:
    """The commands as messages of the log."""
    return stamped(interleaved(commands_of_issue, LENGTH, count), "lives")


if __name__ == "__main__":
    run_contestant(
        naive.run if sys.argv[4] == "1" else ours.run, rows_before, logged_commands, simulated=True
    )
