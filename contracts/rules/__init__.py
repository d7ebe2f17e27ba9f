"""A tenant's rules, in sections: a section is a set of rules that are changed together. Related sections share a file.

`microgov tenant add` writes out the defaults of each section. `Rules` is the union of all sections; the field `section`
says which one it is. A new section is written in a file beside this one and added to `Rules`. A section that is there
gets no new field (decision 18), and never loses one.
"""

from typing import Annotated, get_args

from pydantic import Field

from microgov.contracts.fields import Part
from microgov.contracts.rules.behaviour import BehaviourRules
from microgov.contracts.rules.care_teams import TeamRules
from microgov.contracts.rules.clocks import CalendarRules, ClockRules, Day, WorkingYear
from microgov.contracts.rules.issues import (
    AfterwardsRules,
    CourseRules,
    DeliberationRules,
    EmergencyRules,
    EscalationRules,
    IssueRules,
    MediationRules,
)
from microgov.contracts.rules.matching import MatchingRules
from microgov.contracts.rules.notify import NotifyRules
from microgov.contracts.rules.planner import PlanningRules
from microgov.contracts.rules.procedure import ProcedureRules
from microgov.contracts.rules.routing import RoutingRules, ThemeRules
from microgov.contracts.rules.service_modules import ModulesRules
from microgov.contracts.rules.serving import TaskRules

Rules = Annotated[
    BehaviourRules
    | IssueRules
    | ThemeRules
    | RoutingRules
    | CourseRules
    | EmergencyRules
    | AfterwardsRules
    | CalendarRules
    | ClockRules
    | EscalationRules
    | MediationRules
    | DeliberationRules
    | ProcedureRules
    | MatchingRules
    | PlanningRules
    | ModulesRules
    | TaskRules
    | TeamRules
    | NotifyRules,
    Field(discriminator="section"),
]
SECTIONS: tuple[type[Part], ...] = get_args(get_args(Rules)[0])

__all__ = [
    "SECTIONS",
    "AfterwardsRules",
    "BehaviourRules",
    "CalendarRules",
    "ClockRules",
    "CourseRules",
    "Day",
    "DeliberationRules",
    "EmergencyRules",
    "EscalationRules",
    "IssueRules",
    "MatchingRules",
    "MediationRules",
    "ModulesRules",
    "NotifyRules",
    "PlanningRules",
    "ProcedureRules",
    "RoutingRules",
    "Rules",
    "TaskRules",
    "TeamRules",
    "ThemeRules",
    "WorkingYear",
]
