"""Fumbles about offers, orders and the people who serve. Each is refused, by a code of its own."""

from datetime import timedelta
from typing import Any

from bench.year.fumbles import Fumbles
from bench.year.ordered import Ordered
from bench.year.town import Person
from bench.year.year import Year
from microgov.contracts import matching
from microgov.contracts.message import Message
from microgov.contracts.notify import RegisterContact


def of_offer(year: Year, content: dict[str, Any], head: Person, stranger: Person, id: str) -> Fumbles:
    """An offer that is filled in wrongly."""
    slots: list[matching.Slot] = content["slots"]
    now = year.now
    past = matching.Slot(
        slot="past",
        starts=now - timedelta(hours=5),
        ends=now - timedelta(hours=4),
        place=content["place"],
        capacity=1,
    )

    def offered(**other: Any) -> Message:
        return matching.SubmitOffer.model_validate({**content, **other})

    return [
        (offered(module="magic"), head, f"{id}-no"),
        (offered(slots=[*slots, *slots] or [past]), head, f"{id}-no"),
        (offered(slots=[past]), head, f"{id}-no"),
        (offered(organisation="org-0"), head, f"{id}-no"),
        (offered(), stranger, f"{id}-no"),
        (RegisterContact(channel="pigeon"), head, head.id),
    ]


def of_placing(o: Ordered) -> Fumbles:
    """An order that is filled in wrongly."""
    some = o.offer.id if o.offer else "offer-0"
    return [
        (matching.PlaceOrder(offer=some, text="x", channel="app"), o.who, f"{o.id}-no"),
        (matching.PlaceOrder(offer=some, slot="never", text="x", channel="app"), o.who, f"{o.id}-no"),
        (matching.PlaceOrder(slot="never", text="x", channel="app"), o.who, f"{o.id}-no"),
    ]


def of_assigning(o: Ordered) -> Fumbles:
    """An assignment that is filled in wrongly."""
    other = o.community.organisations[0]

    def given(**how: Any) -> Message:
        plain = {"organisation": o.party.id, "reason": "x", "followed_suggestion": False}
        return matching.AssignOrder.model_validate({**plain, **how})

    return [
        (given(organisation="org-0"), o.branch, o.id),
        (given(organisation=other.id, offer=o.offer.id if o.offer else None, slot=o.slot), o.branch, o.id),
        (given(partners=[o.party.id]), o.branch, o.id),
        (given(partners=[other.id, other.id]), o.branch, o.id),
        (given(slot="never"), o.branch, o.id),
        (matching.AcceptAssignment(), other.head, o.id),
    ]


def of_staffing(o: Ordered, person: Person, proposal: str) -> Fumbles:
    """Somebody is asked who cannot serve, or answers for somebody else."""
    stranger = o.community.organisations[-1].head
    own = matching.ProposePerson(order=o.id, person=o.who.id)
    proof = matching.VerifyQualification(qualification=matching.Qualification(kind="skill", name="repair"))
    return [
        (own, o.party.head, f"{o.id}-no"),
        (matching.ProposePerson(order=o.id, person="nobody"), o.party.head, f"{o.id}-no"),
        (matching.ProposePerson(order=o.id, person=person.id, duty="lead"), o.party.head, f"{o.id}-no"),
        (matching.ProposePerson(order=o.id, person=person.id), stranger, f"{o.id}-no"),
        (proof, o.branch, o.branch.id),
        (matching.ReportNoShow(note="x"), o.party.head, proposal),
        (matching.CheckIn(channel="app"), o.branch, o.id),
    ]


def of_hours(o: Ordered, proposal: str) -> Fumbles:
    """Hours that are there already, or are not."""
    return [
        (matching.CorrectHours(kind="training", minutes=9, reason="x"), o.party.head, proposal),
        (matching.EnterHours(kind="service", minutes=9, note="x"), o.party.head, proposal),
        (matching.FailOrder(reason="x"), o.party.head, o.id),
    ]
