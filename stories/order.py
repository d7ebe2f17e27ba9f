"""The order 点单: offered, ordered, assigned by the branch, served and rated (domain.md §3)."""

from datetime import datetime, timedelta

from microgov.contracts import matching
from microgov.stories.story import Neighbour, Story
from microgov.text.sentences import Sentence

PEOPLE = (
    Neighbour("branch", "branch", "office", "党支部老周", "Zhou of the party branch"),
    Neighbour("social", "social_worker", "office", "社工小林", "Lin, the social worker"),
    Neighbour("rep", "organisation", "office", "互助社的孙社长", "Sun of the mutual-aid society"),
    Neighbour("he", "volunteer", "h1", "志愿者小何", "He, a volunteer"),
    Neighbour("wang", "resident", "h2", "王阿姨", "Auntie Wang"),
    Neighbour("liu", "resident", "h3", "刘奶奶", "Grandma Liu"),
    Neighbour("zhang", "resident", "h4", "张女士", "Ms Zhang", "en"),
)


def order(prefix: str, start: datetime, tenant: str) -> Story:
    """Builds the story, whose ids begin with `prefix`; it begins at `start` and takes eight days."""
    story = Story("order", Sentence("点单的故事", "The story of the order"), prefix)
    story.set_up_neighbourhood(tenant, PEOPLE)
    _offered(story, start)
    _ordered(story)
    _assigned(story)
    _moved_up(story)
    _served(story, start)
    story.next_commands = [
        f"show order {story.id('order-liu')}",
        f"inbox {story.id('zhang')}",
        f"tail --entity {story.id('order-zhang')}",
    ]
    return story


def _offered(s: Story, start: datetime) -> None:
    filing = matching.FileOrganisation(
        name="东湖邻里互助社",
        status="filed",
        domains=["repair"],
        places=[s.id("community")],
        representatives=[s.id("rep")],
    )
    begins = start + timedelta(days=7)
    slot = matching.Slot(
        slot="morning", starts=begins, ends=begins + timedelta(hours=3), place=s.id("yuan"), capacity=2
    )
    offer = matching.SubmitOffer(
        organisation=s.id("society"),
        title="上门修水管",
        module="repair",
        place=s.id("community"),
        slots=[slot],
    )
    s.say("互助社备案。", "The mutual-aid society is put on file.", filing, "society", "branch")
    s.say(
        "出单：上门修水管，上午两个名额。",
        "It offers to mend taps: one morning, two places.",
        offer,
        "offer",
        "rep",
    )
    s.say("党支部发布。", "The branch publishes the offer.", matching.PublishOffer(), "offer", "branch")


def _ordered(s: Story) -> None:
    orders = (
        ("wang", "order-wang", None, "王阿姨点单。", "Auntie Wang orders."),
        ("social", "order-liu", "liu", "小林代刘奶奶点单。", "Lin orders for Grandma Liu."),
        ("zhang", "order-zhang", None, "张女士也点单。", "Ms Zhang orders, too."),
    )
    for by, name, whom, zh, en in orders:
        placing = matching.PlaceOrder(
            offer=s.id("offer"), slot="morning", text="厨房水管漏水", channel="visit" if whom else "app"
        )
        s.say(zh, en, placing, name, by, on_behalf_of=whom)
    for _, name, _, _, _ in orders:
        s.say(
            "党支部审核通过。",
            "The branch screens it: accepted.",
            matching.ScreenOrder(accepted=True, reason="情况属实"),
            name,
            "branch",
        )


def _assign(s: Story) -> matching.AssignOrder:
    return matching.AssignOrder(
        organisation=s.id("society"),
        offer=s.id("offer"),
        slot="morning",
        reason="离得近，有水工",
        followed_suggestion=False,
    )


def _assigned(s: Story) -> None:
    s.say(
        "互助社想自己下单：只有党支部能下单。",
        "The society would assign the order to itself. Only the branch assigns: refused.",
        _assign(s),
        "order-wang",
        "rep",
        refused="role_missing",
    )
    for name, zh, en in (
        ("order-wang", "党支部把王阿姨的单下给互助社。", "The branch assigns Auntie Wang's order."),
        ("order-liu", "刘奶奶的单也下给互助社。", "And Grandma Liu's."),
        ("order-zhang", "名额已满，张女士候补。", "No place is left: Ms Zhang is put on the waiting list."),
    ):
        s.say(zh, en, _assign(s), name, "branch")
    for name in ("order-wang", "order-liu"):
        s.say("互助社接单。", "The society takes it on.", matching.AcceptAssignment(), name, "rep")


def _moved_up(s: Story) -> None:
    s.say(
        "王阿姨自己修好了，取消。",
        "Auntie Wang has mended it herself and cancels.",
        matching.CancelOrder(reason="已经修好了", channel="app"),
        "order-wang",
        "wang",
    )
    s.say(
        "张女士补上，党支部下单。",
        "Ms Zhang has moved up, and the branch assigns her order.",
        _assign(s),
        "order-zhang",
        "branch",
        when_idle=True,
    )
    s.say("互助社接单。", "The society takes it on.", matching.AcceptAssignment(), "order-zhang", "rep")


def _served(s: Story, start: datetime) -> None:
    s.say(
        "邀请小何为刘奶奶服务。",
        "He is asked to serve Grandma Liu.",
        matching.ProposePerson(order=s.id("order-liu"), person=s.id("he")),
        "proposal",
        "rep",
    )
    s.say("小何同意。", "He says yes.", matching.AcceptProposal(channel="app"), "proposal", "he")
    s.wait("一周后，服务当天。", "A week later, on the day.", start + timedelta(days=7, minutes=5))
    s.say("小何签到。", "He checks in.", matching.CheckIn(channel="app"), "order-liu", "he")
    s.wait("四十分钟后。", "Forty minutes later.", start + timedelta(days=7, minutes=45))
    s.say(
        "互助社报告完成。",
        "The society reports it done.",
        matching.ReportDone(minutes=40, note="换了一段水管"),
        "order-liu",
        "rep",
    )
    s.say(
        "小林代刘奶奶评单：五星。",
        "Lin rates it for Grandma Liu: five stars.",
        matching.RateOrder(stars=5, text="小伙子手艺好", channel="phone"),
        "order-liu",
        "social",
        on_behalf_of="liu",
    )
