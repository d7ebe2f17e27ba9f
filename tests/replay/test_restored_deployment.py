"""A deployment in memory that returns to an earlier state goes on as it did from there."""

from datetime import timedelta

import pytest

from microgov.contracts import issues
from microgov.services.chassis.log import Stored
from tests.replay.small_deployment import START, ballot_held, deployment_of, submit, types


def test_an_earlier_state_is_restored_and_goes_on_with_the_same_numbers() -> None:
    deployment = deployment_of("wang")
    kept = deployment.snapshot()
    first = [*submit(deployment)]

    deployment.restore(kept)

    assert [*submit(deployment)] == first


def test_what_was_not_folded_yet_is_gone_after_a_return_to_an_earlier_state() -> None:
    deployment = deployment_of("wang")
    kept = deployment.snapshot()
    deployment.put(issues.AcceptIssue(), "patch", "branch")

    deployment.restore(kept)

    assert deployment.settle() == []


def test_a_secret_ballot_that_was_open_is_counted_after_a_return_to_that_state() -> None:
    deployment = deployment_of("wang")
    ballot_held(deployment, True)
    kept = deployment.snapshot()
    deployment.advance(START + timedelta(days=3))
    first = [*deployment.log.messages]

    deployment.restore(kept)
    deployment.advance(START + timedelta(days=3))

    assert "secret_ballot_counted" in types(first)
    assert deployment.log.messages == first


def test_what_a_sink_has_got_cannot_be_taken_back() -> None:
    got: list[Stored] = []
    for deployment in (deployment_of("wang", sink=got.append), deployment_of("wang", collects=True)):
        with pytest.raises(ValueError, match="cannot return to an earlier state"):
            deployment.snapshot()
