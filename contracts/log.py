"""What any service may say about the log itself, or be told; `service` names whose fold it concerns."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import (
    LINE,
    OPERATORS,
    PARAGRAPHS,
    Count,
    EntityId,
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

Service = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$", max_length=32, examples=["issues"])]


class CommandRefused(Event):
    """A rule said no. `field` is the field of the command that broke it; `message` says the rule and what to do."""

    service: Service
    command_id: MessageId
    command_type: TypeName
    code: Word
    field: Text
    message: Words


class EventIgnored(Event):
    """An outsider's event about its own world broke a rule and changed nothing."""

    service: Service
    command_id: MessageId
    command_type: TypeName
    code: Word
    field: Text
    message: Words


class DeadlineReached(Event):
    """The clock loop of `service` says that what its fold had put down for `due_at` is due."""

    service: Service
    kind: Word
    entity: EntityId
    due_at: Time


class MessageQuarantined(Event):
    """A handler failed at this message; it changed nothing, and what follows about the same subject waits."""

    service: Service
    stream_seq: LogSeq
    id: MessageId
    code: Word


class RetryMessage(Command, roles=OPERATORS, creates=True):
    """Call the (mended) handler with the quarantined message, then with all that waited behind it."""

    service: Service
    stream_seq: LogSeq


class DiscardMessage(Command, roles=OPERATORS, creates=True):
    """Give the quarantined message up; what waited behind it is folded."""

    service: Service
    stream_seq: LogSeq


class SetClock(Command, roles=OPERATORS, creates=True):
    """Move a simulated clock forward."""

    to: Time


class AskProgress(Question, roles=OPERATORS):
    """How far a service is; `after` waits up to two seconds until it has folded that sequence."""

    after: LogSeq = 0


class Progress(Part):
    """The answer to AskProgress; `lag` counts messages not folded yet, `next_due` is its earliest deadline.

    `outgoing` counts what was said, or is to be reported by the service's edge, and does not stand in its stream yet.
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


Trace = Annotated[str, Field(pattern=PARAGRAPHS, max_length=20_000, examples=["ValueError('…')"])]


class AskHealth(Question, roles=OPERATORS):
    """Whether a service does its work for this tenant. Needs no database; whoever stands by answers a moment later."""


class LoopHealth(Part):
    """One of a service's loops: connecting, waiting, running, again (after a failure) or refused, and why."""

    name: Annotated[str, Field(pattern=LINE, min_length=1, max_length=100, examples=["door/donghu"])]
    state: Word
    reason: Trace = ""


class Health(Part):
    """The answer to AskHealth: `why` says what is wrong where it is not `ok`; `ready`: it answers from the log's head.

    `notes`: what an operator has to see to, although the service goes on.
    """

    service: Service
    active: bool
    ok: bool
    ready: bool
    why: Annotated[list[Trace], Field(max_length=50)]
    notes: Annotated[list[Trace], Field(max_length=50)] = Field(default_factory=list)
    loops: Annotated[list[LoopHealth], Field(max_length=50)]
    behaviour: Count = 0
    """The highest `behaviour` of the house that its code knows; 0: it is from before it said so."""
    stands_until: Time | None = None
    """Where the log holds a time that is to come (its clock was ahead once), the house's time stands still until then."""


class AskQuarantine(Question, roles=OPERATORS):
    """Which messages the service could not fold, a hundred at once; with `stream_seq` that one alone, with its trace."""

    stream_seq: Annotated[LogSeq | None, Field(examples=[None])] = None
    after: LogSeq = 0


class QuarantinedMessage(Part):
    """`waiting` messages about the same subject wait behind it."""

    stream_seq: LogSeq
    subject: EntityId
    type: TypeName
    code: Word
    waiting: LogSeq
    error: Trace
    trace: Trace | None = None


class Quarantine(Part):
    """The answer to AskQuarantine, by sequence; `count`: how many there are; `stopped`: which kinds are tried no more."""

    service: Service
    messages: Annotated[list[QuarantinedMessage], Field(max_length=100)]
    count: LogSeq = 0
    stopped: Annotated[list[str], Field(max_length=500)] = Field(default_factory=list)


class LiftStop(Question, roles=OPERATORS):
    """Try again what failed too often in a row: a service's handlers that are not called any more, or its whole fold."""


class StopLifted(Part):
    """The answer to LiftStop: the kinds of messages that are tried again; `*` is all of them."""

    service: Service
    kinds: Annotated[list[str], Field(max_length=500)]


class ConfirmClock(Question, roles=OPERATORS):
    """The machine's clock is right as it is, although it has leapt, or stands apart from others; again is harmless."""


class ClockDifference(Part):
    """By how many seconds the machine is ahead of another clock (the broker's, the database's)."""

    witness: Word
    seconds: Annotated[int, Field(ge=-(10**11), le=10**11, examples=[7200])]


class ClockConfirmed(Part):
    """The answer to ConfirmClock: what counts as right from now on, until the clock leaps again."""

    service: Service
    differences: Annotated[list[ClockDifference], Field(max_length=10)]
