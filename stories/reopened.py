"""The fence falls 重办: the survey's answer "not solved" reopens the vegetable patch, which is deliberated again."""

from datetime import datetime, timedelta

from microgov.contracts import issues
from microgov.stories.online_session import hold_agreeing_session
from microgov.stories.story import Story
from microgov.stories.vegetable_patch import vegetable_patch
from microgov.text.sentences import Sentence


def reopened(prefix: str, start: datetime, tenant: str) -> Story:
    """Builds the story of the vegetable patch and its continuation, whose ids begin with `prefix`; it takes three weeks."""
    story = vegetable_patch(prefix, start, tenant)
    story.title = Sentence("菜地重办的故事", "The vegetable patch, reopened")
    again = start + timedelta(days=12)
    _surveyed(story)
    _deliberated(story, again)
    _closed(story, again)
    return story


def _surveyed(s: Story) -> None:
    answer = issues.AnswerSurvey(contacted=True, solved=False, satisfied=False, channel="app")
    s.say(
        "张女士答复回访：联系了，没解决，围栏倒了。",
        "Ms Zhang answers: contacted, yes; solved, no. The fence has fallen.",
        answer,
        "patch",
        "zhang",
    )
    s.say(
        "老周同意重办，重新议一次。",
        "Zhou reopens it, with a new deliberation.",
        issues.ReopenIssue(reason="围栏被风吹倒。"),
        "patch",
        "branch",
    )
    s.say(
        "没有新的议事记录，还是不能办结。",
        "Without a new record it cannot be closed again.",
        issues.CloseIssue(outcome="resolved"),
        "patch",
        "branch",
        refused="no_deliberation_record",
    )


def _deliberated(s: Story, start: datetime) -> None:
    s.say(
        "再次进入议事。",
        "It is deliberated again.",
        issues.OpenDeliberation(topic=s.id("topic2"), title="围栏倒了怎么办"),
        "patch",
        "branch",
    )
    s.say(
        "张女士提出：打地桩。",
        "Ms Zhang's way: posts in the ground.",
        issues.ProposeOption(option="posts", text="打地桩，换成石笼", channel="app"),
        "topic2",
        "zhang",
    )
    hold_agreeing_session(s, "2", start, "posts", "三人全部赞成打地桩。")


def _closed(s: Story, start: datetime) -> None:
    s.say(
        "形成决议：当场打好，无需另立事项。",
        "Resolved, and done on the spot: there is nothing else to do.",
        issues.AdoptResolution(option="posts", items=[]),
        "topic2",
        "branch",
    )
    s.say(
        "老周再次反馈。",
        "Zhou reports the result again.",
        issues.ReportResult(text="地桩已打好，石笼已装。"),
        "patch",
        "branch",
    )
    s.say(
        "送达之后办结。",
        "Once everybody has been told, it is closed.",
        issues.CloseIssue(outcome="resolved"),
        "patch",
        "branch",
        when_idle=True,
    )
    s.wait("过了一天。", "A day later.", start + timedelta(days=4))
    s.say(
        "张女士答复新的回访：解决了。",
        "Ms Zhang answers the new survey: solved.",
        issues.AnswerSurvey(contacted=True, solved=True, satisfied=True, channel="app"),
        "patch",
        "zhang",
    )
