"""陪诊, the way to the hospital: a social worker leads, a volunteer drops out an hour before (domain.md §3.2, 双工)."""

from datetime import datetime, timedelta

from microgov.contracts import directory, matching
from microgov.contracts.rules.serving import TaskRules
from microgov.stories.story import OFFICE, Neighbour, Story
from microgov.text.sentences import Sentence

PEOPLE = (
    Neighbour("branch", "branch", "office", "党支部老周", "Zhou of the party branch"),
    Neighbour("lin", "social_worker", "office", "社工小林", "Lin, the social worker"),
    Neighbour("rep", "organisation", "office", "为老服务社的孙社长", "Sun of the society for the old"),
    Neighbour("he", "volunteer", "h1", "志愿者小何", "He, a volunteer"),
    Neighbour("wu", "volunteer", "h2", "志愿者小吴", "Wu, a volunteer"),
    Neighbour("liu", "resident", "h3", "刘奶奶", "Grandma Liu"),
)


def hospital(prefix: str, start: datetime, tenant: str) -> Story:
    """Builds the story, whose ids begin with `prefix`; it begins at `start` and takes four days."""
    story, begins = (
        Story("hospital", Sentence("陪诊的故事", "The story of the way to the hospital"), prefix),
        start + timedelta(days=3),
    )
    story.set_up_neighbourhood(tenant, PEOPLE)
    _offered(story, begins)
    _assigned(story)
    _staffed(story)
    _dropped_out(story, begins)
    _served(story, begins)
    _done(story, begins)
    story.next_commands = [f"show order {story.id('way')}", f"hours {story.id('lin')}", "workload"]
    return story


def _offered(s: Story, begins: datetime) -> None:
    rules = TaskRules(travel_minutes=15, late_hours=2)
    s.say(
        "街道办定服务规则：开始前两小时内退出记爽约。",
        "The office sets the rules: dropping out later than two hours before is a strike.",
        directory.ChangeRules(content=rules),
        "tasks",
        OFFICE,
        exact_subject=True,
    )
    filing = matching.FileOrganisation(
        name="东湖为老服务社",
        status="registered",
        domains=["care"],
        places=[s.id("community")],
        representatives=[s.id("rep")],
    )
    slot = matching.Slot(
        slot="morning", starts=begins, ends=begins + timedelta(hours=3), place=s.id("yuan"), capacity=1
    )
    offer = matching.SubmitOffer(
        organisation=s.id("society"), title="陪同就医", module="care", place=s.id("community"), slots=[slot]
    )
    s.say("为老服务社备案。", "The society is put on file.", filing, "society", "branch")
    s.say("出单：陪同就医。", "It offers to go to the hospital with people.", offer, "offer", "rep")
    s.say("党支部发布。", "The branch publishes the offer.", matching.PublishOffer(), "offer", "branch")


def _assigned(s: Story) -> None:
    placing = matching.PlaceOrder(
        offer=s.id("offer"), slot="morning", text="去医院复查，行动不便", channel="counter"
    )
    s.say("小林代刘奶奶点单。", "Lin orders for Grandma Liu.", placing, "way", "lin", on_behalf_of="liu")
    s.say(
        "党支部审核通过。",
        "The branch screens it: accepted.",
        matching.ScreenOrder(accepted=True, reason="情况属实"),
        "way",
        "branch",
    )
    assigning = matching.AssignOrder(
        organisation=s.id("society"),
        offer=s.id("offer"),
        slot="morning",
        reason="需要社工带队",
        followed_suggestion=False,
        staffing=matching.Staffing(people=2, lead=True),
    )
    s.say(
        "党支部下单：双工，一名社工带队，一名志愿者协助。",
        "The branch assigns it to a dual-worker team: a social worker leads, a volunteer assists.",
        assigning,
        "way",
        "branch",
    )
    s.say("服务社接单。", "The society accepts.", matching.AcceptAssignment(), "way", "rep")


def _staffed(s: Story) -> None:
    ask_he = matching.ProposePerson(order=s.id("way"), person=s.id("he"))
    ask_lin = matching.ProposePerson(order=s.id("way"), person=s.id("lin"), duty="lead")
    s.say("服务社邀约志愿者小何。", "The society asks He, a volunteer.", ask_he, "to-he", "rep")
    s.say(
        "小何先答应：须社工先应下。",
        "He says yes: a social worker has to come first. Refused.",
        matching.AcceptProposal(channel="app"),
        "to-he",
        "he",
        refused="lead_first",
    )
    s.say(
        "小何不能带队。",
        "He cannot lead: refused.",
        ask_he.model_copy(update={"duty": "lead", "person": s.id("wu")}),
        "to-nobody",
        "rep",
        refused="not_a_social_worker",
    )
    s.say("邀约小林带队。", "Lin is asked to lead.", ask_lin, "to-lin", "rep")
    s.say("小林答应带队。", "Lin says yes.", matching.AcceptProposal(channel="app"), "to-lin", "lin")
    s.say(
        "小何答应协助，人齐了。",
        "He says yes, and they are complete.",
        matching.AcceptProposal(channel="app"),
        "to-he",
        "he",
    )


def _dropped_out(s: Story, begins: datetime) -> None:
    s.wait("到了当天，还有一小时。", "The day has come; there is an hour left.", begins - timedelta(hours=1))
    s.say(
        "小何临时有事退出，记爽约一次。",
        "Something came up: He drops out, and that is a strike.",
        matching.DropOut(reason="孩子发烧", channel="app"),
        "to-he",
        "he",
    )
    s.say(
        "服务社改邀小吴。",
        "The society asks Wu.",
        matching.ProposePerson(order=s.id("way"), person=s.id("wu")),
        "to-wu",
        "rep",
    )
    s.say("小吴马上答应。", "Wu says yes at once.", matching.AcceptProposal(channel="app"), "to-wu", "wu")


def _served(s: Story, begins: datetime) -> None:
    s.wait("时间到。", "It is time.", begins)
    s.say(
        "小吴先到：须带队社工先签到。",
        "Wu is there first: who leads checks in first. Refused.",
        matching.CheckIn(channel="app"),
        "way",
        "wu",
        refused="lead_first",
    )
    s.say(
        "小林签到，服务开始。",
        "Lin checks in, and the service starts.",
        matching.CheckIn(channel="app"),
        "way",
        "lin",
    )
    s.say("小吴签到。", "Wu checks in.", matching.CheckIn(channel="app"), "way", "wu")


def _done(s: Story, begins: datetime) -> None:
    s.wait("看完病，两小时后。", "Two hours later they are back.", begins + timedelta(hours=2))
    s.say("小吴签退。", "Wu checks out.", matching.CheckOut(channel="app"), "way", "wu")
    s.say("小林签退。", "Lin checks out.", matching.CheckOut(channel="app"), "way", "lin")
    s.say(
        "服务社报告完成，两人各记时长。",
        "The society reports it done; both have their hours.",
        matching.ReportDone(minutes=120, note="复查正常"),
        "way",
        "rep",
    )
    s.say(
        "小吴少算了半小时路上的时间，补记。",
        "The way there and back is entered for Wu.",
        matching.EnterHours(kind="travel", minutes=30, note="往返"),
        "to-wu",
        "rep",
    )
    s.say(
        "其实只有二十分钟：冲销重记。",
        "It was twenty minutes: reversed, and entered anew.",
        matching.CorrectHours(kind="travel", minutes=20, reason="多记了十分钟"),
        "to-wu",
        "rep",
    )
    s.say(
        "小林代刘奶奶评单：五星。",
        "Lin rates it for Grandma Liu: five stars.",
        matching.RateOrder(stars=5, text="孩子们很耐心", channel="counter"),
        "way",
        "lin",
        on_behalf_of="liu",
    )
