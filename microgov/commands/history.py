"""The history of an issue, which the service `issues` returns page by page."""

from typing import Any

from microgov.client.operator import parse_stored
from microgov.client.publisher import Client
from microgov.contracts.issues import ShowHistory
from microgov.contracts.message import Envelope, Message, canonical
from microgov.services.chassis.log import Stored

PAGE_SIZE = 500


async def history(
    client: Client, issue: str, first: int, most: int
) -> tuple[list[dict[str, Any]], int | None]:
    """Up to `most` events `{seq, event}` of the issue, from the log sequence `first` on.

    Also returns the sequence at which the next page starts, or None after the last event.
    """
    events: list[dict[str, Any]] = []
    at: int | None = first
    while at is not None and len(events) < most:
        asked = ShowHistory(issue=issue, from_seq=at, most=min(PAGE_SIZE, most - len(events)))
        page = await client.ask("issues", asked)
        events, at = events + page["events"], page.get("next")
    return events, at


def parse_event(event: dict[str, Any]) -> Envelope[Message] | None:
    """The parsed message, or None if this version does not know its type."""
    return parse_stored(
        Stored(0, f"log.{event['tenant']}.{event['writer']}.{event['type']}", canonical(event))
    )
