"""The vegetable patch 菜地: a small matter, from the first word to the survey (domain.md §2)."""

from datetime import datetime, timedelta

from microgov.contracts import issues
from microgov.contracts.ids import message_id, outside_id
from microgov.stories.story import Neighbour, Story
from microgov.text.sentences import Sentence

PEOPLE = (
    Neighbour("branch", "branch", "office", "党支部老周", "Zhou of the party branch"),
    Neighbour("social", "social_worker", "office", "社工小林", "Lin, the social worker"),
    Neighbour("wang", "resident", "h1", "王阿姨", "Auntie Wang"),
    Neighbour("li", "resident", "h2", "李师傅", "Master Li"),
    Neighbour("zhang", "resident", "h3", "张女士", "Ms Zhang", "en"),
    Neighbour("zhao", "resident", "h4", "赵先生", "Mr Zhao"),
    Neighbour("liu", "resident", "h5", "刘奶奶", "Grandma Liu"),
    Neighbour("chen", "stairwell_captain", "h6", "楼道长陈姐", "Chen, the stairwell captain"),
)


def vegetable_patch(prefix: str, start: datetime, tenant: str) -> Story:
    """The story under a prefix of its own, from `start` on; it takes two weeks."""
    story = Story("veg", Sentence("菜地的故事", "The story of the vegetable patch"), prefix)
    story.settle_in(tenant, PEOPLE)
    _brought(story)
    _cosigned(story)
    _deliberated(story, start)
    _voted(story, start)
    action = _resolved(story, start, tenant)
    _done(story, start, action)
    _closed(story, start)
    story.look = [
        f"show issue {story.id('patch')}",
        f"inbox {story.id('liu')}",
        f"tail --entity {story.id('patch')}",
    ]
    return story


def _brought(s: Story) -> None:
    patch = issues.SubmitIssue(
        title="南门边的菜地", text="南门边一米宽的菜地没人管了，堆了杂物。", place=s.id("yuan"), channel="app"
    )
    lamp = issues.SubmitIssue(
        title="三号楼的路灯", text="刘奶奶说三号楼门口的灯不亮。", place=s.id("yuan"), channel="visit"
    )
    s.say(
        "王阿姨反映：菜地没人管。",
        "Auntie Wang brings it up: nobody tends the patch.",
        patch,
        "patch",
        "wang",
    )
    s.say(
        "社工小林上门，代刘奶奶反映路灯问题；工作人员代办的，当场受理。",
        "Lin visits Grandma Liu and submits the lamp on her behalf; what staff record is accepted at once.",
        lamp,
        "lamp",
        "social",
        on_behalf_of="liu",
    )
    s.say("党支部老周受理菜地的事。", "Zhou accepts the patch.", issues.AcceptIssue(), "patch", "branch")
    s.say(
        "老周想直接办结：事事都议，没有议事记录不能办结。",
        "Zhou would rather close it at once. Every matter is deliberated: it is refused.",
        issues.CloseIssue(outcome="resolved"),
        "patch",
        "branch",
        refused="no_deliberation_record",
    )


def _cosigned(s: Story) -> None:
    triage = issues.TriageIssue(
        theme="greening", scale="small", urgency="ordinary", reach="compound", form="micro_topic"
    )
    s.say(
        "研判：小事，普通，小区范围，用微议题来议。",
        "Triaged: small, ordinary, the compound's; a micro-topic will do.",
        triage,
        "patch",
        "branch",
    )
    for name, zh, en in (
        ("li", "李师傅附议。", "Master Li co-signs."),
        ("zhang", "张女士附议。", "Ms Zhang co-signs."),
    ):
        s.say(zh, en, issues.CosignIssue(channel="app"), "patch", name)
    s.say(
        "小林代刘奶奶附议。",
        "Lin co-signs for Grandma Liu.",
        issues.CosignIssue(channel="visit"),
        "patch",
        "social",
        on_behalf_of="liu",
    )
    s.say(
        "李师傅又附议一次：每人一次。",
        "Master Li co-signs again: once each.",
        issues.CosignIssue(channel="app"),
        "patch",
        "li",
        refused="already_cosigned",
    )


def _deliberated(s: Story, start: datetime) -> None:
    s.say(
        "进入议事。",
        "It goes into deliberation.",
        issues.OpenDeliberation(topic=s.id("topic"), title="南门菜地怎么办"),
        "patch",
        "branch",
    )
    s.say(
        "王阿姨提出：围起来共管。",
        "Auntie Wang's way: fence it and tend it together.",
        issues.ProposeOption(option="fence", text="做一道矮围栏，大家共管", channel="app"),
        "topic",
        "wang",
    )
    s.say(
        "赵先生提出：改成花池。",
        "Mr Zhao's way: make it a flower bed.",
        issues.ProposeOption(option="flowers", text="清掉杂物，改成花池", channel="app"),
        "topic",
        "zhao",
    )
    convening = issues.ConveneSession(
        session=s.id("session"),
        kind="micro_topic",
        opens_at=start + timedelta(days=1),
        closes_at=start + timedelta(days=6),
    )
    s.say(
        "老周召集线上议事，为期五天。",
        "Zhou convenes it online, for five days.",
        convening,
        "topic",
        "branch",
    )
    s.wait("过了一天，议事开始。", "A day passes; the session opens.", start + timedelta(days=1, hours=1))
    ballot_of(s, "session", "ballot", start + timedelta(days=4))


def ballot_of(s: Story, session: str, ballot: str, closes_at: datetime) -> None:
    """Zhou opens it; one vote each."""
    opening = issues.OpenBallot(session=s.id(session), kind="one_of", closes_at=closes_at)
    s.say("发起表决：一人一票。", "The ballot is opened: one vote each.", opening, ballot, "branch")


def vote(option: str) -> issues.CastVote:
    """For an option."""
    return issues.CastVote(
        choice=issues.OpenChoice(kind="open", option=option, stance="agree"), channel="app"
    )


def _voted(s: Story, start: datetime) -> None:
    votes = (
        ("wang", "flowers", "王阿姨先投花池。", "Auntie Wang votes for flowers at first."),
        ("li", "fence", "李师傅投围栏。", "Master Li votes for the fence."),
        ("zhang", "flowers", "张女士投花池。", "Ms Zhang votes for flowers."),
        ("zhao", "flowers", "赵先生投花池。", "Mr Zhao votes for flowers."),
        ("chen", "fence", "陈姐投围栏。", "Chen votes for the fence."),
    )
    for name, option, zh, en in votes:
        s.say(zh, en, vote(option), "ballot", name)
    s.say(
        "王阿姨改投围栏：截止前最后一票有效。",
        "Auntie Wang changes to the fence: the last vote before the close counts.",
        vote("fence"),
        "ballot",
        "wang",
    )
    s.say(
        "张女士撤回她的票。",
        "Ms Zhang retracts her vote.",
        issues.RetractVote(channel="app"),
        "ballot",
        "zhang",
    )
    s.wait("三天后表决截止。", "Three days later the ballot closes.", start + timedelta(days=4, hours=1))
    s.say(
        "张女士来晚了。",
        "Ms Zhang comes too late.",
        vote("flowers"),
        "ballot",
        "zhang",
        refused="ballot_closed",
    )


def _resolved(s: Story, start: datetime, tenant: str) -> str:
    s.say(
        "小林起草会议记录。",
        "Lin drafts the minutes.",
        issues.DraftMinutes(text="四人参加表决：围栏三票，花池一票。"),
        "session",
        "social",
    )
    for name, zh, en in (
        ("wang", "王阿姨确认记录。", "Auntie Wang confirms them."),
        ("li", "李师傅确认记录。", "Master Li confirms them."),
    ):
        s.say(zh, en, issues.ConfirmMinutes(channel="app"), "session", name)
    item = issues.ActionItem(text="做六米矮围栏", unit="metre", target=6, due=start + timedelta(days=20))
    sent = s.say(
        "老周宣布决议：做围栏，落实事项一件。",
        "Zhou declares it resolved: the fence, with one thing to do.",
        issues.AdoptResolution(option="fence", items=[item]),
        "topic",
        "branch",
    )
    return message_id(outside_id(tenant, "cli", sent), "action/0")


def _done(s: Story, start: datetime, action: str) -> None:
    claim, done = (
        issues.ClaimActionItem(channel="app"),
        issues.ReportActionDone(done=6, at_least=True, evidence="照片三张", channel="app"),
    )
    s.say(
        "李师傅认领：从要我做到我要做。",
        "Master Li claims it of his own accord.",
        claim,
        action,
        "li",
        exact=True,
    )
    s.wait("过了五天，李师傅动手做。", "Five days pass; Master Li builds.", start + timedelta(days=9))
    s.say(
        "李师傅做好了，至少六米。",
        "Master Li has built it, six metres or more.",
        done,
        action,
        "li",
        exact=True,
    )
    s.say(
        "李师傅不能自己核实。",
        "Who did it does not verify it.",
        issues.VerifyActionItem(note="我自己量过", channel="app"),
        action,
        "li",
        refused="role_missing",
        exact=True,
    )
    s.say(
        "楼道长陈姐核实。",
        "Chen has looked at it.",
        issues.VerifyActionItem(note="量过，六米二", channel="visit"),
        action,
        "chen",
        exact=True,
    )


def _closed(s: Story, start: datetime) -> None:
    s.say(
        "老周反馈结果。",
        "Zhou reports the result.",
        issues.ReportResult(text="围栏已建好，大家共管。"),
        "patch",
        "branch",
    )
    s.say(
        "结果送达每个人之后，才能办结。",
        "Once everybody has been told, it is closed.",
        issues.CloseIssue(outcome="resolved"),
        "patch",
        "branch",
        settled=True,
    )
    s.wait("过了两天，回访。", "Two days later, the survey.", start + timedelta(days=11))
    s.say(
        "王阿姨答复回访：都满意。",
        "Auntie Wang answers: all is well.",
        issues.AnswerSurvey(contacted=True, solved=True, satisfied=True, channel="app"),
        "patch",
        "wang",
    )
    s.say(
        "小林代刘奶奶答复：解决了，不太满意。",
        "Lin answers for Grandma Liu: solved, but she would have liked flowers.",
        issues.AnswerSurvey(contacted=True, solved=True, satisfied=False, channel="phone"),
        "patch",
        "social",
        on_behalf_of="liu",
    )
