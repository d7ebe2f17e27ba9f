"""The card room 棋牌室: a secret ballot on a question among neighbours (domain.md §2.3)."""

from datetime import datetime, timedelta

from microgov.contracts import issues
from microgov.stories.neighbours import NEIGHBOURS
from microgov.stories.story import Story
from microgov.stories.voting import vote_for
from microgov.text.sentences import Sentence


def secret(prefix: str, start: datetime, tenant: str) -> Story:
    """Builds the story, whose ids begin with `prefix`; it begins at `start` and takes four days."""
    story = Story("secret", Sentence("棋牌室的故事", "The story of the card room"), prefix)
    story.set_up_neighbourhood(tenant, NEIGHBOURS)
    _submitted(story)
    _opened(story, start)
    _voted(story)
    _counted(story, start)
    _closed(story)
    story.next_commands = [f"show issue {story.id('noise')}", f"tail --entity {story.id('ballot')}"]
    return story


def _submitted(s: Story) -> None:
    noise = issues.SubmitIssue(
        title="一楼棋牌室太吵", text="晚上十一点还在打牌。", place=s.id("yuan"), channel="visit"
    )
    triage = issues.TriageIssue(
        theme="neighbours", scale="small", urgency="ordinary", reach="compound", form="micro_topic"
    )
    s.say(
        "刘奶奶睡不好，不愿得罪开棋牌室的邻居；小林代为反映，当即受理。",
        "Grandma Liu cannot sleep, and would not fall out with a neighbour over it. Lin submits it for her.",
        noise,
        "noise",
        "social",
        on_behalf_of="liu",
    )
    s.say(
        "研判：小事，但是伤和气。", "Triaged: a small matter, and a delicate one.", triage, "noise", "branch"
    )
    s.say(
        "进入议事。",
        "It goes into deliberation.",
        issues.OpenDeliberation(topic=s.id("topic"), title="棋牌室几点关门"),
        "noise",
        "branch",
    )
    s.say(
        "小林提出：晚上九点关门。",
        "Lin's way: it closes at nine.",
        issues.ProposeOption(option="nine", text="晚上九点关门", channel="app"),
        "topic",
        "social",
    )
    s.say(
        "老周提出：维持现状，装隔音门。",
        "Zhou's way: a padded door, and else as it is.",
        issues.ProposeOption(option="door", text="维持现状，装隔音门", channel="app"),
        "topic",
        "branch",
    )


def _opened(s: Story, start: datetime) -> None:
    convening = issues.ConveneSession(
        session=s.id("session"), kind="micro_topic", opens_at=start, closes_at=start + timedelta(days=3)
    )
    opening = issues.OpenBallot(
        session=s.id("session"), kind="one_of", closes_at=start + timedelta(days=2), secret=True
    )
    s.say("召集线上议事，为期三天。", "A session online, for three days.", convening, "topic", "branch")
    s.wait("议事开始。", "The session opens.", start + timedelta(hours=1))
    s.say(
        "发起无记名表决：谁参加看得见，投了什么看不见。",
        "A secret ballot: who takes part is seen, what they choose is not.",
        opening,
        "ballot",
        "branch",
    )


def _voted(s: Story) -> None:
    for name, option, zh, en in (
        ("wang", "nine", "王阿姨", "Auntie Wang"),
        ("li", "nine", "李师傅", "Master Li"),
        ("zhang", "nine", "张女士", "Ms Zhang"),
        ("zhao", "door", "赵先生", "Mr Zhao"),
        ("chen", "door", "陈姐", "Chen"),
    ):
        s.say(
            f"{zh}投了密封票。", f"{en} casts a sealed vote.", vote_for(option), "ballot", name, sealed=True
        )
    s.say(
        "小林上门，代刘奶奶投票。",
        "Lin visits Grandma Liu and casts hers for her.",
        vote_for("nine"),
        "ballot",
        "social",
        on_behalf_of="liu",
        sealed=True,
    )
    s.say(
        "李师傅又投一次：后一票算数，改没改看不出来。",
        "Master Li votes again: the last one counts, and whether it is another nobody can tell.",
        vote_for("door"),
        "ballot",
        "li",
        sealed=True,
    )
    s.say(
        "赵先生撤回他的票。",
        "Mr Zhao retracts his vote.",
        issues.RetractVote(channel="app"),
        "ballot",
        "zhao",
    )


def _counted(s: Story, start: datetime) -> None:
    s.wait(
        "两天后截止：计票，随后销毁密钥。",
        "Two days later it ends; it is counted, and the key destroyed.",
        start + timedelta(days=2, hours=1),
    )
    s.say(
        "赵先生来晚了。",
        "Mr Zhao comes too late.",
        issues.RetractVote(channel="app"),
        "ballot",
        "zhao",
        refused="ballot_closed",
    )
    s.say(
        "小林起草记录。",
        "Lin drafts the minutes.",
        issues.DraftMinutes(text="五人参加无记名表决。"),
        "session",
        "social",
    )
    for name, zh, en in (("wang", "王阿姨", "Auntie Wang"), ("zhang", "张女士", "Ms Zhang")):
        s.say(f"{zh}确认。", f"{en} confirms.", issues.ConfirmMinutes(channel="app"), "session", name)


def _closed(s: Story) -> None:
    s.say(
        "形成决议：九点关门。",
        "Resolved: it closes at nine.",
        issues.AdoptResolution(option="nine", items=[]),
        "topic",
        "branch",
    )
    s.say(
        "老周反馈结果。",
        "Zhou reports the result.",
        issues.ReportResult(text="棋牌室同意晚上九点关门。"),
        "noise",
        "branch",
    )
    s.say(
        "送达之后办结。",
        "Once everybody has been told, it is closed.",
        issues.CloseIssue(outcome="resolved"),
        "noise",
        "branch",
        when_idle=True,
    )
