"""Sealed votes of secret ballots 无记名投票: who takes part is visible, the choice is not (domain.md §2.3)."""

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.issues import CastVote, RetractVote, SealedChoice, SealedVoteCast, SealedVoteRetracted
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import Refused, Said
from microgov.services.issues.deliberation.ballots import sealing
from microgov.services.issues.deliberation.ballots.ballot import Ballot
from microgov.services.issues.deliberation.ballots.life import LIFE
from microgov.services.issues.deliberation.ballots.secret_ballot import SecretBallot
from microgov.services.issues.deliberation.ballots.vote import Voter, no_vote
from microgov.services.issues.model import Base, Person


class SealedVote(Base):
    """A voter's last sealed vote; a retracted vote keeps its row (`in_force` false).

    `person` is the voter (a household, if households vote); `sender` is the person who sealed the box.
    """

    __tablename__ = "sealed_vote"
    ballot: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    sender: Mapped[str]
    box: Mapped[str]
    in_force: Mapped[bool]

    @classmethod
    def cast(cls, m: Envelope[CastVote], s: Session) -> Said:
        """Casts a sealed vote, or replaces the last one."""
        ballot, person = Ballot.find(s, m.subject), Person.acting(m, s)
        ballot.check_in_time(m)
        ballot.check_may_vote(person, m, s)
        box, voter = _box(ballot, m, s), ballot.voter(person.id, s)
        LIFE.move(ballot, m, s)
        row = s.get(cls, (ballot.id, voter))
        replaced = row is not None and row.in_force
        if not replaced:
            ballot.people += Voter.add(ballot.id, voter, 1, s)
        if row is None:
            s.add(cls(ballot=ballot.id, person=voter, sender=person.id, box=box, in_force=True))
        else:
            row.sender, row.box, row.in_force = person.id, box, True
        return ballot.say(SealedVoteCast(person=person.id, replaced=replaced))

    @classmethod
    def retract(cls, m: Envelope[RetractVote], s: Session) -> Said:
        """Retracts the whole sealed vote; the person may vote again."""
        ballot = Ballot.find(s, m.subject)
        ballot.check_in_time(m)
        if m.data.option is not None:
            raise _option_outside_box(ballot)
        row = s.get(cls, (ballot.id, ballot.voter(m.beneficiary, s)))
        if row is None or not row.in_force:
            raise no_vote(ballot)
        LIFE.move(ballot, m, s)
        row.in_force = False
        ballot.people -= Voter.add(ballot.id, row.person, -1, s)
        return ballot.say(SealedVoteRetracted(person=m.beneficiary))


def _box(ballot: Ballot, m: Envelope[CastVote], s: Session) -> str:
    """The sealed choice of the message; raises a refusal if its key or its size is not that of the ballot."""
    choice, secret = m.data.choice, s.get(SecretBallot, ballot.id)
    if secret is None or not isinstance(choice, SealedChoice):
        raise Refused(
            "ballot_is_open",
            f"表决 {ballot.id} 是公开表决，不接受密封的选票。请公开投票。",
            f"The ballot {ballot.id} is open and takes no sealed votes. Send an open choice.",
            "data.choice.kind",
        )
    if m.data.option is not None:
        raise _option_outside_box(ballot)
    if secret.key is None or secret.length is None:
        raise Refused(
            "ballot_key_missing",
            f"表决 {ballot.id} 的密钥尚未生成，暂不能投票。请稍后再投。",
            f"The key of the ballot {ballot.id} is not made yet. Vote again in a moment.",
            "data.choice.key",
        )
    if choice.key != secret.key:
        raise Refused(
            "wrong_key",
            f"选票不是用表决 {ballot.id} 的密钥 {secret.key} 密封的，无法计票。请重新密封。",
            f"The vote is sealed to another key than {secret.key}, which is that of the ballot {ballot.id}. Seal it anew.",
            "data.choice.key",
        )
    if len(choice.box.rstrip("=")) != sealing.size_of(secret.length):
        raise Refused(
            "box_size",
            f"表决 {ballot.id} 的选票须补足到 {secret.length} 字节再密封。请重新密封。",
            f"In the ballot {ballot.id} a text is padded to {secret.length} bytes before it is sealed. Seal it anew.",
            "data.choice.box",
        )
    return choice.box


def _option_outside_box(ballot: Ballot) -> Refused:
    return Refused(
        "option_told",
        f"表决 {ballot.id} 是无记名表决，选票之外不得写明方案。请去掉 option。",
        f"The ballot {ballot.id} is secret, so no option is named outside the box. Leave option out.",
        "data.option",
    )
