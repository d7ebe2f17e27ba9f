"""The kind of thing that an event's field `subject` names: an issue, a ballot, an order.

Things of different kinds may have the same id. The gateway's courier copies events to the publisher whose command began
the thing. The kind makes sure that a publisher that began the issue `lamp` gets no copies about a ballot `lamp`.

The module of the events names the kind as `ABOUT`. An event that is about another kind of thing names it itself:
`class MemberSeated(Event, about="seat")`.
"""

from functools import cache

from microgov.contracts.message import Message
from microgov.contracts.registry import every_message


@cache
def kinds() -> dict[str, str]:
    """The kind of thing for every event, by the event's type."""
    return {message.TYPE: kind_of(message) for message in every_message() if message.KIND == "event"}


def kind_of(event: type[Message]) -> str:
    """The kind of thing that this event's field `subject` names. Raises TypeError if neither class nor module names one."""
    if not event.ABOUT:
        raise TypeError(
            f'{event.__module__}: write ABOUT = "…" above {event.__name__}, the kind of thing that its events are about'
        )
    return event.ABOUT
