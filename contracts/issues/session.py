"""What is asked and said about a session 议事会议: who is called, who came, and its minutes (domain.md §2.3)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import (
    Count,
    EntityId,
    FreeText,
    Part,
    PersonId,
    Positive,
    RoleName,
    Text,
    Time,
)
from microgov.contracts.issues.vocabulary import CLERKS, CONVENERS, HELPERS, Channel, Form
from microgov.contracts.message import Command, Event


class ConveneSession(Command, roles=CONVENERS):
    """召集议事: the topic (the subject) is dealt with in this session; online, a window of time is its room.

    A `consultative_council` names the `council` whose members meet.
    """

    session: EntityId
    kind: Form
    opens_at: Time
    closes_at: Time
    room: Annotated[Text | None, Field(examples=["居委会活动室"])] = None
    council: EntityId | None = None


class SessionConvened(Event):
    """`invited` are those whom the rules of procedure (section `procedure`, of version `rules`) call by their class.

    Both are left out where everybody who lives there is called, as to a session online.
    """

    issue: EntityId
    session: EntityId
    kind: Form
    opens_at: Time
    closes_at: Time
    room: Annotated[Text | None, Field(examples=["居委会活动室"])] = None
    council: EntityId | None = None
    invited: Annotated[list[PersonId] | None, Field(max_length=500, examples=[["p-li"]])] = None
    rules: Positive | None = None


class CallOffSession(Command, roles=CONVENERS):
    """The session (the subject) does not take place; its topic can be dealt with in another."""

    reason: FreeText


class SessionCalledOff(Event):
    issue: EntityId
    topic: EntityId
    reason: FreeText


class Attendee(Part):
    """Somebody in the room, and the class in which they are there."""

    person: PersonId
    role: RoleName


class RecordAttendance(Command, roles=CLERKS | CONVENERS):
    """签到: these came to the session (the subject), before it opened or while it is open."""

    attendees: Annotated[list[Attendee], Field(min_length=1, max_length=200)]


class Attending(Part):
    """Somebody in the room; all there may speak, and who `votes` has a vote."""

    person: PersonId
    role: RoleName
    votes: bool


class AttendanceRecorded(Event):
    """`present` people are in the room now, with `voting` votes among them (people, or households where these vote)."""

    topic: EntityId
    attendees: Annotated[list[Attending], Field(min_length=1, max_length=200)]
    present: Count
    voting: Count


class OpenSession(Command, roles=CLERKS | CONVENERS):
    """The session (the subject) begins, if those who came are enough."""


class SessionOpened(Event):
    """Enough votes are in the room."""

    issue: EntityId
    topic: EntityId
    present: Count
    voting: Count
    quorum: Positive


class SessionInquorate(Event):
    """流会: too few votes came, so nothing was dealt with; the topic waits for another session."""

    issue: EntityId
    topic: EntityId
    present: Count
    voting: Count
    quorum: Positive


class AdjournSession(Command, roles=CLERKS | CONVENERS):
    """The session (the subject) ends without a ballot: it was talked over, and nothing was put to the vote."""


class SessionAdjourned(Event):
    issue: EntityId
    topic: EntityId


class DraftMinutes(Command, roles=CLERKS):
    """The minutes of the session (the subject); drafting again is amending, and takes the signatures back."""

    text: FreeText


class MinutesDrafted(Event):
    topic: EntityId
    text: FreeText
    confirmable_from: Time
    needed: Count


class ConfirmMinutes(Command, roles=HELPERS):
    """Somebody who was present signs the minutes of the session (the subject)."""

    channel: Channel


class MinutesSigned(Event):
    person: PersonId
    signatures: Count


class MinutesConfirmed(Event):
    """Enough of those present have signed; the minutes are public 公示."""

    topic: EntityId
    signatures: Count
