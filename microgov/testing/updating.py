"""Updates a recording to what the present services answer."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from microgov.services.chassis.replay import recording as recordings
from microgov.services.chassis.replay.collecting import states_of
from microgov.services.chassis.replay.recording import Recording
from microgov.services.chassis.replay.regenerate import Regenerated, regenerate
from microgov.services.chassis.service import Service
from microgov.testing.wording import shown_difference


class NotUpdated(Exception):
    """The services answer the regenerated recording otherwise than when it was made; the text is the difference."""


def updated(
    recording: Recording, services: Sequence[Service], progress: Callable[[int], None] = lambda _: None
) -> Regenerated:
    """The recording with the present answers and states. Raises NotUpdated if it does not replay."""
    return with_states(regenerate(recording, services, progress), services)


def with_states(made: Regenerated, services: Sequence[Service]) -> Regenerated:
    """The regenerated recording with the states of the services. Raises NotUpdated if it does not replay."""
    states = {}
    for service in services:
        states[service.name], difference = states_of(service, made.recording)
        if difference is not None:
            raise NotUpdated(shown_difference(difference, ["memory"]))
    return replace(made, recording=replace(made.recording, states=states))


def write(path: Path, made: Regenerated) -> None:
    """Writes the updated recording in place of the old one."""
    new = made.recording
    recordings.write(path, new.tenant, new.messages, new.states, new.open)
