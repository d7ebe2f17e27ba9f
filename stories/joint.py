"""茅山, delivered together: the property company and an organisation, assigned by the branch (domain.md §3.2)."""

from datetime import datetime, timedelta

from microgov.contracts import matching
from microgov.stories.order_steps import accept_order, assign_order, put_on_file, register_provider
from microgov.stories.story import Neighbour, Story
from microgov.text.sentences import Sentence

PEOPLE = (
    Neighbour("branch", "branch", "office", "党支部老周", "Zhou of the party branch"),
    Neighbour("manager", "organisation", "office", "物业公司的潘经理", "Pan of the property company"),
    Neighbour("rep", "organisation", "office", "助老社的孙社长", "Sun of the society for the old"),
    Neighbour("fitter", "volunteer", "h1", "物业维修工老魏", "Wei, the company's fitter"),
    Neighbour("he", "volunteer", "h2", "志愿者小何", "He, a volunteer"),
    Neighbour("mao", "resident", "h3", "毛奶奶", "Grandma Mao"),
)


def joint(prefix: str, start: datetime, tenant: str) -> Story:
    """Builds the story, whose ids begin with `prefix`; it begins at `start` and takes ten days."""
    s = Story("joint", Sentence("联合服务的故事", "The story of the joint service"), prefix)
    s.set_up_neighbourhood(tenant, PEOPLE)
    _ordered(s)
    _assigned_to_both(s, start)
    _people_asked(s)
    _served(s, start + timedelta(days=8))
    s.next_commands = [f"show order {s.id('rail')}", "workload"]
    return s


def _ordered(s: Story) -> None:
    put_on_file(
        s,
        "物业公司登记。",
        "The property company is registered.",
        "property",
        "东湖物业",
        "repair",
        "manager",
    )
    put_on_file(s, "助老社备案。", "The society is put on file.", "society", "东湖助老社", "care", "rep")
    register_provider(s, "登记维修工。", "The fitter is registered.", "fitter", "property", "manager")
    register_provider(s, "登记志愿者。", "A volunteer is registered.", "he", "society", "rep")
    wanted = matching.PlaceOrder(text="卫生间装扶手，再教我怎么用", channel="counter")
    s.say("毛奶奶点单：装扶手。", "Grandma Mao wants a handrail.", wanted, "rail", "mao")
    accept_order(s, "rail")


def _assigned_to_both(s: Story, start: datetime) -> None:
    joint_order = {"partners": [s.id("society")], "staffing": matching.Staffing(people=2)}
    assign_order(
        s,
        "下给物业公司，助老社联合。",
        "To the property company, together with the society.",
        "rail",
        "property",
        "物业装，社团教",
        **joint_order,
    )
    s.say(
        "物业公司接单，等助老社。",
        "The company accepts, and waits.",
        matching.AcceptAssignment(),
        "rail",
        "manager",
    )
    no = matching.DeclineAssignment(reason="这周没有人")
    s.say(
        "助老社这周没有人：退回党支部。",
        "The society has nobody this week: back to the branch.",
        no,
        "rail",
        "rep",
    )
    s.wait("等一周。", "A week later.", start + timedelta(days=7))
    assign_order(
        s, "再次联合下单。", "They have it together again.", "rail", "property", "两家都有人了", **joint_order
    )
    s.say("助老社接单。", "The society accepts.", matching.AcceptAssignment(), "rail", "rep")
    s.say(
        "物业公司接单：都齐了。",
        "So does the company: it is on.",
        matching.AcceptAssignment(),
        "rail",
        "manager",
    )


def _people_asked(s: Story) -> None:
    for person, by in (("fitter", "manager"), ("he", "rep")):
        asking = matching.ProposePerson(order=s.id("rail"), person=s.id(person))
        s.say("各派自己的人。", "Each asks its own people.", asking, f"to-{person}", by)
        s.say("答应。", "Yes.", matching.AcceptProposal(channel="app"), f"to-{person}", person)


def _served(s: Story, begins: datetime) -> None:
    s.wait("第二天。", "The next day.", begins)
    for person in ("fitter", "he"):
        s.say("签到。", "There.", matching.CheckIn(channel="app"), "rail", person)
    s.wait("一小时后。", "An hour later.", begins + timedelta(hours=1))
    for person in ("fitter", "he"):
        s.say("签退。", "Done.", matching.CheckOut(channel="app"), "rail", person)
    done = matching.ReportDone(minutes=60, note="扶手装好，已教会")
    s.say(
        "物业公司负责报告完成。",
        "The company, which is responsible, reports it done.",
        done,
        "rail",
        "manager",
    )
    s.say("毛奶奶五星。", "Five stars.", matching.RateOrder(stars=5, channel="phone"), "rail", "mao")
