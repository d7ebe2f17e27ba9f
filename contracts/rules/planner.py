"""The section `planning`: what the planner of matching weighs (domain.md §3.4)."""

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
    """For each job of the last 30 days, so that it is not always the same who serve."""
    continuity_metres: Metres = 200
    """So much nearer counts who has served this beneficiary before."""
    stability_metres: Metres = 300
    """So much nearer counts who is in the plan already."""
    unknown_metres: Metres = 1000
    """The distance where a pin is missing."""
    unnamed_metres: Metres = 500
    """For an organisation that has named nobody: somebody known is suggested first."""
    waited_metres: Metres = 20
    """For each day that an order has waited; where not all can be served, it goes before those that waited less."""
    urgent_counts: Positive = 2
    """An urgent order counts as so many ordinary ones."""
    emergency_counts: Positive = 4
    metres_per_minute: Positive = 75
    """How fast one walks from one task to the next."""
    travel_minutes: Annotated[int, Field(ge=0, le=1440, examples=[15])] = 15
    """The way from one task to the next where a pin is missing."""
    daily_cap: Positive = 3
    """So many tasks on one day, for whoever has not said otherwise."""
    nearest: Positive = 20
    """The engine `optimal` looks at so many providers for each order, those who cost least."""
    team_households: Positive = 8
    """So many households a care team 128 联户 has at most."""
    dialect_metres: Metres = 500
    """In a care team, for each household whose dialect the dasao does not speak."""
    own_building_metres: Metres = 300
    """In a care team, so much nearer counts a household in the landlord's own building."""
