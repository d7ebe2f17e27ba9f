"""Messages about the log itself, which every service can emit; their field `service` names the service that is meant."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import (
    LINE,
    OPERATORS,
    PARAGRAPHS,
    Count,
    EntityId,
    Format,
    LogSeq,
    MessageId,
    Part,
    Text,
    Time,
    Token,
    TypeName,
    Word,
    Words,
)
from microgov.contracts.message import Command, Event, Question

OWNER = "log"
# These events name a thing of any kind, that of the message or deadline at hand. The kind `message` keeps them out of
# the copies for those who began that thing.
ABOUT = "message"

Service = Annotated[str, Format(r"^[a-z][a-z0-9-]{0,31}$"), Field(max_length=32, examples=["issues"])]


class CommandRefused(Event):
    """A command broke a rule and changed nothing.

    The service that handles the command emits it. `code` names the rule, `field` the field of the command at fault, and
    `message` says what to do.
    """

    service: Service
    command_id: MessageId
    command_type: TypeName
    code: Word
    field: Text
    message: Words


class EventIgnored(Event):
    """An event which a program outside sent about its own world broke a rule and changed nothing.

    The fields are those of CommandRefused.
    """

    service: Service
    command_id: MessageId
    command_type: TypeName
    code: Word
    field: Text
    message: Words


class DeadlineReached(Event):
    """A deadline has been reached.

    The clock loop of `service` writes it when the tenant's time reaches `due_at`. The service's fold had stored that
    time for this `entity`, under this `kind` of deadline, and handles the event.
    """

    service: Service
    kind: Word
    entity: EntityId
    due_at: Time


class MessageQuarantined(Event):
    """A handler failed at a message, which therefore changed nothing.

    `stream_seq` and `id` name the message, `code` the kind of failure. Later messages about the same subject wait behind it
    until it is retried or discarded.
    """

    service: Service
    stream_seq: LogSeq
    id: MessageId
    code: Word


class RetryMessage(Command, roles=OPERATORS, creates=True):
    """Calls the handler again with the quarantined message, then with all messages that wait behind it.

    The operator sends it once the handler is repaired.
    """

    service: Service
    stream_seq: LogSeq


class DiscardMessage(Command, roles=OPERATORS, creates=True):
    """Gives a quarantined message up; the messages that wait behind it are handled."""

    service: Service
    stream_seq: LogSeq


class SetClock(Command, roles=OPERATORS, creates=True):
    """Moves the clock of a tenant with a simulated clock forward to `to`."""

    to: Time


class AskProgress(Question, roles=OPERATORS):
    """Asks how far a service has folded the log.

    The answer waits up to two seconds until the sequence `after` is folded.
    """

    after: LogSeq = 0


class Progress(Part):
    """The answer to AskProgress.

    `position` is the last folded sequence, `lag` the number of messages not folded yet, `next_due` the service's earliest
    deadline, `now` the tenant's time. `outgoing` counts messages that the service or its edge has committed and that are
    not in their stream yet. `active`: this process holds the lease. `other_codes` counts the refusals that have had another
    code than in the log since the service was last rebuilt.
    """

    service: Service
    writer: Token
    position: LogSeq
    lag: LogSeq
    outgoing: LogSeq = 0
    now: Time | None = None
    next_due: Time | None = None
    active: bool
    quarantined: LogSeq
    other_codes: LogSeq = 0


Trace = Annotated[str, Format(PARAGRAPHS), Field(max_length=20_000, examples=["ValueError('…')"])]


class AskHealth(Question, roles=OPERATORS):
    """Asks whether a service does its work for this tenant.

    The answer needs no database. A process without the lease answers a moment later than the active one.
    """


class LoopHealth(Part):
    """The state of one loop of a service: connecting, waiting, running, again (after a failure) or refused.

    `reason` says why.
    """

    name: Annotated[str, Format(LINE), Field(min_length=1, max_length=100, examples=["door/donghu"])]
    state: Word
    reason: Trace = ""


class Health(Part):
    """The answer to AskHealth.

    `ok`: nothing is wrong; otherwise `why` says what is. `ready`: the service has folded the log up to its end. `notes` are
    things that an operator must do something about although the service works.
    """

    service: Service
    active: bool
    ok: bool
    ready: bool
    why: Annotated[list[Trace], Field(max_length=50)]
    notes: Annotated[list[Trace], Field(max_length=50)] = Field(default_factory=list)
    loops: Annotated[list[LoopHealth], Field(max_length=50)]
    behaviour: Count = 0
    """The highest `behaviour` that the service's code knows; 0: code from before this field."""
    stands_until: Time | None = None
    """The tenant's time stands still until then, because a clock was ahead once and its time is in the log."""


class AskQuarantine(Question, roles=OPERATORS):
    """Asks for the quarantined messages of a service, up to a hundred after the sequence `after`.

    With `stream_seq` that message alone is returned, with its stack trace.
    """

    stream_seq: Annotated[LogSeq | None, Field(examples=[None])] = None
    after: LogSeq = 0


class QuarantinedMessage(Part):
    """A message at which a handler failed.

    `error` is the exception, `waiting` the number of later messages about the same subject that wait behind it.
    """

    stream_seq: LogSeq
    subject: EntityId
    type: TypeName
    code: Word
    waiting: LogSeq
    error: Trace
    trace: Trace | None = None


class Quarantine(Part):
    """The answer to AskQuarantine, in the order of the log.

    `count` is how many messages are quarantined in all; `stopped` are the types of messages whose handlers are no longer
    called.
    """

    service: Service
    messages: Annotated[list[QuarantinedMessage], Field(max_length=100)]
    count: LogSeq = 0
    stopped: Annotated[list[str], Field(max_length=500)] = Field(default_factory=list)


class LiftStop(Question, roles=OPERATORS):
    """Asks a service to call handlers again that it stopped calling after too many failures in a row."""


class StopLifted(Part):
    """The answer to LiftStop: the types of messages that are handled again; `*` is all of them."""

    service: Service
    kinds: Annotated[list[str], Field(max_length=500)]


class ConfirmClock(Question, roles=OPERATORS):
    """Confirms that the machine's clock is right although it has leapt or differs from others.

    Sending it again is harmless.
    """


class ClockDifference(Part):
    """By how many seconds the machine's clock is ahead of that of the broker or the database (`witness`)."""

    witness: Word
    seconds: Annotated[int, Field(ge=-(10**11), le=10**11, examples=[7200])]


class ClockConfirmed(Part):
    """The answer to ConfirmClock: the differences that are accepted until the clock leaps again."""

    service: Service
    differences: Annotated[list[ClockDifference], Field(max_length=10)]
