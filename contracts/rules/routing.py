"""The sections `themes` and `routing`: what issues can be about, and who handles them (domain.md §2.1.2, 2.1.7)."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from microgov.contracts.fields import EntityId, Part, PlaceId, Text, Word
from microgov.contracts.issues.vocabulary import BY_HAND, Reach, Scale, Urgency


class Theme(Part):
    """A theme that triage may name, and its name for people."""

    theme: Word
    name: Text


class ThemeRules(Part):
    """The themes of issues; if there are none, triage may use any word."""

    section: Literal["themes"] = "themes"
    themes: Annotated[list[Theme], Field(max_length=500, default_factory=list)]

    @model_validator(mode="after")
    def _entries_unique(self) -> "ThemeRules":
        words = [one.theme for one in self.themes]
        twice = [word for word in words if words.count(word) > 1]
        if twice:
            raise ValueError(f"the theme {twice[0]} is there twice: keep one")
        return self


class RoutingRule(Part):
    """Assigns issues that meet all its conditions to `owner`; a condition that is left out always holds."""

    name: Text
    owner: EntityId
    theme: Annotated[list[Word], Field(max_length=500, default_factory=list)]
    scale: Annotated[list[Scale], Field(max_length=2, default_factory=list)]
    urgency: Annotated[list[Urgency], Field(max_length=3, default_factory=list)]
    reach: Annotated[list[Reach], Field(max_length=5, default_factory=list)]
    place: PlaceId | None = None
    """The condition that the issue is at this place or inside it."""
    automatic: bool = False
    """Whether triage routes the issue at once; an emergency is not routed but acted upon."""


class RoutingRules(Part):
    """Who handles which issues 派单规则.

    The first automatic rule that fits decides. Without any rule, whoever routes an issue names the reason in their own
    words.
    """

    section: Literal["routing"] = "routing"
    rules: Annotated[list[RoutingRule], Field(max_length=500, default_factory=list)]

    @model_validator(mode="after")
    def _names_unique(self) -> "RoutingRules":
        names = [one.name for one in self.rules]
        twice = [name for name in names if names.count(name) > 1 or name == BY_HAND]
        if twice:
            raise ValueError(f"the rule {twice[0]} needs a name of its own")
        return self
