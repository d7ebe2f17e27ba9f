"""Offers of organisations, with slots for the next weeks: drafted, published, paused, extended, closed."""

from datetime import timedelta

from bench.year.fumbles import FUMBLE
from bench.year.order_fumbles import of_offer
from bench.year.ordered import Market, Offer
from bench.year.setting_up import LAWYER, WENZHOU
from bench.year.town import Community
from bench.year.year import Life, Year
from microgov.contracts import matching

TITLES = {
    "repair": "上门维修",
    "care": "陪伴照护",
    "legal": "法律咨询",
    "convenience": "理发便民日",
    "womens_rights": "妇女维权咨询",
    "parent_child": "亲子课堂",
    "reemployment": "再就业培训",
}


def offer(year: Year, id: str, market: Market) -> Life:
    """An offer of one of the organisations of the town."""
    chance = year.chance(id)
    community = chance.choice([one for one in year.town.communities if one.organisations])
    party, branch = chance.choice(community.organisations), community.staff["branch"][0]
    slots = [_slot(year, community, n, chance.choice((1, 2, 3))) for n in range(chance.choice((0, 3, 6, 10)))]
    requires = [LAWYER] if party.domain == "legal" and chance.random() < 0.5 else None
    if party.domain == "care" and chance.random() < 0.15:
        requires = [WENZHOU]
    content = {
        "organisation": party.id,
        "title": TITLES[party.domain],
        "module": party.domain,
        "place": community.id,
        "slots": slots,
        "requires": requires,
    }
    if chance.random() < 0.2:
        year.say(matching.DraftOffer.model_validate(content), id, party.head)
        yield year.wait(chance, days=1)
    if chance.random() < FUMBLE:
        stranger = chance.choice(community.organisations).head
        wrong = chance.choice(of_offer(year, content, party.head, stranger, id))
        year.put(wrong[0], wrong[2], wrong[1])
    year.say(matching.SubmitOffer.model_validate(content), id, party.head)
    yield year.wait(chance, days=1)
    if chance.random() < 0.06:
        year.say(matching.RejectOffer(reason="与已有服务重复。"), id, branch)
        return
    year.say(matching.PublishOffer(), id, branch)
    made = Offer(id, party, {slot.slot: slot.starts for slot in slots})
    market.of(community).append(made)
    yield from _running(year, made, community, market)


def _slot(year: Year, community: Community, n: int, capacity: int) -> matching.Slot:
    """Slots of two hours, three a day, from the tenth day on."""
    begins = year.now.replace(hour=1, minute=0, second=0, microsecond=0) + timedelta(
        days=10 + n // 3, hours=3 * (n % 3)
    )
    return matching.Slot(
        slot=f"s{n + 1}",
        starts=begins,
        ends=begins + timedelta(hours=2),
        place=community.compounds[n % 2].id,
        capacity=capacity,
    )


def _running(year: Year, made: Offer, community: Community, market: Market) -> Life:
    """What becomes of a published offer, until it is closed or withdrawn."""
    chance, branch, head = year.chance(f"{made.id}/running"), community.staff["branch"][0], made.party.head
    yield year.wait(chance, days=4)
    if chance.random() < 0.1:
        year.say(matching.PauseOffer(), made.id, head)
        market.of(community).remove(made)
        yield year.wait(chance, days=5)
        year.say(matching.ResumeOffer(), made.id, head)
        market.of(community).append(made)
    if made.slots and chance.random() < 0.15:
        more = _slot(year, community, 20, 3).model_copy(update={"slot": "more"})
        year.say(matching.AddSlots(slots=[more]), made.id, head)
        made.slots["more"] = more.starts
    if made.slots and chance.random() < 0.12:
        gone = max(made.slots, key=lambda slot: made.slots[slot])
        year.say(matching.CancelSlot(slot=gone, reason="老师临时外出。"), made.id, branch)
        del made.slots[gone]
    yield year.wait(chance, days=chance.choice((10, 20, 40)))
    market.of(community).remove(made)
    if chance.random() < 0.15:
        year.say(matching.WithdrawOffer(), made.id, head)
    else:
        year.say(matching.CloseOffer(), made.id, branch)
