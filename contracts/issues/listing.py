"""Questions about many issues, about a topic with all that belongs to it, and about what is due (never stored)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import (
    READERS,
    Count,
    EntityId,
    FreeText,
    LogSeq,
    Part,
    PerMille,
    PersonId,
    PlaceId,
    Text,
    Time,
    Word,
)
from microgov.contracts.issues.ballot import Tally
from microgov.contracts.issues.disagreement import Positions
from microgov.contracts.issues.question import OptionShown
from microgov.contracts.issues.vocabulary import BallotKind
from microgov.contracts.message import Question

PageSize = Annotated[int, Field(ge=1, le=200, examples=[50])]


class ListIssues(Question, roles=READERS):
    """Asks for the issues that meet all given conditions, in the order of their ids.

    `community` is a place and stands for everything inside it. `deadline` selects issues about which something is due before
    that time. A page holds at most `most` issues; `after_id` is `next` of the previous page.
    """

    state: Word | None = None
    community: PlaceId | None = None
    theme: Word | None = None
    deadline: Time | None = None
    after_id: EntityId | None = None
    most: PageSize = 50
    after: LogSeq = 0


class IssueListed(Part):
    """One issue; `people` and `households` count its co-signers, `due_at` is when the first thing is, or was, due."""

    issue: EntityId
    state: Word
    title: Text
    place: PlaceId
    theme: Word | None = None
    urgency: Word | None = None
    people: Count
    households: Count
    due_at: Time | None = None


class IssuesListed(Part):
    """The answer to ListIssues; `next` is given if there are more."""

    issues: Annotated[list[IssueListed], Field(max_length=200)]
    next: EntityId | None = None


class ShowTopic(Question, roles=READERS):
    """Asks for a topic with its options, its sessions, its ballots with their tallies, and its disagreements."""

    topic: EntityId
    after: LogSeq = 0


class SessionShown(Part):
    """A session.

    In a room `present` people have come, with `voting` votes; online `present` counts those who voted, or who witnessed a
    count of hands, once that is over. `draft` is the number of the draft of the minutes, which has
    `signatures` of the `needed` signatures.
    """

    session: EntityId
    kind: Word
    state: Word
    opens_at: Time
    closes_at: Time
    present: Count
    voting: Count = 0
    quorum: Count | None = None
    draft: Count
    signatures: Count
    needed: Count


class TopicBallot(Part):
    """A ballot; `people` is how many voters take part, `tally` the valid votes. Options carry only once it is closed."""

    ballot: EntityId
    session: EntityId
    kind: BallotKind
    state: Word
    closes_at: Time
    quorum: Count
    majority_per_mille: PerMille
    people: Count
    tally: Annotated[list[Tally], Field(max_length=500)]


class DisagreementShown(Part):
    """A disagreement; `remains` is what is left of it after it was narrowed."""

    disagreement: EntityId
    title: Text
    state: Word
    positions: Positions
    remains: FreeText | None = None


class WholeTopic(Part):
    """The answer to ShowTopic; the `tally` of an option is that of the last ballot on the topic."""

    topic: EntityId
    issue: EntityId
    title: Text
    state: Word
    proposer: PersonId | None = None
    on_agenda: bool = False
    quorum_met: bool
    minutes_confirmed: bool
    options: Annotated[list[OptionShown], Field(max_length=500)]
    sessions: Annotated[list[SessionShown], Field(max_length=100)]
    ballots: Annotated[list[TopicBallot], Field(max_length=100)]
    disagreements: Annotated[list[DisagreementShown], Field(max_length=100, default_factory=list)]


class DueKey(Part):
    """The position of a line in the list of what is due: by time, then kind, then entity."""

    due_at: Time
    kind: Word
    entity: EntityId


class ListDue(Question, roles=READERS):
    """Asks for what is due by `until` or overdue, the oldest first.

    `community` is a place and stands for everything inside it; `after_key` is `next` of the previous page.
    """

    until: Time
    community: PlaceId | None = None
    after_key: DueKey | None = None
    most: PageSize = 50
    after: LogSeq = 0


class DueListed(Part):
    """Something that is due: a deadline of the kind `kind`, or an `action_item`.

    `entity` is the issue itself or belongs to it. `title`, `state` and `place` are those of the issue.
    """

    due_at: Time
    kind: Word
    entity: EntityId
    issue: EntityId
    title: Text
    state: Word
    place: PlaceId


class DueShown(Part):
    """The answer to ListDue; `total` counts this page and all that follow."""

    due: Annotated[list[DueListed], Field(max_length=200)]
    total: Count
    next: DueKey | None = None
