"""Comings and goings: people who move, roles that end, providers who withdraw, organisations, rules."""

import random
from collections.abc import Sequence
from datetime import timedelta

from bench.year.days import BEGIN
from bench.year.town import TENANT
from bench.year.year import Life, Year
from microgov.contracts import directory, matching
from microgov.contracts.fields import Role
from microgov.contracts.message import Message
from microgov.contracts.rules import ClockRules, EscalationRules, IssueRules, MatchingRules


def moved(year: Year, id: str) -> Life:
    """Somebody moves to another compound, and takes no part in anything any more."""
    chance = year.chance(id)
    yield from ()
    community = chance.choice(year.town.communities)
    residents, other = community.compounds[0].residents, community.compounds[1]
    if len(residents) < 8:
        return
    person = residents.pop()
    home = directory.RegisterPerson(household=f"{person.household}-2", place=other.id)
    year.say(home, person.id, year.town.office)


def role_ended(year: Year, id: str) -> Life:
    """A role is taken back, and given again some weeks later, until the end of the year."""
    chance = year.chance(id)
    community = chance.choice(year.town.communities)
    person = community.compounds[0].people["volunteer_backbone"][0]
    year.say(directory.RevokeRole(role=person.role, place=person.scope), person.id, year.town.office)
    yield year.wait(chance, days=30)
    until = BEGIN + timedelta(days=360)
    again = directory.GrantRole(role=person.role, place=person.scope, until=until)
    year.say(again, person.id, year.town.office)


def provider_withdrawn(year: Year, id: str) -> Life:
    """A volunteer has no time until further notice, or withdraws, and comes back."""
    chance = year.chance(id)
    community = chance.choice([one for one in year.town.communities if one.organisations])
    person = chance.choice(community.compounds[1].people["volunteer"])
    if chance.random() < 0.6:
        year.say(matching.WithdrawAvailability(), person.id, person)
        return
    year.say(matching.WithdrawProvider(), person.id, person)
    yield year.wait(chance, days=25)
    entry = matching.RegisterProvider(organisations=[], roles=[person.role], languages=["mandarin"])
    year.say(entry, person.id, person)


def organisation_sleeps(year: Year, id: str) -> Life:
    """An organisation is dormant for a while; one in five is closed."""
    chance = year.chance(id)
    community = chance.choice([one for one in year.town.communities if one.organisations])
    party = community.organisations[-1]
    branch = community.staff["branch"][0]
    dormant = matching.ChangeOrganisationStage(stage="dormant", reason="负责人外出。")
    year.say(dormant, party.id, branch)
    yield year.wait(chance, days=40)
    stage = "closed" if chance.random() < 0.2 else "active"
    year.say(
        matching.ChangeOrganisationStage.model_validate({"stage": stage, "reason": "复核。"}),
        party.id,
        branch,
    )


def rules_changed(year: Year, id: str) -> Life:
    """The rules change during the year: what is missed escalates from summer on, and people get more time to answer."""
    changes: Sequence[tuple[int, Message]] = [
        (90, directory.ChangeRules(content=MatchingRules(acceptance_hours=72, rating_hours=240))),
        (181, directory.ChangeRules(content=_clocks(True))),
        (220, directory.ChangeRules(content=EscalationRules(cosigning_households=6, no_consensus=True))),
        (300, directory.ChangeRules(content=IssueRules.model_validate({"survey_hours": 240}))),
    ]
    for day, change in changes:
        yield BEGIN + timedelta(days=day, hours=2)
        section = change.content.section  # type: ignore[attr-defined]  # all of them are ChangeRules
        year.say(change, section, year.town.office)


def office_errs(year: Year, id: str) -> Life:
    """The office fills in something wrongly."""
    chance, office = year.chance(id), year.town.office
    yield from ()
    person = chance.choice(year.town.communities).compounds[0].residents[0]
    wrong: list[tuple[Message, str]] = [
        (directory.RevokeRole(role=Role.DEVELOPER, place=TENANT), person.id),
        (directory.ChangeRules(content=MatchingRules()), "issues"),
        (directory.DefinePlace(kind="building", name="x", parent="nowhere"), "c99"),
        (directory.DefinePlace(kind="compound", name="x", parent=TENANT), "c01-y1"),
        (directory.RegisterPerson(household="h", place="nowhere"), person.id),
        (matching.ChangeOrganisationStage(stage="applying", reason="x"), "org-1"),
    ]
    message, subject = chance.choice(wrong)
    year.put(message, subject, office)


def _clocks(escalates: bool) -> ClockRules:
    return ClockRules(
        dispatch_days=5, first_contact_days=3, report_back_days=25, warning_days=2, breach_escalates=escalates
    )


LIVES = {
    "moved": moved,
    "role-ended": role_ended,
    "provider": provider_withdrawn,
    "sleeps": organisation_sleeps,
    "office-errs": office_errs,
}


def some(chance: random.Random) -> str:
    """One kind of coming or going."""
    return chance.choices(list(LIVES), (4, 2, 4, 2, 4))[0]
