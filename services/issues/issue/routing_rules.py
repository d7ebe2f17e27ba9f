"""Themes and routing rules 派单规则 of the tenant: checks, and automatic routing (domain.md §2.1.2, 2.1.7)."""

from sqlalchemy.orm import Session

from microgov.contracts.issues import RouteIssue, TriageIssue
from microgov.contracts.issues.vocabulary import BY_HAND
from microgov.contracts.rules.routing import RoutingRule, RoutingRules, ThemeRules
from microgov.services.chassis.model import Refused
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.model import Place, rules_in_force


def check_theme(d: TriageIssue, s: Session) -> None:
    """Raises the refusal `unknown_theme` if the section `themes` has a list and the theme is not on it."""
    themes = rules_in_force(s, ThemeRules).themes
    if themes and d.theme not in {one.theme for one in themes}:
        known = [f"{one.theme} {one.name}" for one in themes]
        raise Refused(
            "unknown_theme",
            f"没有主题 {d.theme}。可用：{'、'.join(known)}。",
            f"There is no theme {d.theme}. Choose one of: {', '.join(known)}.",
            "data.theme",
        )


def automatic(issue: Issue, s: Session) -> RoutingRule | None:
    """The first automatic rule that fits the triaged issue, or None. Emergencies are never routed automatically."""
    if issue.urgency == "emergency":
        return None
    return next(
        (rule for rule in rules_in_force(s, RoutingRules).rules if rule.automatic and _fits(rule, issue, s)),
        None,
    )


def check_rule(d: RouteIssue, issue: Issue, s: Session) -> None:
    """Checks the named rule: it exists, fits the issue and names this owner.

    Routing by hand needs no rule. While the section `routing` has no rules, any name is accepted.
    """
    rules = rules_in_force(s, RoutingRules).rules
    if d.rule == BY_HAND or not rules:
        return
    rule = next((one for one in rules if one.name == d.rule), None)
    if rule is None:
        raise Refused(
            "unknown_routing_rule",
            f"没有名为“{d.rule}”的派单规则。请填写规则名称，人工派单请填 {BY_HAND}。",
            f"There is no routing rule {d.rule}. Name one of the rules, or {BY_HAND}.",
            "data.rule",
        )
    if not _fits(rule, issue, s):
        raise Refused(
            "routing_rule_does_not_fit",
            f"派单规则“{d.rule}”不适用于此事项。请另选规则，或填 {BY_HAND}。",
            f"The routing rule {d.rule} does not fit this issue. Choose another, or {BY_HAND}.",
            "data.rule",
        )
    if rule.owner != d.owner:
        raise Refused(
            "routing_rule_names_another",
            f"派单规则“{d.rule}”指定的承办人是 {rule.owner}，不是 {d.owner}。请改承办人，或填 {BY_HAND}。",
            f"The routing rule {d.rule} names {rule.owner} and not {d.owner}. Change the owner, or route {BY_HAND}.",
            "data.owner",
        )


def _fits(rule: RoutingRule, issue: Issue, s: Session) -> bool:
    """Whether every condition of the rule holds for the issue. A condition without values always holds."""
    for allowed, value in (
        (rule.theme, issue.theme),
        (rule.scale, issue.scale),
        (rule.urgency, issue.urgency),
        (rule.reach, issue.reach),
    ):
        if allowed and value not in allowed:
            return False
    place = s.get(Place, issue.place) if rule.place is not None else None
    return rule.place is None or (place is not None and rule.place in place.path)
