"""Which rows are looked at where something is remembered of who follows a matter; only speed depends on it."""

from collections.abc import Callable

from microgov.services.chassis.model import AnyMessage
from microgov.services.chassis.service import Key
from microgov.services.notify.audience.followers import SERVING, Follow, FollowedSubject
from microgov.services.notify.model import REACHABLE, ContactChannel, Person


def serving(m: AnyMessage) -> list[Key]:
    """The row that says whether the person whom the event names is to serve the order."""
    return [(Follow, (SERVING, m.data.order, m.data.person))]


def offer_of(m: AnyMessage) -> list[Key]:
    """The offer that is ordered from, by its name; and who is to follow the order."""
    people: list[Key] = [
        (Follow, ("order", m.subject, person)) for person in {m.data.beneficiary, m.data.placed_by}
    ]
    return [*people, *([(FollowedSubject, ("offer", m.data.offer))] if m.data.offer else [])]


def follow(person: str) -> Callable[[AnyMessage], list[Key]]:
    """The row that says whether the person in this field follows the issue; and how they are told what comes next."""

    def rows(m: AnyMessage) -> list[Key]:
        who = getattr(m.data, person)
        reached: list[Key] = [(ContactChannel, (who, channel)) for channel in REACHABLE]
        return [(Follow, ("issue", m.subject, who)), (Person, who), *reached]

    return rows
