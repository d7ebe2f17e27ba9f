"""Messages about notices and their deliveries; owned by the service `notify` (domain.md §4)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import (
    EVERYBODY,
    OPERATORS,
    PARAGRAPHS,
    Count,
    EntityId,
    Format,
    FreeText,
    Language,
    LogSeq,
    MessageId,
    Part,
    PersonId,
    Positive,
    SystemWords,
    Time,
    Word,
)
from microgov.contracts.message import Command, Event, Question

OWNER = "notify"
# DeliverySucceeded, DeliveryFailed and DeliveryUnknown have the id of a delivery. No publisher begins a notice or a
# delivery, so it does not matter that both count as notices.
ABOUT = "notice"

NoticeType = Annotated[Word, Field(examples=["result_reported"])]
"""What a notice is about; an open enumeration (services/notify/audience/audience.py lists those of this version)."""
ContactChannel = Annotated[Word, SystemWords("inbox", "webhook"), Field(examples=["webhook"])]
"""A notification channel: the `inbox`, which everybody has, or `webhook`; an open enumeration."""


class RegisterContact(Command, roles=EVERYBODY, creates=True):
    """Records that the person can be reached on this notification channel; `ContactRegistered` follows.

    Address and secret are set by `SetContact` and are never in the log.
    """

    channel: ContactChannel


class ContactRegistered(Event, about="contact"):
    """Notices are delivered to the person on this notification channel from now on."""

    person: PersonId
    channel: ContactChannel


class NoticeDelivered(Event):
    """A person was notified.

    It is emitted once for each source event, type of notice, recipient and notification channel.
    """

    source_id: MessageId
    notice_type: NoticeType
    recipient: PersonId
    entity: EntityId
    channel: ContactChannel


class NoticeUndeliverable(Event):
    """A notice has not reached a person on this notification channel, and is not sent again; `code` is the reason.

    That is: the last of `attempts` attempts failed, or it is not known whether it arrived (`DeliveryUnknown`).
    """

    source_id: MessageId
    notice_type: NoticeType
    recipient: PersonId
    entity: EntityId
    channel: ContactChannel
    attempts: Count
    code: Word


class DeliverySucceeded(Event):
    """The sender of notify reports that attempt number `attempt` of the delivery (`subject`) succeeded."""

    attempt: Positive
    code: Word


class DeliveryFailed(Event):
    """The sender of notify reports that the attempt failed.

    The receiver refused it or could not be reached, or the notice or the address was missing.
    `permanent`: later attempts would fail as well; then none is made, and the contact point is used no more until it is
    registered again.
    """

    attempt: Positive
    code: Word
    permanent: bool


class DeliveryUnknown(Event):
    """The sender of notify reports that it is not known whether the attempt arrived.

    A request was sent and no answer came, or the sender stopped before it could report. The request is not sent again,
    since it may have arrived.
    """

    attempt: Positive
    code: Word
    reason: FreeText | None = None
    """Why an operator has closed the delivery after a restore, in their words."""


Notification = Annotated[str, Format(PARAGRAPHS), Field(max_length=8000, examples=["已办结：东湖苑南门菜地"])]
Address = Annotated[
    str, Format(r"^https?://[!-~]+$"), Field(max_length=500, examples=["https://portal.example/hook"])
]
Secret = Annotated[
    str, Format(r"^[!-~]{16,200}$"), Field(max_length=200, examples=["whsec_MDEyMzQ1Njc4OWFiY2RlZg=="])
]


class ShowInbox(Question, roles=OPERATORS):
    """Asks for the notices of a person, the newest first; `before` is the last notice of the previous page."""

    person: PersonId
    most: Annotated[int, Field(ge=1, le=200, examples=[50])] = 50
    before: Annotated[MessageId | None, Field(examples=[None])] = None
    after: LogSeq = 0


class DeliveryShown(Part):
    """The delivery of a notice by one notification channel.

    `attempts` counts the attempts that were made, and the one that is due or running.
    """

    channel: ContactChannel
    state: Word
    attempts: Count


class NoticeShown(Part):
    """A notice in the recipient's language."""

    notice: MessageId
    notice_type: NoticeType
    entity: EntityId
    language: Language
    title: Notification
    body: Notification
    made_at: Time
    deliveries: Annotated[list[DeliveryShown], Field(max_length=10)]


class InboxShown(Part):
    """The answer to ShowInbox; `total` counts all notices of the person."""

    person: PersonId
    total: Count
    notices: Annotated[list[NoticeShown], Field(max_length=200)]


class SetContact(Question, roles=OPERATORS):
    """Stores a person's address and secret on a notification channel, in a table that is not part of the log.

    In the log, `RegisterContact` only records that there is one.
    """

    person: PersonId
    channel: ContactChannel
    address: Address
    secret: Secret


class ContactSet(Part):
    """The answer to SetContact; `replaced`: an address was stored before."""

    person: PersonId
    channel: ContactChannel
    replaced: bool


HeldName = Annotated[
    str,
    Format(r"^[a-z][a-z0-9_]{0,63}/(waiting|claimed)$"),
    Field(max_length=72, examples=["webhook/waiting"]),
]
"""A group of deliveries that are held back since a restore: the channel, and what is known about them."""


class ShowHeld(Question, roles=OPERATORS):
    """Asks which deliveries are held back since a restore, because they may have been sent before it."""


class HeldGroup(Part):
    """Deliveries of one channel that were due before the restore: `waiting` for a sender as far as is known, or `claimed`
    by one that has not reported. Their notices were made between `oldest` and `newest`.
    """

    name: HeldName
    count: Count
    oldest: Time
    newest: Time


class HeldShown(Part):
    """The answer to ShowHeld.

    `since`: the time of the restore; absent if nothing is held. `read`: the log is read up to its end, and the groups are
    complete. `later`: deliveries of notices that were made since; they are sent afterwards in any case.
    """

    since: Time | None = None
    read: bool = True
    groups: Annotated[list[HeldGroup], Field(max_length=100)] = Field(default_factory=list)
    later: Count = 0


class ResumeSending(Question, roles=OPERATORS):
    """Ends the hold. Every group is named once: in `send`, or in `close` if its deliveries end as of unknown fate."""

    send: Annotated[list[HeldName], Field(max_length=100)] = Field(default_factory=list)
    close: Annotated[list[HeldName], Field(max_length=100)] = Field(default_factory=list)
    reason: FreeText | None = None


class SendingResumed(Part):
    """The answer to ResumeSending: how many deliveries are sent and how many were closed."""

    sent: Count
    closed: Count
