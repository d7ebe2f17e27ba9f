"""The transition tables of the service, row by row."""

from typing import Any

import pytest

from microgov.contracts import matching as c
from microgov.contracts.message import Command
from microgov.services.matching.offers import offer as offers
from microgov.services.matching.offers.offer import Offer
from microgov.services.matching.orders import life as orders
from microgov.services.matching.orders.order import Order
from microgov.services.matching.registry import organisations as registry
from microgov.services.matching.registry import providers
from microgov.services.matching.registry.organisations import Party
from microgov.services.matching.registry.providers import Provider
from microgov.services.matching.serving import life as proposals
from microgov.services.matching.serving.proposals import Proposal
from tests.lives import refuses
from tests.matching import counter, pool
from tests.talk import Talk, refusal


def sayer(talk: Talk, subject: str) -> Any:
    def say(command: Command, by: str, to: str = subject, **how: Any) -> Any:
        return lambda: talk.say(command, to, by=by, **how)

    return say


def test_an_offer_refuses_what_its_state_does_not_allow() -> None:
    talk = counter.offer()
    say = sayer(talk, "offer-1")

    assert (
        refuses(
            talk,
            offers.LIFE,
            talk.row(Offer, "offer-1"),
            {
                c.PublishOffer: say(c.PublishOffer(), "p-branch"),
                c.RejectOffer: say(c.RejectOffer(reason="x"), "p-branch"),
                c.PauseOffer: say(c.PauseOffer(), "p-rep", role="organisation"),
                c.ResumeOffer: say(c.ResumeOffer(), "p-branch"),
                c.CloseOffer: say(c.CloseOffer(), "p-branch"),
                c.WithdrawOffer: say(c.WithdrawOffer(), "p-rep"),
                c.DraftOffer: say(c.DraftOffer.model_validate(dict(counter.offering())), "p-rep"),
                c.SubmitOffer: say(counter.offering(), "p-rep"),
                c.AddSlots: say(c.AddSlots(slots=[counter.slot("new")]), "p-rep", role="organisation"),
                c.CancelSlot: say(c.CancelSlot(slot="am", reason="x"), "p-branch"),
            },
            lambda state, command: "already_exists" if command.CREATES else "wrong_state",
        )
        > 40
    )


def test_an_organisation_refuses_what_its_stage_does_not_allow() -> None:
    talk = counter.offer()
    talk.say(c.ChangeOrganisationStage(stage="dormant", reason="x"), "org-1", by="p-branch")
    party = talk.row(Party, "org-1")

    for state in registry.LIFE.states:
        for stage in registry.LIFE.states:
            if not registry.LIFE.allows(state, stage):
                party.state = state
                change = c.ChangeOrganisationStage.model_validate({"stage": stage, "reason": "x"})
                assert refusal(talk, change, "org-1", by="p-branch").code == "wrong_state"


def test_who_withdrew_from_serving_is_not_served_with_papers() -> None:
    talk = counter.offer()
    pool.enrol(talk)
    pool.verify(talk)
    say = sayer(talk, "p-5")
    named = c.Qualification(kind="check", name="health")

    assert (
        refuses(
            talk,
            providers.LIFE,
            talk.row(Provider, "p-5"),
            {
                c.RegisterProvider: say(pool.registering(), "p-branch"),
                c.WithdrawProvider: say(c.WithdrawProvider(), "p-branch", role="branch"),
                c.VerifyQualification: say(c.VerifyQualification(qualification=named), "p-branch"),
                c.RevokeQualification: say(
                    c.RevokeQualification(qualification=named, reason="x"), "p-branch"
                ),
                c.SetAvailability: say(pool.mornings(), "p-branch", role="branch"),
                c.WithdrawAvailability: say(c.WithdrawAvailability(), "p-branch", role="branch"),
            },
        )
        == 5
    )


def test_an_order_refuses_what_its_state_does_not_allow() -> None:
    talk = counter.offer()
    counter.scheduled(talk)
    counter.staffing(talk, "order-2", slot="pm")
    counter.propose(talk, "p-6", "order-2", "prop-2")
    proposal = talk.row(Proposal, "prop-2")
    proposal.order = "order-1"
    say = sayer(talk, "order-1")

    assert (
        refuses(
            talk,
            orders.LIFE,
            talk.row(Order, "order-1"),
            {
                c.AssignOrder: say(counter.assigning(), "p-branch"),
                c.AcceptAssignment: say(c.AcceptAssignment(), "p-rep"),
                c.DeclineAssignment: say(c.DeclineAssignment(reason="x"), "p-rep"),
                c.ProposePerson: say(c.ProposePerson(order="order-1", person="p-8"), "p-rep", to="prop-9"),
                c.AcceptProposal: lambda: orders.LIFE.move(
                    talk.row(Order, "order-1"), _accepting(talk), talk.s
                ),
                c.CheckIn: say(c.CheckIn(channel="app"), "p-5"),
                c.CheckOut: say(c.CheckOut(channel="app"), "p-5"),
                c.ReportDone: say(c.ReportDone(minutes=1, note="x"), "p-rep"),
                c.RateOrder: say(c.RateOrder(stars=1, channel="app"), "p-1"),
                c.CancelOrder: say(c.CancelOrder(reason="x", channel="app"), "p-1"),
                c.FailOrder: say(c.FailOrder(reason="x"), "p-rep", role="organisation"),
            },
        )
        > 80
    )


def _accepting(talk: Talk) -> Any:
    return talk.envelope(c.AcceptProposal(channel="app"), "prop-2", by="p-6", role=None, scope=None)


def test_an_order_is_screened_once() -> None:
    talk = counter.offer()
    counter.ready(talk)
    order = talk.row(Order, "order-1")

    for state in sorted(set(orders.LIFE.states) - {"placed"}):
        order.state = state
        for accepted in (True, False):
            with pytest.raises(Exception, match="wrong_state"):
                talk.say(c.ScreenOrder(accepted=accepted, reason="x"), "order-1", by="p-branch")


def test_a_proposal_refuses_what_its_state_does_not_allow() -> None:
    talk = counter.offer()
    counter.staffing(talk)
    counter.propose(talk)
    proposal = talk.row(Proposal, "prop-1")
    say = sayer(talk, "prop-1")

    def life(command: Command) -> Any:
        sent = talk.envelope(command, "order-1", by="p-5", role=None, scope=None)
        return lambda: proposals.LIFE.move(proposal, sent, talk.s)

    assert (
        refuses(
            talk,
            proposals.LIFE,
            proposal,
            {
                c.AcceptProposal: say(c.AcceptProposal(channel="app"), "p-5"),
                c.DeclineProposal: say(c.DeclineProposal(channel="app"), "p-5"),
                c.CheckIn: life(c.CheckIn(channel="app")),
                c.CheckOut: life(c.CheckOut(channel="app")),
                c.ReportDone: life(c.ReportDone(minutes=1, note="x")),
                c.DropOut: say(c.DropOut(reason="x", channel="app"), "p-5"),
                c.ReplacePerson: say(c.ReplacePerson(by="prop-2", person="p-6", reason="x"), "p-rep"),
                c.ReportNoShow: say(c.ReportNoShow(note="x"), "p-rep"),
                c.EnterHours: say(c.EnterHours(kind="travel", minutes=1, note="x"), "p-rep"),
                c.CorrectHours: say(
                    c.CorrectHours(kind="service", minutes=1, reason="x"), "p-rep", role="organisation"
                ),
            },
        )
        > 60
    )
