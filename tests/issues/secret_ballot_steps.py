"""A secret ballot with its teller: what the teller reports is folded, and its key lies in the kept table."""

from sqlalchemy import Engine

from microgov.contracts import issues
from microgov.contracts.message import Event
from microgov.services.chassis.model import Said
from microgov.services.issues.deliberation.ballots import sealing
from microgov.services.issues.deliberation.ballots.secret_ballot import SecretBallot
from microgov.services.issues.edge.teller import Teller
from microgov.services.issues.model import BallotKey, Kept
from tests.issues import issue_steps
from tests.support.service_driver import ServiceDriver

OPTIONS = ["opt-fence", "opt-flowers"]


class Hall:
    """`reports` are what the teller has said and the fold not heard yet, `told` all that it has said."""

    def __init__(self, kind: str = "one_of", driver: ServiceDriver | None = None) -> None:
        self.driver, self.reports, self.told = (
            driver or issue_steps.start(),
            list[tuple[str, Event]](),
            list[Event](),
        )
        engine = self.driver.s.get_bind()
        assert isinstance(engine, Engine)
        self.engine = engine
        self.driver.s.commit()
        Kept.metadata.create_all(engine)
        self.opened = issue_steps.ballot(self.driver, kind, secret=True)[0].event
        self.teller = self.another()

    @classmethod
    async def ready(cls, kind: str = "one_of", driver: ServiceDriver | None = None) -> "Hall":
        """The ballot has its key."""
        hall = cls(kind, driver)
        await hall.step()
        hall.fold()
        return hall

    def another(self) -> Teller:
        """A teller that remembers nothing, as after a crash."""
        self.driver.s.commit()
        return Teller(self.engine, self.report)

    async def report(self, facts: list[tuple[str, Event]]) -> None:
        self.reports += facts
        self.told += [fact for _, fact in facts]

    async def step(self) -> int:
        self.driver.s.commit()
        return await self.teller.step()

    def fold(self) -> list[Said]:
        """The fold hears the reports."""
        said = [
            one for ballot, event in self.reports for one in self.driver.hear(event, ballot, by="issues-edge")
        ]
        self.reports.clear()
        self.driver.s.commit()
        return said

    async def count(self) -> issues.BallotClosed:
        """The window ends, the boxes are counted, the ballot closes."""
        self.driver.wait(days=3)
        await self.step()
        event = self.fold()[0].event
        assert isinstance(event, issues.BallotClosed)
        await self.step()
        return event

    def kept(self) -> list[BallotKey]:
        return self.driver.rows(BallotKey)

    def seal(self, person: str, text: bytes, **changed: object) -> issues.CastVote:
        row = self.driver.row(SecretBallot, "b-1")
        box = sealing.seal(row.public, row.length, "b-1", person, text)
        choice = {"kind": "sealed", "key": row.key, "box": box, **changed}
        return issues.CastVote.model_validate({"choice": choice, "channel": "app"})

    def vote(self, person: str, option: str = "opt-fence", **how: str) -> issues.SealedVoteCast:
        return self.put(self.seal(person, sealing.one_of(option)), person, **how)

    def stances(self, person: str, **stances: str) -> issues.SealedVoteCast:
        """By the ends of the options' names."""
        named = {f"opt-{name}": stance for name, stance in stances.items()}
        return self.put(self.seal(person, sealing.each(OPTIONS, named)), person)

    def put(self, vote: issues.CastVote, person: str, **how: str) -> issues.SealedVoteCast:
        event = self.driver.say(vote, "b-1", **{"by": person, **how})[0].event  # type: ignore[arg-type]  # names of say
        assert isinstance(event, issues.SealedVoteCast)
        return event
