"""Round tables 圆桌议事会: recurring, with two standing prompts, needs 问需 and ideas 问计 (domain.md §2.3)."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts import issues
from microgov.contracts.log import DeadlineReached
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import SAME, Entity, Guard, Life, Refused, Said, Transition
from microgov.services.chassis.reference_data import check_within
from microgov.services.chassis.times import moved
from microgov.services.issues.deliberation.topics.disagreement import Disagreement
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.model import Base, Deadline, Place

DUE = "round_table"
"""Kind of the deadline for the next sitting."""
MOST_SITTINGS = 100

FIRST_SITTING_LATER = Guard(
    "first_in_the_past",
    "首次圆桌议事须在将来。请填写将来的时间。",
    "The first sitting lies in the past. Name a time to come.",
    lambda table, m, s: m.data.first_at > m.recordedtime,
    "data.first_at",
)

LIFE = Life(
    "round table",
    "圆桌议事会",
    {"recurring": ("定期召开", "recurring"), "stopped": ("已停办", "stopped")},
    {
        (None, issues.SetUpRoundTable): Transition(
            "recurring", issues.RoundTableSetUp, (FIRST_SITTING_LATER,)
        ),
        ("recurring", DUE): Transition(SAME, issues.RoundTableDue),
        ("recurring", issues.HoldRoundTable): Transition(SAME, issues.RoundTableHeld),
        ("recurring", issues.StopRoundTable): Transition("stopped", issues.RoundTableStopped),
    },
    frozenset({"stopped"}),
)


class RoundTable(Entity, Base):
    """A series of sittings: `sittings` have been held, the next is due at `next_at`."""

    __tablename__ = "round_table"
    CALLED = "RoundTable"
    place: Mapped[str]
    name: Mapped[str]
    state: Mapped[str]
    every_days: Mapped[int]
    next_at: Mapped[datetime]
    sittings: Mapped[int]


class Sitting(Base):
    """A sitting that was held, with the number of contributions to each prompt."""

    __tablename__ = "sitting"
    round_table: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    present: Mapped[int]
    needs: Mapped[int]
    ideas: Mapped[int]


def set_up(m: Envelope[issues.SetUpRoundTable], s: Session) -> Said:
    """Sets up the series: the first sitting, then one every `every_days` days."""
    d = m.data
    check_within(s, Place, d.place, m, "data.place")
    FIRST_SITTING_LATER.check(None, m, s)
    table = RoundTable.new(
        s,
        m.subject,
        place=d.place,
        name=d.name,
        state="recurring",
        every_days=d.every_days,
        next_at=d.first_at,
        sittings=0,
    )
    Deadline.put(s, DUE, table.id, d.first_at)
    return table.say(
        issues.RoundTableSetUp(place=d.place, name=d.name, every_days=d.every_days, first_at=d.first_at)
    )


def due(m: Envelope[DeadlineReached], s: Session) -> list[Said]:
    """Deadline: reports that a sitting is due and sets the day of the next."""
    table = RoundTable.find(s, m.data.entity)
    if not LIFE.allows(table.state, DUE):
        return []
    table.next_at = moved(m.data.due_at, timedelta(days=table.every_days))
    Deadline.put(s, DUE, table.id, table.next_at)
    return [table.say(issues.RoundTableDue(place=table.place, name=table.name, next_at=table.next_at))]


def hold(m: Envelope[issues.HoldRoundTable], s: Session) -> Said:
    """Records a sitting; needs and ideas are counted separately."""
    table, d = RoundTable.find(s, m.subject), m.data
    check_within(s, Place, table.place, m)
    for one in d.contributions:
        if one.issue is not None:
            Issue.find(s, one.issue, "data.contributions")
    _check_no_person_twice(d.present)
    LIFE.move(table, m, s)
    table.sittings += 1
    needs = sum(one.prompt == "needs" for one in d.contributions)
    ideas = len(d.contributions) - needs
    s.add(
        Sitting(
            round_table=table.id,
            number=table.sittings,
            at=m.recordedtime,
            present=len(d.present),
            needs=needs,
            ideas=ideas,
        )
    )
    return table.say(
        issues.RoundTableHeld(
            place=table.place,
            number=table.sittings,
            present=d.present,
            contributions=d.contributions,
            needs=needs,
            ideas=ideas,
        )
    )


def stop(m: Envelope[issues.StopRoundTable], s: Session) -> Said:
    """Ends the series."""
    table = RoundTable.find(s, m.subject)
    check_within(s, Place, table.place, m)
    LIFE.move(table, m, s)
    Deadline.drop(s, DUE, table.id)
    return table.say(issues.RoundTableStopped(place=table.place, reason=m.data.reason))


def _check_no_person_twice(people: list[str]) -> None:
    if len(set(people)) < len(people):
        raise Refused(
            "person_twice",
            "同一人在到会名单中出现了两次。请合并。",
            "Somebody stands in the list of those present twice. Give everybody once.",
            "data.present",
        )


def show_round_table(q: issues.ShowRoundTable, s: Session) -> issues.RoundTableShown:
    """The series with its last 100 sittings, and how many disagreements were raised in round-table sessions at its place and
    how many of these are settled.
    """
    table = RoundTable.find(s, q.round_table, "round_table")
    held = (
        select(Sitting)
        .where(Sitting.round_table == table.id)
        .order_by(Sitting.number.desc())
        .limit(MOST_SITTINGS)
    )
    here = select(func.count()).where(
        Disagreement.kind == "round_table", Disagreement.place.in_(_inside(table.place, s))
    )
    return issues.RoundTableShown(
        round_table=table.id,
        place=table.place,
        name=table.name,
        state=table.state,
        every_days=table.every_days,
        next_at=table.next_at if table.state == "recurring" else None,
        sittings=[
            issues.SittingShown(
                number=one.number, at=one.at, present=one.present, needs=one.needs, ideas=one.ideas
            )
            for one in s.scalars(held)
        ],
        raised=s.execute(here).scalar_one(),
        settled=s.execute(here.where(Disagreement.state == "settled")).scalar_one(),
    )


def _inside(place: str, s: Session) -> list[str]:
    """Ids of the place and of all places inside it."""
    return [row.id for row in s.scalars(select(Place)) if place in row.path]
