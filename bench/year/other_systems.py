"""Matters that come from other systems: cases of the hotline, some of them twice, and hazards that sensors detect."""

from bench.year.issue import from_acceptance
from bench.year.matter import new_matter
from bench.year.texts import matter
from bench.year.town import Person
from bench.year.year import Life, Year
from microgov.contracts import issues
from microgov.contracts.fields import Role

HOTLINE, SENSORS = "hotline", "sensors"


def hotline(year: Year, id: str) -> Life:
    """A case of the hotline about somebody in town; one in eight is sent again, and stays one issue."""
    m = new_matter(year, id)
    m.theme, title, text = matter(m.chance)
    ref = issues.ExternalRef(system="hz12345", number=f"HZ-{id}")
    caller = m.reporter.id if m.often(0.7) else None
    case = issues.HotlineCaseLogged(ref=ref, title=title, text=text, place=m.compound.id, person=caller)
    year.told_by(HOTLINE, case, id)
    if m.often(0.12):
        yield m.wait(days=1)
        year.told_by(HOTLINE, case, f"{id}-again")
    if m.often(0.02):
        nowhere = case.model_copy(
            update={"place": "nowhere", "ref": ref.model_copy(update={"number": f"{id}-x"})}
        )
        year.told_by(HOTLINE, nowhere, f"{id}-x")
    if caller is None:
        m.reporter = Person(HOTLINE, Role.SYSTEM, "", "", "")
    yield m.wait(days=1)
    m.say(issues.AcceptIssue(), m.branch)
    yield from from_acceptance(m)


def hazard(year: Year, id: str) -> Life:
    """A sensor detects something dangerous: it is acted upon first."""
    m = new_matter(year, id)
    m.urgency, m.theme = "emergency", "charging"
    ref = issues.ExternalRef(system="smoke", number=f"S-{id}")
    seen = issues.HazardDetected(
        ref=ref, hazard="smoke", title="烟感报警", text="楼道烟感报警。", place=m.compound.id
    )
    year.told_by(SENSORS, seen, id)
    m.reporter = Person(SENSORS, Role.SYSTEM, "", "", "")
    yield m.wait(days=0)
    m.say(issues.AcceptIssue(), m.branch)
    yield from from_acceptance(m)
