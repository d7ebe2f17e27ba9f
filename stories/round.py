"""The round of visits 入户联企走亲 of the women's federation, and the issues and orders that result (domain.md §2.4)."""

from datetime import datetime, timedelta

from microgov.contracts import issues, matching
from microgov.contracts.ids import message_id
from microgov.stories.neighbours import NEIGHBOURS
from microgov.stories.online_session import hold_agreeing_session
from microgov.stories.round_visits import (
    call_on_households,
    close_without_wishes,
    feedback,
    open_round,
    visit_enterprise,
    visit_step,
)
from microgov.stories.story import Neighbour, Story
from microgov.text.sentences import Sentence

CONCERNED = ("branch", "social", "wang", "li", "zhang", "liu")
OTHERS = (
    Neighbour("fed", "womens_federation", "office", "妇联方主席", "Fang of the women's federation"),
    Neighbour("rep", "organisation", "office", "互助社的孙社长", "Sun of the mutual-aid society"),
    Neighbour("he", "volunteer", "h9", "志愿者小何", "He, a volunteer"),
    Neighbour("gu", "enterprise", "works", "服装厂的顾厂长", "Gu of the clothes works"),
)


def visiting_round(prefix: str, start: datetime, tenant: str) -> Story:
    """Builds the story, whose ids begin with `prefix`; it begins at `start` and takes two weeks."""
    story = Story("round", Sentence("走亲的故事", "The story of the round of visits"), prefix)
    story.set_up_neighbourhood(tenant, [*(one for one in NEIGHBOURS if one.name in CONCERNED), *OTHERS])
    wang, zhang, liu, works = open_round(story, tenant)
    lamp, wish, training = message_id(wang, "line/1"), message_id(wang, "line/2"), message_id(works, "line/1")
    call_on_households(story, start, wang, zhang)
    close_without_wishes(story, liu)
    visit_enterprise(story, works, training)
    _wish_served(story, start + timedelta(days=2), wish)
    _feedback_too_early(story, wang)
    _deliberated(story, start + timedelta(days=3), lamp)
    visit_step(
        story,
        "再去反馈：每一行都有了结果，走访办结。",
        "Feedback again: every line has come to its end.",
        feedback("灯已修好。", "水管已修好。"),
        wang,
        when_idle=True,
    )
    story.next_commands = [
        f"show visit-round {story.id('march')}",
        f"show visit {wang}",
        f"list visits --round {story.id('march')}",
        f"household read {story.id('h5')} --by {story.id('fed')} --why care",
        f"tail --entity {story.id('h5')}",
    ]
    return story


def _wish_served(s: Story, day: datetime, wish: str) -> None:
    """Auntie Wang's wish becomes an order, which the mutual-aid society takes on."""
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
        exact_subject=True,
    )
    s.say("下单给互助社。", "And assigned.", assigning, wish, "branch", exact_subject=True)
    s.say("接单。", "It is taken on.", matching.AcceptAssignment(), wish, "rep", exact_subject=True)
    _repaired(s, day, wish)


def _repaired(s: Story, day: datetime, wish: str) -> None:
    s.say(
        "邀请小何。", "He is asked.", matching.ProposePerson(order=wish, person=s.id("he")), "proposal", "rep"
    )
    s.say("小何同意。", "He says yes.", matching.AcceptProposal(channel="app"), "proposal", "he")
    s.wait("到了上门的那天。", "The day of the visit has come.", day)
    s.say("小何签到。", "He checks in.", matching.CheckIn(channel="app"), wish, "he", exact_subject=True)
    s.say(
        "修好了。",
        "It is mended.",
        matching.ReportDone(minutes=40, note="换了一段水管"),
        wish,
        "rep",
        exact_subject=True,
    )
    s.say(
        "王阿姨评单：五星。",
        "Auntie Wang rates it: five stars.",
        matching.RateOrder(stars=5, channel="app"),
        wish,
        "wang",
        exact_subject=True,
    )


def _feedback_too_early(s: Story, wang: str) -> None:
    half = issues.GiveVisitFeedback(lines=[issues.LineAnswer(line=2, text="水管已修好。")])
    visit_step(
        s,
        "反馈漏了一行，不算反馈。",
        "Feedback that leaves a line out is none.",
        half,
        wang,
        "line_missing",
        when_idle=True,
    )
    visit_step(
        s,
        "两行都说到了：灯还在办，走访先不办结。",
        "Both lines are spoken of; the lamp is open, so the visit is.",
        feedback("灯正在办。", "水管已修好。"),
        wang,
    )


def _deliberated(s: Story, begin: datetime, lamp: str) -> None:
    triage = issues.TriageIssue(
        theme="lighting", scale="small", urgency="ordinary", reach="stairwell", form="micro_topic"
    )
    s.say("研判。", "Triage.", triage, lamp, "branch", exact_subject=True)
    s.say(
        "事事都议，走访带回来的也议。",
        "It is deliberated, as everything is.",
        issues.OpenDeliberation(topic=s.id("topic"), title="楼道灯怎么修"),
        lamp,
        "branch",
        exact_subject=True,
    )
    s.say(
        "李师傅提出：换声控灯。",
        "Master Li's way: lamps that hear.",
        issues.ProposeOption(option="lamps", text="换声控灯。", channel="app"),
        "topic",
        "li",
    )
    hold_agreeing_session(s, "", begin, "lamps", "三人全部赞成。")
    s.say("形成决议。", "Resolved.", issues.AdoptResolution(option="lamps", items=[]), "topic", "branch")
    s.say(
        "反馈：已换。",
        "The result: done.",
        issues.ReportResult(text="三楼已换声控灯。"),
        lamp,
        "branch",
        exact_subject=True,
    )
    s.say(
        "办结。",
        "Closed.",
        issues.CloseIssue(outcome="resolved"),
        lamp,
        "branch",
        exact_subject=True,
        when_idle=True,
    )
