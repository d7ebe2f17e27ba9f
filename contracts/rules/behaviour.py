"""The section `house`, which says by which `behaviour` the services decide for a tenant."""

from typing import Literal

from microgov.contracts.fields import Part, Positive

BEHAVIOUR = 3
"""The highest number that this code knows; the gateway raises a tenant to it once all services report that they know it."""


BEHAVIOUR_TELL_ALL = 3
"""The behaviour from which on everybody whom an order concerns is notified."""


class BehaviourRules(Part):
    """The number `behaviour`, which rises when new code decides differently from before (architecture.md §4.9).

    2: people are notified of what becomes of offers. 3: everybody who was to serve, and every partner, is notified
    that an order is cancelled, and a person who had not answered that the proposal has ended; the notice of an order
    without an offer holds its wish; organisations get a notice of an assignment of their own; and an answer is due
    before the service starts.
    """

    section: Literal["house"] = "house"
    behaviour: Positive = 3
    """The number for a log without this section. It stays 3 when `BEHAVIOUR` rises, so that such a log is decided as
    before.
    """

    @property
    def tells_all(self) -> bool:
        """Whether the tenant has behaviour 3."""
        return self.behaviour >= BEHAVIOUR_TELL_ALL
