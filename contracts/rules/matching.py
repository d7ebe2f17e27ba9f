"""The section `matching`: how long answers about orders may take."""

from typing import Literal

from microgov.contracts.fields import Part
from microgov.contracts.rules.durations import Hours


class MatchingRules(Part):
    """How long organisations, persons and beneficiaries have to answer (domain.md §3)."""

    section: Literal["matching"] = "matching"
    acceptance_hours: Hours = 48
    """An assignment that the organisation has not answered by then expires."""
    proposal_hours: Hours = 24
    """A proposal that the person has not answered by then expires."""
    rating_hours: Hours = 168
    """An order that nobody has rated by then is closed."""
