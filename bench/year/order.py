"""The life of an order: placed, screened, assigned, staffed, served, rated; or cancelled, expired, failed."""

from collections.abc import Generator
from datetime import datetime

from bench.year import serving
from bench.year.fumbles import fumble
from bench.year.order_fumbles import of_assigning, of_placing
from bench.year.ordered import Market, Ordered, new_order
from bench.year.texts import WISHES
from bench.year.year import Life, Year
from microgov.contracts import matching

Steps = Generator[datetime, None, None]
Goes = Generator[datetime, None, bool]
"""Part of a life; returns whether it goes on."""


def order(year: Year, id: str, market: Market) -> Life:
    """An order from its first word to its rating."""
    o = new_order(year, id, market)
    placed = matching.PlaceOrder(
        offer=o.offer.id if o.offer else None, slot=o.slot, text=o.chance.choice(WISHES), channel="app"
    )
    if o.often(0.2):
        o.say(placed, o.community.staff["social_worker"][0], whom=o.who)
    else:
        o.say(placed, o.who)
    fumble(o, of_placing(o))
    yield o.wait(days=1)
    if o.often(0.04):
        o.say(matching.ScreenOrder(accepted=False, reason="区里统一举办，已代为报名。"), o.branch)
        return
    if o.often(0.04):
        o.cancel("已经解决了。")
        return
    o.say(matching.ScreenOrder(accepted=True, reason="情况属实。", urgency="ordinary"), o.branch)
    yield o.wait(days=0)
    yield from from_screening(o)


def from_screening(o: Ordered) -> Steps:
    """All that follows once an order is ready to be assigned."""
    if (yield from assigned(o)):
        yield from serving.served(o)
    elif o.often(0.7):
        o.say(matching.CancelOrder(reason="没有轮到，下次优先。", channel="phone"), o.branch)


def assigned(o: Ordered) -> Goes:
    """Assigned by the branch until somebody accepts; three times at most."""
    o.people = 2 if o.often(0.12) else 1
    o.lead = o.people == 2 and o.often(0.6)
    others = [one for one in o.community.organisations if one.id != o.party.id]
    o.partner = o.chance.choice(others) if o.people == 2 and others and o.often(0.4) else None
    for attempt in range(3):
        if o.state != "ready" or not o.still_offered:
            return False
        fumble(o, of_assigning(o))
        _assign(o, "就近，有专长。" if attempt == 0 else "已电话确认。")
        yield o.wait(days=0)
        if o.state == "waitlisted":
            yield o.wait(days=4)  # perhaps a place becomes free meanwhile
            continue
        answer = o.chance.random()
        if answer < 0.05:
            o.say(matching.DeclineAssignment(reason="这周没有人。"), o.party.head)
        elif answer < 0.08:
            yield o.wait(days=3)  # nobody answers, and the assignment expires
        else:
            for party in filter(None, (o.partner, o.party)):
                o.say(matching.AcceptAssignment(), party.head)
            return True
        yield o.wait(days=1)
    return False


def _assign(o: Ordered, reason: str) -> None:
    given = matching.AssignOrder(
        organisation=o.party.id,
        offer=o.offer.id if o.offer else None,
        slot=o.slot,
        reason=reason,
        followed_suggestion=o.often(0.5),
        staffing=matching.Staffing(people=o.people, lead=o.lead) if o.people > 1 else None,
        partners=[o.partner.id] if o.partner else None,
    )
    o.say(given, o.branch)
