"""Which function answers which message of what is talked about, and by whom: topics screened, disagreements, councils."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from contracts import issues as i
from contracts.log import DeadlineReached
from contracts.message import Envelope
from services.chassis.model import Said
from services.issues.deliberation import disagreements, roundtables, screening
from services.issues.deliberation.council import Council, Seat


def form_council(m: Envelope[i.FormCouncil], s: Session) -> Iterator[Said]:
    yield Council.form(m, s)


def seat_member(m: Envelope[i.SeatMember], s: Session) -> Iterator[Said]:
    yield Seat.take(m, s)


def unseat_member(m: Envelope[i.UnseatMember], s: Session) -> Iterator[Said]:
    yield Seat.unseat(m, s)


def end_term(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    yield from Seat.end(m, s)


def propose_topic(m: Envelope[i.ProposeTopic], s: Session) -> Iterator[Said]:
    yield screening.propose(m, s)


def admit_topic(m: Envelope[i.AdmitTopic], s: Session) -> Iterator[Said]:
    yield from screening.admit(m, s)


def refuse_topic(m: Envelope[i.RefuseTopic], s: Session) -> Iterator[Said]:
    yield screening.refuse(m, s)


def place_on_agenda(m: Envelope[i.PlaceOnAgenda], s: Session) -> Iterator[Said]:
    yield from screening.place_on_agenda(m, s)


def evaluate_topic(m: Envelope[i.EvaluateTopic], s: Session) -> Iterator[Said]:
    yield screening.evaluate(m, s)


def raise_disagreement(m: Envelope[i.RaiseDisagreement], s: Session) -> Iterator[Said]:
    yield disagreements.put(m, s)


def narrow_disagreement(m: Envelope[i.NarrowDisagreement], s: Session) -> Iterator[Said]:
    yield disagreements.narrow(m, s)


def settle_disagreement(m: Envelope[i.SettleDisagreement], s: Session) -> Iterator[Said]:
    yield disagreements.settle(m, s)


def mediate_disagreement(m: Envelope[i.MediateDisagreement], s: Session) -> Iterator[Said]:
    yield disagreements.mediate(m, s)


def escalate_disagreement(m: Envelope[i.EscalateDisagreement], s: Session) -> Iterator[Said]:
    yield from disagreements.escalate(m, s)


def set_up_round_table(m: Envelope[i.SetUpRoundTable], s: Session) -> Iterator[Said]:
    yield roundtables.set_up(m, s)


def hold_round_table(m: Envelope[i.HoldRoundTable], s: Session) -> Iterator[Said]:
    yield roundtables.hold(m, s)


def stop_round_table(m: Envelope[i.StopRoundTable], s: Session) -> Iterator[Said]:
    yield roundtables.stop(m, s)


def round_table_due(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    yield from roundtables.due(m, s)
