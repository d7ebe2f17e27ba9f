"""Fumbles about issues: what people try at the wrong moment or fill in wrongly. Each is refused, by a code of its own."""

from collections.abc import Sequence
from datetime import timedelta

from bench.year.matter import Matter
from bench.year.town import TENANT, Person
from bench.year.under_way import UnderWay
from microgov.contracts import issues
from microgov.contracts.message import Message
from microgov.testing.deployment.teller import sealed

FUMBLE = 0.05
"""In which share of moments that invite a fumble somebody makes one (assumption)."""
Fumbles = Sequence[tuple[Message, Person, str]]
"""Wrong messages, who sends them, and about what."""


def fumble(about: UnderWay, some: Fumbles) -> None:
    """Perhaps one of these."""
    if some and about.often(FUMBLE):
        message, by, subject = about.chance.choice(some)
        if by.role in message.ROLES:
            about.year.put(message, subject, by)


def of_handling(m: Matter) -> Fumbles:
    """Around triage and routing."""
    now, stranger = m.year.now, m.chance.choice(m.compound.people["volunteer"])
    triage = issues.TriageIssue(
        theme="roads", scale="small", urgency="ordinary", reach="compound", form="town_hall"
    )
    far, past = now + timedelta(days=300), now - timedelta(days=1)
    return [
        (triage, m.branch, m.id),
        (issues.RouteIssue(owner="someone", rule="没有这条规则"), m.branch, m.id),
        (issues.RouteIssue(owner="someone", rule="灯坏找物业"), m.branch, m.id),
        (issues.SuspendIssue(reason="等一年。", review_at=far), m.branch, m.id),
        (issues.SuspendIssue(reason="等图纸。", review_at=past), m.branch, m.id),
        (issues.DispatchEmergency(owner="crew", action="处置。"), m.social, m.id),
        (issues.WithdrawIssue(channel="app"), stranger, m.id),
        (issues.ReopenIssue(reason="再办一次。"), m.branch, m.id),
        (_contact(stranger), m.social, m.id),
        (_mediation(m, [m.reporter.id, m.reporter.id]), m.branch, m.id),
        (_mediation(m, ["nobody", m.reporter.id]), m.branch, m.id),
    ]


def _contact(person: Person) -> issues.ContactReporter:
    return issues.ContactReporter(person=person.id, reached=True, note="找错人了。", channel="visit")


def _mediation(m: Matter, parties: list[str]) -> issues.RequestMediation:
    return issues.RequestMediation(
        mediation=f"{m.id}-no-talks", parties=parties, instrument="informal", reason="x", channel="app"
    )


def of_topic(m: Matter, topic: str) -> Fumbles:
    """Before a session is convened."""
    now = m.year.now

    def meeting(kind: str, opens: float, closes: float) -> issues.ConveneSession:
        return issues.ConveneSession(
            session=f"{topic}-no",
            kind=kind,
            opens_at=now + timedelta(hours=opens),
            closes_at=now + timedelta(hours=closes),
        )

    gap = [issues.Position(text="甲。", parties=["nobody"]), issues.Position(text="乙。", parties=["nobody"])]
    return [
        (meeting("micro_topic", 1, 50), m.branch, topic),
        (meeting("micro_topic", 50, 40), m.branch, topic),
        (meeting("town_hall", 50, 60), m.branch, topic),
        (issues.AdoptResolution(option="nothing", items=[]), m.branch, topic),
        (issues.RaiseDisagreement(topic=topic, title="x", positions=gap), m.social, f"{topic}-no-gap"),
        (issues.EvaluateTopic(achieved=True, text="x"), m.social, topic),
    ]


def of_ballot(m: Matter, ballot: str, kind: str, secret: bool, options: list[str], voter: Person) -> Fumbles:
    """While a ballot is open."""

    def vote(option: str, stance: str, told: str | None) -> Message:
        choice = {"kind": "open", "option": option, "stance": stance}
        return issues.CastVote.model_validate({"choice": choice, "option": told, "channel": "app"})

    wrong = sealed(TENANT, "another", voter.id, b"{}", 40)
    short = sealed(TENANT, ballot, voter.id, b"{}", 3)
    never = m.chance.choice(m.compound.people["landlord"])
    abroad = next(one for one in m.community.compounds if one.id != m.compound.id).residents[0]
    told = options[0] if kind == "each" else None
    return [
        (vote("nothing", "agree", "nothing" if kind == "each" else None), voter, ballot),
        (vote(options[0], "agree", None if kind == "each" else options[0]), voter, ballot),
        (vote(options[0], "disagree", options[1] if kind == "each" else None), voter, ballot),
        (issues.CastVote(choice=wrong, channel="app"), voter, ballot),
        (issues.CastVote(choice=short, channel="app"), voter, ballot),
        (issues.CastVote(choice=short, option=options[0], channel="app"), voter, ballot),
        (issues.RetractVote(option=told, channel="app"), never, ballot),
        (issues.RetractVote(option=None if told else options[0], channel="app"), voter, ballot),
        (vote(options[0], "agree", told), abroad, ballot),
    ]


def of_action(m: Matter, item: str) -> Fumbles:
    """While action items are under way."""
    return [
        (issues.AssignActionItem(), m.branch, item),
        (issues.AssignActionItem(organisation="org-0"), m.branch, item),
        (issues.CloseIssue(outcome="resolved"), m.branch, m.id),
        (issues.ReportActionDone(done=1, at_least=False, evidence="x", channel="app"), m.social, item),
    ]


def of_result(m: Matter) -> Fumbles:
    """After the result was reported."""
    return [
        (issues.CloseIssue(outcome="resolved"), m.branch, m.id),
        (issues.ReopenIssue(reason="再办一次。"), m.branch, m.id),
        (issues.CloseIssue(outcome="not_feasible"), m.branch, m.id),
    ]


def of_mediation(m: Matter, talks: str, mediator: Person, other: Person) -> Fumbles:
    """While a mediation is under way."""
    past = m.year.now - timedelta(days=1)
    settled = issues.SettleMediation(facts="x", terms=["x"], performance="x", perform_by=past)
    return [
        (settled, mediator, talks),
        (issues.HoldMediation(note="x"), m.social, talks),
        (issues.FailMediation(reason="x", rights_told=False), mediator, talks),
        (issues.ConsentToMediation(channel="app"), other, talks),
        (issues.ReportResult(text="x"), m.branch, m.id),
        (issues.CloseIssue(outcome="mediated"), m.branch, m.id),
    ]
