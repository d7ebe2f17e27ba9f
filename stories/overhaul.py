"""小区改造, the overhaul: screened, a council that too few come to, a second one by household (domain.md §2.3)."""

from datetime import datetime, timedelta

from microgov.contracts import directory, issues
from microgov.contracts.fields import Role
from microgov.contracts.ids import message_id, outside_id
from microgov.contracts.rules.procedure import Invited, Procedure, ProcedureRules
from microgov.stories.neighbours import NEIGHBOURS
from microgov.stories.overhaul_council import inquorate_session, second_session
from microgov.stories.story import OFFICE, Neighbour, Story
from microgov.text.sentences import Sentence

MANAGER = Neighbour("manager", "property_company", "office", "物业钱经理", "Qian, the property manager")
WIFE = Neighbour("sun", "resident", "h2", "李师傅的爱人孙阿姨", "Auntie Sun, who is Master Li's wife")


def overhaul(prefix: str, start: datetime, tenant: str) -> Story:
    """Builds the story, whose ids begin with `prefix`; it begins at `start` and takes two months."""
    story = Story("overhaul", Sentence("小区改造的故事", "The story of the overhaul"), prefix)
    _procedure(story)
    story.set_up_neighbourhood(tenant, [*NEIGHBOURS, WIFE, MANAGER])
    _triaged(story)
    _topic_admitted(story)
    inquorate_session(story, start + timedelta(days=4))
    second_session(story, start + timedelta(days=8))
    item = _resolved(story, tenant, start + timedelta(days=60))
    _evaluated(story, item, start + timedelta(days=50))
    story.next_commands = [
        f"show topic {story.id('topic')}",
        f"show issue {story.id('overhaul')}",
        "rules show procedure",
    ]
    return story


def _procedure(s: Story) -> None:
    others = [one for one in ProcedureRules.model_validate({}).kinds if one.kind != "residents_council"]
    council = Procedure(
        kind="residents_council",
        convened_by=[Role.BRANCH],
        invited=[Invited(role=Role.RESIDENT), Invited(role=Role.PROPERTY_COMPANY, votes=False)],
        electorate="household",
        quorum=3,
        notice_hours=72,
    )
    s.say(
        "街道办定议事规则：居民议事会按户表决，三户起议，提前三天通知。",
        "A council votes by household, three are enough, three days of notice.",
        directory.ChangeRules(content=ProcedureRules(kinds=[council, *others])),
        "procedure",
        OFFICE,
        exact_subject=True,
    )


def _triaged(s: Story) -> None:
    brought = issues.SubmitIssue(
        title="外墙和管线", text="外墙掉皮，雨污管混接。", place=s.id("yuan"), channel="app"
    )
    triage = issues.TriageIssue(
        theme="renewal", scale="large", urgency="ordinary", reach="compound", form="residents_council"
    )
    s.say(
        "王阿姨反映：外墙掉皮，下水道返味。",
        "Auntie Wang: the walls are peeling, the drains smell.",
        brought,
        "overhaul",
        "wang",
    )
    s.say("受理。", "Accepted.", issues.AcceptIssue(), "overhaul", "branch")
    s.say(
        "研判：大事，用居民议事会来议。",
        "Triaged: a large matter, for a residents' council.",
        triage,
        "overhaul",
        "branch",
    )


def _topic_admitted(s: Story) -> None:
    vague = issues.ProposeTopic(topic=s.id("vague"), title="把小区弄好", channel="app")
    clear = issues.ProposeTopic(
        topic=s.id("topic"), title="外墙和管线怎么改", intervention="micro_renewal", channel="app"
    )
    s.say("赵先生提了一个议题。", "Mr Zhao proposes a topic.", vague, "overhaul", "zhao")
    s.say(
        "筛选：不够具体，说明理由。",
        "It is screened out, with the reason.",
        issues.RefuseTopic(ground="not_concrete", reasons="请写明改什么。"),
        "vague",
        "branch",
    )
    s.say("张女士提得具体。", "Ms Zhang's is concrete.", clear, "overhaul", "zhang")
    s.say("同意上会，进入议事。", "It is admitted, and deliberated.", issues.AdmitTopic(), "topic", "branch")
    for option, by, zh, en in (
        ("pipes", "zhang", "先改管线，再粉外墙。", "the pipes first, then the walls"),
        ("walls", "zhao", "只粉外墙。", "the walls alone"),
    ):
        s.say(
            f"方案：{zh}",
            f"An option: {en}.",
            issues.ProposeOption(option=option, text=zh, channel="app"),
            "topic",
            by,
        )


def _resolved(s: Story, tenant: str, due: datetime) -> str:
    s.say(
        "起草记录。",
        "The minutes are drafted.",
        issues.DraftMinutes(text="四户到会，三户赞成先改管线。"),
        "second",
        "social",
    )
    for who in ("wang", "zhang"):
        s.say("确认记录。", "The minutes are confirmed.", issues.ConfirmMinutes(channel="app"), "second", who)
    item = issues.ActionItem(text="改造管线", unit="metre", target=120, due=due)
    sent = s.say(
        "形成决议。",
        "It is resolved.",
        issues.AdoptResolution(option="pipes", items=[item]),
        "topic",
        "branch",
    )
    s.say(
        "事项未完成，不能评估。",
        "It cannot be evaluated before it is done.",
        issues.EvaluateTopic(achieved=True, text="x"),
        "topic",
        "branch",
        refused="items_open",
    )
    return str(message_id(outside_id(tenant, "cli", sent), "action/0"))


def _evaluated(s: Story, item: str, later: datetime) -> None:
    s.say(
        "赵先生认领监督。",
        "Mr Zhao claims it.",
        issues.ClaimActionItem(channel="app"),
        item,
        "zhao",
        exact_subject=True,
    )
    s.wait("六周以后。", "Six weeks later.", later)
    done = issues.ReportActionDone(done=120, at_least=False, evidence="验收单。", channel="app")
    s.say("完成。", "Done.", done, item, "zhao", exact_subject=True)
    s.say(
        "小林核实。",
        "Lin verifies it.",
        issues.VerifyActionItem(note="看过", channel="visit"),
        item,
        "social",
        exact_subject=True,
    )
    s.say(
        "评估：达到目的。",
        "Evaluated: it came to what it was for.",
        issues.EvaluateTopic(achieved=True, text="下水不再返味。"),
        "topic",
        "branch",
    )
    s.say(
        "反馈结果。",
        "The result is reported.",
        issues.ReportResult(text="管线改好，外墙已粉。"),
        "overhaul",
        "branch",
    )
    s.say("办结。", "Closed.", issues.CloseIssue(outcome="resolved"), "overhaul", "branch", when_idle=True)
