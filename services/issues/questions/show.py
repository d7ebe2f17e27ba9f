"""Answers to questions about one issue or ballot; they only read."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from microgov.contracts import issues
from microgov.services.issues.actions.action_item import Action
from microgov.services.issues.actions.assignee import ActionAssignment
from microgov.services.issues.actions.hazard import Replacement
from microgov.services.issues.deliberation.ballots.ballot import Ballot
from microgov.services.issues.deliberation.ballots.secret_ballot import SecretBallot
from microgov.services.issues.deliberation.ballots.tally import OptionTally
from microgov.services.issues.deliberation.topics.option import Option
from microgov.services.issues.deliberation.topics.topic import Topic
from microgov.services.issues.issue.handling import Handling
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.issue.recipients import Recipient
from microgov.services.issues.issue.survey import SurveyAnswer

ISSUE_COLUMNS = (
    "state",
    "title",
    "text",
    "place",
    "channel",
    "reporter",
    "recorded_by",
    "theme",
    "form",
    "people",
    "households",
    "records",
    "outcome",
    "survey_until",
)
HANDLING_COLUMNS = ("level", "owner", "returns", "reopen_asked")
BALLOT_COLUMNS, KEY_COLUMNS = ("state", "kind", "closes_at", "people"), ("key", "public", "length")
ACTION_COLUMNS = ("text", "state", "unit", "target", "done", "at_least", "due", "claimed_by")


def show_issue(q: issues.ShowIssue, s: Session) -> issues.IssueShown:
    """The issue with its topics, action items, recipients and survey."""
    issue = Issue.find(s, q.issue, "issue")
    topics = s.scalars(select(Topic).where(Topic.issue == issue.id).order_by(Topic.id).limit(100))
    actions = s.scalars(select(Action).where(Action.issue == issue.id).order_by(Action.id).limit(1000))
    settled = list(s.scalars(select(Recipient.settled).where(Recipient.issue == issue.id)))
    return issues.IssueShown(
        issue=issue.id,
        **columns_of(issue, ISSUE_COLUMNS),
        **columns_of(Handling.peek(issue.id, s), HANDLING_COLUMNS),
        recipients=len(settled),
        told=sum(settled),
        survey=_survey(issue, s),
        topics=[_topic(topic, s) for topic in topics],
        actions=[_action(action, s) for action in actions],
    )


def show_ballot(q: issues.ShowBallot, s: Session) -> issues.BallotShown:
    """The ballot with its tally; a secret ballot has its public key, and a tally only after its count."""
    ballot = Ballot.find(s, q.ballot, "ballot")
    secret, options = s.get(SecretBallot, ballot.id), Option.ids(ballot.topic, s)
    sealed = secret is not None and secret.key is not None
    rows = [s.get(OptionTally, (ballot.id, option)) for option in options]
    return issues.BallotShown(
        ballot=ballot.id,
        **columns_of(ballot, BALLOT_COLUMNS),
        secret=secret is not None,
        seal=issues.SealShown(**columns_of(secret, KEY_COLUMNS)) if sealed else None,
        options=options,
        tally=ballot.so_far([row for row in rows if row is not None]),
    )


def columns_of(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """The named columns of the row, as a dict."""
    return {name: getattr(row, name) for name in names}


def _survey(issue: Issue, s: Session) -> issues.SurveyShown:
    rows = s.scalars(select(SurveyAnswer).where(SurveyAnswer.issue == issue.id)).all()
    yes = {name: sum(getattr(row, name) for row in rows) for name in ("contacted", "solved", "satisfied")}
    return issues.SurveyShown(answered=len(rows), **yes)


def _action(action: Action, s: Session) -> issues.ActionShown:
    given = s.get(ActionAssignment, action.id)
    return issues.ActionShown(
        action=action.id,
        **columns_of(action, ACTION_COLUMNS),
        assignee=given.person if given else None,
        organisation=given.organisation if given else None,
        replaces=Replacement.of(action.id, s),
    )


def _topic(topic: Topic, s: Session) -> issues.TopicShown:
    ballot = _last_ballot(topic, s)
    return issues.TopicShown(
        topic=topic.id,
        title=topic.title,
        state=topic.state,
        ballot=ballot.id if ballot else None,
        closes_at=ballot.closes_at if ballot else None,
        people=ballot.people if ballot else 0,
        quorum_met=topic.quorum_met,
        minutes_confirmed=topic.minutes_confirmed,
        options=shown_options(topic, s),
    )


def _last_ballot(topic: Topic, s: Session) -> Ballot | None:
    ballots = select(Ballot).where(Ballot.topic == topic.id).order_by(Ballot.closes_at.desc(), Ballot.id)
    return s.scalars(ballots).first()


def shown_options(topic: Topic, s: Session) -> list[issues.OptionShown]:
    """The options of a topic in the order of proposing, with the tallies of its last ballot."""
    ballot, options = (
        _last_ballot(topic, s),
        select(Option).where(Option.topic == topic.id).order_by(Option.n),
    )
    return [_option(option, ballot, s) for option in s.scalars(options)]


def _option(option: Option, ballot: Ballot | None, s: Session) -> issues.OptionShown:
    row = s.get(OptionTally, (ballot.id, option.option)) if ballot else None
    tally = row.as_tally(carried=option.carried) if row else None
    return issues.OptionShown(
        option=option.option, text=option.text, person=option.person, carried=option.carried, tally=tally
    )
