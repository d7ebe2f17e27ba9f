"""After a restore, what may have been sent before is held back until an operator has decided about it."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from microgov.contracts.notify import ResumeSending, ShowHeld
from microgov.services.chassis.columns import micros
from microgov.services.chassis.model import Refused
from microgov.services.chassis.store import hold
from microgov.services.chassis.store.bookkeeping import KEPT
from microgov.services.notify.held import resume_sending, show_held
from microgov.services.notify.model import Claim
from microgov.services.notify.notices.delivery import Delivery
from microgov.testing.service_driver import START
from tests.notify import notify_steps
from tests.notify.receiver import receiver
from tests.notify.test_failing_receivers import PEOPLE, SenderDriver


def session(notify: SenderDriver) -> Session:
    """A session as admin requests get it."""
    engine = notify.driver.s.get_bind()
    assert isinstance(engine, Engine)
    KEPT.create_all(engine)
    return Session(engine)


def begin(s: Session, latest: int | None = None) -> None:
    """Begins a hold of all that is there; one delivery was claimed and not reported."""
    hold.begin(s.connection())
    hold.set_latest(s.connection(), micros(START + timedelta(days=365)) if latest is None else latest)
    first = min(s.scalars(select(Delivery.id).where(Delivery.channel == "webhook")))
    s.add(Claim(delivery=first, attempt=1, claimed_at=START, reported=False))
    s.commit()


async def test_a_group_is_sent_and_another_one_closed_with_a_reason() -> None:
    async with receiver() as at:
        notify = SenderDriver(at, "/well", "/well", "/well")
        s = session(notify)
        begin(s)

        shown = show_held(ShowHeld(), s)
        assert {group.name: group.count for group in shown.groups} == {
            "webhook/claimed": 1,
            "webhook/waiting": 2,
        }
        decided = ResumeSending(send=["webhook/claimed"], close=["webhook/waiting"], reason="told by phone")
        assert resume_sending(decided, s).model_dump() == {"sent": 1, "closed": 2}
        s.commit()

        await notify.steps(5.0)
        assert Counter(code for _, _, code in notify.reports) == {"http_200": 1, "closed_after_restore": 2}
        assert sum(at.letters.values()) == 1
        assert show_held(ShowHeld(), s).since is None
        await notify.close()


async def test_what_is_decided_must_be_all_of_it_and_have_a_reason() -> None:
    async with receiver() as at:
        notify = SenderDriver(at, "/well", "/well", "/well")
        s = session(notify)
        both = ["webhook/claimed", "webhook/waiting"]
        refused = {"not_held": ResumeSending(send=both)}
        for code, said in refused.items():
            assert code_of(said, s) == code
        begin(s, latest=0)
        assert code_of(ResumeSending(send=both), s) == "not_read_yet"
        assert show_held(ShowHeld(), s).read is False
        hold.set_latest(s.connection(), micros(START + timedelta(days=365)))

        assert code_of(ResumeSending(), s) == "group_undecided"
        assert (
            code_of(ResumeSending(send=both, close=["webhook/waiting"], reason="x"), s) == "group_undecided"
        )
        assert code_of(ResumeSending(send=[*both, "pigeon/waiting"]), s) == "unknown_group"
        assert code_of(ResumeSending(close=both), s) == "reason_missing"
        assert len(show_held(ShowHeld(), s).groups) == 2
        await notify.close()


def code_of(said: ResumeSending, s: Session) -> str:
    """The code of the refusal."""
    with pytest.raises(Refused) as refused:
        resume_sending(said, s)
    return refused.value.code


async def test_what_came_after_the_restore_is_no_part_of_it() -> None:
    async with receiver() as at:
        notify = SenderDriver(at, "/well", "/well", "/well")
        s = session(notify)
        begin(s)
        notify.driver.now += timedelta(days=400)
        notify_steps.report_result(notify.driver)
        notify.driver.s.commit()

        shown = show_held(ShowHeld(), s)

        assert {group.name: group.count for group in shown.groups} == {
            "webhook/claimed": 1,
            "webhook/waiting": 2,
        }
        assert shown.later == len(PEOPLE)
        await notify.close()
