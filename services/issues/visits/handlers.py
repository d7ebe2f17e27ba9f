"""Which function answers which message about visits."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from contracts import issues as i
from contracts.message import Envelope
from services.chassis.model import AnyMessage, Said
from services.chassis.service import reads
from services.issues.model import Person, Place
from services.issues.visits import visiting
from services.issues.visits.lines import Line
from services.issues.visits.rounds import VisitRound
from services.issues.visits.visit import Visit


@reads(lambda m: [(Place, contact.place) for contact in m.data.contacts])
def open_visit_round(m: Envelope[i.OpenVisitRound], s: Session) -> Iterator[Said]:
    yield from VisitRound.open(m, s)


@reads(lambda m: [(Visit, m.subject)])
def attempt_visit(m: Envelope[i.AttemptVisit], s: Session) -> Iterator[Said]:
    yield visiting.attempt(m, s)


@reads(lambda m: [(Visit, m.subject), (Person, m.data.person)])
def make_visit(m: Envelope[i.MakeVisit], s: Session) -> Iterator[Said]:
    yield visiting.make(m, s)


@reads(lambda m: [(Visit, m.subject)])
def record_visit_lists(m: Envelope[i.RecordVisitLists], s: Session) -> Iterator[Said]:
    yield from visiting.record(m, s)


@reads(lambda m: [(Visit, m.subject)])
def give_visit_feedback(m: Envelope[i.GiveVisitFeedback], s: Session) -> Iterator[Said]:
    yield from visiting.give_feedback(m, s)


@reads(lambda m: [(Line, m.subject)])
def order_moved(m: AnyMessage, s: Session) -> Iterator[Said]:
    Line.moved(m, s)
    yield from ()
