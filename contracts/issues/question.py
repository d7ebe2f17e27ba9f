"""Questions about one issue or ballot, and the answers (never stored)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import (
    READERS,
    Count,
    EntityId,
    FreeText,
    LogSeq,
    Part,
    PersonId,
    PlaceId,
    Text,
    Time,
    Word,
)
from microgov.contracts.issues.ballot import PublicKey, Tally, TextLength
from microgov.contracts.issues.topic import Hazard
from microgov.contracts.issues.vocabulary import BallotKind, Channel
from microgov.contracts.message import Question


class ShowIssue(Question, roles=READERS):
    """Asks for one issue with its topics, its action items and what came of its survey.

    `after` is a sequence of the log: the answer waits, at most two seconds, until the service has folded the log up to it.
    """

    issue: EntityId
    after: LogSeq = 0


class ShowBallot(Question, roles=READERS):
    """Asks for one ballot: what is needed to vote in it, and its result; `after` as in ShowIssue."""

    ballot: EntityId
    after: LogSeq = 0


class SealShown(Part):
    """The key to which choices are encrypted, as in `BallotKeyMade`."""

    key: EntityId
    public: PublicKey
    length: TextLength


class BallotShown(Part):
    """The answer to ShowBallot.

    `people` is how many voters take part (households, if households vote). `options` are in the order of `BallotOpened`. A
    secret ballot has `seal` once its key exists. Its `tally` is empty until it is counted, and stays empty if fewer than
    five sealed votes could be read.
    """

    ballot: EntityId
    state: Word
    kind: BallotKind
    closes_at: Time
    people: Count
    secret: bool
    seal: SealShown | None = None
    options: Annotated[list[EntityId], Field(max_length=500)]
    tally: Annotated[list[Tally], Field(max_length=500)]


class OptionShown(Part):
    """An option; `person` proposed it, and `carried` says whether the last counted ballot has accepted it.

    `tally` is that of the last ballot on the topic. In a secret ballot it is given once the ballot is counted, if five
    sealed votes or more could be read.
    """

    option: EntityId
    text: FreeText
    person: PersonId
    carried: bool
    tally: Tally | None = None


class TopicShown(Part):
    """A topic.

    `people` is how many voters took part in the last ballot (`ballot`), which closes or closed at `closes_at`.
    """

    topic: EntityId
    title: Text
    state: Word
    ballot: EntityId | None = None
    closes_at: Time | None = None
    people: Count
    quorum_met: bool
    minutes_confirmed: bool
    options: Annotated[list[OptionShown], Field(max_length=500)]


class ActionShown(Part):
    """An action item: `target` of `unit` are to be done until `due`.

    `done` is the quantity that was reported; with `at_least` it is that much or more. `claimed_by` took the item on
    voluntarily, or it is assigned to the person `assignee` or to `organisation`. `replaces` is the hazard that it removes.
    """

    action: EntityId
    text: FreeText
    state: Word
    unit: Word
    target: Count
    done: Count
    at_least: bool
    due: Time
    claimed_by: PersonId | None = None
    assignee: PersonId | None = None
    organisation: EntityId | None = None
    replaces: Hazard | None = None


class SurveyShown(Part):
    """How many persons answered the survey, and how many said yes to each of the three questions."""

    answered: Count
    contacted: Count
    solved: Count
    satisfied: Count


class IssueShown(Part):
    """The answer to ShowIssue.

    `recorded_by` wrote the issue down for the `reporter`. `people` and `households` count the co-signers, `records` the
    deliberation records that count for closing, `returns` how often the issue was returned. `level` is `community`
    until the issue is escalated, then `sub_district`. `reopen_asked`: a request to reopen it is undecided.

    `recipients` counts the persons whom the result has to reach. `told` counts those of them who were reached, and those
    who were not reached in as many attempts as the rules ask for (`issues.contact_attempts`).
    """

    issue: EntityId
    state: Word
    title: Text
    text: FreeText
    place: PlaceId
    channel: Channel
    reporter: PersonId
    recorded_by: PersonId | None = None
    theme: Word | None = None
    form: Word | None = None
    people: Count
    households: Count
    records: Count
    recipients: Count
    told: Count
    outcome: Word | None = None
    survey_until: Time | None = None
    level: Word = "community"
    owner: EntityId | None = None
    returns: Count = 0
    reopen_asked: bool = False
    survey: SurveyShown
    topics: Annotated[list[TopicShown], Field(max_length=100)]
    actions: Annotated[list[ActionShown], Field(max_length=1000)]
