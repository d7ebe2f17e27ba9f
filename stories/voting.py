"""Opening a ballot in a session, and a vote for one of its options."""

from datetime import datetime

from microgov.contracts import issues
from microgov.stories.story import Story


def open_ballot(s: Story, session: str, ballot: str, closes_at: datetime) -> None:
    """The branch puts the options of a session's topic to the vote: one vote each, until `closes_at`."""
    opening = issues.OpenBallot(session=s.id(session), kind="one_of", closes_at=closes_at)
    s.say("发起表决：一人一票。", "The ballot is opened: one vote each.", opening, ballot, "branch")


def vote_for(option: str) -> issues.CastVote:
    """An open vote for an option."""
    return issues.CastVote(
        choice=issues.OpenChoice(kind="open", option=option, stance="agree"), channel="app"
    )
