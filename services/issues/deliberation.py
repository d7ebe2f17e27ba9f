"""Which function answers which message of a deliberation: topics, sessions, ballots, minutes, action items."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from contracts import issues as i
from contracts.log import DeadlineReached
from contracts.matching import OrganisationFiled
from contracts.message import Envelope
from services.chassis.model import AnyMessage, Said
from services.chassis.service import Key, reads
from services.issues import attendance, convening, hands, minutes, unsettled
from services.issues.actions import Action
from services.issues.ballots import Ballot
from services.issues.doers import Organisation
from services.issues.model import Person
from services.issues.sealed import SealedVote
from services.issues.secret import SecretBallot
from services.issues.tallies import OptionTally
from services.issues.topics import Topic
from services.issues.votes import Vote, Voter


def open_deliberation(m: Envelope[i.OpenDeliberation], s: Session) -> Iterator[Said]:
    yield Topic.open(m, s)


def propose_option(m: Envelope[i.ProposeOption], s: Session) -> Iterator[Said]:
    yield Topic.find(s, m.subject).propose(m, s)


def convene_session(m: Envelope[i.ConveneSession], s: Session) -> Iterator[Said]:
    yield convening.convene(m, s)


def call_off_session(m: Envelope[i.CallOffSession], s: Session) -> Iterator[Said]:
    yield convening.call_off(m, s)


def record_attendance(m: Envelope[i.RecordAttendance], s: Session) -> Iterator[Said]:
    yield attendance.record(m, s)


def open_session(m: Envelope[i.OpenSession], s: Session) -> Iterator[Said]:
    yield from attendance.open_session(m, s)


def adjourn_session(m: Envelope[i.AdjournSession], s: Session) -> Iterator[Said]:
    yield attendance.adjourn(m, s)


def open_ballot(m: Envelope[i.OpenBallot], s: Session) -> Iterator[Said]:
    yield Ballot.open(m, s)


def _vote_rows(m: AnyMessage) -> list[Key]:
    option, person = m.data.option or "", m.beneficiary
    rows: list[Key] = [
        (Ballot, m.subject),
        (Person, person),
        (Vote, (m.subject, person, option)),
        (Voter, (m.subject, person)),
    ]
    return [*rows, (OptionTally, (m.subject, option))] if option else rows


def _cast_rows(m: AnyMessage) -> list[Key]:
    if isinstance(m.data.choice, i.OpenChoice):
        return _vote_rows(m)
    ballot, person = m.subject, m.beneficiary
    key = (ballot, person)
    return [(Ballot, ballot), (Person, person), (SecretBallot, ballot), (SealedVote, key), (Voter, key)]


@reads(_cast_rows)
def cast_vote(m: Envelope[i.CastVote], s: Session) -> Iterator[Said]:
    yield Vote.cast(m, s) if isinstance(m.data.choice, i.OpenChoice) else SealedVote.cast(m, s)


@reads(_vote_rows)
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


def record_hand_count(m: Envelope[i.RecordHandCount], s: Session) -> Iterator[Said]:
    yield from hands.record(m, s)


def draft_minutes(m: Envelope[i.DraftMinutes], s: Session) -> Iterator[Said]:
    yield from minutes.draft(m, s)


def confirm_minutes(m: Envelope[i.ConfirmMinutes], s: Session) -> Iterator[Said]:
    yield from minutes.confirm(m, s)


def adopt_resolution(m: Envelope[i.AdoptResolution], s: Session) -> Iterator[Said]:
    yield from Topic.find(s, m.subject).adopt(m, s)


def reject_topic(m: Envelope[i.RejectTopic], s: Session) -> Iterator[Said]:
    yield from Topic.find(s, m.subject).reject(m, s)


def declare_no_consensus(m: Envelope[i.DeclareNoConsensus], s: Session) -> Iterator[Said]:
    yield from unsettled.no_consensus(m, s)


def defer_topic(m: Envelope[i.DeferTopic], s: Session) -> Iterator[Said]:
    yield unsettled.defer(m, s)


def track_action_item(m: Envelope[i.TrackActionItem], s: Session) -> Iterator[Said]:
    yield Action.find(s, m.subject).track(m, s)


def define_action_item(m: Envelope[i.DefineActionItem], s: Session) -> Iterator[Said]:
    yield from Action.direct(m, s)


def assign_action_item(m: Envelope[i.AssignActionItem], s: Session) -> Iterator[Said]:
    yield from Action.find(s, m.subject).assign(m, s)


def organisation_filed(m: Envelope[OrganisationFiled], s: Session) -> Iterator[Said]:
    Organisation.filed(m, s)
    yield from ()


def claim_action_item(m: Envelope[i.ClaimActionItem], s: Session) -> Iterator[Said]:
    yield Action.find(s, m.subject).claim(m, s)


def report_action_done(m: Envelope[i.ReportActionDone], s: Session) -> Iterator[Said]:
    yield Action.find(s, m.subject).report_done(m, s)


def verify_action_item(m: Envelope[i.VerifyActionItem], s: Session) -> Iterator[Said]:
    yield Action.find(s, m.subject).verify(m, s)
