"""The teller of secret ballots: makes keys, counts votes after the close, deletes the keys (domain.md §2.3)."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NamedTuple

from sqlalchemy import Connection, Engine, and_, delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from microgov.contracts.issues import BallotKeyLost, BallotKeyMade, SecretBallotCounted, Tally
from microgov.contracts.message import Event
from microgov.contracts.rules import BehaviourRules
from microgov.services.chassis.reference_data import rules_in_force
from microgov.services.chassis.runtime.aside import SetAside
from microgov.services.chassis.store.engine import is_postgresql, reading
from microgov.services.chassis.store.fold_session.session import FoldSession
from microgov.services.chassis.telemetry import logger
from microgov.services.issues.deliberation.ballots import sealing
from microgov.services.issues.deliberation.ballots.ballot import Ballot
from microgov.services.issues.deliberation.ballots.sealed_vote import SealedVote
from microgov.services.issues.deliberation.ballots.sealing import Spoiled
from microgov.services.issues.deliberation.ballots.secret_ballot import SecretBallot
from microgov.services.issues.deliberation.ballots.tally import OptionTally
from microgov.services.issues.deliberation.topics.option import Option
from microgov.services.issues.model import BallotKey, Rule

Report = Callable[[list[tuple[str, Event]]], Awaitable[None]]
MIN_READABLE_VOTES = 5
"""Minimum number of readable votes for which counts are published; fewer would reveal how people voted."""
AT_WORK = ("sealed", "counting")
"""The states of a secret ballot that is not over."""
KEYLESS = and_(Ballot.state == "sealed", SecretBallot.key.is_(None))
log = logger("teller")


class TellerWork(NamedTuple):
    """Ids of ballots: those that need a key, those that have to be counted, and closed ones that still have a key
    (`over`).
    """

    keyless: list[str]
    counting: list[str]
    over: list[str]


class Teller:
    """Makes keys and counts votes. Each step can be repeated: a key is stored before it is reported, and deleted once the
    fold has closed the ballot. A ballot that fails is set aside; the others continue.
    """

    def __init__(self, engine: Engine, report: Report, counters: Counter[str] | None = None) -> None:
        self._engine, self._report, self._aside = engine, report, SetAside(log, counters)
        self._reported: set[tuple[str, type[Event]]] = set()

    async def step(self) -> int:
        """Does the work that is waiting now; returns how many events it has reported."""
        todo = await asyncio.to_thread(self._todo)
        facts = await asyncio.to_thread(self._facts, todo)
        if facts:
            await self._report(facts)
            self._reported |= {(ballot, type(event)) for ballot, event in facts}
        if todo.over:
            await asyncio.to_thread(self._destroy, todo.over)
        return len(facts)

    def _todo(self) -> TellerWork:
        known = select(SecretBallot.ballot, Ballot.state, KEYLESS.label("keyless"))
        known = known.join(Ballot, Ballot.id == SecretBallot.ballot).where(Ballot.state.in_(AT_WORK))
        over = (
            select(BallotKey.ballot)
            .join(Ballot, Ballot.id == BallotKey.ballot)
            .where(Ballot.state.not_in(AT_WORK))
        )
        with reading(self._engine) as c:
            rows = c.execute(known.order_by(SecretBallot.ballot)).all()
            done = c.execute(over.order_by(BallotKey.ballot)).scalars().all()
        keyless = [
            row.ballot for row in rows if row.keyless and (row.ballot, BallotKeyMade) not in self._reported
        ]
        counting = [row.ballot for row in rows if row.state == "counting"]
        return TellerWork(
            keyless, [one for one in counting if (one, SecretBallotCounted) not in self._reported], list(done)
        )

    def _facts(self, todo: TellerWork) -> list[tuple[str, Event]]:
        work = [
            *((ballot, self._key) for ballot in todo.keyless),
            *((ballot, self._count) for ballot in todo.counting),
        ]
        facts: list[tuple[str, Event]] = []
        for ballot, report in work:
            if self._aside.due(ballot):
                with self._aside.alone(ballot):
                    facts.append((ballot, report(ballot)))
        return facts

    def _key(self, ballot: str) -> Event:
        """Makes and stores the ballot's private key, if there is none, and returns the event with the public key."""
        with Session(self._engine) as kept:
            if kept.get(BallotKey, ballot) is None:
                private = sealing.make_key()
                public = sealing.public_of(private)
                kept.add(
                    BallotKey(ballot=ballot, key=sealing.name_of(public), public=public, private=private)
                )
                with suppress(IntegrityError):  # another instance was faster; its key is used
                    kept.commit()
        with reading(self._engine) as c, FoldSession(c) as s:
            row, secret = s.get_one(BallotKey, ballot), s.get_one(Ballot, ballot)
            length = sealing.length_of(secret.kind, Option.ids(secret.topic, s))
            return BallotKeyMade(key=row.key, public=row.public, length=length)

    def _count(self, id: str) -> Event:
        """Decrypts and counts the votes of a ballot. If its key is lost, and there are votes, the ballot is to be repeated;
        before behaviour 5 all votes are then spoiled.
        """
        with reading(self._engine) as c, FoldSession(c) as s:
            repeats = rules_in_force(s, Rule, BehaviourRules).repeats_lost_ballots
            ballot, key = s.get_one(Ballot, id), s.get(BallotKey, id)
            options = Option.ids(ballot.topic, s)
            boxes = select(SealedVote.sender, SealedVote.box).where(
                SealedVote.ballot == id, SealedVote.in_force
            )
            votes = [(row.sender, row.box) for row in s.execute(boxes.order_by(SealedVote.person))]
        if key is None and votes:
            log.error("the key of a ballot is lost: nobody can read its votes", ballot=id)
            if repeats:
                return BallotKeyLost()
        return _result(ballot, options, key.private if key is not None else None, votes)

    def _destroy(self, ballots: list[str]) -> None:
        """Deletes private keys; on SQLite their bytes are also overwritten in the file."""
        with self._engine.begin() as c:
            if not is_postgresql(c):
                c.exec_driver_sql("PRAGMA secure_delete=ON")
            c.execute(delete(BallotKey).where(BallotKey.ballot.in_(ballots)))


def unreported(c: Connection) -> int:
    """How many ballots wait for their key or their count."""
    waiting = or_(KEYLESS, Ballot.state == "counting")
    known = (
        select(func.count())
        .select_from(SecretBallot)
        .join(Ballot, Ballot.id == SecretBallot.ballot)
        .where(waiting)
    )
    return int(c.execute(known).scalar_one())


def _result(
    ballot: Ballot, options: list[str], private: bytes | None, votes: list[tuple[str, str]]
) -> SecretBallotCounted:
    """The result of the ballot; with fewer than five readable votes it contains only which options carried, no counts."""
    rows, spoiled = {option: OptionTally.zero(ballot.id, option) for option in sorted(options)}, 0
    for person, box in votes:
        try:
            for option, stance in _open_vote(ballot, options, private, person, box):
                rows[option].add(stance, 1)
        except Spoiled:
            spoiled += 1
    tally = ballot.tally(list(rows.values()))
    if ballot.people - spoiled < MIN_READABLE_VOTES:
        tally = [Tally(option=line.option, carried=line.carried) for line in tally]
    return SecretBallotCounted(people=ballot.people, spoiled=spoiled, tally=tally)


def _open_vote(
    ballot: Ballot, options: list[str], private: bytes | None, person: str, box: str
) -> list[tuple[str, str]]:
    """The pairs (option, stance) in one sealed vote; raises Spoiled."""
    if private is None:
        raise Spoiled("no key")
    return sealing.choices(ballot.kind, options, sealing.open_box(private, ballot.id, person, box))
