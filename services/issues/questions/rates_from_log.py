"""Rates computed from a log alone, without the service's tables, handlers or rules.

The service's own counting is compared with it (contracts/issues/rate.py defines what counts and when).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from microgov.contracts import issues
from microgov.contracts.directory import PlaceDefined, RulesChanged
from microgov.contracts.message import Envelope
from microgov.services.issues.questions.coverage_from_log import Call, apply_visit, coverage
from microgov.services.issues.questions.issues_from_log import CountedPart, History, IssuePeriod, apply


def rates(log: Iterable[Envelope[Any]], asked: issues.ShowRates) -> list[issues.RateShown]:
    """The rates that `ShowRates` asks for, computed from a log in its order. An unknown place contains nothing."""
    paths: dict[str, list[str]] = {}
    histories: dict[str, History] = {}
    calls: dict[str, Call] = {}
    attempts = 0
    for m in _as_it_happened(log):
        if isinstance(m.data, PlaceDefined):
            paths[m.subject] = m.data.path
        elif isinstance(m.data, RulesChanged):
            attempts = getattr(m.data.content, "contact_attempts", attempts)
        elif not apply_visit(m, calls):
            apply(m, histories, attempts)
    visits = [
        one
        for one in calls.values()
        if asked.community is None or asked.community in paths.get(one.place, ())
    ]
    here = [
        one
        for one in histories.values()
        if asked.community is None or asked.community in paths.get(one.place, ())
    ]
    return [*_counted([period for one in here for period in one.periods], asked), coverage(visits, asked)]


def _as_it_happened(log: Iterable[Envelope[Any]]) -> list[Envelope[Any]]:
    """The log in the order in which its facts became true: each event of issues is moved to directly after its cause."""
    at: dict[str, int] = {}
    keyed: list[tuple[int, int, int, Envelope[Any]]] = []
    reached = 0
    for n, m in enumerate(log):
        at[m.id] = n
        said = m.writer == "issues"
        if said:
            reached = max(reached, at.get(m.causationid or "", n))
        keyed.append((reached if said else n, int(said), n, m))
    return [m for *_, m in sorted(keyed, key=lambda one: one[:3])]


def _counted(periods: Sequence[IssuePeriod], asked: issues.ShowRates) -> list[issues.RateShown]:
    def during(at: datetime | None) -> bool:
        return at is not None and asked.from_ <= at < asked.to

    reported = [one for one in periods if during(one.reported)]
    ended = [one for one in periods if during(one.ended)]
    closed = [one for one in ended if one.ending == "closed"]
    gone = {reason: sum(one.ending == reason for one in ended) for reason in ("declined", "withdrawn")}
    routings = [(part, one) for one in periods for part in one.routings if during(part.at)]
    items = [(part, one) for one in periods for part in one.items.values() if during(part.at)]
    return [
        *_survey(reported),
        _rate("deliberated", [one.deliberated for one in closed], gone),
        _of_parts("returned", routings),
        _rate("reopened", [one.reopened for one in closed], gone),
        _of_parts("self_claimed", items),
    ]


def _survey(periods: Sequence[IssuePeriod]) -> Iterator[issues.RateShown]:
    answers = [answer for one in periods for answer in one.answers.values()]
    silent = [person for one in periods for name, person in one.recipients.items() if name not in one.answers]
    lost = sum(person.lost for person in silent)
    for rate, field_ in (("response", "contacted"), ("solved", "solved"), ("satisfied", "satisfied")):
        said = [getattr(answer, field_) for answer in answers]
        yield _rate(rate, said, {"no_answer": len(silent) - lost}, lost)


def _of_parts(name: str, parts: Sequence[tuple[CountedPart, IssuePeriod]]) -> issues.RateShown:
    kept = [part.yes for part, one in parts if one.ending != "withdrawn"]
    return _rate(name, kept, {"withdrawn": len(parts) - len(kept)})


def _rate(
    name: str, counted: Sequence[bool], excluded: dict[str, int], unreachable: int = 0
) -> issues.RateShown:
    reasons = [
        issues.Excluded(reason=reason, count=excluded[reason])
        for reason in sorted(excluded)
        if excluded[reason]
    ]
    return issues.RateShown(
        rate=name, numerator=sum(counted), denominator=len(counted), excluded=reasons, unreachable=unreachable
    )
