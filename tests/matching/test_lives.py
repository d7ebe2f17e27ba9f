"""The state machines of the service: each refuses the commands for which its state has no row."""

from typing import Any

import pytest

from microgov.contracts import matching
from microgov.contracts.message import Command
from microgov.services.matching.offers import offer as offers
from microgov.services.matching.offers.offer import Offer
from microgov.services.matching.orders import life as orders
from microgov.services.matching.orders.order import Order
from microgov.services.matching.registry import organisations as registry
from microgov.services.matching.registry import providers
from microgov.services.matching.registry.organisations import OrganisationStage
from microgov.services.matching.registry.providers import Provider
from microgov.services.matching.serving import life as proposals
from microgov.services.matching.serving.proposals import Proposal
from microgov.testing.service_driver import ServiceDriver, refusal
from tests.matching import order_steps, provider_steps
from tests.support.state_machines import refuses


def sender(driver: ServiceDriver, subject: str) -> Any:
    """Returns `say`: called with a command, it returns a function without arguments that sends it to `subject`."""

    def say(command: Command, by: str, to: str = subject, **how: Any) -> Any:
        return lambda: driver.say(command, to, by=by, **how)

    return say


def test_an_offer_refuses_what_its_state_does_not_allow() -> None:
    driver = order_steps.start()
    say = sender(driver, "offer-1")

    assert (
        refuses(
            driver,
            offers.LIFE,
            driver.row(Offer, "offer-1"),
            {
                matching.PublishOffer: say(matching.PublishOffer(), "p-branch"),
                matching.RejectOffer: say(matching.RejectOffer(reason="x"), "p-branch"),
                matching.PauseOffer: say(matching.PauseOffer(), "p-rep", role="organisation"),
                matching.ResumeOffer: say(matching.ResumeOffer(), "p-branch"),
                matching.CloseOffer: say(matching.CloseOffer(), "p-branch"),
                matching.WithdrawOffer: say(matching.WithdrawOffer(), "p-rep"),
                matching.DraftOffer: say(
                    matching.DraftOffer.model_validate(dict(order_steps.offering())), "p-rep"
                ),
                matching.SubmitOffer: say(order_steps.offering(), "p-rep"),
                matching.AddSlots: say(
                    matching.AddSlots(slots=[order_steps.slot("new")]), "p-rep", role="organisation"
                ),
                matching.CancelSlot: say(matching.CancelSlot(slot="am", reason="x"), "p-branch"),
            },
            lambda state, command: "already_exists" if command.CREATES else "wrong_state",
        )
        > 40
    )


def test_an_organisation_refuses_what_its_stage_does_not_allow() -> None:
    driver = order_steps.start()
    driver.say(matching.ChangeOrganisationStage(stage="dormant", reason="x"), "org-1", by="p-branch")
    party = driver.row(OrganisationStage, "org-1")

    for state in registry.LIFE.states:
        for stage in registry.LIFE.states:
            if not registry.LIFE.allows(state, stage):
                party.state = state
                change = matching.ChangeOrganisationStage.model_validate({"stage": stage, "reason": "x"})
                assert refusal(driver, change, "org-1", by="p-branch").code == "wrong_state"


def test_a_provider_refuses_what_their_state_does_not_allow() -> None:
    driver = order_steps.start()
    provider_steps.register(driver)
    provider_steps.verify(driver)
    say = sender(driver, "p-5")
    named = matching.Qualification(kind="check", name="health")

    assert (
        refuses(
            driver,
            providers.LIFE,
            driver.row(Provider, "p-5"),
            {
                matching.RegisterProvider: say(provider_steps.registering(), "p-branch"),
                matching.WithdrawProvider: say(matching.WithdrawProvider(), "p-branch", role="branch"),
                matching.VerifyQualification: say(
                    matching.VerifyQualification(qualification=named), "p-branch"
                ),
                matching.RevokeQualification: say(
                    matching.RevokeQualification(qualification=named, reason="x"), "p-branch"
                ),
                matching.SetAvailability: say(
                    provider_steps.setting_availability(), "p-branch", role="branch"
                ),
                matching.WithdrawAvailability: say(
                    matching.WithdrawAvailability(), "p-branch", role="branch"
                ),
            },
        )
        == 5
    )


def test_an_order_refuses_what_its_state_does_not_allow() -> None:
    driver = order_steps.start()
    order_steps.bring_to_scheduled(driver)
    order_steps.bring_to_staffing(driver, "order-2", slot="pm")
    order_steps.propose_person(driver, "p-6", "order-2", "prop-2")
    proposal = driver.row(Proposal, "prop-2")
    proposal.order = "order-1"
    say = sender(driver, "order-1")

    assert (
        refuses(
            driver,
            orders.LIFE,
            driver.row(Order, "order-1"),
            {
                matching.AssignOrder: say(order_steps.assigning(), "p-branch"),
                matching.AcceptAssignment: say(matching.AcceptAssignment(), "p-rep"),
                matching.DeclineAssignment: say(matching.DeclineAssignment(reason="x"), "p-rep"),
                matching.ProposePerson: say(
                    matching.ProposePerson(order="order-1", person="p-8"), "p-rep", to="prop-9"
                ),
                matching.AcceptProposal: lambda: orders.LIFE.move(
                    driver.row(Order, "order-1"), _accepting(driver), driver.s
                ),
                matching.CheckIn: say(matching.CheckIn(channel="app"), "p-5"),
                matching.CheckOut: say(matching.CheckOut(channel="app"), "p-5"),
                matching.ReportDone: say(matching.ReportDone(minutes=1, note="x"), "p-rep"),
                matching.RateOrder: say(matching.RateOrder(stars=1, channel="app"), "p-1"),
                matching.CancelOrder: say(matching.CancelOrder(reason="x", channel="app"), "p-1"),
                matching.FailOrder: say(matching.FailOrder(reason="x"), "p-rep", role="organisation"),
            },
        )
        > 80
    )


def _accepting(driver: ServiceDriver) -> Any:
    """The envelope of the command by which p-6 agrees to serve."""
    return driver.envelope(matching.AcceptProposal(channel="app"), "prop-2", by="p-6", role=None, scope=None)


def test_an_order_is_screened_once() -> None:
    driver = order_steps.start()
    order_steps.place_and_screen(driver)
    order = driver.row(Order, "order-1")

    for state in sorted(set(orders.LIFE.states) - {"placed"}):
        order.state = state
        for accepted in (True, False):
            with pytest.raises(Exception, match="wrong_state"):
                driver.say(matching.ScreenOrder(accepted=accepted, reason="x"), "order-1", by="p-branch")


def test_a_proposal_refuses_what_its_state_does_not_allow() -> None:
    driver = order_steps.start()
    order_steps.bring_to_staffing(driver)
    order_steps.propose_person(driver)
    proposal = driver.row(Proposal, "prop-1")
    say = sender(driver, "prop-1")

    def move(command: Command) -> Any:
        """Returns a function that moves the proposal by this command to its order, without the order's own checks."""
        sent = driver.envelope(command, "order-1", by="p-5", role=None, scope=None)
        return lambda: proposals.LIFE.move(proposal, sent, driver.s)

    assert (
        refuses(
            driver,
            proposals.LIFE,
            proposal,
            {
                matching.AcceptProposal: say(matching.AcceptProposal(channel="app"), "p-5"),
                matching.DeclineProposal: say(matching.DeclineProposal(channel="app"), "p-5"),
                matching.CheckIn: move(matching.CheckIn(channel="app")),
                matching.CheckOut: move(matching.CheckOut(channel="app")),
                matching.ReportDone: move(matching.ReportDone(minutes=1, note="x")),
                matching.DropOut: say(matching.DropOut(reason="x", channel="app"), "p-5"),
                matching.ReplacePerson: say(
                    matching.ReplacePerson(by="prop-2", person="p-6", reason="x"), "p-rep"
                ),
                matching.ReportNoShow: say(matching.ReportNoShow(note="x"), "p-rep"),
                matching.EnterHours: say(matching.EnterHours(kind="travel", minutes=1, note="x"), "p-rep"),
                matching.CorrectHours: say(
                    matching.CorrectHours(kind="service", minutes=1, reason="x"), "p-rep", role="organisation"
                ),
            },
        )
        > 60
    )
