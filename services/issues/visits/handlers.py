"""Which function answers which message about visits."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from microgov.contracts import issues as i
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import AnyMessage, Said
from microgov.services.chassis.service import reads
from microgov.services.issues.model import Person, Place
from microgov.services.issues.visits import steps
from microgov.services.issues.visits.lines import Line
from microgov.services.issues.visits.rounds import VisitRound
from microgov.services.issues.visits.visit import Visit


@reads(lambda m: [(Place, contact.place) for contact in m.data.contacts])
def open_visit_round(m: Envelope[i.OpenVisitRound], s: Session) -> Iterator[Said]:
    yield from VisitRound.open(m, s)


@reads(lambda m: [(Visit, m.subject)])
def attempt_visit(m: Envelope[i.AttemptVisit], s: Session) -> Iterator[Said]:
    yield steps.attempt(m, s)


@reads(lambda m: [(Visit, m.subject), (Person, m.data.person)])
def make_visit(m: Envelope[i.MakeVisit], s: Session) -> Iterator[Said]:
    yield steps.make(m, s)


@reads(lambda m: [(Visit, m.subject)])
def record_visit_lists(m: Envelope[i.RecordVisitLists], s: Session) -> Iterator[Said]:
    yield from steps.record(m, s)


@reads(lambda m: [(Visit, m.subject)])
def give_visit_feedback(m: Envelope[i.GiveVisitFeedback], s: Session) -> Iterator[Said]:
    yield from steps.give_feedback(m, s)


@reads(lambda m: [(Line, m.subject)])
def order_moved(m: AnyMessage, s: Session) -> Iterator[Said]:
    Line.moved(m, s)
    yield from ()
