"""Service modules 服务模块 "4 + X", the kinds of service (domain.md §3.1)."""

from sqlalchemy.orm import Session

from microgov.contracts.rules.service_modules import ModulesRules
from microgov.services.chassis.model import Refused
from microgov.services.chassis.reference_data import rules
from microgov.services.matching.model import Rule


def check_module(module: str, s: Session) -> None:
    """Raises `unknown_module` if the section `modules` is in force and lacks the module."""
    if s.get(Rule, "modules") is None:
        return
    names = rules(s, Rule, ModulesRules).names()
    if module not in names:
        raise Refused(
            "unknown_module",
            f"没有服务模块 {module}。可用：{'、'.join(names)}；其他模块由街道在规则 modules 中增加。",
            f"There is no service module {module}. It can be {', '.join(names)}; "
            "the office adds others to the rules `modules`.",
            "data.module",
        )
