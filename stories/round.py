"""The federation's round 入户联企走亲: whom it did not meet, what it heard, what became of every line (domain.md §2.4)."""

from datetime import datetime, timedelta

from microgov.contracts import issues, matching
from microgov.contracts.ids import message_id, outside_id
from microgov.contracts.message import Message
from microgov.stories.online_session import held
from microgov.stories.story import Neighbour, Story
from microgov.stories.vegetable_patch import PEOPLE
from microgov.text.sentences import Sentence

FILED = "刘奶奶走路不便，女儿每周三来。"
"""What the household file says; it is nowhere in the log."""
CONCERNED = ("branch", "social", "wang", "li", "zhang", "liu")
OTHERS = (
    Neighbour("fed", "womens_federation", "office", "妇联方主席", "Fang of the women's federation"),
    Neighbour("rep", "organisation", "office", "互助社的孙社长", "Sun of the mutual-aid society"),
    Neighbour("he", "volunteer", "h9", "志愿者小何", "He, a volunteer"),
    Neighbour("gu", "enterprise", "works", "服装厂的顾厂长", "Gu of the clothes works"),
)
LIST = (("h1", "household"), ("h3", "household"), ("h5", "household"), ("works", "enterprise"))
"""Auntie Wang, Ms Zhang, Grandma Liu, the works."""


def visiting_round(prefix: str, start: datetime, tenant: str) -> Story:
    """The story under a prefix of its own, from `start` on; it takes two weeks."""
    story = Story("round", Sentence("走亲的故事", "The story of the round of visits"), prefix)
    story.settle_in(tenant, [*(one for one in PEOPLE if one.name in CONCERNED), *OTHERS])
    wang, zhang, liu, works = _opened(story, tenant)
    lamp, wish, training = message_id(wang, "line/1"), message_id(wang, "line/2"), message_id(works, "line/1")
    _called(story, start, wang, zhang)
    _nothing_asked(story, liu)
    _works(story, works, training)
    _served(story, start + timedelta(days=2), wish)
    _told_too_early(story, wang)
    _deliberated(story, start + timedelta(days=3), lamp)
    _fed(
        story,
        "再去反馈：每一行都有了结果，走访办结。",
        "Feedback again: every line has come to its end.",
        _answers("灯已修好。", "水管已修好。"),
        wang,
        settled=True,
    )
    story.look = [
        f"show visit-round {story.id('march')}",
        f"show visit {wang}",
        f"list visits --round {story.id('march')}",
        f"household read {story.id('h5')} --by {story.id('fed')} --why care",
        f"tail --entity {story.id('h5')}",
    ]
    return story


def _opened(s: Story, tenant: str) -> list[str]:
    """The ids of the visits, in the order of the contact list."""
    listed = [{"contact": s.id(name), "kind": kind, "place": s.id("yuan")} for name, kind in LIST]
    opening = issues.OpenVisitRound.model_validate(
        {"title": "三月走亲", "place": s.id("community"), "contacts": listed}
    )
    sent = s.say(
        "妇联开启一轮走亲，联系清单就此冻结：三户一企。",
        "The federation opens a round. Its contact list is frozen: three households and an enterprise.",
        opening,
        "march",
        "fed",
    )
    return [message_id(outside_id(tenant, "cli", sent), f"visit/{n}") for n in range(len(listed))]


def _fed(
    s: Story,
    zh: str,
    en: str,
    message: Message,
    visit: str,
    refused: str | None = None,
    settled: bool = False,
) -> None:
    """Fang does something in a visit."""
    s.say(zh, en, message, visit, "fed", exact=True, refused=refused, settled=settled)


def _called(s: Story, start: datetime, wang: str, zhang: str) -> None:
    _fed(
        s,
        "王阿姨家没人应门。",
        "Nobody answers at Auntie Wang's.",
        issues.AttemptVisit(result="no_answer"),
        wang,
    )
    _fed(
        s,
        "张女士不愿意：记下来，不勉强。",
        "Ms Zhang does not want it: it is written down, and left at that.",
        issues.AttemptVisit(result="refused"),
        zhang,
    )
    s.wait("第二天晚上再去。", "In the evening of the next day.", start + timedelta(days=1))
    _fed(
        s,
        "开门的不是这一户的人，不能算走访。",
        "Who opened is not of this household, so it is no visit.",
        issues.MakeVisit(person=s.id("li")),
        wang,
        refused="not_of_this_household",
    )
    _fed(s, "王阿姨在家。", "Auntie Wang is at home.", issues.MakeVisit(person=s.id("wang")), wang)
    lists = issues.RecordVisitLists(
        problems=[issues.ProblemLine(title="楼道灯不亮", text="三楼的灯坏了两个月。")],
        services=[issues.ServiceLine(text="厨房水管漏水，想请人来修。")],
    )
    _fed(
        s,
        "问题清单一行成为事项，服务清单一行成为点单。",
        "A line of the problem list becomes an issue, a line of the service list an order.",
        lists,
        wang,
    )


def _nothing_asked(s: Story, liu: str) -> None:
    _fed(s, "刘奶奶家。", "At Grandma Liu's.", issues.MakeVisit(person=s.id("liu")), liu)
    file = issues.KeepHouseholdFile(
        household=s.id("h5"),
        by=s.id("fed"),
        consented_by=s.id("liu"),
        entries=[issues.FileEntry(name="care", text=FILED)],
    )
    s.say(
        "经她同意建家庭档案：内容不进日志，只记谁建的。",
        "With her consent there is a household file. The log learns that there is one, and nothing of it.",
        file,
        "h5",
        "fed",
    )
    _fed(
        s,
        "她没有要说的。",
        "There is nothing that she asks for.",
        issues.RecordVisitLists(problems=[], services=[]),
        liu,
    )
    _fed(s, "没有待办的，反馈后即办结。", "Nothing is open: the feedback closes the visit.", _answers(), liu)


def _works(s: Story, works: str, training: str) -> None:
    _fed(s, "联企：顾厂长。", "And the enterprise: Gu.", issues.MakeVisit(person=s.id("gu")), works)
    lists = issues.RecordVisitLists(problems=[], services=[issues.ServiceLine(text="职工想学急救。")])
    _fed(s, "工厂想请人教急救。", "The works would like a first-aid course.", lists, works)
    screened = matching.ScreenOrder(accepted=False, reason="区里下周统一举办，已代为报名。")
    s.say(
        "党支部审核：区里下周就办，不另派。",
        "The branch: the district holds one next week. Rejected, with the reason.",
        screened,
        training,
        "branch",
        exact=True,
        settled=True,
    )
    _fed(s, "反馈给工厂。", "The works are told.", _answers("区里下周办，已报名。"), works, settled=True)


def _served(s: Story, day: datetime, wish: str) -> None:
    filing = matching.FileOrganisation(
        name="东湖邻里互助社",
        status="filed",
        domains=["repair"],
        places=[s.id("community")],
        representatives=[s.id("rep")],
    )
    assigning = matching.AssignOrder(
        organisation=s.id("society"), reason="离得近，有水工", followed_suggestion=False
    )
    s.say("互助社备案。", "The mutual-aid society is put on file.", filing, "society", "branch")
    s.say(
        "王阿姨的单审核通过。",
        "Auntie Wang's order is accepted.",
        matching.ScreenOrder(accepted=True, reason="情况属实"),
        wish,
        "branch",
        exact=True,
    )
    s.say("下单给互助社。", "And assigned.", assigning, wish, "branch", exact=True)
    s.say("接单。", "It is taken on.", matching.AcceptAssignment(), wish, "rep", exact=True)
    s.say(
        "邀请小何。", "He is asked.", matching.ProposePerson(order=wish, person=s.id("he")), "proposal", "rep"
    )
    s.say("小何同意。", "He says yes.", matching.AcceptProposal(channel="app"), "proposal", "he")
    s.wait("到了上门的那天。", "The day of the visit has come.", day)
    s.say("小何签到。", "He checks in.", matching.CheckIn(channel="app"), wish, "he", exact=True)
    s.say(
        "修好了。",
        "It is mended.",
        matching.ReportDone(minutes=40, note="换了一段水管"),
        wish,
        "rep",
        exact=True,
    )
    s.say(
        "王阿姨评单：五星。",
        "Auntie Wang rates it: five stars.",
        matching.RateOrder(stars=5, channel="app"),
        wish,
        "wang",
        exact=True,
    )


def _told_too_early(s: Story, wang: str) -> None:
    half = issues.GiveVisitFeedback(lines=[issues.LineAnswer(line=2, text="水管已修好。")])
    _fed(
        s,
        "反馈漏了一行，不算反馈。",
        "Feedback that leaves a line out is none.",
        half,
        wang,
        "line_missing",
        settled=True,
    )
    _fed(
        s,
        "两行都说到了：灯还在办，走访先不办结。",
        "Both lines are spoken of; the lamp is open, so the visit is.",
        _answers("灯正在办。", "水管已修好。"),
        wang,
    )


def _deliberated(s: Story, begin: datetime, lamp: str) -> None:
    triage = issues.TriageIssue(
        theme="lighting", scale="small", urgency="ordinary", reach="stairwell", form="micro_topic"
    )
    s.say("研判。", "Triage.", triage, lamp, "branch", exact=True)
    s.say(
        "事事都议，走访带回来的也议。",
        "It is deliberated, as everything is.",
        issues.OpenDeliberation(topic=s.id("topic"), title="楼道灯怎么修"),
        lamp,
        "branch",
        exact=True,
    )
    s.say(
        "李师傅提出：换声控灯。",
        "Master Li's way: lamps that hear.",
        issues.ProposeOption(option="lamps", text="换声控灯。", channel="app"),
        "topic",
        "li",
    )
    held(s, "", begin, "lamps", "三人全部赞成。")
    s.say("形成决议。", "Resolved.", issues.AdoptResolution(option="lamps", items=[]), "topic", "branch")
    s.say(
        "反馈：已换。",
        "The result: done.",
        issues.ReportResult(text="三楼已换声控灯。"),
        lamp,
        "branch",
        exact=True,
    )
    s.say(
        "办结。", "Closed.", issues.CloseIssue(outcome="resolved"), lamp, "branch", exact=True, settled=True
    )


def _answers(*texts: str) -> issues.GiveVisitFeedback:
    """On every line in order."""
    return issues.GiveVisitFeedback(
        lines=[issues.LineAnswer(line=n, text=text) for n, text in enumerate(texts, 1)]
    )
