"""The section `house`, which says by which `behaviour` the services decide for a tenant."""

from typing import Literal, NamedTuple

from microgov.contracts.fields import Part, Positive


class Behaviour(NamedTuple):
    """One number of `behaviour`. `name`: what the code calls it; `since`: the day on which the code first knew it; `what` is
    decided differently from this number on, and `why`.
    """

    number: int
    name: str
    since: str
    what: str
    why: str


BEHAVIOURS = (
    Behaviour(1, "first", "2026-11-24", "The decisions that the services began with.", "–"),
    Behaviour(
        2,
        "offers",
        "2026-11-25",
        "Organisations are notified of what becomes of their offers, and all concerned of an order that failed.",
        "There were no notices about matching before.",
    ),
    Behaviour(
        3,
        "tell all",
        "2026-11-28",
        "Everybody who was to serve, and every partner, is notified that an order is cancelled; a person who had not "
        "answered, that the proposal has ended; an organisation, of an assignment of its own. The notice of an order "
        "without an offer holds its wish. An answer is due before the service starts.",
        "People came for nothing, or answered too late, because nobody had told them.",
    ),
    Behaviour(
        4,
        "cosign v2",
        "2026-12-01",
        "`issues.cosign_issue.v2` is accepted, in which the channel may be left out. Version 1 is accepted as before, and "
        "both are decided alike.",
        "Nothing depends on the channel of a co-signature, and earlier releases do not know the second version.",
    ),
    Behaviour(
        5,
        "lost keys",
        "2026-12-01",
        "A secret ballot whose key is lost ends as to be repeated, and everybody who voted is told.",
        "All its votes were counted as spoiled, which was a result.",
    ),
)
"""Every number that this code knows, the lowest first; docs/rules.md shows them."""
BEHAVIOUR = BEHAVIOURS[-1].number
"""The highest number that this code knows; the gateway raises a tenant to it once all services report that they know it."""
BEHAVIOUR_LOST_KEYS = 5
"""The behaviour from which on a secret ballot whose key is lost is to be repeated."""
BEHAVIOUR_TELL_ALL = 3
"""The behaviour from which on everybody whom an order concerns is notified."""


class BehaviourRules(Part):
    """The number `behaviour`, which rises when new code decides differently from before (architecture.md §4.9).

    2: people are notified of what becomes of offers. 3: everybody who was to serve, and every partner, is notified
    that an order is cancelled, and a person who had not answered that the proposal has ended; the notice of an order
    without an offer holds its wish; organisations get a notice of an assignment of their own; and an answer is due
    before the service starts. 4: `issues.cosign_issue.v2` is accepted. 5: a secret ballot whose key is lost is to be
    repeated. `BEHAVIOURS` lists them with their reasons.
    """

    section: Literal["house"] = "house"
    behaviour: Positive = 3
    """The number for a log without this section. It stays 3 when `BEHAVIOUR` rises, so that such a log is decided as
    before.
    """

    @property
    def repeats_lost_ballots(self) -> bool:
        """Whether the tenant has behaviour 5."""
        return self.behaviour >= BEHAVIOUR_LOST_KEYS

    @property
    def tells_all(self) -> bool:
        """Whether the tenant has behaviour 3."""
        return self.behaviour >= BEHAVIOUR_TELL_ALL
