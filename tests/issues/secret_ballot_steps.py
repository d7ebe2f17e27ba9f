"""A secret ballot together with its teller: the teller's reports are folded, and its key is in the kept table."""

from sqlalchemy import Engine

from microgov.contracts import issues
from microgov.contracts.message import Event
from microgov.services.chassis.model import Said
from microgov.services.issues.deliberation.ballots import sealing
from microgov.services.issues.edge.teller import Teller
from microgov.services.issues.model import BallotKey, Kept
from microgov.testing.service_driver import ServiceDriver
from tests.issues import issue_steps

OPTIONS = ["opt-fence", "opt-flowers"]
VOTERS = [f"p-{n}" for n in range(1, 6)]
"""Just enough for a full result: with fewer readable votes the result names only the options that carried."""


class BallotWithTeller:
    """One secret ballot, `b-1`, and its teller.

    `reports` are the events of the teller that are not folded yet, with the ids of their ballots; `reported` are all of
    its events.
    """

    def __init__(self, kind: str = "one_of", driver: ServiceDriver | None = None) -> None:
        self.driver = driver or issue_steps.start()
        self.reports = list[tuple[str, Event]]()
        self.reported = list[Event]()
        engine = self.driver.s.get_bind()
        assert isinstance(engine, Engine)
        self.engine = engine
        self.driver.s.commit()
        Kept.metadata.create_all(engine)
        self.opened = issue_steps.open_ballot(self.driver, kind, secret=True)[0].event
        self.teller = self.new_teller()

    @classmethod
    async def with_key(cls, kind: str = "one_of", driver: ServiceDriver | None = None) -> "BallotWithTeller":
        """A ballot whose key is made and folded, so that votes can be sealed for it."""
        voting = cls(kind, driver)
        await voting.step()
        voting.fold()
        return voting

    def new_teller(self) -> Teller:
        """A teller without anything in memory, as after a crash."""
        self.driver.s.commit()
        return Teller(self.engine, self.report)

    async def report(self, facts: list[tuple[str, Event]]) -> None:
        """Called by the teller with its events, each with the id of its ballot."""
        self.reports += facts
        self.reported += [fact for _, fact in facts]

    async def step(self) -> int:
        """One step of the teller; returns how many ballots it has dealt with."""
        self.driver.s.commit()
        return await self.teller.step()

    def fold(self) -> list[Said]:
        """Folds the reports and returns the events that follow from them."""
        said = [
            one for ballot, event in self.reports for one in self.driver.hear(event, ballot, by="issues-edge")
        ]
        self.reports.clear()
        self.driver.s.commit()
        return said

    async def count(self) -> issues.BallotClosed:
        """Lets the voting time end, has the sealed votes counted, and returns the event that closes the ballot."""
        self.driver.wait(days=3)
        await self.step()
        event = self.fold()[0].event
        assert isinstance(event, issues.BallotClosed)
        await self.step()
        return event

    def kept_keys(self) -> list[BallotKey]:
        """The rows of the kept table that holds the private keys."""
        return self.driver.rows(BallotKey)

    def public_seal(self) -> issues.SealShown:
        """The public key to which votes are sealed, as ShowBallot shows it."""
        shown = issue_steps.ballot(self.driver).seal
        assert shown is not None
        return shown

    def seal(self, person: str, text: bytes, **changed: object) -> issues.CastVote:
        """The command that casts `text` as this person's sealed vote, with fields of the choice changed."""
        to = self.public_seal()
        box = sealing.seal(to.public, to.length, "b-1", person, text)
        choice = {"kind": "sealed", "key": to.key, "box": box, **changed}
        return issues.CastVote.model_validate({"choice": choice, "channel": "app"})

    def vote(self, person: str, option: str = "opt-fence", **how: str) -> issues.SealedVoteCast:
        """Casts a sealed vote for one option."""
        return self.cast(self.seal(person, sealing.one_of(option)), person, **how)

    def vote_on_each(self, person: str, **stances: str) -> issues.SealedVoteCast:
        """Casts a sealed vote with a stance on each option; the options are named without `opt-`."""
        named = {f"opt-{name}": stance for name, stance in stances.items()}
        return self.cast(self.seal(person, sealing.each(OPTIONS, named)), person)

    def cast(self, vote: issues.CastVote, person: str, **how: str) -> issues.SealedVoteCast:
        """Sends the vote; `how` changes who sends it and in which role."""
        event = self.driver.say(vote, "b-1", **{"by": person, **how})[0].event  # type: ignore[arg-type]  # names of say
        assert isinstance(event, issues.SealedVoteCast)
        return event
