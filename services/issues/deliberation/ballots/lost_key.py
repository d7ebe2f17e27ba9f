"""A secret ballot whose private key is lost: nobody can read its votes, so it is to be repeated (domain.md §2.3)."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from microgov.contracts.issues import BallotKeyLost, BallotToBeRepeated, VotesLost
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import Said
from microgov.services.chassis.store.fold_session.children import rows_under
from microgov.services.issues.deliberation.ballots.ballot import Ballot
from microgov.services.issues.deliberation.ballots.life import LIFE
from microgov.services.issues.deliberation.ballots.sealed_vote import SealedVote

TOGETHER = 1000
"""How many voters one message names at most."""


def key_lost(m: Envelope[BallotKeyLost], s: Session) -> Iterator[Said]:
    """Ends the ballot without a result, and its session; another session may be convened, as after one without a quorum.
    Everybody who voted is named, so that they can be told. A second report changes nothing.
    """
    ballot = Ballot.find(s, m.subject)
    if not LIFE.allows(ballot.state, BallotKeyLost):
        return
    ballot.adjourned(BallotKeyLost, False, m, s)
    yield ballot.say(
        BallotToBeRepeated(
            issue=ballot.issue, topic=ballot.topic, session=ballot.session, people=ballot.people
        )
    )
    people = sorted({row.sender for row in rows_under(s, SealedVote, ballot.id) if row.in_force})
    for at in range(0, len(people), TOGETHER):
        yield ballot.say(VotesLost(issue=ballot.issue, people=people[at : at + TOGETHER]))
