"""What can be asked about many issues, about a topic with everything on it, and about what is due (never stored)."""

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

Most = Annotated[int, Field(ge=1, le=200, examples=[50])]


class ListIssues(Question, roles=READERS):
    """Issues in the order of their ids, for which all holds that is asked for; `after_id` is `next` of the page before.

    `community` is a place: everything inside it. `deadline`: something about the issue is due before this time.
    """

    state: Word | None = None
    community: PlaceId | None = None
    theme: Word | None = None
    deadline: Time | None = None
    after_id: EntityId | None = None
    most: Most = 50
    after: LogSeq = 0


class IssueListed(Part):
    """`due_at` is the earliest of what is due about it."""

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
    """The answer to ListIssues; `next` where there are more."""

    issues: Annotated[list[IssueListed], Field(max_length=200)]
    next: EntityId | None = None


class ShowTopic(Question, roles=READERS):
    """One topic with its options, its sessions, and its ballots with their tallies."""

    topic: EntityId
    after: LogSeq = 0


class SessionShown(Part):
    """`signatures` of `needed` have confirmed the draft number `draft` of the minutes."""

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
    """The votes in force; an option of an open ballot has not carried yet."""

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
    """`remains` is what is left of it, once it was narrowed."""

    disagreement: EntityId
    title: Text
    state: Word
    positions: Positions
    remains: FreeText | None = None


class WholeTopic(Part):
    """The answer to ShowTopic; `tally` of an option is that of the last ballot."""

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
    """Where one thing that is due stands in the order."""

    due_at: Time
    kind: Word
    entity: EntityId


class ListDue(Question, roles=READERS):
    """What is due by `until` or overdue, the oldest first; `community` is a place, `after_key` the last page's `next`."""

    until: Time
    community: PlaceId | None = None
    after_key: DueKey | None = None
    most: Most = 50
    after: LogSeq = 0


class DueListed(Part):
    """`kind` is what is due about `entity`, which is the issue itself or something of it."""

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
