"""Messages about a session 议事会议: who is called, who came, and its minutes (domain.md §2.3)."""

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
from microgov.contracts.issues.vocabulary import CLERKS, CONVENERS, PARTICIPANTS, Channel, Form
from microgov.contracts.message import Command, Event

ABOUT = "session"


class ConveneSession(Command, roles=CONVENERS):
    """召集议事: convenes a session on the topic (`subject`), in a room, or online for a span of time.

    A `consultative_council` names the `council` whose members meet.
    """

    session: EntityId
    kind: Form
    opens_at: Time
    closes_at: Time
    room: Annotated[Text | None, Field(examples=["居委会活动室"])] = None
    council: EntityId | None = None


class SessionConvened(Event, about="topic"):
    """A session on the topic is convened.

    For a session in a room, `invited` names the persons whom the rules of procedure call by their roles or seats, at most
    500. Residents may come as well, and are not named. `rules` is the version of the section `procedure` that was in force.
    Both are left out for a session online, to which everybody who lives at the place is called.
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
    """Calls the session (`subject`) off before it opens; its topic can be dealt with in another one."""

    reason: FreeText


class SessionCalledOff(Event):
    """The session does not take place."""

    issue: EntityId
    topic: EntityId
    reason: FreeText


class Attendee(Part):
    """A person who came, as the sender of RecordAttendance states it; `role` is the class in which the person attends."""

    person: PersonId
    role: RoleName


class RecordAttendance(Command, roles=CLERKS | CONVENERS):
    """签到: records who came to the session (`subject`) in a room, before it opens or while it is open."""

    attendees: Annotated[list[Attendee], Field(min_length=1, max_length=200)]


class Attending(Part):
    """A person who came, as the service recorded it in AttendanceRecorded.

    Everybody in the room may speak; `votes` says whether the person attends with a vote.
    """

    person: PersonId
    role: RoleName
    votes: bool


class AttendanceRecorded(Event):
    """Further persons have come to the session: `attendees` are those who were not recorded before.

    `present` is the number of all persons recorded so far, `voting` the number of votes among them: of persons, or of
    households if households vote.
    """

    topic: EntityId
    attendees: Annotated[list[Attending], Field(min_length=1, max_length=200)]
    present: Count
    voting: Count


class OpenSession(Command, roles=CLERKS | CONVENERS):
    """Opens the session (`subject`) in a room.

    `SessionOpened` follows if enough votes for the quorum are in the room, else `SessionInquorate`, which ends the session.
    """


class SessionOpened(Event):
    """The session is open: the `voting` votes in the room reach the `quorum`.

    `present` and `voting` as in AttendanceRecorded.
    """

    issue: EntityId
    topic: EntityId
    present: Count
    voting: Count
    quorum: Positive


class SessionInquorate(Event):
    """流会: the session has ended, as fewer votes than the `quorum` were in the room; its topic waits for another session.

    `present` and `voting` as in AttendanceRecorded.
    """

    issue: EntityId
    topic: EntityId
    present: Count
    voting: Count
    quorum: Positive


class AdjournSession(Command, roles=CLERKS | CONVENERS):
    """Ends the session (`subject`) in a room, in which no ballot was opened; its topic counts as deliberated."""


class SessionAdjourned(Event):
    """The session has ended without a ballot."""

    issue: EntityId
    topic: EntityId


class DraftMinutes(Command, roles=CLERKS):
    """Drafts the minutes of the session (`subject`), or amends the draft, which removes the signatures."""

    text: FreeText


class MinutesDrafted(Event):
    """There is a draft of the minutes.

    It can be signed from `confirmable_from` on, and needs `needed` signatures.
    """

    topic: EntityId
    text: FreeText
    confirmable_from: Time
    needed: Count


class ConfirmMinutes(Command, roles=PARTICIPANTS):
    """Signs the minutes of the session (`subject`), as a person who took part.

    In a room that is a person whose attendance was recorded; online, a person who witnessed a count of hands or has a vote
    in force at the close (where households vote: any member of a household that has one).
    """

    channel: Channel


class MinutesSigned(Event):
    """One more person has signed the minutes."""

    person: PersonId
    signatures: Count


class MinutesConfirmed(Event):
    """Enough of those present have signed, or nobody was present; the minutes are public 公示."""

    topic: EntityId
    signatures: Count
