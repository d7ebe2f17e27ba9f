"""Functions for `reads` (chassis/service.py): each returns the keys of rows that a handler needs, so that a batch loads them
together. Only speed depends on it.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from microgov.contracts import issues
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import AnyMessage, Refused
from microgov.services.chassis.service import Key
from microgov.services.chassis.store.fold_session.children import KeyPrefix
from microgov.services.issues.actions.action_item import Action
from microgov.services.issues.actions.assignee import ActionAssignment
from microgov.services.issues.actions.plan import ActionPlan
from microgov.services.issues.clocks import clock
from microgov.services.issues.clocks.clock import Clock
from microgov.services.issues.deliberation.attendance.attendance import Attendance, SeatedVote
from microgov.services.issues.deliberation.attendance.convening import called_by_role
from microgov.services.issues.deliberation.ballots.ballot import Ballot
from microgov.services.issues.deliberation.ballots.minutes import Signature
from microgov.services.issues.deliberation.ballots.sealed_vote import SealedVote
from microgov.services.issues.deliberation.ballots.secret_ballot import SecretBallot
from microgov.services.issues.deliberation.ballots.tally import OptionTally
from microgov.services.issues.deliberation.ballots.vote import Vote, Voter
from microgov.services.issues.deliberation.sessions.procedure import procedure
from microgov.services.issues.deliberation.sessions.role_holding import RoleHolding
from microgov.services.issues.deliberation.sessions.session import DeliberationSession
from microgov.services.issues.deliberation.topics.option import Option
from microgov.services.issues.deliberation.topics.topic import Topic
from microgov.services.issues.issue.cosigning import Cosign, CosignHousehold
from microgov.services.issues.issue.handling import Handling
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.issue.rate_facts import ActionItemFact, RatePeriod, Routing, SurveyFact
from microgov.services.issues.issue.recipients import Recipient
from microgov.services.issues.issue.survey import SurveyAnswer
from microgov.services.issues.model import Deadline, Person, Place


def of_acceptance(m: AnyMessage) -> list[Key]:
    """Rows for accepting an issue."""
    return [(Issue, m.subject), (Handling, m.subject), *_clocks(m.subject, "dispatch", "report_back")]


def of_issue(m: AnyMessage) -> list[Key]:
    """Rows for nearly every later command on an issue."""
    return _issue(m.subject)


def _issue(id: str) -> list[Key]:
    return [
        (Issue, id),
        (Handling, id),
        (RatePeriod, (id, 0)),
        (Routing, (id, 1)),
        *_clocks(id, *clock.CLOCKS),
    ]


def _clocks(issue: str, *kinds: str) -> list[Key]:
    return [key for kind in kinds for key in ((Clock, (issue, kind)), (Deadline, (kind, issue)))]


def of_cosign(m: AnyMessage) -> list[Key]:
    """The issue, the co-signer, and their earlier co-signature."""
    return [(Issue, m.subject), (Person, m.beneficiary), (Cosign, (m.subject, m.beneficiary))]


def their_household(m: AnyMessage, s: Session) -> list[Key]:
    """The row that counts the co-signers of the person's household."""
    person = s.get(Person, m.beneficiary)
    return [] if person is None else [(CosignHousehold, (m.subject, person.household))]


def of_contact(m: Envelope[issues.ContactReporter]) -> list[Key]:
    """The issue, and the person contacted."""
    return [*of_issue(m), *_concerned(m.subject, m.data.person)]


def of_report(m: AnyMessage) -> list[Key]:
    """The issue, and all its co-signatures."""
    return [*of_issue(m), (Cosign, KeyPrefix(m.subject))]


def of_survey(m: AnyMessage) -> list[Key]:
    """The issue, and the rows of the person who answers."""
    return [*of_issue(m), *_concerned(m.subject, m.beneficiary), (SurveyAnswer, (m.subject, m.beneficiary))]


def _concerned(issue: str, person: str) -> list[Key]:
    return [(Cosign, (issue, person)), (Recipient, (issue, person)), (SurveyFact, (issue, 0, person))]


def of_opening(m: Envelope[issues.OpenDeliberation]) -> list[Key]:
    """The issue, and the new topic."""
    return [*of_issue(m), (Topic, m.data.topic)]


def of_option(m: AnyMessage) -> list[Key]:
    """The topic, the option that the message names, and the person acting."""
    return [(Topic, m.subject), (Option, (m.subject, m.data.option)), (Person, m.beneficiary)]


def of_topic(m: AnyMessage) -> list[Key]:
    """The topic."""
    return [(Topic, m.subject)]


def of_convening(m: Envelope[issues.ConveneSession]) -> list[Key]:
    """The topic, and the new session."""
    return [(Topic, m.subject), (DeliberationSession, m.data.session)]


def issue_of_topic(m: AnyMessage, s: Session) -> list[Key]:
    """The issue of the topic."""
    topic = s.get(Topic, m.subject)
    return [] if topic is None else _issue(topic.issue)


def its_place(m: AnyMessage, s: Session) -> list[Key]:
    """The place of the issue, if the batch has loaded the issue, and the place of the sender's scope."""
    issue = _issue_in_question(m, s)
    places = [m.scope, None if issue is None else issue.place]
    return [(Place, place) for place in places if place is not None]


def _issue_in_question(m: AnyMessage, s: Session) -> Issue | None:
    """The issue that the message is about, or to which its entity belongs, if the batch has loaded it."""
    known: Callable[[type[Any], str], Any] = s.at_hand  # type: ignore[attr-defined]  # of the FoldSession
    for kind, id in (
        (Issue, m.subject),
        (Topic, m.subject),
        (DeliberationSession, _session(m)),
        (Action, m.subject),
    ):
        row = known(kind, id)
        if row is not None:
            found: Issue | None = row if kind is Issue else known(Issue, row.issue)
            return found
    return None


def _session(m: AnyMessage) -> str:
    return m.data.session if isinstance(m.data, issues.RecordHandCount) else m.subject


def those_called(m: Envelope[issues.ConveneSession], s: Session) -> list[Key]:
    """Holders of the roles that are invited to the session by name."""
    try:
        roles = called_by_role(procedure(s, m.data.kind), m.data.council)
    except Refused:
        return []
    issue = _issue_in_question(m, s)
    place = None if issue is None else s.get(Place, issue.place)
    path = [] if place is None else place.path
    return [(RoleHolding, KeyPrefix((one, role))) for one in path for role in roles]


def of_session(m: AnyMessage) -> list[Key]:
    """The session, and the attendance of the person acting."""
    return [(DeliberationSession, m.subject), (Attendance, (m.subject, m.beneficiary))]


def of_attendance(m: Envelope[issues.RecordAttendance]) -> list[Key]:
    """The session, and the rows of the attendees."""
    came = [one.person for one in m.data.attendees]
    rows: list[Key] = [
        key for p in came for key in ((Person, p), (Attendance, (m.subject, p)), (SeatedVote, (m.subject, p)))
    ]
    return [(DeliberationSession, m.subject), *rows]


def issue_of_session(m: AnyMessage, s: Session) -> list[Key]:
    """The session's topic and issue, and the person's signature under the current draft or one drafted in this batch."""
    meeting = s.get(DeliberationSession, m.subject)
    if meeting is None:
        return []
    drafts = (meeting.draft, meeting.draft + 1)
    signed: list[Key] = [(Signature, (meeting.id, draft, m.beneficiary)) for draft in drafts]
    return [(Topic, meeting.topic), (Issue, meeting.issue), *signed]


def households_of_session(m: Envelope[issues.RecordAttendance], s: Session) -> list[Key]:
    """The session's topic and issue, and the households of the attendees."""
    came = [s.get(Person, one.person) for one in m.data.attendees]
    known = [one for one in came if one is not None]
    return [
        *issue_of_session(m, s),
        *((SeatedVote, (m.subject, one.household)) for one in known),
        *((Place, one.place) for one in known),
    ]


def of_hands(m: Envelope[issues.RecordHandCount]) -> list[Key]:
    """The new ballot, its session, and the witnesses."""
    seen: list[Key] = [(Attendance, (m.data.session, person)) for person in m.data.witnesses]
    return [(Ballot, m.subject), (DeliberationSession, m.data.session), *seen]


def issue_of_hands(m: Envelope[issues.RecordHandCount], s: Session) -> list[Key]:
    """The topic and the issue of the session in which hands are counted."""
    meeting = s.get(DeliberationSession, m.data.session)
    if meeting is None:
        return []
    return [(Topic, meeting.topic), (Issue, meeting.issue), (Option, KeyPrefix(meeting.topic))]


def of_vote(m: AnyMessage) -> list[Key]:
    """The ballot, the voter, their vote so far, and the tally of the option."""
    option, person = m.data.option or "", m.beneficiary
    rows: list[Key] = [
        (Ballot, m.subject),
        (Person, person),
        (Vote, (m.subject, person, option)),
        (Voter, (m.subject, person)),
    ]
    return [*rows, (OptionTally, (m.subject, option))] if option else rows


def of_cast(m: AnyMessage) -> list[Key]:
    """Rows of an open vote, or of a sealed one, depending on the choice."""
    if isinstance(m.data.choice, issues.OpenChoice):
        return of_vote(m)
    ballot, key = m.subject, (m.subject, m.beneficiary)
    return [
        (Ballot, ballot),
        (Person, m.beneficiary),
        (SecretBallot, ballot),
        (SealedVote, key),
        (Voter, key),
    ]


def of_direct_item(m: Envelope[issues.DefineActionItem]) -> list[Key]:
    """The issue, and the new action item."""
    return [*of_issue(m), (Action, m.data.action)]


def of_action(m: AnyMessage) -> list[Key]:
    """The action item, its assignee, and the person acting."""
    kinds: tuple[type[Any], ...] = (Action, ActionItemFact, ActionPlan, ActionAssignment)
    return [*((kind, m.subject) for kind in kinds), (Person, m.beneficiary)]


def issue_of_action(m: AnyMessage, s: Session) -> list[Key]:
    """The issue of the action item."""
    action = s.get(Action, m.subject)
    return [] if action is None else [(Issue, action.issue)]
