"""Open votes: cast, replaced, retracted.

These are the busiest rows of the service: a vote is read by its primary key only, and counts are kept in rows of their own
(Voter, OptionTally) instead of being computed from the votes.
"""

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.issues import CastVote, Choice, OpenChoice, RetractVote, VoteCast, VoteRetracted
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import Refused, Said
from microgov.services.issues.deliberation.ballots.ballot import Ballot
from microgov.services.issues.deliberation.ballots.life import LIFE
from microgov.services.issues.deliberation.ballots.tally import OptionTally
from microgov.services.issues.model import Base, Person


class Vote(Base):
    """A vote; a retracted vote keeps its row (`in_force` false).

    `about` is the option in a ballot `each`, and empty in a ballot `one_of`. `person` is the voter (a household, if
    households vote).
    """

    __tablename__ = "vote"
    ballot: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    about: Mapped[str] = mapped_column(primary_key=True)
    option: Mapped[str]
    stance: Mapped[str]
    in_force: Mapped[bool]

    @classmethod
    def cast(cls, m: Envelope[CastVote], s: Session) -> Said:
        """Casts a vote, or replaces the last one."""
        ballot, person = Ballot.find(s, m.subject), Person.acting(m, s)
        ballot.check_in_time(m)
        ballot.check_may_vote(person, m, s)
        choice = _choice(ballot, m)
        tally = OptionTally.of(ballot.id, choice.option, s)
        LIFE.move(ballot, m, s)
        replaced = cls._put(ballot, ballot.voter(person.id, s), choice, s)
        tally.add(choice.stance, 1)
        return ballot.say(
            VoteCast(person=person.id, option=choice.option, stance=choice.stance, replaces=replaced)
        )

    @classmethod
    def _put(cls, ballot: Ballot, person: str, choice: OpenChoice, s: Session) -> Choice | None:
        """Stores the vote; returns the choice that it replaces, if any."""
        about = choice.option if ballot.kind == "each" else ""
        row = s.get(cls, (ballot.id, person, about))
        replaced = row._uncount(s) if row is not None and row.in_force else None
        if replaced is None:
            ballot.people += Voter.add(ballot.id, person, 1, s)
        if row is None:
            s.add(
                cls(
                    ballot=ballot.id,
                    person=person,
                    about=about,
                    option=choice.option,
                    stance=choice.stance,
                    in_force=True,
                )
            )
        else:
            row.option, row.stance, row.in_force = choice.option, choice.stance, True
        return replaced

    @classmethod
    def retract(cls, m: Envelope[RetractVote], s: Session) -> Said:
        """Retracts the vote; the person may vote again."""
        ballot = Ballot.find(s, m.subject)
        ballot.check_in_time(m)
        if ballot.kind == "each" and m.data.option is None:
            raise _option_missing()
        about = m.data.option if ballot.kind == "each" and m.data.option else ""
        row = s.get(cls, (ballot.id, ballot.voter(m.beneficiary, s), about))
        if row is None or not row.in_force:
            raise no_vote(ballot)
        LIFE.move(ballot, m, s)
        was = row._uncount(s)
        row.in_force = False
        ballot.people -= Voter.add(ballot.id, row.person, -1, s)
        return ballot.say(VoteRetracted(person=m.beneficiary, option=was.option, stance=was.stance))

    def _uncount(self, s: Session) -> Choice:
        """Subtracts the vote from the tally of its option and returns its choice."""
        OptionTally.of(self.ballot, self.option, s).add(self.stance, -1)
        return Choice.model_validate({"option": self.option, "stance": self.stance})


class Voter(Base):
    """A voter of the ballot, with the number of votes in force: one on each option in a ballot `each`, otherwise one in all.

    `person` is the id of a household if households vote.
    """

    __tablename__ = "voter"
    ballot: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    votes: Mapped[int]

    @classmethod
    def add(cls, ballot: str, person: str, step: int, s: Session) -> int:
        """Adds `step` (1 or -1) to the voter's number of votes. Returns 1 if the number was 0 before or is 0 now, else 0."""
        row = s.get(cls, (ballot, person))
        if row is None:
            row = cls(ballot=ballot, person=person, votes=0)
            s.add(row)
        before, row.votes = row.votes, row.votes + step
        return int((before == 0) != (row.votes == 0))

    @classmethod
    def was_there(cls, ballot: str, person: str, s: Session) -> bool:
        """Whether the voter had a vote in force at the close."""
        row = s.get(cls, (ballot, person))
        return row is not None and row.votes > 0


def _choice(ballot: Ballot, m: Envelope[CastVote]) -> OpenChoice:
    """The choice of the message; raises a refusal if it does not fit the kind of ballot."""
    choice = m.data.choice
    if ballot.state == "sealed" or not isinstance(choice, OpenChoice):
        raise Refused(
            "ballot_is_secret",
            f"表决 {ballot.id} 是无记名表决，只接受密封的选票。请用其公钥密封后再投。",
            f"The ballot {ballot.id} is secret and takes sealed votes alone. Seal the choice to its public key.",
            "data.choice.kind",
        )
    if ballot.kind == "each" and m.data.option is None:
        raise _option_missing()
    if m.data.option not in (None, choice.option):
        raise Refused(
            "option_differs",
            "选票内外所指的方案不同。请改为一致。",
            "The vote names one option outside its choice and another inside. Name the same.",
            "data.option",
        )
    if ballot.kind == "one_of" and choice.stance != "agree":
        raise Refused(
            "stance_must_be_agree",
            "多选一的表决只能投赞成。请选择您赞成的方案。",
            "Where one option is chosen, the stance is always agree. Choose the option you are for.",
            "data.choice.stance",
        )
    return choice


def no_vote(ballot: Ballot) -> Refused:
    """The refusal `no_vote`: there is nothing to retract."""
    return Refused(
        "no_vote",
        f"您在表决 {ballot.id} 中没有可撤回的票。",
        f"You have no vote in force in the ballot {ballot.id} that could be retracted.",
    )


def _option_missing() -> Refused:
    return Refused(
        "option_missing",
        "逐项表决须写明是哪个方案。请补充 option。",
        "Where each option is voted on, a vote names its option outside the choice too. Add it.",
        "data.option",
    )
