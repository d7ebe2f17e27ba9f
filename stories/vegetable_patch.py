"""The vegetable patch 菜地: a small issue, from its submission to the survey (domain.md §2)."""

from datetime import datetime, timedelta

from microgov.contracts import issues
from microgov.stories.neighbours import NEIGHBOURS
from microgov.stories.story import Story
from microgov.stories.vegetable_patch_outcome import action_item_done, closed_and_surveyed, resolved
from microgov.stories.voting import open_ballot, vote_for
from microgov.text.sentences import Sentence


def vegetable_patch(prefix: str, start: datetime, tenant: str) -> Story:
    """Builds the story, whose ids begin with `prefix`; it begins at `start` and takes two weeks."""
    story = Story("veg", Sentence("菜地的故事", "The story of the vegetable patch"), prefix)
    story.set_up_neighbourhood(tenant, NEIGHBOURS)
    _submitted(story)
    _cosigned(story)
    _deliberated(story, start)
    _voted(story, start)
    action = resolved(story, start, tenant)
    action_item_done(story, start, action)
    closed_and_surveyed(story, start)
    story.next_commands = [
        f"show issue {story.id('patch')}",
        f"inbox {story.id('liu')}",
        f"tail --entity {story.id('patch')}",
    ]
    return story


def _submitted(s: Story) -> None:
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
    open_ballot(s, "session", "ballot", start + timedelta(days=4))


def _voted(s: Story, start: datetime) -> None:
    votes = (
        ("wang", "flowers", "王阿姨先投花池。", "Auntie Wang votes for flowers at first."),
        ("li", "fence", "李师傅投围栏。", "Master Li votes for the fence."),
        ("zhang", "flowers", "张女士投花池。", "Ms Zhang votes for flowers."),
        ("zhao", "flowers", "赵先生投花池。", "Mr Zhao votes for flowers."),
        ("chen", "fence", "陈姐投围栏。", "Chen votes for the fence."),
    )
    for name, option, zh, en in votes:
        s.say(zh, en, vote_for(option), "ballot", name)
    s.say(
        "王阿姨改投围栏：截止前最后一票有效。",
        "Auntie Wang changes to the fence: the last vote before the close counts.",
        vote_for("fence"),
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
        vote_for("flowers"),
        "ballot",
        "zhang",
        refused="ballot_closed",
    )
