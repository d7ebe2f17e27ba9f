"""The two sessions of the residents' council on the overhaul 小区改造 (domain.md §2.3)."""

from datetime import datetime, timedelta

from microgov.contracts import issues
from microgov.contracts.fields import Role
from microgov.stories.story import Story
from microgov.stories.voting import vote_for


def _convene(s: Story, session: str, opens: datetime, refused: str | None = None) -> None:
    convening = issues.ConveneSession(
        session=s.id(session),
        kind="residents_council",
        opens_at=opens,
        closes_at=opens + timedelta(hours=3),
        room="居委会二楼",
    )
    s.say(
        "召集居民议事会。", "A residents' council is convened.", convening, "topic", "branch", refused=refused
    )


def _record_attendance(s: Story, session: str, *people: tuple[str, Role], refused: str | None = None) -> None:
    there = [issues.Attendee(person=s.id(person), role=role) for person, role in people]
    s.say(
        "签到。",
        "Who came is recorded.",
        issues.RecordAttendance(attendees=there),
        session,
        "social",
        refused=refused,
    )


def inquorate_session(s: Story, opens: datetime) -> None:
    """The first session: too few households come, so nothing is dealt with."""
    _convene(s, "first", opens - timedelta(days=3), refused="notice_too_short")
    _convene(s, "first", opens)
    s.wait("到了开会的时间。", "The time has come.", opens)
    _record_attendance(s, "first", ("li", Role.RESIDENT), ("sun", Role.RESIDENT), ("zhao", Role.RESIDENT))
    s.say(
        "三个人，却只有两户：流会。",
        "Three people, but two households: too few.",
        issues.OpenSession(),
        "first",
        "social",
    )
    s.say(
        "流会的会议不能再签到。",
        "Nobody comes to it any more.",
        issues.RecordAttendance(attendees=[issues.Attendee(person=s.id("wang"), role=Role.RESIDENT)]),
        "first",
        "social",
        refused="wrong_state",
    )


def second_session(s: Story, opens: datetime) -> None:
    """The second session: a disagreement is settled, and every household has one vote."""
    _convene(s, "second", opens)
    s.wait("第二次会议。", "The second session.", opens)
    residents = ("wang", "li", "sun", "zhang", "zhao")
    _record_attendance(
        s, "second", *((one, Role.RESIDENT) for one in residents), ("manager", Role.PROPERTY_COMPANY)
    )
    s.say(
        "四户到会，开会。", "Four households are there: it opens.", issues.OpenSession(), "second", "social"
    )
    _disagreed(s)
    _voted(s, opens)


def _disagreed(s: Story) -> None:
    positions = [
        issues.Position(text="物业出钱。", parties=[s.id("wang")]),
        issues.Position(text="动用维修资金。", parties=[s.id("manager")]),
    ]
    raising = issues.RaiseDisagreement(
        topic=s.id("topic"), title="钱从哪里来", positions=positions, session=s.id("second")
    )
    s.say("分歧：钱从哪里来。", "They disagree about who pays.", raising, "money", "social")
    s.say(
        "缩小到管线的一半。",
        "It comes down to half of the pipes.",
        issues.NarrowDisagreement(remains="管线的一半。"),
        "money",
        "social",
    )
    s.say(
        "物业承担一半。",
        "The property company bears half.",
        issues.SettleDisagreement(terms="物业承担管线费用的一半。"),
        "money",
        "social",
    )


def _voted(s: Story, opens: datetime) -> None:
    opening = issues.OpenBallot(session=s.id("second"), kind="one_of", closes_at=opens + timedelta(hours=2))
    s.say("发起表决：一户一票。", "The ballot: one vote a household.", opening, "ballot", "branch")
    s.say("李师傅投只粉外墙。", "Master Li is for the walls alone.", vote_for("walls"), "ballot", "li")
    for who in ("wang", "zhang", "sun"):
        s.say("投先改管线。", "A vote for the pipes first.", vote_for("pipes"), "ballot", who)
    s.say(
        "物业没有表决权。",
        "The property manager has no vote.",
        vote_for("walls"),
        "ballot",
        "manager",
        role="property_company",
        refused="role_not_allowed",
    )
    s.wait(
        "表决截止：孙阿姨代表全家投的最后一票有效。",
        "It closes: the last vote of the Li household counts.",
        opens + timedelta(hours=2, minutes=1),
    )
