"""What comes in between while an issue is under way: it can happen in any state of it."""

from collections.abc import Callable
from datetime import timedelta

from bench.year.matter import Matter
from bench.year.town import Person
from bench.year.year import Life, Year
from microgov.contracts import issues
from microgov.contracts.message import Message

OFTEN = 0.35
"""In how many issues something comes in between (assumption)."""
Sent = tuple[Message, Person, str]


def perhaps(m: Matter) -> None:
    """Perhaps something comes in between, at some moment of the next six weeks."""
    if m.often(OFTEN):
        at = m.year.now + timedelta(days=m.chance.choice((0, 1, 2, 4, 7, 12, 20, 40)), hours=3)
        m.year.begin("interruption", at, lambda year, name: _interrupted(year, m, name))


def _interrupted(year: Year, m: Matter, name: str) -> Life:
    """One thing that comes in between, unless the issue is over by then."""
    kinds: list[Callable[[Matter, str], list[Sent]]] = [
        _cosigned,
        _left,
        _contacted,
        _escalated,
        _topic,
        _agenda,
        _held,
    ]
    yield from ()
    if m.state in (None, "declined", "closed", "withdrawn"):
        return
    kind = m.chance.choice(kinds)
    for message, by, subject in kind(m, name):
        year.say(message, subject, by)
        if kind in (_topic, _held):
            yield year.wait(m.chance, days=2)


def _cosigned(m: Matter, name: str) -> list[Sent]:
    person = m.chance.choice(m.compound.people["party_member"])
    m.signers.append(person)
    return [(issues.CosignIssue(channel="app"), person, m.id)]


def _left(m: Matter, name: str) -> list[Sent]:
    return [(issues.WithdrawCosign(channel="app"), m.signers.pop(), m.id)] if m.signers else []


def _contacted(m: Matter, name: str) -> list[Sent]:
    seen = issues.ContactReporter(
        person=m.reporter.id, reached=True, note="路上遇到，说了进展。", channel="visit"
    )
    return [(seen, m.social, m.id)]


def _escalated(m: Matter, name: str) -> list[Sent]:
    return [(issues.EscalateIssue(reason="涉及多个部门。"), m.community.staff["liaison_station"][0], m.id)]


def _topic(m: Matter, name: str) -> list[Sent]:
    """Another topic is proposed, admitted, and comes to nothing."""
    topic = f"{name}-topic"
    asked = issues.ProposeTopic(topic=topic, title="顺便改一改花坛", channel="app")
    option = issues.ProposeOption(option=f"{topic}-a", text="种月季。", channel="app")
    person = m.chance.choice(m.compound.residents)
    return [(asked, person, m.id), (issues.AdmitTopic(), m.branch, topic), (option, person, topic)]


def _agenda(m: Matter, name: str) -> list[Sent]:
    topic = f"{m.id}-t{max(1, m.topics)}"
    return [(issues.PlaceOnAgenda(reason="须街道协调。"), m.community.staff["liaison_station"][0], topic)]


def _held(m: Matter, name: str) -> list[Sent]:
    """Held for two days."""
    review = m.year.now + timedelta(days=5)
    return [
        (issues.SuspendIssue(reason="当事人外出。", review_at=review), m.branch, m.id),
        (issues.ResumeIssue(reason="已回来。"), m.branch, m.id),
    ]
