"""The charging sheds 充电棚: three communities, three months, 234 sheds and 500 places at least, counted from events."""

from datetime import datetime, timedelta

from microgov.contracts import directory, issues
from microgov.contracts.fields import Role
from microgov.contracts.ids import message_id, outside_id
from microgov.stories.story import OFFICE, Story
from microgov.stories.voting import vote_for
from microgov.text.sentences import Sentence

BUILT = ((80, 170), (92, 200), (62, 130))
"""Sheds built and the least number of charging places, by community."""
PEOPLE = (
    ("branch", "branch"),
    ("social", "social_worker"),
    ("wang", "resident"),
    ("li", "resident"),
    ("zhang", "resident"),
)
NEIGHBOURS = ("wang", "li", "zhang")


def sheds(prefix: str, start: datetime, tenant: str) -> Story:
    """Builds the story, whose ids begin with `prefix`; it begins at `start` and takes three months."""
    story = Story("sheds", Sentence("充电棚的故事", "The story of the charging sheds"), prefix)
    for n, (many, places) in enumerate(BUILT, 1):
        begin = start + timedelta(days=40 * (n - 1))
        if n > 1:
            story.wait("下一个社区。", "The next community.", begin)
        _registered(story, n, tenant)
        _deliberated(story, n, begin)
        _built(story, n, _resolved(story, n, begin, many, places, tenant), many, places)
    story.next_commands = [
        f"achieved --community {tenant}",
        f"achieved --community {story.id('community1')}",
        "rates",
    ]
    return story


def _registered(s: Story, n: int, tenant: str) -> None:
    community, yuan = f"community{n}", f"yuan{n}"
    for name, kind, parent in ((community, "community", tenant), (yuan, "compound", s.id(community))):
        place = directory.DefinePlace.model_validate(
            {"kind": kind, "name": f"充电棚社区{n}", "parent": parent}
        )
        s.say("街道办登记地点。", "The office defines a place.", place, name, OFFICE)
    for name, role in PEOPLE:
        one, at = f"{name}{n}", s.id(community if role in ("branch", "social_worker") else yuan)
        s.say(
            "街道办登记居民。",
            "The office registers somebody.",
            directory.RegisterPerson(household=s.id(f"h-{one}"), place=s.id(yuan)),
            one,
            OFFICE,
        )
        s.say("并登记身份。", "And their role.", directory.GrantRole(role=Role(role), place=at), one, OFFICE)


def _deliberated(s: Story, n: int, begin: datetime) -> None:
    issue, topic, session, ballot, branch = (
        f"{name}{n}" for name in ("sheds", "topic", "session", "ballot", "branch")
    )
    brought = issues.SubmitIssue(
        title="电动车没处充电", text="飞线充电，楼道里停满了车。", place=s.id(f"yuan{n}"), channel="app"
    )
    triage = issues.TriageIssue(
        theme="charging", scale="large", urgency="ordinary", reach="compound", form="micro_topic"
    )
    s.say(
        "居民反映：电动车没处充电。", "Nowhere to charge: somebody brings it up.", brought, issue, f"wang{n}"
    )
    s.say("受理。", "Accepted.", issues.AcceptIssue(), issue, branch)
    s.say("研判。", "Triage.", triage, issue, branch)
    s.say(
        "进入议事。",
        "It is deliberated.",
        issues.OpenDeliberation(topic=s.id(topic), title="充电棚建在哪里"),
        issue,
        branch,
    )
    build = issues.ProposeOption(option="build", text="沿围墙建棚。", channel="app")
    s.say("方案：建棚。", "An option: build sheds.", build, topic, f"li{n}")
    window = issues.ConveneSession(
        session=s.id(session), kind="micro_topic", opens_at=begin, closes_at=begin + timedelta(days=3)
    )
    s.say("召集线上议事。", "A session online.", window, topic, branch)
    s.wait("议事开始。", "The session opens.", begin + timedelta(hours=1))
    opening = issues.OpenBallot(session=s.id(session), kind="one_of", closes_at=begin + timedelta(days=2))
    s.say("发起表决。", "The ballot is opened.", opening, ballot, branch)
    for name in NEIGHBOURS:
        s.say("赞成。", "Agreed.", vote_for("build"), ballot, f"{name}{n}")
    s.wait("表决截止。", "The ballot closes.", begin + timedelta(days=2, hours=1))
    s.say("起草记录。", "The minutes.", issues.DraftMinutes(text="一致同意建棚。"), session, f"social{n}")
    for name in NEIGHBOURS[:2]:
        s.say(
            "确认记录。", "They are confirmed.", issues.ConfirmMinutes(channel="app"), session, f"{name}{n}"
        )


def _resolved(s: Story, n: int, begin: datetime, many: int, places: int, tenant: str) -> list[str]:
    """The minutes and the resolution; returns the ids of the two action items."""
    due = begin + timedelta(days=35)
    items = [
        issues.ActionItem(text="建充电棚", unit="shed", target=many, due=due),
        issues.ActionItem(text="设充电位", unit="place", target=places, due=due),
    ]
    sent = s.say(
        f"形成决议：{many} 个棚，不少于 {places} 个充电位。",
        f"Resolved: {many} sheds, {places} places at least.",
        issues.AdoptResolution(option="build", items=items),
        f"topic{n}",
        f"branch{n}",
    )
    return [message_id(outside_id(tenant, "cli", sent), f"action/{k}") for k in range(2)]


def _built(s: Story, n: int, items: list[str], many: int, places: int) -> None:
    issue, branch = f"sheds{n}", f"branch{n}"
    for item, done, at_least in zip(items, (many, places), (False, True), strict=True):
        s.say(
            "居民认领。",
            "A resident claims it.",
            issues.ClaimActionItem(channel="app"),
            item,
            f"li{n}",
            exact_subject=True,
        )
        report = issues.ReportActionDone(done=done, at_least=at_least, evidence="验收照片。", channel="app")
        s.say("完成。", "Done.", report, item, f"li{n}", exact_subject=True)
        s.say(
            "他人核实。",
            "Somebody else has looked.",
            issues.VerifyActionItem(note="逐个清点。", channel="visit"),
            item,
            f"social{n}",
            exact_subject=True,
        )
    s.say(
        "反馈。",
        "The result.",
        issues.ReportResult(text=f"建成 {many} 个棚，充电位不少于 {places} 个。"),
        issue,
        branch,
    )
    s.say("办结。", "Closed.", issues.CloseIssue(outcome="resolved"), issue, branch, when_idle=True)
