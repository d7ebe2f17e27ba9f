"""The burst pipe 水管爆裂: an emergency is acted upon at once, and deliberated afterwards, late (domain.md §2.1.1)."""

from datetime import datetime, timedelta

from microgov.contracts import issues
from microgov.stories.neighbours import NEIGHBOURS
from microgov.stories.online_session import hold_agreeing_session
from microgov.stories.story import Story
from microgov.text.sentences import Sentence

CONCERNED = ("branch", "social", "wang", "li", "zhang")


def pipe(prefix: str, start: datetime, tenant: str) -> Story:
    """Builds the story, whose ids begin with `prefix`; it begins at `start` and takes two weeks."""
    story = Story("pipe", Sentence("水管爆裂的故事", "The story of the burst pipe"), prefix)
    story.set_up_neighbourhood(tenant, [one for one in NEIGHBOURS if one.name in CONCERNED])
    later = start + timedelta(days=8)
    _repaired(story)
    _forgotten(story, later)
    _deliberated(story, later)
    _closed(story)
    story.next_commands = [
        f"show issue {story.id('pipe')}",
        f"inbox {story.id('zhang')}",
        f"tail --entity {story.id('pipe')}",
    ]
    return story


def _repaired(s: Story) -> None:
    burst = issues.SubmitIssue(
        title="三号楼水管爆裂", text="楼道在漏水，水已到一楼。", place=s.id("yuan"), channel="phone"
    )
    s.say(
        "王阿姨打来电话，小林代为反映：当即受理。",
        "Auntie Wang rings; Lin writes it down, and it is accepted at once.",
        burst,
        "pipe",
        "social",
        on_behalf_of="wang",
    )
    crew = issues.DispatchEmergency(owner=s.id("water-crew"), action="关总阀，连夜换管。")
    s.say(
        "应急处置：抢修队马上出发，事后再议。",
        "A crew leaves at once; it is deliberated afterwards.",
        crew,
        "pipe",
        "branch",
    )
    for name, zh, en in (
        ("li", "李师傅附议。", "Master Li co-signs."),
        ("zhang", "张女士附议。", "Ms Zhang co-signs."),
    ):
        s.say(zh, en, issues.CosignIssue(channel="app"), "pipe", name)
    s.say(
        "反馈：管已换好。",
        "The result: the pipe has been replaced.",
        issues.ReportResult(text="水管已换，恢复供水。"),
        "pipe",
        "branch",
    )
    s.say(
        "没有议过，不能办结：突发事也要议。",
        "Not deliberated, not closed: great, small or sudden.",
        issues.CloseIssue(outcome="resolved"),
        "pipe",
        "branch",
        refused="no_deliberation_record",
    )


def _forgotten(s: Story, later: datetime) -> None:
    s.wait(
        "七天过去，没有人召集议事：自动上提街道。",
        "Seven days pass and nobody convenes a session: it is placed on the sub-district's agenda.",
        later,
    )


def _deliberated(s: Story, start: datetime) -> None:
    s.say(
        "补开议事：怎么不再爆管？",
        "So it is deliberated: how does it not happen again?",
        issues.OpenDeliberation(topic=s.id("topic"), title="怎么不再爆管"),
        "pipe",
        "branch",
    )
    s.say(
        "李师傅提出：每季度查一次阀门。",
        "Master Li's way: look at the valves every quarter.",
        issues.ProposeOption(option="valves", text="每季度查一次阀门。", channel="app"),
        "topic",
        "li",
    )
    hold_agreeing_session(s, "", start, "valves", "三人全部赞成。")


def _closed(s: Story) -> None:
    s.say(
        "形成决议：事情本身不变，议事记录补上了。",
        "Resolved: the issue stays where it is, and has its record.",
        issues.AdoptResolution(option="valves", items=[]),
        "topic",
        "branch",
    )
    s.say(
        "现在可以办结。",
        "Now it can be closed.",
        issues.CloseIssue(outcome="resolved"),
        "pipe",
        "branch",
        when_idle=True,
    )
