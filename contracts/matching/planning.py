"""What can be asked of the planner, and the answer (never stored); what a suggestion was computed from (domain.md §3.4)."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import OPERATORS, Count, EntityId, LogSeq, Part, PlaceId, Time, Word, Words
from microgov.contracts.matching.vocabulary import BRANCH
from microgov.contracts.message import Question

Engine = Annotated[Literal["greedy", "optimal"], Field(examples=["greedy"])]
Cost = Annotated[int, Field(ge=-(10**9), le=10**9, examples=[450])]


class Planned(Part):
    """This provider was suggested for this order."""

    order: EntityId
    provider: EntityId


class PlanOrders(Question, roles=BRANCH | OPERATORS):
    """Suggestions for the orders inside a community (a place) that are ready, as they would be planned at this time.

    A page holds `most` orders; `after_id` is `next` of the page before. `so_far` is a plan that was
    announced already: whoever is in it counts as nearer (stability). Nothing is assigned by asking.
    """

    community: PlaceId
    engine: Engine = "greedy"
    at: Time
    so_far: Annotated[list[Planned] | None, Field(max_length=2000)] = None
    after_id: EntityId | None = None
    most: Annotated[int, Field(ge=1, le=200, examples=[50])] = 50
    after: LogSeq = 0


class SuggestedFrom(Part):
    """The versions that a suggestion was computed from."""

    order: Count
    organisation: Count
    offer: Count | None = None


class CostPart(Part):
    """A piece of what a provider costs for an order, in metres on foot."""

    name: Word
    metres: Cost


class RunnerUp(Part):
    """Who would have been next, and why not."""

    provider: EntityId
    cost: Cost
    code: Word
    why_not: Words


class Suggestion(Part):
    """This provider, of this organisation, for this order; `why` sums up to `cost`. For AssignOrder: `suggested_from`."""

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
    """Nobody for this order, and the rule that stood in the way most."""

    order: EntityId
    rule: Word
    why: Words


class OrdersPlanned(Part):
    """The answer to PlanOrders: of so many orders those of this page; `next` where there are more."""

    community: PlaceId
    engine: Engine
    at: Time
    orders: Count
    suggestions: Annotated[list[Suggestion], Field(max_length=20_000)]
    unplaced: Annotated[list[Unplaced], Field(max_length=200)]
    next: EntityId | None = None
