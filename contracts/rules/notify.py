"""The section `notify`: how people are notified."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import Part, Positive
from microgov.contracts.rules.durations import Hours


class NotifyRules(Part):
    """How deliveries of notices are repeated (domain.md §4)."""

    section: Literal["notify"] = "notify"
    retry_seconds: Annotated[
        list[Positive], Field(min_length=1, max_length=10, default_factory=lambda: [10, 60, 300, 1800, 7200])
    ]
    """The waits before each further attempt, in seconds; after the last attempt the delivery has failed."""
    ttl_hours: Hours = 72
    """No attempt is made later than this number of hours after the event."""
