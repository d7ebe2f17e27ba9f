"""Compares the rows of the running services with the states that a replay of their log has made."""

from collections.abc import Mapping
from typing import NamedTuple

from microgov.client.publisher import Client
from microgov.contracts.state import AskState, StateShown
from microgov.services.chassis.recording.recording import Recording, States
from microgov.services.chassis.replay.checkpoints import EACH_UP_TO, sums_at


class OtherRows(NamedTuple):
    """A running service whose rows, after the message at `position`, are not those of a replay."""

    service: str
    position: int
    tables: list[str]


async def running_states(client: Client, services: list[str]) -> list[StateShown]:
    """The states of the running services."""
    return [
        StateShown.model_validate(await client.ask_at_leisure(service, AskState())) for service in services
    ]


def other_rows(
    recording: Recording, states: Mapping[str, States], running: list[StateShown]
) -> list[OtherRows]:
    """The services whose rows are not those of the replay. A service that has folded more than the recording holds is
    passed over, and so is one in the middle of a recording that holds the state only after every thousandth message.
    """
    found: list[OtherRows] = []
    last = recording.messages[-1].seq if recording.messages else 0
    for shown in running:
        mine = states.get(shown.service, ())
        end = mine[-1][0] if mine else 0
        if shown.position > last or (len(recording.messages) > EACH_UP_TO and shown.position < end):
            continue
        replayed, rows = sums_at(mine, shown.position), {one.table: one.sum for one in shown.tables}
        tables = sorted(t for t in {*replayed, *rows} if replayed.get(t) != rows.get(t))
        if tables:
            found.append(OtherRows(shown.service, shown.position, tables))
    return found
