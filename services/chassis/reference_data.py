"""A service's own copies of the directory's places and rules, folded from the directory's events.

A service's model defines `class Place(PlaceRow, Base)` and `class Rule(RuleRow, Base)`; its table of handlers keeps them up
to date with `PlaceDefined: Place.learn` and `RulesChanged: Rule.learn`.
"""

from typing import Any, TypeVar, cast

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.directory import PlaceDefined, RulesChanged
from microgov.contracts.fields import Part
from microgov.contracts.message import Envelope, plain
from microgov.services.chassis.model import AnyMessage, Refused
from microgov.services.chassis.refusals import undefined_place

R = TypeVar("R", bound=Part)


class PlaceRow:
    """A mixin for a table of places; `path` lists the ids of the place and of all places above it, innermost first."""

    __tablename__ = "place"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    path: Mapped[list[Any]]

    @classmethod
    def learn(cls, m: Envelope[PlaceDefined], s: Session) -> None:
        """Handles PlaceDefined: adds or updates the place."""
        mapped: type[Any] = cls  # a service's own class, with a column for each of these
        row = s.get(mapped, m.subject)
        if row is None:
            s.add(mapped(id=m.subject, name=m.data.name, path=m.data.path))
        else:
            row.name, row.path = m.data.name, m.data.path


class RuleRow:
    """A mixin for a table of the rules in force; one row per section."""

    __tablename__ = "rule"
    section: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    content: Mapped[dict[str, Any]]

    @classmethod
    def learn(cls, m: Envelope[RulesChanged], s: Session) -> None:
        """Handles RulesChanged: stores the section's new version and content."""
        mapped: type[Any] = cls
        row = s.get(mapped, m.data.section)
        if row is None:
            s.add(mapped(section=m.data.section, version=m.data.version, content=plain(m.data.content)))
        else:
            row.version, row.content = m.data.version, plain(m.data.content)


def check_within(
    s: Session, place_table: type[Any], place: str, m: AnyMessage, field: str = "subject"
) -> None:
    """Checks that `place` lies within the sender's scope. Raises `unknown_place` or `outside_scope`."""
    row = s.get(place_table, place)
    if row is None:
        raise undefined_place(place, field)
    if m.scope is not None and m.scope not in row.path:
        raise Refused(
            "outside_scope",
            f"{place} 不在您的职责范围 {m.scope} 之内。请由该处的负责人办理。",
            f"{place} is outside your scope {m.scope}. Ask whoever is responsible there.",
            field,
        )


def check_touching(
    s: Session, place_table: type[Any], place: str, m: AnyMessage, field: str = "subject"
) -> None:
    """Checks that `place` lies within the sender's scope or is one of the places above that scope; used for messages of
    residents. Raises what `check_within` raises.
    """
    home = None if m.scope is None else s.get(place_table, m.scope)
    if home is None or place not in home.path:
        check_within(s, place_table, place, m, field)


def rules(s: Session, rule_table: type[Any], section: type[R]) -> R:
    """The section of the rules in force. Raises the refusal `rules_missing` if it was never set: nothing can be decided
    without it.
    """
    name = section.model_fields["section"].default
    row = s.get(rule_table, name)
    if row is None:
        raise Refused(
            "rules_missing",
            f"尚未设定规则“{name}”。请运营人员先设定。",
            f"The rules of section {name} were never set. Ask the operator to apply them.",
        )
    known = _IN_FORCE.get(section)
    if known is None or known[0] != row.content:
        known = _IN_FORCE[section] = (row.content, section.model_validate(row.content))
    return cast(R, known[1])


def rules_in_force(s: Session, rule_table: type[Any], section: type[R]) -> R:
    """The section of the rules in force, or its defaults if it was never set (if the tenant was set up before this section
    existed).
    """
    known = s.get(rule_table, section.model_fields["section"].default)
    return section() if known is None else rules(s, rule_table, section)


_IN_FORCE: dict[type[Part], tuple[dict[str, Any], Part]] = {}
"""A cache: for each section the content parsed last, and its parsed form. Most messages meet the same content."""
