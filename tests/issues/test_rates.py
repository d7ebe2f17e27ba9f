"""The rates of what became of issues: what counts, when, and what does not."""

from datetime import datetime, timedelta

import pytest

from microgov.contracts import issues
from microgov.services.chassis.model import Refused
from microgov.services.issues.questions.rates import show_rates
from tests.issues import issue_steps
from tests.issues.both_rates import EVER, answer, asked, told
from tests.support.service_driver import START, Talk


def test_where_nothing_has_happened_everything_is_nought() -> None:
    talk = issue_steps.start()

    assert {told(one) == (0, 0, {}, 0) for one in asked(talk).values()} == {True}


def test_a_closing_is_deliberated_and_a_reopening_is_counted_where_it_was_closed() -> None:
    talk = issue_steps.start()
    issue_steps.close(talk)
    closed = talk.now
    talk.wait(days=1)
    answer(talk, "p-2", solved=False)
    talk.say(issues.ReopenIssue(reason="x"), "veg-1", by="p-branch")
    talk.wait(days=1)

    rates, later = (
        asked(talk, to=closed + timedelta(microseconds=1)),
        asked(talk, from_=closed + timedelta(microseconds=1)),
    )

    assert told(rates["deliberated"]) == (1, 1, {}, 0) and told(rates["reopened"]) == (1, 1, {}, 0)
    assert told(later["deliberated"]) == (0, 0, {}, 0) and told(later["reopened"]) == (0, 0, {}, 0)
    assert told(asked(talk, to=closed)["deliberated"]) == (0, 0, {}, 0)


def submitted(talk: Talk, id: str, by: str = "p-4") -> None:
    issue_steps.submit(talk, id, by=by)


def test_declined_and_withdrawn_issues_are_excluded_unless_it_is_appealed() -> None:
    talk = issue_steps.start()
    for id in ("v-1", "v-2", "v-3"):
        submitted(talk, id)
    for id in ("v-1", "v-2"):
        talk.say(issues.DeclineIssue(ground="no_content", reason="x"), id, by="p-branch")
    talk.say(issues.AppealDecline(reason="x", channel="app"), "v-2", by="p-4")
    talk.say(issues.WithdrawIssue(channel="app"), "v-3", by="p-4")

    rates = asked(talk)

    assert told(rates["deliberated"]) == told(rates["reopened"]) == (0, 0, {"declined": 1, "withdrawn": 1}, 0)


def test_an_issue_that_is_passed_on_is_not_withdrawn() -> None:
    talk = issue_steps.start()
    issue_steps.triage(talk)
    issue_steps.cosign(talk, "p-2")
    talk.say(issues.WithdrawIssue(channel="app"), "veg-1", by="p-1")

    assert told(asked(talk)["deliberated"]) == (0, 0, {}, 0)


def route(talk: Talk, id: str) -> datetime:
    talk.say(issues.RouteIssue(owner="crew", rule="by_hand"), id, by="p-branch")
    return talk.now


def test_a_return_counts_where_it_was_routed_and_a_withdrawn_issue_not_at_all() -> None:
    talk = issue_steps.start()
    for id in ("v-1", "v-2"):
        submitted(talk, id)
        talk.say(issues.AcceptIssue(), id, by="p-branch")
        talk.say(issue_steps.TRIAGE, id, by="p-branch")
        first = route(talk, id)
        talk.wait(days=1)
        talk.say(issues.ReturnIssue(reason="x"), id, by="p-branch")
        second = route(talk, id)

    assert told(asked(talk)["returned"]) == (2, 4, {}, 0)
    talk.say(issues.WithdrawIssue(channel="app"), "v-1", by="p-4")

    assert told(asked(talk)["returned"]) == (1, 2, {"withdrawn": 2}, 0)
    assert told(asked(talk, from_=first, to=second)["returned"]) == (1, 1, {"withdrawn": 1}, 0)


@pytest.mark.parametrize(
    ("how", "claimed"),
    [
        ({"by": "p-5"}, 1),
        ({"by": "p-5", "role": "landlord"}, 1),
        ({"by": "p-5", "role": "social_worker"}, 0),
        ({"by": "p-5", "role": "property_company"}, 0),
        ({"by": "p-social", "role": "social_worker", "on_behalf_of": "p-5"}, 1),
    ],
)
def test_an_item_is_self_claimed_by_a_resident_or_on_a_persons_behalf(
    how: dict[str, str], claimed: int
) -> None:
    talk = issue_steps.start()
    item = issue_steps.adopt(talk)
    unclaimed = told(asked(talk)["self_claimed"])

    talk.say(issues.ClaimActionItem(channel="app"), item, **how)  # type: ignore[arg-type]  # roles and people

    assert (unclaimed, told(asked(talk)["self_claimed"])) == ((0, 1, {}, 0), (claimed, 1, {}, 0))


def test_items_of_a_withdrawn_issue_do_not_count() -> None:
    talk = issue_steps.start()
    issue_steps.adopt(talk)
    for person in ("p-2", "p-3"):
        talk.say(issues.WithdrawCosign(channel="app"), "veg-1", by=person)
    talk.say(issues.WithdrawIssue(channel="app"), "veg-1", by="p-1")

    assert told(asked(talk)["self_claimed"]) == (0, 0, {"withdrawn": 1}, 0)


def test_a_withdrawal_takes_out_what_happened_since_the_reopening_alone() -> None:
    talk = issue_steps.start()
    issue_steps.close(talk)
    answer(talk, "p-2", solved=False)
    talk.say(issues.ReopenIssue(reason="x"), "veg-1", by="p-branch")
    route(talk, "veg-1")
    for person in ("p-2", "p-3"):
        talk.say(issues.WithdrawCosign(channel="app"), "veg-1", by=person)
    talk.say(issues.WithdrawIssue(channel="app"), "veg-1", by="p-1")

    rates = asked(talk)

    assert told(rates["self_claimed"]) == (1, 1, {}, 0) and told(rates["returned"]) == (
        0,
        0,
        {"withdrawn": 1},
        0,
    )
    assert told(rates["deliberated"]) == told(rates["reopened"]) == (1, 1, {"withdrawn": 1}, 0)


def test_a_matter_counts_for_every_place_on_its_path_and_for_no_other() -> None:
    talk = issue_steps.start()
    issue_steps.close(talk)

    counted = {
        place: asked(talk, community=place)["deliberated"].denominator
        for place in ("yuanbu-south", "yuanbu", "donghu", "elsewhere")
    }

    assert counted == {"yuanbu-south": 1, "yuanbu": 1, "donghu": 1, "elsewhere": 0}


@pytest.mark.parametrize("span", [timedelta(), timedelta(days=-1)])
def test_a_span_that_ends_before_it_begins_is_refused_with_its_field(span: timedelta) -> None:
    talk = issue_steps.start()

    with pytest.raises(Refused) as caught:
        show_rates(issues.ShowRates(from_=START, to=START + span), talk.s)

    assert (caught.value.code, caught.value.field) == ("bad_window", "from_")
    assert "from" in caught.value.words.en and "from" in caught.value.words.zh


def test_a_place_that_is_not_there_is_refused_with_its_field() -> None:
    talk = issue_steps.start()

    with pytest.raises(Refused) as caught:
        show_rates(issues.ShowRates.model_validate({**EVER, "community": "nowhere"}), talk.s)

    assert (caught.value.code, caught.value.field) == ("unknown_place", "community")
