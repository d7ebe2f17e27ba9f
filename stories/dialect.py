"""温州话, the Wenzhou dialect: a visit that only two people can do, and one of them cannot come (domain.md §3.2, I7)."""

from datetime import datetime, timedelta

from microgov.contracts import matching
from microgov.stories.order_steps import (
    accept_order,
    assign_order,
    publish_offer,
    put_on_file,
    register_provider,
)
from microgov.stories.story import Neighbour, Story
from microgov.text.sentences import Sentence

PEOPLE = (
    Neighbour("branch", "branch", "office", "党支部老周", "Zhou of the party branch"),
    Neighbour("rep", "organisation", "office", "陪伴社的孙社长", "Sun of the companions' society"),
    Neighbour("he", "volunteer", "h1", "志愿者小何，只会普通话", "He, a volunteer, who speaks Mandarin only"),
    Neighbour("chen", "volunteer", "h2", "志愿者老陈，温州人", "Chen, a volunteer from Wenzhou"),
    Neighbour("lin", "volunteer", "h3", "志愿者小林，会温州话", "Lin, a volunteer who speaks Wenzhou"),
    Neighbour("ye", "resident", "h4", "叶奶奶，只会温州话", "Grandma Ye, who speaks Wenzhou only"),
)
WENZHOU = matching.Qualification(kind="language", name="wenzhou")


def dialect(prefix: str, start: datetime, tenant: str) -> Story:
    """Builds the story, whose ids begin with `prefix`; it begins at `start` and takes three days."""
    s = Story("dialect", Sentence("温州话的故事", "The story of the Wenzhou dialect"), prefix)
    begins = start + timedelta(days=2)
    s.set_up_neighbourhood(tenant, PEOPLE)
    _published(s, begins)
    _ordered(s)
    _volunteers_asked(s)
    _served(s, begins)
    s.next_commands = [f"show order {s.id('visit')}", "list providers --able wenzhou"]
    return s


def _published(s: Story, begins: datetime) -> None:
    put_on_file(s, "陪伴社备案。", "The society is put on file.", "society", "东湖陪伴社", "care", "rep")
    for person, spoken in (("he", ()), ("chen", ("wenzhou",)), ("lin", ("wenzhou",))):
        register_provider(
            s,
            "登记服务者和语言。",
            "A provider, with what they speak.",
            person,
            "society",
            "rep",
            ("mandarin", *spoken),
        )
    slot = matching.Slot(
        slot="tuesday", starts=begins, ends=begins + timedelta(hours=2), place=s.id("yuan"), capacity=1
    )
    publish_offer(
        s,
        "出单：用温州话陪聊。",
        "It offers company, in the Wenzhou dialect.",
        "offer",
        "society",
        "rep",
        title="温州话陪聊",
        module="care",
        slots=[slot],
        requires=[WENZHOU],
    )


def _ordered(s: Story) -> None:
    placing = matching.PlaceOrder(offer=s.id("offer"), slot="tuesday", text="想找人说说话", channel="visit")
    s.say(
        "党支部代叶奶奶点单。",
        "The branch orders for Grandma Ye.",
        placing,
        "visit",
        "branch",
        on_behalf_of="ye",
    )
    accept_order(s, "visit")
    assign_order(
        s,
        "下给陪伴社。",
        "It is assigned to the society.",
        "visit",
        "society",
        "唯一会温州话的组织",
        offer=s.id("offer"),
        slot="tuesday",
    )
    s.say("陪伴社接单。", "The society accepts.", matching.AcceptAssignment(), "visit", "rep")


def _volunteers_asked(s: Story) -> None:
    def ask(zh: str, en: str, person: str, refused: str | None = None) -> None:
        s.say(
            zh,
            en,
            matching.ProposePerson(order=s.id("visit"), person=s.id(person)),
            f"to-{person}",
            "rep",
            refused=refused,
        )

    ask("小何不会温州话：被拒绝。", "He does not speak Wenzhou: refused.", "he", "not_qualified")
    ask("邀约老陈。", "Chen is asked.", "chen")
    sorry = matching.DeclineProposal(reason="那天要去医院", channel="app")
    s.say("老陈那天来不了。", "Chen cannot come that day.", sorry, "to-chen", "chen")
    ask("只剩小林会温州话：邀约小林。", "Lin is the only one left: she is asked.", "lin")
    s.say("小林答应。", "Lin says yes.", matching.AcceptProposal(channel="app"), "to-lin", "lin")


def _served(s: Story, begins: datetime) -> None:
    s.wait("到了约定的那天。", "The day has come.", begins)
    s.say("小林上门。", "Lin is there.", matching.CheckIn(channel="app"), "visit", "lin")
    s.wait("两小时后。", "Two hours later.", begins + timedelta(hours=2))
    s.say("小林签退。", "Lin leaves.", matching.CheckOut(channel="app"), "visit", "lin")
    s.say(
        "陪伴社报告完成。",
        "It is reported done.",
        matching.ReportDone(minutes=120, note="聊了两小时家乡"),
        "visit",
        "rep",
    )
    stars = matching.RateOrder(stars=5, channel="phone")
    s.say(
        "党支部电话代叶奶奶评单。",
        "The branch rates it for her by phone.",
        stars,
        "visit",
        "branch",
        on_behalf_of="ye",
    )
