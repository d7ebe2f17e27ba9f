"""Limits answers to the scope of whoever asks the question (domain.md §1 scope)."""

from typing import Any

from sqlalchemy.orm import Session

from microgov.contracts.fields import Part
from microgov.contracts.message import Question
from microgov.services.chassis.model import Refused
from microgov.services.chassis.reference_data import PlaceRow
from microgov.services.chassis.refusals import unknown_community
from microgov.services.chassis.search import Search
from microgov.services.chassis.service import Service


def answer_within_scope(service: Service, question: Question, scope: str | None, s: Session) -> Part | Search:
    """Answers a question within a scope. If the question has a field `community`, an empty field is set to the scope, and
    the community must lie within the scope; otherwise the `place` of the answer must lie within it.

    Without a scope, or with the sub-district as scope, there is no limit. Raises Refused.
    """
    answer = service.questions[type(question)]
    path = None if scope is None else _path(service, scope, s)
    if scope is None or path == [scope]:
        return answer(question, s)
    if "community" in type(question).model_fields:
        community = getattr(question, "community", None) or scope
        _check_inside(service, community, scope, "community", s)
        return answer(question.model_copy(update={"community": community}), s)
    found = answer(question, s)
    place = getattr(found, "place", None)
    if place is None:
        raise Refused(
            "whole_sub_district",
            f"{question.NAME} 涉及整个街道，而您的职责范围是 {scope}。请由街道一级询问。",
            f"{question.NAME} is about the whole sub-district, and your scope is {scope}. "
            "Somebody whose scope is the sub-district asks it.",
            "type",
        )
    _check_inside(service, place, scope, "data", s)
    return found


def _check_inside(service: Service, place: str, scope: str, field: str, s: Session) -> None:
    if scope not in _path(service, place, s):
        raise Refused(
            "outside_scope",
            f"{place} 不在您的职责范围 {scope} 之内。请由该处的负责人询问。",
            f"{place} is outside your scope {scope}. Whoever is responsible there asks.",
            field,
        )


def _path(service: Service, place: str, s: Session) -> list[Any]:
    row = s.get(_places(service), place)
    if row is None:
        raise unknown_community(place)
    return list(row.path)


def _places(service: Service) -> type[PlaceRow]:
    """The service's own copy of the places."""
    return next(one.class_ for one in service.base.registry.mappers if issubclass(one.class_, PlaceRow))
