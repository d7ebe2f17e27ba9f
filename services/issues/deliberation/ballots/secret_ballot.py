"""The public key of a secret ballot, in a table of its own: open ballots have no row there."""

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.issues import BallotKeyMade
from microgov.contracts.message import Envelope
from microgov.services.issues.model import Base


class SecretBallot(Base):
    """A secret ballot; the other columns are None until the edge has made its key.

    `public` is the public key and `key` its name (`name_of` in sealing.py); `length` is the number of bytes to which each
    plain text is padded.
    """

    __tablename__ = "secret_ballot"
    ballot: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str | None]
    public: Mapped[str | None]
    length: Mapped[int | None]

    @classmethod
    def learn(cls, m: Envelope[BallotKeyMade], s: Session) -> None:
        """Stores the public key; from now on votes can be cast. The first key of a ballot stays."""
        row = s.get(cls, m.subject)
        if row is not None and row.key is None:
            row.key, row.public, row.length = m.data.key, m.data.public, m.data.length
