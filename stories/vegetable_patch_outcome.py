"""The vegetable patch 菜地, from the resolution on: the fence is built, the result reported, the survey answered."""

from datetime import datetime, timedelta

from microgov.contracts import issues
from microgov.contracts.ids import message_id, outside_id
from microgov.stories.story import Story


def resolved(s: Story, start: datetime, tenant: str) -> str:
    """The minutes and the resolution; returns the id of the action item."""
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


def action_item_done(s: Story, start: datetime, action: str) -> None:
    """Master Li claims the action item and builds the fence; somebody else verifies it."""
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
        exact_subject=True,
    )
    s.wait("过了五天，李师傅动手做。", "Five days pass; Master Li builds.", start + timedelta(days=9))
    s.say(
        "李师傅做好了，至少六米。",
        "Master Li has built it, six metres or more.",
        done,
        action,
        "li",
        exact_subject=True,
    )
    s.say(
        "李师傅不能自己核实。",
        "Who did it does not verify it.",
        issues.VerifyActionItem(note="我自己量过", channel="app"),
        action,
        "li",
        refused="role_missing",
        exact_subject=True,
    )
    s.say(
        "楼道长陈姐核实。",
        "Chen has looked at it.",
        issues.VerifyActionItem(note="量过，六米二", channel="visit"),
        action,
        "chen",
        exact_subject=True,
    )


def closed_and_surveyed(s: Story, start: datetime) -> None:
    """The result is reported, the issue closed, and the survey answered."""
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
        when_idle=True,
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
