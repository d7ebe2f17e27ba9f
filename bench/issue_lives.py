"""The full mix of P1: whole lives of issues, from submission to survey. Many are open at once, and their steps are
interleaved.

Each issue is routed, deliberated in a room with attendance, a count of hands and minutes, resolved, acted upon,
verified, reported, closed and surveyed: 31 commands, none of which is refused. `python -m bench.issue_lives NATS
DATABASE COUNT 0|1` measures the service (0) or the naive service (1).
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
BRANCH, SOCIAL, RESIDENT = Role.BRANCH, Role.SOCIAL_WORKER, Role.RESIDENT
OPENS, CLOSES, DUE = START, START + timedelta(days=30), START + timedelta(days=60)


def life(n: int) -> list[AddressedMessage]:
    """The commands of the issue `n`, in order. Four residents of four households take part."""
    four = [f"p-{n * 12 + 3 * k}" for k in range(4)]
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
    life: Callable[[int], list[AddressedMessage]], length: int, count: int
) -> Iterator[AddressedMessage]:
    """Yields `count` steps of lives of `length` steps each. All lives are open at once; a seeded draw picks whose
    step is next.
    """
    chance, sent = random.Random(7), 0
    open_lives = [iter(life(n)) for n in range(-(-count // length))]
    while sent < count and open_lives:
        place = chance.randrange(len(open_lives))
        step = next(open_lives[place], None)
        if step is None:
            open_lives[place] = open_lives[-1]
            open_lives.pop()
            continue
        sent += 1
        yield step


def _lives_needed(count: int) -> int:
    """The number of lives that together have at least `count` steps."""
    return -(-count // LENGTH)


def rows_before(count: int, *_: int) -> RowBatches:
    """The rows before the run: rules, compounds, people, and their roles."""
    lives = _lives_needed(count)
    residents: list[dict[str, Any]] = [
        {"person": f"p-{3 * k}", "role": "resident", "place": _compound(k // 4), "until": None}
        for k in range(4 * lives)
    ]
    yield from reference_rows().items()
    yield (
        "place",
        [{"id": _compound(n), "name": "x", "path": [_compound(n), PLACE, TENANT]} for n in range(COMPOUNDS)],
    )
    yield "person", [one | {"place": _compound(n // 12)} for n, one in enumerate(people(range(12 * lives)))]
    yield "standing", residents


def logged_commands(count: int, *_: int) -> Iterator[Outgoing]:
    """The commands as messages of the log."""
    return stamped(interleaved(life, LENGTH, count), "lives")


if __name__ == "__main__":
    run_contestant(
        naive.run if sys.argv[4] == "1" else ours.run, rows_before, logged_commands, simulated=True
    )
