"""The section `matching`: how long answers about orders may take."""

from typing import Literal

from microgov.contracts.fields import Part
from microgov.contracts.rules.durations import Hours


class MatchingRules(Part):
    """How many hours there are to answer (domain.md §3).

    An organisation answers an assignment, a person who is asked to serve answers a proposal, and a beneficiary rates the
    service. From behaviour 3 on an assignment or a proposal also expires when its slot starts, if that is earlier.
    """

    section: Literal["matching"] = "matching"
    acceptance_hours: Hours = 48
    """An assignment expires if within this number of hours not every organisation has accepted: the responsible one and,
    where there are partners, each of them.
    """
    proposal_hours: Hours = 24
    """A proposal expires if the person who was asked to serve has not answered within this number of hours."""
    rating_hours: Hours = 168
    """An order is closed if nobody has rated it within this number of hours after the service was reported done
    (`ReportDone`).
    """
