"""Rounds of visits to households and enterprises: three lists, one file, one feedback."""

from functools import partial

from bench.year.issue import from_acceptance
from bench.year.matter import Matter
from bench.year.order import from_screening
from bench.year.ordered import Ordered
from bench.year.proportions import FORMS
from bench.year.texts import drawn
from bench.year.town import Community, Person
from bench.year.year import Life, Year
from microgov.contracts import issues, matching
from microgov.contracts.ids import message_id


def visit_round(year: Year, id: str, community: Community) -> Life:
    """A round in a community: every household of its compounds, and its enterprises, within some weeks."""
    fed, contacts = community.staff["womens_federation"][0], list[issues.Contact]()
    people = dict[str, Person]()
    for compound in community.compounds:
        for person in compound.residents:
            people.setdefault(person.household, person)
    for party in community.enterprises:
        people[party.head.household] = party.head
    for household, person in people.items():
        kind = "enterprise" if person.role == "enterprise" else "household"
        contacts.append(
            issues.Contact.model_validate({"contact": household, "kind": kind, "place": person.home})
        )
    opened = issues.OpenVisitRound(title="入户联企走亲", place=community.id, contacts=contacts)
    sent = year.say(opened, id, fed)
    yield year.wait(year.chance(id), days=2)
    for n, person in enumerate(people.values()):
        year.begin(
            "visit",
            year.wait(year.chance(f"{id}/{n}"), days=n // 3),
            partial(_planned, visit_id=message_id(sent, f"visit/{n}"), community=community, person=person),
        )


def _planned(year: Year, _: str, visit_id: str, community: Community, person: Person) -> Life:
    """The visit that the round has planned, whose id follows from that of the round."""
    return visit(year, visit_id, community, person)


def _dasao(community: Community, person: Person) -> Person:
    """The dasao of the compound in which a person lives."""
    return next(one for one in community.compounds if one.id == person.home).people["dasao"][0]


def visit(year: Year, id: str, community: Community, person: Person) -> Life:
    """One visit: attempted, made, its lists, and the feedback; some do not want it, some are never in."""
    chance, fed = year.chance(f"visit/{id}"), community.staff["womens_federation"][0]
    by = fed if chance.random() < 0.7 else _dasao(community, person)
    draw = chance.random()
    if draw < 0.03:
        year.say(issues.AttemptVisit(result="refused"), id, by)
        return
    while draw < 0.15:
        year.say(issues.AttemptVisit(result="no_answer"), id, by)
        yield year.wait(chance, days=4)
        draw += 0.07
    if chance.random() < 0.03:
        stranger = community.compounds[1].residents[-1]
        year.say(issues.MakeVisit(person=stranger.id), id, by)  # refused: not of this household
    year.say(issues.MakeVisit(person=person.id), id, by)
    outdated = chance.random() < 0.01  # the leaflet names an offer that there is no more
    problem, service = chance.random() < 0.15, chance.random() < 0.2
    lists = issues.RecordVisitLists(
        problems=[issues.ProblemLine(title="楼道灯不亮", text="三楼的灯坏了两个月。")] * problem,
        services=[
            issues.ServiceLine(text="厨房水管漏水，想请人来修。", offer="offer-0" if outdated else None)
        ]
        * service,
    )
    year.say(lists, id, by)
    if person.role == "resident" and chance.random() < 0.15:
        kept = issues.HouseholdFileKept.model_validate({"by": by.id, "consented_by": person.id})
        year.deployment.report("issues", kept, person.household, f"{id}/kept")
    yield year.wait(chance, days=1)
    if problem:
        year.begin(
            "problem", year.now, lambda y, name: _problem(y, message_id(id, "line/1"), community, person)
        )
    if service and not outdated:
        order_id = message_id(id, f"line/{1 + problem}")
        year.begin("service", year.now, lambda y, name: _service(y, order_id, community, person))
    yield year.wait(chance, days=chance.choice((8, 30)))
    lines = [issues.LineAnswer(line=n, text="已办。") for n in range(1, problem + service + 1)]
    year.say(issues.GiveVisitFeedback(lines=lines), id, by)


def _problem(year: Year, id: str, community: Community, person: Person) -> Life:
    """A line of the problem list is an issue like any other."""
    compound = next((one for one in community.compounds if one.id == person.home), community.compounds[0])
    m = Matter(year, id, year.chance(id), community, compound, person)
    m.form = drawn(FORMS, m.chance)
    if m.state == "submitted":
        m.say(issues.AcceptIssue(), m.branch)
    yield m.wait(days=1)
    yield from from_acceptance(m)


def _service(year: Year, id: str, community: Community, person: Person) -> Life:
    """A line of the service list is an order like any other; one in three is rejected, since somebody does it already."""
    chance = year.chance(id)
    branch = community.staff["branch"][0]
    if not community.organisations or chance.random() < 0.33:
        year.say(matching.ScreenOrder(accepted=False, reason="下周统一上门，已登记。"), id, branch)
        return
    year.say(matching.ScreenOrder(accepted=True, reason="情况属实。"), id, branch)
    yield year.wait(chance, days=1)
    party = chance.choice(community.organisations)
    yield from from_screening(Ordered(year, id, chance, community, person, party, None, None))
