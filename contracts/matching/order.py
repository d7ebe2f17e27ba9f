"""Messages about an order 点单: placed, screened, served, cancelled or failed (domain.md §3.2)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.bounds import AtTheDoor
from microgov.contracts.fields import (
    EVERYBODY,
    EntityId,
    FreeText,
    PersonId,
    PlaceId,
    Positive,
    Time,
    Word,
    Words,
)
from microgov.contracts.issues.vocabulary import Urgency
from microgov.contracts.matching.assignment import Partners, Staffing
from microgov.contracts.matching.vocabulary import (
    BRANCH,
    BRANCH_AND_PROVIDERS,
    HELPERS,
    MAX_MINUTES,
    PEOPLE,
    PROVIDERS,
    Channel,
    Wish,
)
from microgov.contracts.message import Command, Event

ABOUT = "order"


class PlaceOrder(Command, roles=EVERYBODY, creates=True):
    """点单, or for somebody else 代点单 (onbehalfof): orders from an offer, or states a free wish 微心愿."""

    offer: EntityId | None = None
    slot: EntityId | None = None
    text: FreeText
    channel: Channel


class OrderPlaced(Event):
    """An order waits to be screened.

    `place` is where the beneficiary lives; `wish` is the service asked for, if the order is not from an offer (left out
    below behaviour 3).
    """

    beneficiary: PersonId
    placed_by: PersonId
    offer: EntityId | None = None
    slot: EntityId | None = None
    place: PlaceId
    channel: Channel
    wish: Wish = None


class OrderNotPlaced(Event):
    """A line of a visit's service list could not become the order (`subject`); `code` and `message` are the reason."""

    code: Word
    message: Words


class ScreenOrder(Command, roles=BRANCH):
    """Accepts or rejects an order: whether the community provides it, how urgent it is, how many persons it takes.

    `AssignOrder` may set another staffing.
    """

    accepted: bool
    reason: FreeText
    urgency: Annotated[Urgency | None, Field(examples=["urgent"])] = None
    staffing: Annotated[Staffing | None, Field(examples=[{"people": 2, "lead": True}])] = None


class OrderAccepted(Event):
    """The order can be assigned."""

    reason: FreeText
    urgency: Annotated[Urgency | None, Field(examples=["urgent"])] = None
    staffing: Annotated[Staffing | None, Field(examples=[{"people": 2, "lead": True}])] = None


class OrderRejected(Event):
    """The order is not provided, for this reason."""

    reason: FreeText


class OrderStaffed(Event):
    """Enough persons have accepted; `person` is the last of them, `people` lists all of them if there are several."""

    organisation: EntityId
    person: PersonId
    people: Annotated[list[PersonId] | None, Field(max_length=50, examples=[["p-lin", "p-he"]])] = None
    partners: Partners | None = None


class CheckIn(Command, roles=HELPERS):
    """The person who serves (the sender) has arrived; `subject` is the id of the order."""

    channel: Channel


class ServiceStarted(Event):
    """The service has begun."""

    organisation: EntityId
    person: PersonId


class ReportDone(Command, roles=PROVIDERS):
    """The organisation reports that the service is completed, and how many `minutes` it took.

    For a person who has checked in and out, the time between counts instead.
    """

    minutes: Annotated[Positive, AtTheDoor(le=MAX_MINUTES)]
    note: FreeText


class ServiceCompleted(Event):
    """The service is completed; it can be rated until `rate_until`."""

    organisation: EntityId
    person: PersonId
    minutes: Positive
    rate_until: Time


class OrderClosed(Event):
    """The order has ended because nobody rated it in time."""

    organisation: EntityId


class CancelOrder(Command, roles=PEOPLE):
    """Cancels the order before its service starts.

    The beneficiary does, the person who ordered for them, or the branch of the place.
    """

    reason: FreeText
    channel: Channel


class OrderCancelled(Event):
    """The order has ended; whoever was to serve is notified and free again."""

    organisation: EntityId | None = None
    person: PersonId | None = None
    reason: FreeText
    partners: Partners | None = None


class FailOrder(Command, roles=BRANCH_AND_PROVIDERS):
    """Records that an order which an organisation has accepted could not be delivered."""

    reason: FreeText


class OrderFailed(Event):
    """The order has ended because it could not be delivered."""

    organisation: EntityId
    person: PersonId | None = None
    reason: FreeText
    partners: Partners | None = None
