"""What makes a ballot a secret one: a row beside it, so that an open ballot has nothing to do with it."""

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.issues import BallotKeyMade
from microgov.contracts.message import Envelope
from microgov.services.issues.model import Base


class SecretBallot(Base):
    """A ballot whose votes are sealed, and what they are sealed to, once the edge has made its key."""

    __tablename__ = "secret_ballot"
    ballot: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str | None]
    public: Mapped[str | None]
    length: Mapped[int | None]

    @classmethod
    def learn(cls, m: Envelope[BallotKeyMade], s: Session) -> None:
        """From now on votes can be cast."""
        row = s.get(cls, m.subject)
        if row is not None and row.key is None:
            row.key, row.public, row.length = m.data.key, m.data.public, m.data.length
