"""Updates a recording to what the present services answer."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.regeneration.regenerate import Regenerated, regenerate
from microgov.services.chassis.replay.collecting import states_of
from microgov.services.chassis.replay.feeding import to_fold
from microgov.services.chassis.service import Service
from microgov.testing.wording import shown_difference

REGENERATING = "重新生成 · regenerating"
StepProgress = Callable[[str, int, int], None]
"""Called with what is done, how many messages that takes in all, and how many were done since the last call."""


def no_progress(name: str, total: int, count: int) -> None:
    """Shows nothing."""


class NotUpdated(Exception):
    """The services answer the regenerated recording otherwise than when it was made; the text is the difference."""


def updated(
    recording: Recording, services: Sequence[Service], progress: StepProgress = no_progress
) -> Regenerated:
    """The recording with the present answers and states. Raises NotUpdated if it does not replay."""
    made = regenerate(recording, services, partial(progress, REGENERATING, len(recording.messages)))
    return with_states(made, services, progress)


def with_states(
    made: Regenerated, services: Sequence[Service], progress: StepProgress = no_progress
) -> Regenerated:
    """The regenerated recording with the states of the services. Raises NotUpdated if it does not replay."""
    states = {}
    for service in services:
        replaying = partial(progress, f"重放 · replaying: {service.name}", to_fold(service, made.recording))
        states[service.name], difference = states_of(service, made.recording, replaying)
        if difference is not None:
            raise NotUpdated(shown_difference(difference, ["memory"]))
    return replace(made, recording=replace(made.recording, states=states))


def write(path: Path, made: Regenerated) -> None:
    """Writes the updated recording in place of the old one."""
    new = made.recording
    recordings.write(path, new.tenant, new.messages, new.states, new.open)
