"""State machine of a ballot as a table (domain.md §2.3)."""

from microgov.contracts.issues import (
    BallotClosed,
    BallotKeyLost,
    BallotOpened,
    BallotToBeRepeated,
    CastVote,
    HandCountRecorded,
    OpenBallot,
    RecordHandCount,
    RetractVote,
    SealedVoteCast,
    SealedVoteRetracted,
    SecretBallotCounted,
    SecretBallotEnded,
    VoteCast,
    VoteRetracted,
)
from microgov.services.chassis.model import SAME, Life, Transition

LIFE = Life(
    "ballot",
    "表决",
    {
        "open": ("进行中", "open"),
        "sealed": ("无记名投票中", "open for sealed votes"),
        "counting": ("计票中", "being counted"),
        "closed": ("已截止", "closed"),
        "to_repeat": ("待重新表决", "to be repeated"),
    },
    {
        (None, OpenBallot): Transition("open", BallotOpened),
        ("open", CastVote): Transition(SAME, VoteCast),
        ("open", RetractVote): Transition(SAME, VoteRetracted),
        ("open", "ballot"): Transition("closed", BallotClosed),
        (None, RecordHandCount): Transition("open", HandCountRecorded),
        (None, "secret"): Transition("sealed", BallotOpened),
        ("sealed", CastVote): Transition(SAME, SealedVoteCast),
        ("sealed", RetractVote): Transition(SAME, SealedVoteRetracted),
        ("sealed", "ballot"): Transition("counting", SecretBallotEnded),
        ("counting", SecretBallotCounted): Transition("closed", BallotClosed),
        ("counting", BallotKeyLost): Transition("to_repeat", BallotToBeRepeated),
    },
    frozenset({"closed", "to_repeat"}),
)
"""The cause `ballot` is the deadline at which a ballot closes; a hand count closes its ballot by the same row, but at once.
`secret` stands for an OpenBallot whose field `secret` is set.
"""
