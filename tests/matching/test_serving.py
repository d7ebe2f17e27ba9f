"""People who serve an order: several together, led by a social worker, replaced, dropping out, or not showing up."""

from datetime import timedelta

import pytest

from microgov.contracts import matching
from microgov.contracts.directory import RoleGranted, RoleRevoked
from microgov.contracts.fields import Role
from microgov.services.matching.serving.tasks import Task
from microgov.testing.service_driver import names
from tests.matching import order_steps, serving_steps


@pytest.mark.rule("3.2", "several people serve an order together, and all are needed")
def test_an_order_for_three_is_scheduled_once_three_agree_and_open_proposals_are_withdrawn() -> None:
    driver = order_steps.start()
    order_steps.bring_to_staffing(driver, staffing={"people": 3, "lead": False})
    serving_steps.ask_and_agree(driver, "p-5", "p-6")
    serving_steps.ask(driver, "p-8", "p-4")
    assert order_steps.show(driver).state == "staffing"

    said = order_steps.accept_proposal(driver, "p-8", "order-1-p-8")

    assert names(said) == ["ProposalAccepted", "OrderStaffed", "ProposalWithdrawn"]
    staffed = said[1].event
    assert isinstance(staffed, matching.OrderStaffed)
    assert staffed.people == ["p-5", "p-6", "p-8"]


@pytest.mark.rule("3.3", "I6 no volunteer before the social worker")
def test_a_social_worker_leads_and_agrees_before_any_volunteer() -> None:
    driver = order_steps.start()
    serving_steps.make_social_worker(driver)
    order_steps.bring_to_staffing(driver, **serving_steps.DUAL_WORKERS)
    serving_steps.ask(driver, "p-5")
    serving_steps.ask(driver, "p-7", duty="lead")
    assert (
        order_steps.refusal_code(driver, matching.AcceptProposal(channel="app"), "order-1-p-5", "p-5")
        == "lead_first"
    )

    order_steps.accept_proposal(driver, "p-7", "order-1-p-7")
    order_steps.accept_proposal(driver, "p-5", "order-1-p-5")

    assert order_steps.show(driver).state == "scheduled"
    assert order_steps.show(driver).person == "p-7"
    assert order_steps.refusal_code(driver, matching.CheckIn(channel="app"), "order-1", "p-5") == "lead_first"
    assert serving_steps.check_in(driver, "p-7") == ["ServiceStarted"]
    assert serving_steps.check_in(driver, "p-5") == ["PersonCheckedIn"]


def test_one_social_worker_leads_and_nobody_else_may() -> None:
    driver = order_steps.start()
    serving_steps.make_social_worker(driver)
    order_steps.bring_to_staffing(driver, **serving_steps.DUAL_WORKERS)
    lead = matching.ProposePerson(order="order-1", person="p-5", duty="lead")
    assert order_steps.refusal_code(driver, lead, "x", "p-rep") == "not_a_social_worker"
    driver.hear(RoleGranted(person="p-8", role=Role.SOCIAL_WORKER, place="yuanbu", until=driver.now), "p-8")
    assert (
        order_steps.refusal_code(driver, lead.model_copy(update={"person": "p-8"}), "x", "p-rep")
        == "not_a_social_worker"
    )
    driver.hear(RoleGranted(person="p-8", role=Role.SOCIAL_WORKER, place="yuanbu"), "p-8")
    serving_steps.ask(driver, "p-7", "p-8", duty="lead")
    order_steps.accept_proposal(driver, "p-7", "order-1-p-7")

    assert (
        order_steps.refusal_code(driver, matching.AcceptProposal(channel="app"), "order-1-p-8", "p-8")
        == "lead_taken"
    )
    driver.hear(RoleRevoked(person="p-7", role=Role.SOCIAL_WORKER, place="yuanbu"), "p-7")
    order_steps.bring_to_staffing(driver, "order-2", slot="pm")
    again = matching.ProposePerson(order="order-2", person="p-8", duty="lead")
    assert order_steps.refusal_code(driver, again, "x", "p-rep") == "no_lead_wanted"


def test_dropping_out_in_time_leaves_the_order_understaffed_and_gives_no_strike() -> None:
    driver = order_steps.start(**serving_steps.RULES)
    order_steps.bring_to_scheduled(driver)
    assert (
        order_steps.refusal_code(driver, matching.DropOut(reason="x", channel="app"), "prop-1", "p-6")
        == "not_yours"
    )

    said = driver.say(matching.DropOut(reason="病了", channel="app"), "prop-1", by="p-5")

    assert names(said) == ["ProposalReleased", "OrderUnderstaffed"]
    assert order_steps.show(driver).state == "staffing"
    assert driver.rows(Task) == []
    serving_steps.ask_and_agree(driver, "p-6")
    assert order_steps.show(driver).person == "p-6"


def test_dropping_out_an_hour_before_the_start_and_not_showing_up_each_give_a_strike() -> None:
    driver = order_steps.start(capacity=2, **serving_steps.RULES)
    for order, slot in (("order-1", "am"), ("order-2", "am")):
        order_steps.bring_to_staffing(driver, order, slot=slot)
    serving_steps.ask_and_agree(driver, "p-5")
    serving_steps.ask_and_agree(driver, "p-6", order="order-2")
    driver.now = order_steps.STARTS - timedelta(hours=1)

    dropped = driver.say(matching.DropOut(reason="有事", channel="app"), "order-1-p-5", by="p-5")
    driver.now = order_steps.STARTS + timedelta(minutes=20)
    missed = driver.say(matching.ReportNoShow(note="没来"), "order-2-p-6", by="p-rep")

    first, second = dropped[-1].event, missed[-1].event
    assert isinstance(first, matching.StrikeGiven)
    assert isinstance(second, matching.StrikeGiven)
    assert (first.reason, first.number, first.paused_until) == ("late_drop_out", 1, None)
    assert (second.reason, second.number) == ("no_show", 1)
    serving_steps.ask_and_agree(driver, "p-8")
    gone = driver.say(matching.ReportNoShow(note="没来"), "order-1-p-8", by="p-rep")[0].event
    assert isinstance(gone, matching.PersonDidNotShow)
    assert gone.person == "p-8"
    assert order_steps.proposal(driver, "order-1-p-8").state == "no_show"


@pytest.mark.rule("3.2", "strikes, and the pause that follows from them")
def test_after_the_number_of_strikes_in_the_rules_a_person_is_not_asked_for_30_days() -> None:
    driver = order_steps.start(capacity=3, **serving_steps.RULES)
    for n in (1, 2, 3):
        order_steps.bring_to_staffing(driver, f"order-{n}")
    for n in (1, 2):
        driver.now = order_steps.STARTS - timedelta(days=1) if n == 1 else driver.now
        serving_steps.ask_and_agree(driver, "p-5", order=f"order-{n}")
        driver.now = max(driver.now, order_steps.STARTS)
        struck = driver.say(matching.ReportNoShow(note="没来"), f"order-{n}-p-5", by="p-rep")[-1].event

    assert isinstance(struck, matching.StrikeGiven)
    assert struck.number == 2
    assert struck.paused_until == driver.now + timedelta(days=30)
    asking = matching.ProposePerson(order="order-3", person="p-5")
    assert order_steps.refusal_code(driver, asking, "x", "p-rep") == "person_paused"
    driver.now = struck.paused_until
    assert names(driver.say(asking, "x", by="p-rep")) == ["PersonProposed"]


def test_a_no_show_is_reported_after_the_start_and_by_the_organisation_of_the_person() -> None:
    driver = order_steps.start(**serving_steps.RULES)
    order_steps.bring_to_scheduled(driver)

    assert order_steps.refusal_code(driver, matching.ReportNoShow(note="x"), "prop-1", "p-rep") == "not_begun"
    assert (
        order_steps.refusal_code(
            driver, matching.ReportNoShow(note="x"), "prop-1", "p-8", role="organisation"
        )
        == "not_your_organisation"
    )


@pytest.mark.rule("3.2", "somebody else may serve in place of a person")
def test_the_organisation_replaces_a_person_by_somebody_else() -> None:
    driver = order_steps.start(**serving_steps.RULES)
    order_steps.bring_to_scheduled(driver)
    replacing = matching.ReplacePerson(by="prop-2", person="p-6", reason="调班")
    assert (
        order_steps.refusal_code(driver, replacing.model_copy(update={"person": "p-5"}), "prop-1", "p-rep")
        == "already_asked"
    )
    assert (
        order_steps.refusal_code(driver, replacing.model_copy(update={"by": "prop-1"}), "prop-1", "p-rep")
        == "already_exists"
    )

    said = driver.say(replacing, "prop-1", by="p-rep")

    assert names(said) == ["ProposalReplaced", "OrderUnderstaffed", "PersonProposed"]
    order_steps.accept_proposal(driver, "p-6", "prop-2")
    assert order_steps.show(driver).state == "scheduled"


@pytest.mark.rule("3.3", "I2 nobody has two tasks at the same time, the way between them included")
def test_the_way_between_two_tasks_counts_as_busy_time() -> None:
    driver = order_steps.start(**serving_steps.RULES)
    late = order_steps.slot("late", starts=order_steps.STARTS + timedelta(hours=2, minutes=29))
    free = order_steps.slot("free", starts=order_steps.STARTS + timedelta(hours=2, minutes=30))
    offering = matching.SubmitOffer(
        organisation="org-1", title="x", module="repair", place="yuanbu", slots=[late, free]
    )
    driver.say(offering, "offer-2", by="p-rep")
    driver.say(matching.PublishOffer(), "offer-2", by="p-branch")
    order_steps.bring_to_scheduled(driver)
    for order, slot in (("order-2", "late"), ("order-3", "free")):
        order_steps.bring_to_staffing(driver, order, offer="offer-2", slot=slot)
        serving_steps.ask(driver, "p-5", order=order)

    assert (
        order_steps.refusal_code(driver, matching.AcceptProposal(channel="app"), "order-2-p-5", "p-5")
        == "overlapping_task"
    )
    assert order_steps.accept_proposal(driver, "p-5", "order-3-p-5")
