"""法律咨询, legal advice for an enterprise: served by a lawyer whose licence is valid on the day (domain.md §3.1, I7)."""

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
    Neighbour("rep", "organisation", "office", "律师服务团的秦主任", "Qin of the lawyers' group"),
    Neighbour("xu", "volunteer", "h1", "徐律师，执业证快到期", "Xu, a lawyer whose licence runs out"),
    Neighbour("gao", "volunteer", "h2", "高律师", "Gao, a lawyer"),
    Neighbour("boss", "enterprise", "h3", "服装厂的钱经理", "Qian of the clothing factory"),
)
LICENCE = matching.Qualification(kind="check", name="lawyer")


def advice(prefix: str, start: datetime, tenant: str) -> Story:
    """Builds the story, whose ids begin with `prefix`; it begins at `start` and takes two weeks."""
    s = Story("advice", Sentence("法律咨询的故事", "The story of the legal advice"), prefix)
    begins = start + timedelta(days=5)
    s.set_up_neighbourhood(tenant, PEOPLE)
    _registered(s, start)
    _offer_published(s, begins)
    _ordered(s)
    _lawyers_asked(s)
    _served(s, begins)
    s.next_commands = [f"show order {s.id('advice')}", f"show provider {s.id('xu')}"]
    return s


def _registered(s: Story, start: datetime) -> None:
    put_on_file(
        s,
        "服装厂登记为企业。",
        "The factory is registered.",
        "factory",
        "东湖服装厂",
        "clothing",
        "boss",
        kind="enterprise",
    )
    put_on_file(
        s,
        "律师服务团备案。",
        "The lawyers' group is put on file.",
        "lawyers",
        "东湖律师服务团",
        "law",
        "rep",
        enterprises=[s.id("factory")],
    )
    for person, days in (("xu", 3), ("gao", 300)):
        register_provider(s, "登记律师。", "A lawyer is registered.", person, "lawyers", "rep")
        proof = matching.VerifyQualification(
            qualification=LICENCE, valid_until=(start + timedelta(days=days)).date().isoformat()
        )
        s.say("党支部核验执业证。", "The branch has seen the licence.", proof, person, "branch")


def _offer_published(s: Story, begins: datetime) -> None:
    slot = matching.Slot(
        slot="clinic", starts=begins, ends=begins + timedelta(hours=1), place=s.id("yuan"), capacity=2
    )
    publish_offer(
        s,
        "出单：企业法律咨询。",
        "It offers legal advice to enterprises.",
        "offer",
        "lawyers",
        "rep",
        title="企业法律咨询",
        module="convenience",
        slots=[slot],
        requires=[LICENCE],
    )


def _ordered(s: Story) -> None:
    placing = matching.PlaceOrder(offer=s.id("offer"), slot="clinic", text="用工合同怎么改", channel="web")
    s.say("钱经理替服装厂点单。", "Qian orders for the factory.", placing, "advice", "boss")
    accept_order(s, "advice", "辖区企业")
    assign_order(
        s,
        "下给律师服务团。",
        "It is assigned to the lawyers.",
        "advice",
        "lawyers",
        "服务辖区企业",
        offer=s.id("offer"),
        slot="clinic",
    )
    s.say("律师服务团接单。", "They accept.", matching.AcceptAssignment(), "advice", "rep")


def _lawyers_asked(s: Story) -> None:
    late = matching.ProposePerson(order=s.id("advice"), person=s.id("xu"))
    s.say(
        "徐律师的执业证那天已过期：被拒绝。",
        "Xu's licence will have run out by then: refused.",
        late,
        "to-xu",
        "rep",
        refused="not_qualified",
    )
    s.say(
        "邀约高律师。",
        "Gao is asked.",
        matching.ProposePerson(order=s.id("advice"), person=s.id("gao")),
        "to-gao",
        "rep",
    )
    s.say("高律师答应。", "Gao says yes.", matching.AcceptProposal(channel="app"), "to-gao", "gao")


def _served(s: Story, begins: datetime) -> None:
    s.wait("到了那天。", "The day has come.", begins)
    s.say("高律师到厂。", "Gao is there.", matching.CheckIn(channel="app"), "advice", "gao")
    s.wait("一小时后。", "An hour later.", begins + timedelta(hours=1))
    s.say("高律师签退。", "Gao leaves.", matching.CheckOut(channel="app"), "advice", "gao")
    s.say(
        "报告完成。",
        "It is reported done.",
        matching.ReportDone(minutes=60, note="合同三处修改"),
        "advice",
        "rep",
    )
    s.wait(
        "八天没有评单：自动办结。",
        "Nobody rates it for eight days: it is closed.",
        begins + timedelta(days=8),
    )
