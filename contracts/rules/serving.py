"""The section `tasks`: rules for persons who serve 服务规则 (domain.md §3.2, 3.3)."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import Count, Part


class TaskRules(Part):
    """The time between two tasks of a person, and the consequences if a person does not come."""

    section: Literal["tasks"] = "tasks"
    travel_minutes: Annotated[int, Field(ge=0, le=24 * 60, examples=[30])] = 0
    """The least minutes between two tasks of one person (I2)."""
    late_hours: Annotated[int, Field(ge=0, le=24 * 31, examples=[2])] = 0
    """Dropping out later than this number of hours before the start is a strike; 0: it never is one."""
    strikes: Count = 3
    """The number of strikes within the window after which the person is not asked for a while; 0: always asked."""
    window_days: Annotated[int, Field(ge=1, le=366, examples=[180])] = 180
    """How many days a strike counts."""
    pause_days: Annotated[int, Field(ge=1, le=366, examples=[30])] = 30
    """How many days the person is not asked."""
    ledger: bool = True
    """Whether hours are entered when a service is done. In a log without this section none are."""
