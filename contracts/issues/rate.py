"""The rates of micro-governance (domain.md §2.1.10), and the question for them (never stored).

A rate has a numerator, a denominator, what is excluded and why, and who could not be reached. For each rate, the
`recordedtime` of one event decides whether a case lies in [from_, to). What became of that case later counts as well,
at whatever time:

- `response` 响应率, `solved` 解决率, `satisfied` 满意率: answers "yes" of all answers, by `ResultReported`, which counts the
  people to be notified and surveyed. Unreachable: people whom enough attempts did not reach and who did not answer.
  Excluded: `no_answer`, the others who did not answer.
- `deliberated` 议事率: closings of issues with a deliberation record, of all closings, by `IssueClosed`. Excluded:
  `declined`, `withdrawn`, by `IssueDeclined` (if not appealed) and `IssueWithdrawn`.
- `returned` 退单率: routings that were returned, of all, by `IssueRouted`. Excluded: `withdrawn`.
- `reopened` 重办率: closings after which the issue was reopened, of all, by `IssueClosed`. Excluded as for `deliberated`.
- `self_claimed` 认领率: action items that a resident claimed, or somebody on a person's behalf, and that were not assigned
  afterwards, of all, by `ActionItemDefined`. Excluded: `withdrawn`.
- `visit_coverage` 走亲覆盖率: visits that were made, of all on the contact lists, by `VisitPlanned`. The list is frozen, so
  nobody is excluded; for those not visited, `refused` and `unreachable` (no answer) count how the last attempt ended.

`withdrawn` excludes what happened to the issue since it was submitted or last reopened; an earlier closing still counts.
"""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import READERS, Count, LogSeq, Part, PlaceId, Time, Word
from microgov.contracts.message import Question

RATES = (
    "response",
    "solved",
    "satisfied",
    "deliberated",
    "returned",
    "reopened",
    "self_claimed",
    "visit_coverage",
)
"""The rates in the order of the answer."""


class ShowRates(Question, roles=READERS):
    """Asks for the rates of the issues at a place (`community`) and inside it, from `from_` until before `to`."""

    from_: Time
    to: Time
    community: PlaceId | None = None
    after: LogSeq = 0


class Excluded(Part):
    """How many are not counted, for this reason."""

    reason: Word
    count: Count


class RateShown(Part):
    """One rate.

    `excluded` is by reason, in alphabetical order, without reasons that do not occur. `refused` are in the denominator and
    not in the numerator; so are the unreachable, in `visit_coverage` alone.
    """

    rate: Word
    numerator: Count
    denominator: Count
    excluded: Annotated[list[Excluded], Field(max_length=10)]
    unreachable: Count
    refused: Count = 0


class RatesShown(Part):
    """The answer to ShowRates."""

    from_: Time
    to: Time
    community: PlaceId | None = None
    rates: Annotated[list[RateShown], Field(max_length=20)]
