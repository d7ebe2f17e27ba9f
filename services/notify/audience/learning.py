"""Functions for `reads` (chassis/service.py) that name the rows which the handlers of followers.py need, so that a batch
loads them together. Only speed depends on it.
"""

from collections.abc import Callable

from microgov.services.chassis.model import AnyMessage
from microgov.services.chassis.service import Key
from microgov.services.notify.audience.followers import SERVING, Follow, FollowedSubject
from microgov.services.notify.model import REACHABLE, ContactChannel, Person


def serving(m: AnyMessage) -> list[Key]:
    """The row that says whether the person named by the event serves the order."""
    return [(Follow, (SERVING, m.data.order, m.data.person))]


def offer_of(m: AnyMessage) -> list[Key]:
    """The offer's title, and the followers of the new order."""
    people: list[Key] = [
        (Follow, ("order", m.subject, person)) for person in {m.data.beneficiary, m.data.placed_by}
    ]
    return [*people, *([(FollowedSubject, ("offer", m.data.offer))] if m.data.offer else [])]


def follow(person: str) -> Callable[[AnyMessage], list[Key]]:
    """A function that returns the keys of rows about the person named in this field of the event: whether they follow the
    issue, their language, and their notification channels.
    """

    def rows(m: AnyMessage) -> list[Key]:
        who = getattr(m.data, person)
        reached: list[Key] = [(ContactChannel, (who, channel)) for channel in REACHABLE]
        return [(Follow, ("issue", m.subject, who)), (Person, who), *reached]

    return rows
