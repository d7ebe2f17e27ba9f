"""The section `teams`, on care teams 128联户 (domain.md §3.2)."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import Part


class TeamRules(Part):
    """How large a care team is."""

    section: Literal["teams"] = "teams"
    households: Annotated[int, Field(ge=1, le=50, examples=[8])] = 8
    """The most households of new residents in a team."""
