"""Sessions: online with a ballot, or in a room with attendance, a count of hands, a ballot or talk alone."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bench.year import ballots
from bench.year.matter import Matter
from bench.year.proportions import HANDS, TALK
from bench.year.town import Person
from microgov.contracts import issues
from microgov.contracts.fields import Role

VOTING = {
    "stairwell_forum": "stairwell_captain",
    "residents_council": "resident",
    "party_masses": "resident",
    "round_table": "resident",
}
"""Who has a vote in a room, by the default rules of procedure."""


@dataclass
class Held:
    """A session that was held: its id, who was there (or voted), and whether the first option was carried."""

    session: str
    present: list[Person]
    carried: bool


def session(
    m: Matter, topic: str, options: list[str], all_agree: bool = False
) -> Generator[datetime, None, Held]:
    """A session about the topic, in the form of the issue. `all_agree`: the first option is carried in any case."""
    m.sessions += 1
    n = f"{m.sessions}"
    if m.form == "micro_topic":
        return (yield from _online(m, topic, f"{m.id}-s{n}", options))
    if m.often(0.05):
        yield from _inquorate(m, topic, f"{m.id}-s{n}-1")
    elif m.often(0.03):
        off = f"{m.id}-s{n}-2"
        _convene(m, topic, off, m.year.now + timedelta(days=2))
        yield m.wait(days=1)
        m.say(issues.CallOffSession(reason="场地被占用。"), _convener(m), off)
        yield m.wait(days=1)
    return (yield from _in_a_room(m, topic, f"{m.id}-s{n}", options, all_agree))


def _online(m: Matter, topic: str, id: str, options: list[str]) -> Generator[datetime, None, Held]:
    opens = (m.year.now + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    closes = opens + timedelta(days=m.chance.choice((3, 5, 7)))
    convened = issues.ConveneSession(session=id, kind="micro_topic", opens_at=opens, closes_at=closes)
    m.say(convened, m.branch, topic)
    yield opens + timedelta(minutes=m.chance.randint(1, 200))
    voters, carried = yield from ballots.ballot(m, id, options, closes - timedelta(days=1))
    return Held(id, voters, carried)


def _convener(m: Matter) -> Person:
    return m.community.staff["liaison_station"][0] if m.form == "round_table" else m.branch


def _convene(m: Matter, topic: str, id: str, opens: datetime) -> None:
    council = m.community.council if m.form == "consultative_council" else None
    if m.form == "round_table" and m.often(0.1):
        wrong = _meeting(m, id, opens, council)
        m.say(wrong, m.branch, topic)  # refused: the liaison station convenes it
    m.say(_meeting(m, id, opens, council), _convener(m), topic)


def _meeting(m: Matter, id: str, opens: datetime, council: str | None) -> issues.ConveneSession:
    return issues.ConveneSession(
        session=id,
        kind=m.form,
        opens_at=opens,
        closes_at=opens + timedelta(hours=3),
        room="居委会二楼",
        council=council,
    )


def _inquorate(m: Matter, topic: str, id: str) -> Generator[datetime, None, None]:
    """Too few come, and the session ends."""
    opens = (m.year.now + timedelta(days=2)).replace(hour=11, minute=0, second=0, microsecond=0)
    _convene(m, topic, id, opens)
    yield opens + timedelta(minutes=5)
    _attended(m, id, _voting(m)[:1])
    m.say(issues.OpenSession(), m.social, id)
    yield m.wait(days=1)


def _voting(m: Matter) -> list[Person]:
    """People with a vote in this form of session."""
    if m.form == "consultative_council":
        return ballots.members(m.community)
    some = m.compound.people[VOTING[m.form]]
    return m.chance.sample(some, min(len(some), m.chance.randint(4, 9)))


def _attended(m: Matter, id: str, people: list[Person]) -> None:
    there = [issues.Attendee(person=one.id, role=one.role) for one in people]
    m.say(issues.RecordAttendance(attendees=there), m.social, id)


def _in_a_room(
    m: Matter, topic: str, id: str, options: list[str], all_agree: bool
) -> Generator[datetime, None, Held]:
    opens = (m.year.now + timedelta(days=2)).replace(hour=11, minute=0, second=0, microsecond=0)
    _convene(m, topic, id, opens)
    yield opens + timedelta(minutes=5)
    people = _voting(m)
    heard = [m.social, m.community.staff["property_company"][0]] if m.often(0.3) else []
    _attended(m, id, [*people, *heard])
    if m.often(0.06):
        unfit = issues.Attendee(person=people[0].id, role=Role.DEVELOPER)
        m.say(issues.RecordAttendance(attendees=[unfit]), m.social, id)  # refused: not invited
    m.say(issues.OpenSession(), m.social, id)
    if m.often(0.2):
        _disagreement(m, topic, id, people)
    draw = TALK if all_agree else m.chance.random()
    if draw < TALK:
        yield m.wait(hours=1)
        m.say(issues.AdjournSession(), m.social, id)
        return Held(id, people, True)
    if draw < TALK + HANDS:
        carried = _hands(m, id, options, people, all_agree)
        yield m.wait(hours=1)
        return Held(id, people, carried)
    _, carried = yield from ballots.ballot(m, id, options, opens + timedelta(hours=2), people)
    return Held(id, people, carried)


def _hands(m: Matter, id: str, options: list[str], people: list[Person], all_agree: bool) -> bool:
    """A count of hands before two witnesses; returns whether the first option was carried."""
    agree = [m.chance.randint(0, 1) for _ in people]
    some = sum(agree) if m.often(0.15) and not all_agree else len(people)
    tally = [issues.HandTally(option=one, agree=0, disagree=0, passed=0) for one in options]
    tally[0] = issues.HandTally(option=options[0], agree=some, disagree=0, passed=0)
    tally[1] = issues.HandTally(option=options[1], agree=len(people) - some, disagree=0, passed=0)
    counted = issues.RecordHandCount(
        session=id, kind="one_of", people=len(people), tally=tally, witnesses=[one.id for one in people[:2]]
    )
    if m.often(0.05):
        alone = counted.model_copy(update={"witnesses": [people[0].id, people[0].id]})
        m.say(alone, m.branch, f"{id}-b")  # refused: it takes two witnesses
    m.say(counted, m.branch, f"{id}-b")
    return 2 * some > len(people)


def _disagreement(m: Matter, topic: str, id: str, people: list[Person]) -> None:
    """Who pays? It is narrowed and settled, or goes to the sub-district."""
    gap = f"{id}-gap"
    positions = [
        issues.Position(text="物业出钱。", parties=[people[0].id]),
        issues.Position(text="动用维修资金。", parties=[people[1].id]),
    ]
    raised = issues.RaiseDisagreement(topic=topic, title="钱从哪里来", positions=positions, session=id)
    m.say(raised, m.social, gap)
    if m.often(0.4):
        m.say(issues.NarrowDisagreement(remains="只差一半。"), m.social, gap)
    if m.often(0.85):
        m.say(issues.SettleDisagreement(terms="各出一半。"), m.social, gap)
    else:
        m.say(issues.EscalateDisagreement(reason="须街道定。"), m.social, gap)
