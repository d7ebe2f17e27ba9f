"""Which function answers which message of a mediation."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from microgov.contracts import issues as i
from microgov.contracts.log import DeadlineReached
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import Said
from microgov.services.issues.issue import mediating


def request_mediation(m: Envelope[i.RequestMediation], s: Session) -> Iterator[Said]:
    yield mediating.request(m, s)


def consent_to_mediation(m: Envelope[i.ConsentToMediation], s: Session) -> Iterator[Said]:
    yield from mediating.consent(m, s)


def refuse_mediation(m: Envelope[i.RefuseMediation], s: Session) -> Iterator[Said]:
    yield mediating.refuse(m, s)


def assign_mediator(m: Envelope[i.AssignMediator], s: Session) -> Iterator[Said]:
    yield mediating.assign(m, s)


def hold_mediation(m: Envelope[i.HoldMediation], s: Session) -> Iterator[Said]:
    yield mediating.hold(m, s)


def settle_mediation(m: Envelope[i.SettleMediation], s: Session) -> Iterator[Said]:
    yield from mediating.settle(m, s)


def follow_up_mediation(m: Envelope[i.FollowUpMediation], s: Session) -> Iterator[Said]:
    yield mediating.follow_up(m, s)


def fail_mediation(m: Envelope[i.FailMediation], s: Session) -> Iterator[Said]:
    yield from mediating.fail(m, s)


def lapse_mediation(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    yield from mediating.lapse(m, s)
