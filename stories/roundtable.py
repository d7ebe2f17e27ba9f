"""圆桌议事会, the round table: needs and ideas, a disagreement settled, a topic on the agenda (domain.md §2.3)."""

from datetime import datetime, timedelta

from microgov.contracts import issues
from microgov.contracts.fields import Role
from microgov.stories.neighbours import NEIGHBOURS
from microgov.stories.story import Neighbour, Story
from microgov.text.sentences import Sentence

CONCERNED = ("branch", "social", "wang", "li", "zhang")
NPC = Neighbour("npc", "liaison_station", "office", "人大代表联络站马代表", "Ma of the liaison station")
MANAGER = Neighbour("manager", "property_company", "office", "物业钱经理", "Qian, the property manager")


def roundtable(prefix: str, start: datetime, tenant: str) -> Story:
    """Builds the story, whose ids begin with `prefix`; it begins at `start` and takes two months."""
    story = Story("roundtable", Sentence("圆桌议事会的故事", "The story of the round table"), prefix)
    story.set_up_neighbourhood(tenant, [*(one for one in NEIGHBOURS if one.name in CONCERNED), NPC, MANAGER])
    _set_up(story, start + timedelta(days=1))
    _first_sitting(story)
    _topic_opened(story)
    _talked_over(story, start + timedelta(days=3))
    _second_sitting(story, start + timedelta(days=31))
    story.next_commands = [f"show round-table {story.id('table')}", f"show topic {story.id('topic')}"]
    return story


def _set_up(s: Story, first: datetime) -> None:
    setting = issues.SetUpRoundTable(
        place=s.id("yuan"), name="东湖苑圆桌议事会", every_days=30, first_at=first
    )
    s.say(
        "联络站设立圆桌议事会，每月一次。",
        "The liaison station sets up a round table, once a month.",
        setting,
        "table",
        "npc",
    )
    s.wait("到日子了。", "The day has come.", first + timedelta(hours=1))


def _first_sitting(s: Story) -> None:
    bikes = issues.SubmitIssue(
        title="飞线充电", text="有人从楼上拉线充电。", place=s.id("yuan"), channel="visit"
    )
    triage = issues.TriageIssue(
        theme="charging", scale="small", urgency="ordinary", reach="compound", form="round_table"
    )
    s.say(
        "问需中说到的飞线充电，代王阿姨立为事项。",
        "A need that was brought becomes an issue for Auntie Wang.",
        bikes,
        "wires",
        "social",
        on_behalf_of="wang",
    )
    held = issues.HoldRoundTable(
        present=[s.id(one) for one in ("npc", "wang", "li", "manager")],
        contributions=[
            issues.Contribution(
                prompt="needs", text="电动车没处充电。", person=s.id("wang"), issue=s.id("wires")
            ),
            issues.Contribution(prompt="needs", text="楼道太暗。", person=s.id("li")),
            issues.Contribution(prompt="ideas", text="车棚里装桩。", person=s.id("manager")),
        ],
    )
    s.say("第一次：问需两条，问计一条。", "The first sitting: two needs, one idea.", held, "table", "npc")
    s.say("研判：由圆桌议事会来议。", "Triaged: for the round table.", triage, "wires", "branch")


def _topic_opened(s: Story) -> None:
    s.say(
        "进入议事。",
        "It is deliberated.",
        issues.OpenDeliberation(topic=s.id("topic"), title="车在哪里充电"),
        "wires",
        "branch",
    )
    s.say(
        "方案：车棚里装桩。",
        "An option: chargers in the shed.",
        issues.ProposeOption(option="shed", text="车棚里装桩。", channel="app"),
        "topic",
        "li",
    )


def _talked_over(s: Story, opens: datetime) -> None:
    convening = issues.ConveneSession(
        session=s.id("session"),
        kind="round_table",
        opens_at=opens,
        closes_at=opens + timedelta(hours=3),
        room="联络站",
    )
    s.say(
        "圆桌议事由联络站召集，党支部召集被退回。",
        "The branch does not convene a round table.",
        convening,
        "topic",
        "branch",
        refused="not_convener",
    )
    s.say("联络站召集。", "The liaison station does.", convening, "topic", "npc")
    s.wait("开会。", "It is time.", opens)
    people = (
        ("wang", Role.RESIDENT),
        ("li", Role.RESIDENT),
        ("zhang", Role.RESIDENT),
        ("manager", Role.PROPERTY_COMPANY),
    )
    there = [issues.Attendee(person=s.id(person), role=role) for person, role in people]
    s.say("签到。", "Who came is recorded.", issues.RecordAttendance(attendees=there), "session", "npc")
    s.say("开会。", "It opens.", issues.OpenSession(), "session", "npc")
    _disagreement_settled(s)


def _disagreement_settled(s: Story) -> None:
    positions = [
        issues.Position(text="装在东门。", parties=[s.id("wang"), s.id("li")]),
        issues.Position(text="装在西门。", parties=[s.id("zhang")]),
    ]
    raising = issues.RaiseDisagreement(
        topic=s.id("topic"), title="装在哪个门", positions=positions, session=s.id("session")
    )
    s.say("分歧：装在哪个门。", "They disagree about the gate.", raising, "gate", "npc")
    s.say(
        "谈拢：两个门各装一半。",
        "They agree: half at each.",
        issues.SettleDisagreement(terms="两个门各装一半。"),
        "gate",
        "npc",
    )
    s.say("不表决，休会。", "Adjourned without a vote.", issues.AdjournSession(), "session", "npc")
    s.say(
        "起草记录。",
        "The minutes are drafted.",
        issues.DraftMinutes(text="两个门各装一半，用电增容须街道协调。"),
        "session",
        "social",
    )
    for who in ("wang", "zhang"):
        s.say(
            "确认记录。", "The minutes are confirmed.", issues.ConfirmMinutes(channel="app"), "session", who
        )
    s.say(
        "用电增容要街道定：提上街道议程。",
        "More power is for the sub-district to decide: on its agenda.",
        issues.PlaceOnAgenda(reason="用电增容。"),
        "topic",
        "npc",
    )


def _second_sitting(s: Story, again: datetime) -> None:
    s.wait("一个月后，圆桌又到日子。", "A month later it is due again.", again + timedelta(hours=1))
    held = issues.HoldRoundTable(present=[s.id("npc"), s.id("li")], contributions=[])
    s.say("第二次：没有新的问需。", "The second sitting: no new needs.", held, "table", "npc")
    s.say(
        "并入社区议事会，停办。",
        "It is stopped.",
        issues.StopRoundTable(reason="并入社区议事会。"),
        "table",
        "npc",
    )
