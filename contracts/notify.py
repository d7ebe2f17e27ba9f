"""Notices, and what became of their deliveries; owned by the service `notify` (domain.md §4)."""

from typing import Annotated

from pydantic import Field

from contracts.fields import EVERYBODY, Count, EntityId, MessageId, PersonId, Positive, Word
from contracts.message import Command, Event

NoticeType = Annotated[Word, Field(examples=["result_reported"])]
"""What a notice is about; an open enumeration (services/notify/audiences.py has those of this version)."""
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
