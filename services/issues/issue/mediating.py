"""Commands of a mediation 调解 and their effect on the issue (domain.md §2.3)."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from microgov.contracts import issues
from microgov.contracts.log import DeadlineReached
from microgov.contracts.message import Envelope
from microgov.contracts.rules import MediationRules
from microgov.services.chassis.model import AnyMessage, Refused, Said
from microgov.services.chassis.reference_data import check_touching, check_within
from microgov.services.chassis.refusals import not_registered
from microgov.services.issues.issue import life
from microgov.services.issues.issue.cosigning import Cosign
from microgov.services.issues.issue.handling import Handling
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.mediation.mediation import AGREED, LAPSE, LIFE, Mediation, Party
from microgov.services.issues.model import Deadline, Person, Place, rules_in_force


def request(m: Envelope[issues.RequestMediation], s: Session) -> Said:
    """Requests a mediation. The issue's state changes only once all parties have consented; an issue has one mediation at a
    time.
    """
    issue, d = Issue.find(s, m.subject), m.data
    check_touching(s, Place, issue.place, m)
    life.LIFE.check(issue, "consented", m, s)
    parties = sorted(set(d.parties))
    if len(parties) < 2:
        raise Refused(
            "parties_missing",
            "调解至少在两个人之间进行。请写明各方当事人。",
            "A mediation is between two people at least. Name the parties.",
            "data.parties",
        )
    for person in parties:
        if s.get(Person, person) is None:
            raise not_registered(person, "data.parties")
    if Mediation.under_way(issue.id, s):
        raise Refused(
            "mediation_under_way",
            "这件事已在调解。请等它结束。",
            "The issue is being mediated already. Wait until that has ended.",
        )
    mediation = _new(m, issue, len(parties), s)
    s.add_all(Party(mediation=mediation.id, person=person, consented=False) for person in parties)
    return mediation.say(
        issues.MediationRequested(issue=issue.id, parties=len(parties), instrument=d.instrument)
    )


def _new(m: Envelope[issues.RequestMediation], issue: Issue, parties: int, s: Session) -> Mediation:
    """Adds the row of the mediation, in the state `requested`."""
    return Mediation.new(
        s,
        m.data.mediation,
        issue=issue.id,
        state="requested",
        instrument=m.data.instrument,
        parties=parties,
        consents=0,
        mediator=None,
        sessions=0,
    )


def consent(m: Envelope[issues.ConsentToMediation], s: Session) -> Iterator[Said]:
    """Records a party's consent. The last one starts the mediation and its deadline (`mediation.lapse_days`)."""
    mediation = Mediation.find(s, m.subject)
    party, issue = _party(mediation, m, s), Issue.find(s, mediation.issue)
    if party.consented:
        raise Refused("already_consented", "您已同意调解。", "You have consented already.", "authid")
    LIFE.check(mediation, type(m.data), m, s)
    last = mediation.consents + 1 == mediation.parties
    if last:
        life.LIFE.moved_by(issue, "consented", m, s)
        LIFE.moved_by(mediation, "consented", m, s)
        Deadline.put(
            s,
            LAPSE,
            mediation.id,
            m.recordedtime + timedelta(days=rules_in_force(s, MediationRules).lapse_days),
        )
    party.consented, mediation.consents = True, mediation.consents + 1
    yield mediation.say(
        issues.MediationConsented(issue=issue.id, consents=mediation.consents, parties=mediation.parties)
    )
    if last:
        yield issue.say(
            issues.MediationOpened.model_validate(
                {"mediation": mediation.id, "instrument": mediation.instrument}
            )
        )


def refuse(m: Envelope[issues.RefuseMediation], s: Session) -> Said:
    """Records that a party refuses: the mediation ends, the issue's state does not change."""
    mediation = Mediation.find(s, m.subject)
    _party(mediation, m, s)
    LIFE.move(mediation, m, s)
    return mediation.say(issues.MediationRefused(issue=mediation.issue))


def assign(m: Envelope[issues.AssignMediator], s: Session) -> Said:
    """Assigns the mediator; raises a refusal for a person with a stake in the matter (domain.md §2.1.8)."""
    mediation = Mediation.find(s, m.subject)
    issue = Issue.find(s, mediation.issue)
    check_within(s, Place, issue.place, m)
    _check_no_stake(mediation, issue, m.data.mediator, s)
    LIFE.move(mediation, m, s)
    mediation.mediator = m.data.mediator
    return mediation.say(issues.MediatorAssigned(issue=issue.id, mediator=m.data.mediator))


def hold(m: Envelope[issues.HoldMediation], s: Session) -> Said:
    """Records one more meeting with the parties."""
    mediation = Mediation.find(s, m.subject)
    LIFE.move(mediation, m, s)
    mediation.sessions += 1
    return mediation.say(issues.MediationHeld(issue=mediation.issue, number=mediation.sessions))


def settle(m: Envelope[issues.SettleMediation], s: Session) -> Iterator[Said]:
    """Records the settlement; the issue stays in mediation until its result is reported."""
    mediation = Mediation.find(s, m.subject)
    LIFE.move(mediation, m, s)
    Deadline.drop(s, LAPSE, mediation.id)
    terms, by = len(m.data.terms), m.data.perform_by
    yield mediation.say(issues.MediationSettled(issue=mediation.issue, terms=terms, perform_by=by))
    yield Issue.find(s, mediation.issue).say(issues.MediationEnded(mediation=mediation.id, result="settled"))


def follow_up(m: Envelope[issues.FollowUpMediation], s: Session) -> Said:
    """Records whether the settlement is performed; if it is, the mediation is closed. The mediator may not do this."""
    mediation = Mediation.find(s, m.subject)
    check_within(s, Place, Issue.find(s, mediation.issue).place, m)
    LIFE.move(mediation, m, s)
    if m.data.performed:
        LIFE.moved_by(mediation, "performed", m, s)
    return mediation.say(issues.MediationFollowedUp(issue=mediation.issue, performed=m.data.performed))


def fail(m: Envelope[issues.FailMediation], s: Session) -> Iterator[Said]:
    """Records that the mediation has failed; the issue returns to its owner (state `routed`)."""
    mediation = Mediation.find(s, m.subject)
    LIFE.move(mediation, m, s)
    Deadline.drop(s, LAPSE, mediation.id)
    yield mediation.say(issues.MediationFailed(issue=mediation.issue))
    yield _end_on_issue(mediation, issues.MediationEnded(mediation=mediation.id, result="failed"), m, s)


def lapse(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    """Deadline: a mediation without a settlement lapses, and the issue returns to its owner (state `routed`)."""
    mediation = Mediation.find(s, m.data.entity)
    if mediation.state in AGREED:
        LIFE.moved_by(mediation, LAPSE, m, s)
        yield mediation.say(issues.MediationLapsed(issue=mediation.issue))
        yield _end_on_issue(mediation, issues.MediationEnded(mediation=mediation.id, result="lapsed"), m, s)


def _end_on_issue(mediation: Mediation, ended: issues.MediationEnded, m: AnyMessage, s: Session) -> Said:
    """Moves the issue from `in_mediation` to `routed` and returns its event `MediationEnded`.

    An issue that was put on hold during the mediation becomes `routed` when it is resumed; any other state does not change.
    """
    issue = Issue.find(s, mediation.issue)
    if issue.state == "in_mediation":
        life.LIFE.moved_by(issue, "mediation_ended", m, s)
    elif issue.state == "on_hold" and Handling.peek(issue.id, s).held_from == "in_mediation":
        Handling.of(issue.id, s).held_from = "routed"
    return issue.say(ended)


def _party(mediation: Mediation, m: AnyMessage, s: Session) -> Party:
    """The row of the party for whom the message is sent; raises the refusal `not_a_party`."""
    row = s.get(Party, (mediation.id, m.beneficiary))
    if row is None:
        raise Refused(
            "not_a_party",
            "您不是这次调解的当事人。请核对编号。",
            "You are no party to this mediation. Check its id.",
            "authid",
        )
    return row


def _check_no_stake(mediation: Mediation, issue: Issue, mediator: str, s: Session) -> None:
    """Raises `conflict_of_interest` for a party or their household, the reporter, the owner or a co-signer."""
    parties = s.scalars(select(Party.person).where(Party.mediation == mediation.id).order_by(Party.person))
    people = [s.get(Person, person) for person in parties]
    chosen, signed = s.get(Person, mediator), s.get(Cosign, (issue.id, mediator))
    at_home = chosen is not None and any(p is not None and p.household == chosen.household for p in people)
    concerned = mediator in (issue.reporter, Handling.peek(issue.id, s).owner) or (
        signed is not None and signed.in_force
    )
    if at_home or concerned or any(p is not None and p.id == mediator for p in people):
        raise Refused(
            "conflict_of_interest",
            f"{mediator} 与这件事有利害关系，不能担任调解员。请另选一人。",
            f"{mediator} has a stake in this matter and cannot mediate it. Choose somebody else.",
            "data.mediator",
        )
