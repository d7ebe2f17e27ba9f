"""The section `matching`: how long answers about orders may take."""

from typing import Literal

from microgov.contracts.fields import Part
from microgov.contracts.rules.durations import Hours


class MatchingRules(Part):
    """How long organisations, persons and beneficiaries have to answer (domain.md §3)."""

    section: Literal["matching"] = "matching"
    acceptance_hours: Hours = 48
    """An assignment expires if the organisation has not answered within this number of hours."""
    proposal_hours: Hours = 24
    """A proposal expires if the person has not answered within this number of hours."""
    rating_hours: Hours = 168
    """An order is closed if nobody has rated it within this number of hours."""
