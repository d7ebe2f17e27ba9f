"""Casting and retracting a vote, in an open ballot or in a secret one."""

from sqlalchemy.orm import Session

from microgov.contracts.issues import CastVote, OpenChoice, RetractVote
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import Said
from microgov.services.issues.deliberation.ballots.ballot import Ballot
from microgov.services.issues.deliberation.ballots.sealed_vote import SealedVote
from microgov.services.issues.deliberation.ballots.vote import Vote


def cast(m: Envelope[CastVote], s: Session) -> Said:
    """Casts an open or a sealed vote, depending on the kind of choice in the message."""
    return Vote.cast(m, s) if isinstance(m.data.choice, OpenChoice) else SealedVote.cast(m, s)


def retract(m: Envelope[RetractVote], s: Session) -> Said:
    """Retracts an open or a sealed vote, depending on the ballot."""
    secret = Ballot.find(s, m.subject).state == "sealed"
    return SealedVote.retract(m, s) if secret else Vote.retract(m, s)
