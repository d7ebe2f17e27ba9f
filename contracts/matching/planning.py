"""Questions to the planner, and the answers (never stored; domain.md §3.4)."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import OPERATORS, Count, EntityId, LogSeq, Part, PlaceId, Time, Word, Words
from microgov.contracts.matching.vocabulary import BRANCH
from microgov.contracts.message import Question

Engine = Annotated[Literal["greedy", "optimal"], Field(examples=["greedy"])]
Cost = Annotated[int, Field(ge=-(10**9), le=10**9, examples=[450])]


class Planned(Part):
    """A line of an earlier plan: the provider who was suggested for an order."""

    order: EntityId
    provider: EntityId


class PlanOrders(Question, roles=BRANCH | OPERATORS):
    """Asks for suggestions for the orders inside a place (`community`) which can be assigned, as of the time `at`.

    Asking assigns nothing. A page holds `most` orders; `after_id` is `next` of the previous page. `so_far` is a plan
    that was announced already: its providers count as nearer to its orders, so that the plan stays stable.
    """

    community: PlaceId
    engine: Engine = "greedy"
    at: Time
    so_far: Annotated[list[Planned] | None, Field(max_length=2000)] = None
    after_id: EntityId | None = None
    most: Annotated[int, Field(ge=1, le=200, examples=[50])] = 50
    after: LogSeq = 0


class SuggestedFrom(Part):
    """The versions of the entities from which a suggestion was computed."""

    order: Count
    organisation: Count
    offer: Count | None = None


class CostPart(Part):
    """A part of the cost of a provider for an order, in metres on foot."""

    name: Word
    metres: Cost


class RunnerUp(Part):
    """The provider who is next best for the order, and why they are not suggested."""

    provider: EntityId
    cost: Cost
    code: Word
    why_not: Words


class Suggestion(Part):
    """The suggestion that `provider`, of `organisation`, serves `order`.

    `provider` is a person, or the organisation itself, which then chooses whom it asks. An order for several people may have
    several suggestions.

    The parts in `why` add up to `cost`, in metres on foot. `suggested_from` is to be copied into AssignOrder.
    """

    order: EntityId
    provider: EntityId
    organisation: EntityId
    offer: EntityId | None = None
    slot: EntityId | None = None
    cost: Cost
    why: Annotated[list[CostPart], Field(max_length=10)]
    runner_up: RunnerUp | None = None
    suggested_from: SuggestedFrom


class Unplaced(Part):
    """An order for which nobody is suggested, and why.

    `rule` is the rule that excluded the most providers, or another reason: `nobody` (there are no providers), `slot_full`,
    `taken` (by other orders) or `team` (there are not enough for all who are needed).
    """

    order: EntityId
    rule: Word
    why: Words


class OrdersPlanned(Part):
    """The answer to PlanOrders.

    `orders` counts all orders that can be assigned; this page has some of them, and `next` is given if there are more.
    """

    community: PlaceId
    engine: Engine
    at: Time
    orders: Count
    suggestions: Annotated[list[Suggestion], Field(max_length=20_000)]
    unplaced: Annotated[list[Unplaced], Field(max_length=200)]
    next: EntityId | None = None
