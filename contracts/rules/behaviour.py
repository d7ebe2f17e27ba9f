"""The section `house`: by which number `behaviour` the code decides."""

from typing import Literal

from microgov.contracts.fields import Part, Positive

BEHAVIOUR = 3
"""The highest number that this code knows; the gateway raises a house to it once all services of it have said so."""


BEHAVIOUR_TELL_ALL = 3
"""The behaviour from which all are told whom an order concerns."""


class BehaviourRules(Part):
    """`behaviour` rises where code decides differently from a live log (architecture.md §4.9).

    2: what becomes of offers is told; 3: everybody who was to serve, and every partner, hears that an order is off, and
    whoever was asked in vain that they are asked no longer; an order without an offer says its wish, organisations
    hear of an assignment in words of their own, and an answer is due before the service starts.
    """

    section: Literal["house"] = "house"
    behaviour: Positive = 3
    """In a log that never says it, 3; that stays so, whatever the code knows."""

    @property
    def tells_all(self) -> bool:
        """Whether the house has that behaviour."""
        return self.behaviour >= BEHAVIOUR_TELL_ALL
