"""理发便民日, the haircut fair: twelve slots, forty orders, waiting lists, a slot that falls away (domain.md §3)."""

from datetime import datetime, timedelta

from microgov.contracts import directory, matching
from microgov.contracts.fields import Role
from microgov.stories.fair_day import barbers_asked, fair_day
from microgov.stories.fair_slots import (
    ADDED_SLOT,
    CANCELLED_SLOT,
    LEFT_OVER,
    MOVED_UP,
    ORDERS,
    PLACES,
    SLOTS,
    make_slot,
    wanted_slot,
)
from microgov.stories.story import OFFICE, Neighbour, Story
from microgov.text.sentences import Sentence

HEALTH = matching.Qualification(kind="check", name="health")
PEOPLE = (
    Neighbour("branch", "branch", "office", "党支部老周", "Zhou of the party branch"),
    Neighbour("rep", "organisation", "office", "理发社的孙社长", "Sun of the barbers' society"),
    Neighbour("barber1", "volunteer", "b1", "理发师小吴", "Wu, a barber"),
    Neighbour("barber2", "volunteer", "b2", "理发师小郑", "Zheng, a barber"),
    Neighbour("barber3", "volunteer", "b3", "理发师小陈", "Chen, a barber"),
    Neighbour("helper", "volunteer", "b4", "学徒小何", "He, an apprentice"),
)


def fair(prefix: str, start: datetime, tenant: str) -> Story:
    """Builds the story, whose ids begin with `prefix`; it begins at `start` and takes two weeks and a half."""
    story = Story("fair", Sentence("理发便民日的故事", "The story of the haircut fair"), prefix)
    story.set_up_neighbourhood(tenant, PEOPLE)
    _registered(story, start)
    _published(story, start)
    _ordered(story)
    _assigned(story)
    _moved_up(story)
    _slot_replaced(story, start)
    _left_over(story)
    served = barbers_asked(story, start)
    fair_day(story, start, served)
    story.wait(
        "再过八天，没人评单的自动办结。",
        "Eight days later: what nobody has rated is closed.",
        start + timedelta(days=17),
    )
    story.next_commands = [
        f"show offer {story.id('fair')}",
        f"list orders --offer {story.id('fair')}",
        f"show provider {story.id('barber1')}",
    ]
    return story


def _registered(s: Story, start: datetime) -> None:
    filing = matching.FileOrganisation(
        name="东湖理发社",
        status="filed",
        domains=["haircut"],
        places=[s.id("community")],
        representatives=[s.id("rep")],
        kind="team",
        stage="incubating",
    )
    s.say(
        "理发社备案，在孵。",
        "The barbers' society is put on file; it is being incubated.",
        filing,
        "society",
        "branch",
    )
    for name in ("barber1", "barber2", "barber3", "helper"):
        enrolled = matching.RegisterProvider.model_validate(
            {"organisations": [s.id("society")], "roles": [Role.VOLUNTEER], "languages": ["mandarin"]}
        )
        s.say("登记服务者。", "A provider is registered.", enrolled, name, "rep")
        if name != "helper":
            proof = matching.VerifyQualification(
                qualification=HEALTH, valid_until=(start + timedelta(days=300)).date().isoformat()
            )
            s.say("党支部核验健康证。", "The branch has seen the health certificate.", proof, name, "branch")


def _published(s: Story, start: datetime) -> None:
    offered = {
        "organisation": s.id("society"),
        "title": "免费理发",
        "module": "convenience",
        "place": s.id("community"),
        "slots": [make_slot(s, f"s{n:02}", start) for n in range(1, SLOTS + 1)],
        "requires": [HEALTH],
    }
    s.say(
        "起草：免费理发。",
        "A draft: free haircuts.",
        matching.DraftOffer.model_validate(offered),
        "fair",
        "rep",
    )
    s.say(
        f"提交：{SLOTS} 个时段，每个 {PLACES} 个名额。",
        f"Submitted: {SLOTS} slots with {PLACES} places each.",
        matching.SubmitOffer.model_validate(offered),
        "fair",
        "rep",
    )
    s.say("党支部发布。", "The branch publishes it.", matching.PublishOffer(), "fair", "branch")


def _ordered(s: Story) -> None:
    for n in range(1, ORDERS + 1):
        person = directory.RegisterPerson(household=s.id(f"h{n}"), place=s.id("yuan"))
        s.say(f"登记第 {n} 位居民。", f"Resident number {n} is registered.", person, f"p{n}", OFFICE)
        role = directory.GrantRole(role=Role.RESIDENT, place=s.id("yuan"))
        s.say("身份：居民。", "A resident.", role, f"p{n}", OFFICE)
        placing = matching.PlaceOrder(offer=s.id("fair"), slot=wanted_slot(n), text="想理发", channel="app")
        s.say(f"第 {n} 位点单。", f"Number {n} orders.", placing, f"o{n}", f"p{n}")
        screened = matching.ScreenOrder(accepted=True, reason="属实")
        s.say("党支部审核通过。", "The branch screens it: accepted.", screened, f"o{n}", "branch")


def _assign(s: Story, n: int, slot: str, zh: str, en: str, when_idle: bool = False) -> None:
    given = matching.AssignOrder(
        organisation=s.id("society"),
        offer=s.id("fair"),
        slot=slot,
        reason="按点单时段",
        followed_suggestion=False,
    )
    s.say(zh, en, given, f"o{n}", "branch", when_idle=when_idle)


def _assigned(s: Story) -> None:
    for n in range(1, ORDERS + 1):
        if n <= SLOTS * PLACES:
            _assign(s, n, wanted_slot(n), f"第 {n} 单下给理发社。", f"Order {n} is assigned.")
        else:
            _assign(
                s,
                n,
                wanted_slot(n),
                f"第 {n} 单没有名额了：候补。",
                f"No place is left for order {n}: it waits.",
            )


def _moved_up(s: Story) -> None:
    """Two residents cancel, and two orders on the waiting list get their places."""
    for n, (out, up) in enumerate(MOVED_UP, 1):
        off = matching.CancelOrder(reason="已经理过了", channel="app")
        s.say(f"第 {out} 位取消。", f"Number {out} cancels.", off, f"o{out}", f"p{out}")
        _assign(s, up, f"s{n:02}", f"第 {up} 单补上。", f"Order {up} has moved up.", when_idle=True)


def _slot_replaced(s: Story, start: datetime) -> None:
    """The last slot is cancelled and another one added, to which its orders are assigned."""
    gone = matching.CancelSlot(slot=CANCELLED_SLOT, reason="理发师那天要出门")
    s.say(
        "最后一个时段取消：三单退回待下单。",
        "The last slot falls away: its orders are ready again.",
        gone,
        "fair",
        "rep",
    )
    s.say(
        "取消了的时段不能再点。",
        "Nothing is ordered from a slot that was cancelled: refused.",
        matching.PlaceOrder(offer=s.id("fair"), slot=CANCELLED_SLOT, text="想理发", channel="app"),
        "o41",
        "p1",
        refused="slot_cancelled",
    )
    s.say(
        "理发社加开一场。",
        "The society adds a slot.",
        matching.AddSlots(slots=[make_slot(s, ADDED_SLOT, start)]),
        "fair",
        "rep",
    )
    for n in (12, 24, 36):
        _assign(
            s,
            n,
            ADDED_SLOT,
            f"第 {n} 单改到加场。",
            f"Order {n} goes into the added slot.",
            when_idle=n == 12,
        )


def _left_over(s: Story) -> None:
    """Two orders stay on the waiting list; the branch cancels them and informs the residents."""
    for n in LEFT_OVER:
        sorry = matching.CancelOrder(reason="没有轮到，下次优先", channel="phone")
        s.say(
            f"第 {n} 单没有轮到：党支部告知。",
            f"Order {n} has not moved up: it is told so.",
            sorry,
            f"o{n}",
            "branch",
        )
