"""The transition tables of the service, row by row."""

from typing import Any

import pytest

from contracts import matching as c
from contracts.message import Command
from services.chassis.model import Life
from services.matching import offers, orders, proposals
from services.matching.offers import Offer
from services.matching.orders import Order
from services.matching.proposals import Proposal
from tests.lives import refuses, walk
from tests.matching import counter
from tests.talk import Talk

LIVES = (offers.LIFE, orders.LIFE, proposals.LIFE)


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
def test_every_row_of_the_table_leads_where_it_says(life: Life) -> None:
    walk(life)


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
            },
        )
        > 20
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
                c.AcceptProposal: lambda: orders.LIFE.move(talk.row(Order, "order-1"), _accepting(talk), talk.s),
                c.CheckIn: say(c.CheckIn(channel="app"), "p-5"),
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
                c.ReportDone: life(c.ReportDone(minutes=1, note="x")),
            },
        )
        > 20
    )
