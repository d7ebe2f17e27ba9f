"""Makes the states that a recording holds, by replaying it in memory, one message at a time."""

from collections.abc import Callable

from microgov.services.chassis.recording.recording import Recording, States
from microgov.services.chassis.replay.checkpoints import StateCollector, step_of
from microgov.services.chassis.replay.comparison import Comparison
from microgov.services.chassis.replay.difference import Difference
from microgov.services.chassis.replay.feeding import feed, prepare, scratch_engine
from microgov.services.chassis.service import Service


def states_of(
    service: Service, recording: Recording, progress: Callable[[int], None] = lambda _: None
) -> tuple[States, Difference | None]:
    """The states of this service after its messages, and the first difference of its answers, if there is one. Raises
    KeyboardInterrupt if ctrl-C ended the replay inside of a handler.
    """
    made, states = scratch_engine(), StateCollector(service, step_of(recording))
    prepare(made, service)
    answers = feed(service, recording, made, progress, batch=1, states=states)
    first: Difference | None = None
    for found in Comparison(service, recording).differences(answers):
        first = first or found
        if found.kind == "interrupted":
            raise KeyboardInterrupt
    made.dispose()
    return states.end(), first
