"""What goes on in a community all year: its council, its round table, its care teams, its charging sheds."""

from datetime import datetime, timedelta

from bench.year import ballots, deliberation, handling, sessions
from bench.year.days import BEGIN
from bench.year.matter import Matter, new_matter
from bench.year.proportions import SHED_PLACES, SHEDS
from bench.year.town import Community, Compound
from bench.year.year import Life, Year
from microgov.contracts import issues, matching
from microgov.contracts.ids import message_id


def council(year: Year, id: str, community: Community) -> Life:
    """A standing council with its members; one gives the seat up in summer and is followed by the same person later."""
    branch = community.staff["branch"][0]
    year.say(issues.FormCouncil(place=community.id, name="议事协商会"), id, branch)
    yield year.wait(year.chance(id), days=1)
    seats = ballots.seats(community)
    for n, person in enumerate(seats):
        seat = issues.SeatMember(
            council=id, person=person.id, role=person.role, until=BEGIN + timedelta(days=330 if n else 200)
        )
        year.say(seat, f"{id}-{n}", branch)
    community.council = id
    yield BEGIN + timedelta(days=150, hours=3)
    year.say(issues.UnseatMember(reason="工作调动。"), f"{id}-1", branch)
    yield year.wait(year.chance(id), days=20)
    until = BEGIN + timedelta(days=700)
    again = issues.SeatMember(council=id, person=seats[1].id, role=seats[1].role, until=until)
    year.say(again, f"{id}-1b", branch)


def round_table(year: Year, id: str, community: Community) -> Life:
    """A sitting every month, until November."""
    chance, liaison = year.chance(id), community.staff["liaison_station"][0]
    first = BEGIN + timedelta(days=14, hours=6)
    setting = issues.SetUpRoundTable(place=community.id, name="圆桌议事会", every_days=30, first_at=first)
    year.say(setting, id, liaison)
    for month in range(10):
        yield first + timedelta(days=30 * month, hours=9)
        residents = chance.sample(community.compounds[0].residents, 3)
        said = [
            issues.Contribution(prompt="needs", text="楼道太暗。", person=residents[0].id),
            issues.Contribution(prompt="ideas", text="车棚里装桩。"),
        ]
        held = issues.HoldRoundTable(present=[liaison.id, *(one.id for one in residents)], contributions=said)
        if chance.random() < 0.9:
            year.say(held, id, liaison)
    year.say(issues.StopRoundTable(reason="并入社区议事会。"), id, liaison)


def care_team(year: Year, id: str, community: Community, compound: Compound) -> Life:
    """A care team of a compound: formed, watching, for a while without its landlord; some are dissolved."""
    chance, branch = year.chance(id), community.staff["branch"][0]
    year.say(matching.FormCareTeam(place=compound.id, name="联户组"), id, branch)
    if chance.random() < 0.1:
        wrong = matching.FillCareRole(role="landlord", person=compound.residents[0].id)
        year.say(wrong, id, branch)  # refused: no landlord
    for role in ("party_member", "dasao", "landlord"):
        filled = matching.FillCareRole.model_validate({"role": role, "person": compound.people[role][0].id})
        year.say(filled, id, branch)
    households = list({person.household: person for person in compound.residents}.values())
    for person in households[: chance.randint(2, 8)]:
        year.say(matching.JoinCareTeam(person=person.id), id, branch)
    yield year.wait(chance, days=chance.randint(30, 200))
    if chance.random() < 0.4:
        year.say(matching.VacateCareRole(role="landlord", reason="卖房搬走。"), id, branch)
        yield year.wait(chance, days=10)
        if chance.random() < 0.2:
            again = matching.VacateCareRole(role="landlord", reason="卖房搬走。")
            year.say(again, id, branch)  # refused: it is vacant
        other = compound.people["landlord"][1]
        year.say(matching.FillCareRole(role="landlord", person=other.id), id, branch)
    yield year.wait(chance, days=20)
    if chance.random() < 0.3:
        left = matching.LeaveCareTeam(person=households[0].id, reason="搬走。")
        for _ in range(2 if chance.random() < 0.3 else 1):
            year.say(left, id, branch)  # the second time it is refused
    if chance.random() < 0.1:
        yield year.wait(chance, days=30)
        year.say(matching.DissolveCareTeam(reason="小区拆迁。"), id, branch)


def observation(year: Year, id: str) -> Life:
    """A dasao of a care team sees something unsafe, and it becomes an issue that is acted upon."""
    m = new_matter(year, id)
    m.reporter = m.compound.people["dasao"][0]
    team = f"team-{_team_number(year, m.compound)}"
    seen = matching.RecordObservation(
        title="楼道电动车充电", text="有人拉线给车充电。", place=m.compound.id, channel="visit"
    )
    m.id = message_id(m.say(seen, m.reporter, team), "observation")
    yield m.wait(days=0)
    m.say(issues.AcceptIssue(), m.branch)
    yield m.wait(days=0)
    m.say(issues.DispatchEmergency(owner="watch-crew", action="当场断电，清出楼道。"), m.branch)
    yield from handling.reported(m, "线已拆。")


def _team_number(year: Year, compound: Compound) -> int:
    every = [one.id for community in year.town.communities for one in community.compounds]
    return every.index(compound.id) + 1


def sheds(year: Year, id: str, community: Community, n: int) -> Life:
    """The charging sheds of a community, deliberated and built: all together SHEDS sheds and SHED_PLACES places."""
    chance, many = year.chance(id), len(year.town.communities)
    m = Matter(year, id, chance, community, community.compounds[0], community.compounds[0].residents[0])
    m.theme = "charging"
    said = issues.SubmitIssue(title="电动车没处充电", text="飞线充电。", place=m.compound.id, channel="app")
    m.say(said, m.reporter)
    yield m.wait(days=1)
    m.say(issues.AcceptIssue(), m.branch)
    triage = issues.TriageIssue(
        theme="charging", scale="large", urgency="ordinary", reach="compound", form="residents_council"
    )
    m.say(triage, m.branch)
    yield from handling.cosigned(m)
    topic, m.form, m.topics = f"{id}-t", "residents_council", 1
    m.say(issues.OpenDeliberation(topic=topic, title="充电棚建在哪里"), m.branch)
    for option in ("build", "none"):
        m.say(issues.ProposeOption(option=f"{topic}-{option}", text=option, channel="app"), m.branch, topic)
    yield m.wait(days=1)
    held = yield from sessions.session(m, topic, [f"{topic}-build", f"{topic}-none"], all_agree=True)
    yield from deliberation.minutes(m, held)
    share = [total * n // many - total * (n - 1) // many for total in (SHEDS, SHED_PLACES)]
    due: datetime = year.now + timedelta(days=60)
    items = [
        issues.ActionItem(text="建充电棚", unit="shed", target=max(1, share[0]), due=due),
        issues.ActionItem(text="设充电位", unit="place", target=max(1, share[1]), due=due),
    ]
    sent = m.say(issues.AdoptResolution(option=f"{topic}-build", items=items), m.branch, topic)
    for k, item in enumerate(items):
        defined = handling.resolution_item(sent, k)
        yield from handling.item_done(m, defined, item.target, at_least=k == 1, in_time=True)
    yield from handling.reported(m, "充电棚建成。")
    yield from handling.closed(m, "resolved")
    yield from handling.surveyed(m)
