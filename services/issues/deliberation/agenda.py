"""Which function answers which message of what is talked about, and by whom: topics screened, disagreements, councils."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from microgov.contracts import issues as i
from microgov.contracts.log import DeadlineReached
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import Said
from microgov.services.issues.deliberation.sessions.council import Council, Seat
from microgov.services.issues.deliberation.topics import disagreement, round_table, screening


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
    yield disagreement.put(m, s)


def narrow_disagreement(m: Envelope[i.NarrowDisagreement], s: Session) -> Iterator[Said]:
    yield disagreement.narrow(m, s)


def settle_disagreement(m: Envelope[i.SettleDisagreement], s: Session) -> Iterator[Said]:
    yield disagreement.settle(m, s)


def mediate_disagreement(m: Envelope[i.MediateDisagreement], s: Session) -> Iterator[Said]:
    yield disagreement.mediate(m, s)


def escalate_disagreement(m: Envelope[i.EscalateDisagreement], s: Session) -> Iterator[Said]:
    yield from disagreement.escalate(m, s)


def set_up_round_table(m: Envelope[i.SetUpRoundTable], s: Session) -> Iterator[Said]:
    yield round_table.set_up(m, s)


def hold_round_table(m: Envelope[i.HoldRoundTable], s: Session) -> Iterator[Said]:
    yield round_table.hold(m, s)


def stop_round_table(m: Envelope[i.StopRoundTable], s: Session) -> Iterator[Said]:
    yield round_table.stop(m, s)


def round_table_due(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    yield from round_table.due(m, s)
