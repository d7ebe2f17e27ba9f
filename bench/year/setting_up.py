"""The first days of the year: rules, places, people, organisations, and who serves for them."""

from bench.year.days import calendar
from bench.year.proportions import WEBHOOKS
from bench.year.town import TENANT, Party, Person
from bench.year.year import Year
from microgov.contracts import directory, matching
from microgov.contracts.fields import Role
from microgov.contracts.notify import RegisterContact
from microgov.contracts.rules import (
    ClockRules,
    DeliberationRules,
    EmergencyRules,
    EscalationRules,
    RoutingRules,
    TaskRules,
)
from microgov.contracts.rules.routing import RoutingRule

LAWYER = matching.Qualification(kind="check", name="lawyer")
HEALTH = matching.Qualification(kind="check", name="health")
WENZHOU = matching.Qualification(kind="language", name="wenzhou")
LIGHTING = {"name": "灯坏找物业", "owner": "lighting-crew", "theme": ["lighting"], "automatic": True}


def set_up(year: Year) -> None:
    """Everything that is there before the first matter comes up."""
    year.deployment.set_rules(
        calendar(),
        ClockRules(dispatch_days=5, first_contact_days=3, report_back_days=25, warning_days=1),
        DeliberationRules(quorum=3, notice_hours=12, amendment_hours=12),
        EscalationRules(cosigning_households=8, no_consensus=False),
        EmergencyRules(deliberation_days=10),
        TaskRules(travel_minutes=15, late_hours=4, strikes=3),
        RoutingRules(rules=[RoutingRule.model_validate(LIGHTING)]),
    )
    _places(year)
    year.deployment.settle()
    for person in year.town.people:
        language = "en" if year.chance(f"language/{person.id}").random() < 0.05 else "zh-Hans"
        entry = directory.RegisterPerson.model_validate(
            {"household": person.household, "place": person.home, "language": language}
        )
        year.put(entry, person.id, year.town.office)
    year.deployment.settle()
    for person in year.town.people:
        year.put(directory.GrantRole(role=person.role, place=person.scope), person.id, year.town.office)
        if year.chance(f"webhook/{person.id}").random() < WEBHOOKS:
            year.put(RegisterContact(channel="webhook"), person.id, person)
    year.deployment.settle()
    for party in year.town.parties:
        _filed(year, party)
    _publishers(year)
    year.deployment.settle()
    _providers(year)
    year.deployment.settle()


def _places(year: Year) -> None:
    def define(id: str, kind: str, parent: str | None) -> None:
        place = directory.DefinePlace.model_validate({"kind": kind, "name": f"东湖 {id}", "parent": parent})
        year.put(place, id, year.town.office)

    define(TENANT, "sub_district", None)
    for n, community in enumerate(year.town.communities):
        define(community.id, "community", TENANT)
        for k, compound in enumerate(community.compounds):
            define(compound.id, "compound", community.id)
            pin = directory.Pin(latitude=30_418_000 + 900 * n, longitude=120_299_000 + 700 * k, crs="gcj02")
            place = directory.DefinePlace(
                kind="compound", name=f"东湖苑 {compound.id}", parent=community.id, pin=pin
            )
            year.put(place, compound.id, year.town.office)


def _filed(year: Year, party: Party) -> None:
    chance = year.chance(f"filed/{party.id}")
    stage = "incubating" if chance.random() < 0.08 else "active"
    filing = matching.FileOrganisation.model_validate(
        {
            "name": f"东湖 {party.id}",
            "status": "filed" if chance.random() < 0.9 else "registered",
            "domains": [party.domain],
            "places": [party.place],
            "representatives": [party.head.id],
            "kind": party.kind,
            "stage": stage,
        }
    )
    year.put(filing, party.id, year.town.office)
    if stage == "incubating":
        active = matching.ChangeOrganisationStage(stage="active", reason="孵化期满")
        year.put(active, party.id, year.town.office)
    if chance.random() < 0.02:
        year.put(matching.RegisterOrganisation(), party.id, year.town.office)


def _publishers(year: Year) -> None:
    """Programs outside, among them the hotline of the city."""
    operator = Person("operator", Role.OPERATOR, TENANT, "", "")
    for name, types, roles in (
        ("hotline", ["issues.hotline_case_logged.v1"], [Role.SYSTEM]),
        ("sensors", ["issues.hazard_detected.v1"], [Role.SYSTEM]),
        ("old-portal", ["*"], [Role.RESIDENT]),
    ):
        grant = directory.GrantPublisher(
            types=types, roles=roles, follows=["issues.issue_closed.v1"], speaks_for="itself"
        )
        year.put(grant, name, operator)
    year.put(directory.WithdrawPublisher(), "old-portal", operator)


def _providers(year: Year) -> None:
    """Volunteers of each community serve for its organisations; some are qualified, and some speak a dialect."""
    for community in year.town.communities:
        branch, organisations = community.staff["branch"][0], community.organisations
        volunteers = [p for compound in community.compounds for p in compound.people["volunteer"]]
        for n, person in enumerate(volunteers if organisations else []):
            own = organisations[n % len(organisations)]
            entry = matching.RegisterProvider(
                organisations=[own.id],
                roles=[person.role],
                languages=["mandarin", *(["wenzhou"] if n % 4 == 0 else [])],
            )
            year.put(entry, person.id, own.head)
            weekly = [matching.Weekly(weekday=1 + n % 7, from_minute=540, to_minute=1020)]
            year.put(matching.SetAvailability(weekly=weekly, days_off=[]), person.id, person)
            if n % 2 == 0:
                proof = matching.VerifyQualification(
                    qualification=LAWYER if own.domain == "legal" else HEALTH,
                    valid_until="2026-08-31" if n % 3 == 0 else None,
                )
                year.put(proof, person.id, branch)
