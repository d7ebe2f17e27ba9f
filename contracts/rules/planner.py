"""The section `planning`: the weights of the planner of matching (domain.md §3.4)."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import Part, Positive

Metres = Annotated[int, Field(ge=0, le=100_000, examples=[50])]


class PlanningRules(Part):
    """What counts for and against a suggestion, in metres on foot: the provider with the lowest cost is suggested.

    Serving one more order, or a more urgent one, outweighs any such cost (domain.md §3.4).
    """

    section: Literal["planning"] = "planning"
    fairness_metres: Metres = 50
    """Added for each task of the last 30 days, so that tasks are spread over the providers."""
    continuity_metres: Metres = 200
    """Subtracted for a provider who has served this beneficiary before."""
    stability_metres: Metres = 300
    """Subtracted for a provider whom the plan suggested already."""
    unknown_metres: Metres = 1000
    """The distance if a pin is missing."""
    unnamed_metres: Metres = 500
    """Added for an organisation that has named no person, so that a known person is suggested first."""
    waited_metres: Metres = 20
    """The advantage of an order for each day that it has waited: if not all can be served, those that have waited
    longest are.
    """
    urgent_counts: Positive = 2
    """How many ordinary orders an urgent one counts as."""
    emergency_counts: Positive = 4
    """How many ordinary orders an emergency counts as."""
    metres_per_minute: Positive = 75
    """The speed of walking from one task to the next, in metres per minute."""
    travel_minutes: Annotated[int, Field(ge=0, le=1440, examples=[15])] = 15
    """The minutes from one task to the next if a pin is missing."""
    daily_cap: Positive = 3
    """The most tasks of a person on one day."""
    nearest: Positive = 20
    """How many providers the engine `optimal` considers for each order, those with the lowest cost."""
    team_households: Positive = 8
    """The most households in a proposed care team 128联户. GroupHouseholds takes `teams.households` in its place."""
    dialect_metres: Metres = 500
    """In a care team: added for each household whose dialect the dasao does not speak."""
    own_building_metres: Metres = 300
    """In a care team: subtracted for each household in the landlord's own building."""
