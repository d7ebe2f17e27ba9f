"""The parking quarrel 停车纠纷: clocks in working days, no consensus, a mediation in confidence (domain.md §2.1.6, 2.3)."""

from datetime import datetime, timedelta

from microgov.contracts import directory, issues
from microgov.contracts.rules import CalendarRules, ClockRules, WorkingYear
from microgov.stories.neighbours import NEIGHBOURS
from microgov.stories.story import OFFICE, Neighbour, Story
from microgov.stories.voting import open_ballot, vote_for
from microgov.text.sentences import Sentence

CONCERNED = ("branch", "social", "li", "zhao", "zhang")
DASAO = Neighbour("chen", "dasao", "h6", "大嫂陈姐", "Chen, a dasao")
SAID = "双方在屋里说的话，不出这个屋。"


def quarrel(prefix: str, start: datetime, tenant: str) -> Story:
    """Builds the story, whose ids begin with `prefix`; it begins at `start` and takes three weeks."""
    story = Story("quarrel", Sentence("停车纠纷的故事", "The story of the parking quarrel"), prefix)
    _clocks(story, start)
    story.set_up_neighbourhood(tenant, [*(one for one in NEIGHBOURS if one.name in CONCERNED), DASAO])
    _routed(story)
    _deliberated(story)
    _no_consensus(story, start)
    _mediated(story, start + timedelta(days=4))
    _closed(story, start + timedelta(days=12))
    story.next_commands = [
        f"show issue {story.id('parking')}",
        f"tail --entity {story.id('parking')}",
        "rules show clocks",
    ]
    return story


def _clocks(s: Story, start: datetime) -> None:
    year = CalendarRules(years=[WorkingYear(year=start.year, holidays=[], workdays=[])])
    days = ClockRules(dispatch_days=1, first_contact_days=2, report_back_days=15)
    s.say(
        "街道办设定工作日历。",
        "The office sets the working calendar.",
        directory.ChangeRules(content=year),
        "calendar",
        OFFICE,
        exact_subject=True,
    )
    s.say(
        "街道办设定时限：派单一天，联系两天，反馈十五天。",
        "And the clocks: a day to dispatch, two to speak to people, fifteen to report back.",
        directory.ChangeRules(content=days),
        "clocks",
        OFFICE,
        exact_subject=True,
    )


def _routed(s: Story) -> None:
    parking = issues.SubmitIssue(
        title="消防通道停车", text="赵先生的车总停在消防通道口。", place=s.id("yuan"), channel="app"
    )
    triage = issues.TriageIssue(
        theme="parking", scale="small", urgency="ordinary", reach="stairwell", form="micro_topic"
    )
    met = issues.ContactReporter(person=s.id("li"), reached=True, note="当面听了情况。", channel="visit")
    s.say(
        "李师傅反映：消防通道老停着车。",
        "Master Li brings it up: a car in the fire lane.",
        parking,
        "parking",
        "li",
    )
    s.say(
        "党支部受理，时限开始计时。",
        "The branch accepts it, and the clocks start.",
        issues.AcceptIssue(),
        "parking",
        "branch",
    )
    s.say("研判。", "Triage.", triage, "parking", "branch")
    s.say(
        "派单给物业。",
        "It is routed to the property company.",
        issues.RouteIssue(owner=s.id("property"), rule="parking"),
        "parking",
        "branch",
    )
    s.say("小林上门见了李师傅。", "Lin has been to see Master Li.", met, "parking", "social")


def _deliberated(s: Story) -> None:
    s.say(
        "进入议事。",
        "It is deliberated.",
        issues.OpenDeliberation(topic=s.id("topic"), title="车停哪里"),
        "parking",
        "branch",
    )
    options = (
        ("ban", "li", "一律禁停。", "no parking at all"),
        ("lines", "zhao", "划线限停。", "marked bays"),
    )
    for option, by, zh, en in options:
        s.say(
            f"方案：{zh}",
            f"An option: {en}.",
            issues.ProposeOption(option=option, text=zh, channel="app"),
            "topic",
            by,
        )


def _no_consensus(s: Story, start: datetime) -> None:
    convening = issues.ConveneSession(
        session=s.id("session"), kind="micro_topic", opens_at=start, closes_at=start + timedelta(days=3)
    )
    s.say("召集线上议事。", "A session online.", convening, "topic", "branch")
    s.wait("议事开始。", "The session opens.", start + timedelta(hours=1))
    open_ballot(s, "session", "ballot", start + timedelta(days=2))
    s.say("李师傅要禁停。", "Master Li wants none of it.", vote_for("ban"), "ballot", "li")
    s.say("赵先生要划线。", "Mr Zhao wants bays.", vote_for("lines"), "ballot", "zhao")
    s.wait(
        "表决截止：人数不够，也没有多数。",
        "The ballot closes: no quorum, and no majority.",
        start + timedelta(days=2, hours=1),
    )
    s.say(
        "小林起草记录。",
        "Lin drafts the minutes.",
        issues.DraftMinutes(text="双方各执一词。"),
        "session",
        "social",
    )
    for by in ("li", "zhao"):
        s.say("确认记录。", "The minutes are confirmed.", issues.ConfirmMinutes(channel="app"), "session", by)
    s.say(
        "未达成共识，退回物业。",
        "No consensus: back to the property company.",
        issues.DeclareNoConsensus(reasons="双方都不让步。"),
        "topic",
        "branch",
    )


def _mediated(s: Story, later: datetime) -> None:
    asking = issues.RequestMediation(
        mediation=s.id("talks"),
        parties=[s.id("li"), s.id("zhao")],
        instrument="informal",
        reason=SAID,
        channel="app",
    )
    s.say("请大嫂来调解。", "A mediation is asked for.", asking, "parking", "branch")
    s.say("李师傅同意。", "Master Li consents.", issues.ConsentToMediation(channel="app"), "talks", "li")
    s.say(
        "赵先生也同意：开始调解。",
        "So does Mr Zhao: it begins.",
        issues.ConsentToMediation(channel="app"),
        "talks",
        "zhao",
    )
    s.say(
        "当事人自己不能当调解员。",
        "A party cannot be the mediator.",
        issues.AssignMediator(mediator=s.id("zhao")),
        "talks",
        "branch",
        refused="conflict_of_interest",
    )
    s.say("由陈姐调解。", "Chen mediates.", issues.AssignMediator(mediator=s.id("chen")), "talks", "branch")
    s.wait("第二天。", "The next day.", later)
    s.say("三人坐下来谈。", "The three sit down.", issues.HoldMediation(note=SAID), "talks", "chen", "dasao")
    s.say(
        "还没谈成，没有结果可反馈。",
        "Nothing is settled, so there is no result to report.",
        issues.ReportResult(text="x"),
        "parking",
        "branch",
        refused="mediation_open",
    )
    settling = issues.SettleMediation(
        facts=SAID, terms=[SAID, SAID], performance=SAID, perform_by=later + timedelta(days=7)
    )
    s.say("达成协议，共两条。", "Settled, in two terms.", settling, "talks", "chen", "dasao")


def _closed(s: Story, later: datetime) -> None:
    s.wait("一周后。", "A week later.", later)
    s.say(
        "小林回访：协议已履行。",
        "Lin looks: it is performed.",
        issues.FollowUpMediation(performed=True, note=SAID),
        "talks",
        "social",
    )
    s.say(
        "反馈结果。",
        "The result is reported.",
        issues.ReportResult(text="已调解，通道畅通。"),
        "parking",
        "branch",
    )
    s.say(
        "办结：经调解解决。",
        "Closed: mediated.",
        issues.CloseIssue(outcome="mediated"),
        "parking",
        "branch",
        when_idle=True,
    )
