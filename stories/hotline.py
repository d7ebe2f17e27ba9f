"""The hotline case 热线重复来件, which is sent twice and becomes one issue, deliberated like any other (domain.md §2.5)."""

from datetime import datetime

from microgov.contracts import issues
from microgov.stories.neighbours import NEIGHBOURS
from microgov.stories.online_session import hold_agreeing_session
from microgov.stories.story import Neighbour, Story
from microgov.text.sentences import Sentence

CONCERNED = ("branch", "social", "wang", "li", "zhang")
HOTLINE = Neighbour("hotline", "system", "city", "市12345热线", "the city's hotline")


def hotline(prefix: str, start: datetime, tenant: str) -> Story:
    """Builds the story, whose ids begin with `prefix`; it begins at `start` and takes three days."""
    story = Story("hotline", Sentence("热线来件的故事", "The story of the hotline case"), prefix)
    story.set_up_neighbourhood(tenant, [*(one for one in NEIGHBOURS if one.name in CONCERNED), HOTLINE])
    _logged(story)
    _deliberated(story, start)
    story.next_commands = [
        f"show issue {story.id('noise')}",
        f"inbox {story.id('hotline')}",
        f"tail --entity {story.id('noise')}",
    ]
    return story


def _logged(s: Story) -> None:
    ref = issues.ExternalRef(system="hz-12345", number=f"HZ-{s.prefix}-1")
    case = issues.HotlineCaseLogged(
        ref=ref, title="夜间施工", text="来电人反映半夜还在打桩。", place=s.id("yuan")
    )
    s.say(
        "热线系统发来一件：夜间施工。",
        "The hotline's system has a case: building at night.",
        case,
        "noise",
        "hotline",
    )
    s.say(
        "同一工单号再次发来：不另立事项，告知原事项编号。",
        "The same number comes again: no second issue, and the system is told which it is.",
        case,
        "noise-2",
        "hotline",
        refused="known_number",
    )
    s.say("党支部受理。", "The branch accepts it.", issues.AcceptIssue(), "noise", "branch")
    triage = issues.TriageIssue(
        theme="noise", scale="small", urgency="urgent", reach="compound", form="micro_topic"
    )
    s.say("研判。", "Triage.", triage, "noise", "branch")


def _deliberated(s: Story, start: datetime) -> None:
    s.say(
        "进入议事：热线来的也要议。",
        "It is deliberated, as everything is.",
        issues.OpenDeliberation(topic=s.id("topic"), title="几点停工"),
        "noise",
        "branch",
    )
    s.say(
        "李师傅提出：晚十点停工。",
        "Master Li's way: nothing after ten.",
        issues.ProposeOption(option="ten", text="晚十点以后停工。", channel="app"),
        "topic",
        "li",
    )
    hold_agreeing_session(s, "", start, "ten", "三人全部赞成。")
    s.say("形成决议。", "Resolved.", issues.AdoptResolution(option="ten", items=[]), "topic", "branch")
    s.say(
        "反馈：工地已承诺。",
        "The result: the site has promised.",
        issues.ReportResult(text="工地已承诺晚十点停工。"),
        "noise",
        "branch",
    )
    s.say(
        "办结，热线系统随之收到。",
        "Closed, and the hotline's system hears of it.",
        issues.CloseIssue(outcome="resolved"),
        "noise",
        "branch",
        when_idle=True,
    )
