"""Notices, and what became of their deliveries; owned by the service `notify` (domain.md §4)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import (
    EVERYBODY,
    OPERATORS,
    PARAGRAPHS,
    Count,
    EntityId,
    Language,
    LogSeq,
    MessageId,
    Part,
    PersonId,
    Positive,
    Time,
    Word,
)
from microgov.contracts.message import Command, Event, Question

OWNER = "notify"

NoticeType = Annotated[Word, Field(examples=["result_reported"])]
"""What a notice is about; an open enumeration (services/notify/audience/audience.py has those of this version)."""
ContactChannel = Annotated[Word, Field(examples=["webhook"])]
"""How a person is reached; an open enumeration (the inbox always, `webhook`)."""


class RegisterContact(Command, roles=EVERYBODY, creates=True):
    """The person has a contact point on this channel; its address and secret are kept by notify, never in the log."""

    channel: ContactChannel


class ContactRegistered(Event):
    person: PersonId
    channel: ContactChannel


class NoticeDelivered(Event):
    """A person was told: once for each source event, notice type, recipient and channel."""

    source_id: MessageId
    notice_type: NoticeType
    recipient: PersonId
    entity: EntityId
    channel: ContactChannel


class NoticeUndeliverable(Event):
    """A person could not be told on this channel, after so many attempts; `code` says why."""

    source_id: MessageId
    notice_type: NoticeType
    recipient: PersonId
    entity: EntityId
    channel: ContactChannel
    attempts: Count
    code: Word


class DeliverySucceeded(Event):
    """The sender reports: the attempt at the delivery (the subject) was accepted."""

    attempt: Positive
    code: Word


class DeliveryFailed(Event):
    """The sender reports: refused; `permanent` will not succeed later either."""

    attempt: Positive
    code: Word
    permanent: bool


class DeliveryUnknown(Event):
    """The sender reports: the request left and no answer came; it is never blindly sent again."""

    attempt: Positive
    code: Word


Notification = Annotated[str, Field(pattern=PARAGRAPHS, max_length=8000, examples=["已办结：东湖苑南门菜地"])]
Address = Annotated[
    str, Field(pattern=r"^https?://[!-~]+$", max_length=500, examples=["https://portal.example/hook"])
]
Secret = Annotated[
    str, Field(pattern=r"^[!-~]{16,200}$", max_length=200, examples=["whsec_MDEyMzQ1Njc4OWFiY2RlZg=="])
]


class ShowInbox(Question, roles=OPERATORS):
    """What a person was told, newest first; `before` is the last notice of the page before."""

    person: PersonId
    most: Annotated[int, Field(ge=1, le=200, examples=[50])] = 50
    before: Annotated[MessageId | None, Field(examples=[None])] = None
    after: LogSeq = 0


class DeliveryShown(Part):
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
    """The answer to ShowInbox; `total` counts all of the person's notices."""

    person: PersonId
    total: Count
    notices: Annotated[list[NoticeShown], Field(max_length=200)]


class SetContact(Question, roles=OPERATORS):
    """Puts a person's address on a channel into the kept table; the log learns of it by `RegisterContact` alone."""

    person: PersonId
    channel: ContactChannel
    address: Address
    secret: Secret


class ContactSet(Part):
    """The answer to SetContact; `replaced` where there was another address before."""

    person: PersonId
    channel: ContactChannel
    replaced: bool
