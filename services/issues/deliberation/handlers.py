"""Which function answers which message of a deliberation: topics, sessions, ballots, minutes, action items."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from microgov.contracts import issues as i
from microgov.contracts.log import DeadlineReached
from microgov.contracts.matching import OrganisationFiled
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import Said
from microgov.services.chassis.service import reads
from microgov.services.issues import rows
from microgov.services.issues.actions.action_item import Action
from microgov.services.issues.actions.assignee import Organisation
from microgov.services.issues.deliberation.attendance import attendance, convening
from microgov.services.issues.deliberation.ballots import hand_count, minutes
from microgov.services.issues.deliberation.ballots.ballot import Ballot
from microgov.services.issues.deliberation.ballots.sealed_vote import SealedVote
from microgov.services.issues.deliberation.ballots.secret_ballot import SecretBallot
from microgov.services.issues.deliberation.ballots.vote import Vote
from microgov.services.issues.deliberation.topics import no_consensus
from microgov.services.issues.deliberation.topics.topic import Topic


@reads(rows.of_opening, rows.its_place)
def open_deliberation(m: Envelope[i.OpenDeliberation], s: Session) -> Iterator[Said]:
    yield Topic.open(m, s)


@reads(rows.of_option, rows.issue_of_topic, rows.its_place)
def propose_option(m: Envelope[i.ProposeOption], s: Session) -> Iterator[Said]:
    yield Topic.find(s, m.subject).propose(m, s)


@reads(rows.of_convening, rows.issue_of_topic, rows.its_place, rows.those_called)
def convene_session(m: Envelope[i.ConveneSession], s: Session) -> Iterator[Said]:
    yield convening.convene(m, s)


@reads(rows.of_session, rows.issue_of_session, rows.its_place)
def call_off_session(m: Envelope[i.CallOffSession], s: Session) -> Iterator[Said]:
    yield convening.call_off(m, s)


@reads(rows.of_attendance, rows.households_of_session, rows.its_place)
def record_attendance(m: Envelope[i.RecordAttendance], s: Session) -> Iterator[Said]:
    yield attendance.record(m, s)


@reads(rows.of_session, rows.issue_of_session, rows.its_place)
def open_session(m: Envelope[i.OpenSession], s: Session) -> Iterator[Said]:
    yield from attendance.open_session(m, s)


@reads(rows.of_session, rows.issue_of_session, rows.its_place)
def adjourn_session(m: Envelope[i.AdjournSession], s: Session) -> Iterator[Said]:
    yield attendance.adjourn(m, s)


def open_ballot(m: Envelope[i.OpenBallot], s: Session) -> Iterator[Said]:
    yield Ballot.open(m, s)


@reads(rows.of_cast)
def cast_vote(m: Envelope[i.CastVote], s: Session) -> Iterator[Said]:
    yield Vote.cast(m, s) if isinstance(m.data.choice, i.OpenChoice) else SealedVote.cast(m, s)


@reads(rows.of_vote)
def retract_vote(m: Envelope[i.RetractVote], s: Session) -> Iterator[Said]:
    secret = Ballot.find(s, m.subject).state == "sealed"
    yield SealedVote.retract(m, s) if secret else Vote.retract(m, s)


def close_ballot(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    yield from Ballot.find(s, m.data.entity).close(m, s)


def ballot_key_made(m: Envelope[i.BallotKeyMade], s: Session) -> Iterator[Said]:
    SecretBallot.learn(m, s)
    yield from ()


def secret_ballot_counted(m: Envelope[i.SecretBallotCounted], s: Session) -> Iterator[Said]:
    yield from Ballot.find(s, m.subject).counted(m, s)


@reads(rows.of_hands, rows.issue_of_hands, rows.its_place)
def record_hand_count(m: Envelope[i.RecordHandCount], s: Session) -> Iterator[Said]:
    yield from hand_count.record(m, s)


@reads(rows.of_session, rows.issue_of_session, rows.its_place)
def draft_minutes(m: Envelope[i.DraftMinutes], s: Session) -> Iterator[Said]:
    yield from minutes.draft(m, s)


@reads(rows.of_session, rows.issue_of_session, rows.its_place)
def confirm_minutes(m: Envelope[i.ConfirmMinutes], s: Session) -> Iterator[Said]:
    yield from minutes.confirm(m, s)


@reads(rows.of_option, rows.issue_of_topic, rows.its_place)
def adopt_resolution(m: Envelope[i.AdoptResolution], s: Session) -> Iterator[Said]:
    yield from Topic.find(s, m.subject).adopt(m, s)


@reads(rows.of_topic, rows.issue_of_topic, rows.its_place)
def reject_topic(m: Envelope[i.RejectTopic], s: Session) -> Iterator[Said]:
    yield from Topic.find(s, m.subject).reject(m, s)


@reads(rows.of_topic, rows.issue_of_topic, rows.its_place)
def declare_no_consensus(m: Envelope[i.DeclareNoConsensus], s: Session) -> Iterator[Said]:
    yield from no_consensus.no_consensus(m, s)


@reads(rows.of_topic, rows.issue_of_topic, rows.its_place)
def defer_topic(m: Envelope[i.DeferTopic], s: Session) -> Iterator[Said]:
    yield no_consensus.defer(m, s)


@reads(rows.of_action, rows.issue_of_action, rows.its_place)
def track_action_item(m: Envelope[i.TrackActionItem], s: Session) -> Iterator[Said]:
    yield Action.find(s, m.subject).track(m, s)


@reads(rows.of_direct_item, rows.its_place)
def define_action_item(m: Envelope[i.DefineActionItem], s: Session) -> Iterator[Said]:
    yield from Action.direct(m, s)


@reads(rows.of_action, rows.issue_of_action, rows.its_place)
def assign_action_item(m: Envelope[i.AssignActionItem], s: Session) -> Iterator[Said]:
    yield from Action.find(s, m.subject).assign(m, s)


def organisation_filed(m: Envelope[OrganisationFiled], s: Session) -> Iterator[Said]:
    Organisation.filed(m, s)
    yield from ()


@reads(rows.of_action, rows.issue_of_action, rows.its_place)
def claim_action_item(m: Envelope[i.ClaimActionItem], s: Session) -> Iterator[Said]:
    yield Action.find(s, m.subject).claim(m, s)


@reads(rows.of_action, rows.issue_of_action, rows.its_place)
def report_action_done(m: Envelope[i.ReportActionDone], s: Session) -> Iterator[Said]:
    yield Action.find(s, m.subject).report_done(m, s)


@reads(rows.of_action, rows.issue_of_action, rows.its_place)
def verify_action_item(m: Envelope[i.VerifyActionItem], s: Session) -> Iterator[Said]:
    yield Action.find(s, m.subject).verify(m, s)
