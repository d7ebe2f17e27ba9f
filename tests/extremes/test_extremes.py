"""No message that the door accepts makes code fail: folds, deadlines, notices, answers, sentences for the log, sheets.

A story is played up to a message; then the message is sent with each field at its bounds, and the story goes on. A new
field needs no new test: its bounds are read from its class.
"""

import re
import traceback
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from microgov.contracts.message import Question
from microgov.services.chassis.messages.parsed import HandlerFailed
from microgov.testing.deployment.memory_deployment import MemoryDeployment
from microgov.testing.deployment.services import DeploymentState
from microgov.text.sentences import use_local_time
from tests.extremes import everything_shown
from tests.extremes.stories import Body, later, stories, time_of
from tests.extremes.trials import WITHOUT_EFFECT_HERE, Trial, sendable, trials, variants


@pytest.fixture(autouse=True)
def _utc_again() -> Iterator[None]:
    """Showing everything switches to local time for the whole process."""
    yield
    use_local_time(timedelta(0))


MOST_DEADLINES = 60
"""How many deadlines are reported at once: some entities set the next deadline whenever one is reached, for ever."""
FOLLOWING_INPUTS, TIME_AFTERWARDS, DEADLINES_AT_ONCE = 12, timedelta(days=900), 15
"""What follows the varied message: so many inputs, then a time in which deadlines fall due, so many at once at most."""
DAYS_BEFORE = (33, 500)
"""Days that pass before the message: more than any default time limit, and more than any rule can set."""
STORIES = {story.name: story for story in stories()}
WITH_FIRST_TRIAL = sorted({trial.story.name for some in trials().values() for trial in some if trial.first})
WITH_ANY_TRIAL = sorted({trial.story.name for some in trials().values() for trial in some})


def test_every_message_that_may_be_sent_is_tried_in_a_story_that_accepts_it() -> None:
    tried = {name.split()[0] for name in trials()}

    assert {cls.TYPE for cls in sendable()} - tried == WITHOUT_EFFECT_HERE


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_played_to_its_end(name: str) -> None:
    story = STORIES[name]
    deployment = MemoryDeployment(story.tenant)
    for body in story.inputs:
        deployment.report_due(time_of(body), MOST_DEADLINES)
        said = deployment.hear(body)
        refused = [one["data"]["code"] for one in said if one["type"] == "log.command_refused.v1"]
        assert "seq" in body or not refused, f"{body['type']}: {refused}"
    everything_shown.show_everything(deployment, 0, everything_shown.answerable(deployment))
    deployment.close()


@pytest.mark.parametrize("name", STORIES)
def test_a_story_with_ids_of_the_greatest_length_is_played_to_its_end(name: str) -> None:
    """Ids that services derive from these ids must be valid, too."""
    story = STORIES[name]
    prefix = story.tenant.removeprefix("rec-").split("-")[0]
    deployment = MemoryDeployment(story.tenant)
    for body in with_long_ids(story.inputs, prefix):
        deployment.report_due(time_of(body), MOST_DEADLINES)
        deployment.hear(body)
    everything_shown.show_everything(deployment, 0, everything_shown.answerable(deployment))
    deployment.close()


def with_long_ids(value: Any, prefix: str) -> Any:
    if isinstance(value, dict):
        return {
            name: one if name in ("tenant", "source", "type") else with_long_ids(one, prefix)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [with_long_ids(one, prefix) for one in value]
    if isinstance(value, str) and re.fullmatch(rf"{prefix}-[a-z0-9-]+", value):
        return value.ljust(64, "z")
    return value


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_FIRST_TRIAL)
def test_nothing_fails_at_the_extremes_of_any_field(name: str) -> None:
    assert_nothing_fails(name, False)


@pytest.mark.rig
@pytest.mark.parametrize("name", WITH_ANY_TRIAL)
def test_nothing_fails_at_the_extremes_of_any_field_in_another_story_too(name: str) -> None:
    assert_nothing_fails(name, True)


def assert_nothing_fails(name: str, every: bool) -> None:
    """Asserts that no variant of the story's trials fails; the assertion lists all errors.

    `every`: also with each id at its greatest length, and in the last story that has the message.
    """
    some = [trial for some in trials().values() for trial in some if trial.story.name == name]
    here = {trial.at: trial for trial in some if every or trial.first}
    deployment, kept = MemoryDeployment(STORIES[name].tenant), dict[int, DeploymentState]()
    for at, body in enumerate(STORIES[name].inputs):
        deployment.report_due(time_of(body), MOST_DEADLINES)
        if at in here:
            kept[at] = deployment.snapshot()
        deployment.hear(body)
    asked = everything_shown.answerable(deployment)

    failed = [
        why
        for at, trial in sorted(here.items())
        for why in _failures(deployment, kept[at], trial, asked, every)
    ]

    deployment.close()
    assert failed == []


def _failures(
    deployment: MemoryDeployment, kept: DeploymentState, trial: Trial, asked: list[Question], every: bool
) -> Iterator[str]:
    body, rest = (
        trial.story.inputs[trial.at],
        trial.story.inputs[trial.at + 1 : trial.at + 1 + FOLLOWING_INPUTS],
    )
    tries = [(how, [given, *rest]) for how, given in variants(trial, every)]
    tries += [(f"{days} days pass", later([body, *rest], timedelta(days=days))) for days in DAYS_BEFORE]
    for how, inputs in tries:
        deployment.restore(kept)
        try:
            _go_on(deployment, inputs, asked)
        except Exception as error:
            yield f"{body['type']} at {trial.at}, {how}: {_why(error)}"


def _go_on(deployment: MemoryDeployment, inputs: list[Body], asked: list[Question]) -> None:
    since = deployment.log.length
    for body in inputs:
        deployment.report_due(time_of(body), DEADLINES_AT_ONCE)
        deployment.hear(body)
    deployment.report_due(time_of(inputs[-1]) + TIME_AFTERWARDS, DEADLINES_AT_ONCE)
    everything_shown.show_everything(deployment, since, asked)


def _why(error: Exception) -> str:
    if isinstance(error, HandlerFailed):
        return " ".join(str(error).split())[:600]
    return " ".join(traceback.format_exc().split())[-600:]
