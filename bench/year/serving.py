"""Who serves an order: asked, agreed, replaced; there or not; hours; and the rating."""

from collections.abc import Generator
from datetime import datetime, timedelta

from bench.year.fumbles import fumble
from bench.year.order_fumbles import of_hours, of_staffing
from bench.year.ordered import Ordered
from bench.year.town import Person
from microgov.contracts import matching

Steps = Generator[datetime, None, None]


def served(o: Ordered) -> Steps:
    """From the first proposal to the rating."""
    yield o.wait(days=0)
    if not (yield from _staffed(o)):
        return
    if o.often(0.04):
        yield o.wait(days=1)
        if o.often(0.6):
            o.cancel("临时有事。")
        else:
            o.say(matching.CancelOrder(reason="场地停电。", channel="phone"), o.branch)
        return
    begins = o.starts or o.wait(days=o.chance.choice((1, 2, 5)))
    if o.often(0.06):
        yield from _dropped_out(o, begins)
    yield max(begins, o.year.now) + timedelta(minutes=2)
    if o.often(0.03):
        _no_show(o)
        return
    if o.state != "scheduled":
        return  # its slot has fallen away meanwhile, or somebody has dropped out and nobody came instead
    for _, person in o.serving:
        o.say(matching.CheckIn(channel="app"), person)
    yield o.wait(hours=o.chance.choice((0.5, 0.7, 1, 1.5)))
    if o.often(0.02):
        o.say(matching.FailOrder(reason="没有零件，修不好。"), o.party.head)
        return
    for _, person in o.serving if o.often(0.8) else []:
        o.say(matching.CheckOut(channel="app"), person)
    o.say(matching.ReportDone(minutes=o.chance.choice((30, 40, 60, 90)), note="完成。"), o.party.head)
    yield from _afterwards(o)


def _staffed(o: Ordered) -> Generator[datetime, None, bool]:
    """People are asked until enough have agreed; returns whether they have."""
    if o.lead:
        social = o.chance.choice(o.community.staff["social_worker"])
        proposal = _ask(o, social, "lead")
        yield o.wait(hours=1)
        o.say(matching.AcceptProposal(channel="app"), social, proposal)
        o.serving.append((proposal, social))
    volunteers = [p for compound in o.community.compounds for p in compound.people["volunteer"]]
    for person in o.chance.sample(volunteers, len(volunteers))[:5]:
        if len(o.serving) >= o.people:
            return True
        proposal = _ask(o, person, None)
        yield o.wait(hours=o.chance.choice((1, 2, 9, 20)))
        fumble(o, of_staffing(o, person, proposal))
        answer = o.chance.random()
        if answer < 0.08:
            o.say(matching.DeclineProposal(reason="那天要去医院。", channel="app"), person, proposal)
        elif answer < 0.12:
            yield o.wait(days=2)  # no answer: the proposal expires
        else:
            if answer < 0.14:
                stranger = o.chance.choice(volunteers)
                o.say(
                    matching.AcceptProposal(channel="app"), stranger, proposal
                )  # refused unless it is theirs
            o.say(matching.AcceptProposal(channel="phone"), person, proposal)
            o.serving.append((proposal, person))
    return len(o.serving) >= o.people


def _ask(o: Ordered, person: Person, duty: str | None) -> str:
    o.asked += 1
    proposal = f"{o.id}-p{o.asked}"
    asked = matching.ProposePerson.model_validate({"order": o.id, "person": person.id, "duty": duty})
    o.say(asked, o.party.head, proposal)
    return proposal


def _dropped_out(o: Ordered, begins: datetime) -> Steps:
    """Somebody cannot come, and another person is asked in their place."""
    yield max(begins - timedelta(hours=o.chance.choice((2, 30))), o.year.now)
    proposal, person = o.serving[-1]
    volunteers = [p for compound in o.community.compounds for p in compound.people["volunteer"]]
    other = o.chance.choice([p for p in volunteers if p.id != person.id])
    o.asked += 1
    new = f"{o.id}-p{o.asked}"
    if o.often(0.5):
        o.say(matching.DropOut(reason="孩子发烧。", channel="app"), person, proposal)
        o.say(matching.ProposePerson(order=o.id, person=other.id), o.party.head, new)
    else:
        o.say(matching.ReplacePerson(by=new, person=other.id, reason="另有任务。"), o.party.head, proposal)
    o.say(matching.AcceptProposal(channel="app"), other, new)
    o.serving[-1] = (new, other)


def _no_show(o: Ordered) -> None:
    """Nobody comes: it is noted, and the order has failed."""
    o.say(matching.ReportNoShow(note="没有来，电话不接。"), o.party.head, o.serving[-1][0])
    o.say(matching.FailOrder(reason="没有人来。"), o.party.head)


def _afterwards(o: Ordered) -> Steps:
    """Hours that are entered or corrected, and the rating; where nobody rates it, a deadline closes it."""
    proposal = o.serving[0][0]
    fumble(o, of_hours(o, proposal))
    if o.often(0.1):
        o.say(matching.EnterHours(kind="travel", minutes=30, note="往返。"), o.party.head, proposal)
        if o.often(0.3):
            wrong = matching.CorrectHours(kind="travel", minutes=20, reason="多记了十分钟。")
            o.say(wrong, o.party.head, proposal)
    yield o.wait(days=o.chance.choice((0, 1, 3)))
    if not o.often(0.7):
        return
    stars = o.chance.choices((1, 2, 3, 4, 5), (1, 1, 3, 20, 75))[0]
    rating = matching.RateOrder(stars=stars, text="很耐心。" if o.often(0.3) else None, channel="app")
    if o.who.role not in matching.RateOrder.ROLES:
        o.say(rating, o.community.staff["social_worker"][0], whom=o.who)
    else:
        o.say(rating, o.who)
