"""The kit with which a service is tested in messages (microgov/testing/given.py)."""

import gc
import weakref
from dataclasses import replace
from datetime import timedelta

import pytest

from microgov.contracts import issues
from microgov.services.issues.handlers import service
from microgov.testing.given import Scenario, about, given

LAMP = issues.SubmitIssue(title="路灯", text="不亮", place="yuanbu", channel="app")


def reported() -> Scenario:
    """p-1 has reported a lamp."""
    return given(service, about("lamp", LAMP, by="p-1"))


def test_what_follows_is_compared_as_a_whole() -> None:
    cosigned = issues.IssueCosigned(person="p-3", household="h-2", people=1, households=1)
    scenario = reported().when(about("lamp", issues.CosignIssue(), by="p-3")).then(cosigned)

    for other in ((), (cosigned, cosigned), (cosigned.model_copy(update={"people": 2}),)):
        with pytest.raises(AssertionError, match="people=1"):
            scenario.then(*other)
    with pytest.raises(AssertionError, match="not refused"):
        scenario.refused("own_issue")


def test_a_refusal_is_named_by_its_code_and_field() -> None:
    scenario = reported().when(about("lamp", issues.CosignIssue(), by="p-1")).refused("own_issue", "authid")

    with pytest.raises(AssertionError, match="refused with own_issue"):
        scenario.refused("not_found")
    with pytest.raises(AssertionError, match="because of authid"):
        scenario.refused("own_issue", "subject")
    with pytest.raises(AssertionError, match="refused"):
        scenario.then()


def test_time_passes_and_deadlines_fall_due() -> None:
    accepted = reported().when(about("lamp", issues.AcceptIssue(), by="p-2", role="branch"))
    hold = issues.SuspendIssue(reason="等零件", review_at=accepted.driver.now + timedelta(days=9))
    scenario = accepted.when(about("lamp", hold, by="p-2", role="branch"))

    assert scenario.after(days=8).then().events == []
    assert [type(event).__name__ for event in scenario.after(days=1).events] == ["IssueResumed"]
    assert reported().after(minutes=1).then().events == []


def test_what_is_given_must_be_accepted() -> None:
    with pytest.raises(AssertionError, match="was refused"):
        given(service, about("lamp", issues.AcceptIssue(), by="p-2", role="branch"))


def test_a_service_is_kept_as_long_as_its_driver_is_prepared() -> None:
    """Another service that got its `id` would begin with its rows."""
    other = replace(service)
    kept = weakref.ref(other)
    given(other)

    del other
    gc.collect()

    assert kept() is not None
