"""State machine of a care team as one table (domain.md §3.2)."""

from microgov.contracts import matching as c
from microgov.services.chassis.model import SAME, Life, Transition, each

OPEN = ("forming", "active", "incomplete")

LIFE = Life(
    "care_team",
    "128联户组",
    {
        "forming": ("组建中", "forming"),
        "active": ("运行中", "active"),
        "incomplete": ("缺角色", "incomplete"),
        "dissolved": ("已解散", "dissolved"),
    },
    {
        (None, c.FormCareTeam): Transition("forming", c.CareTeamFormed),
        **each(OPEN, c.FillCareRole, Transition(SAME, c.CareRoleFilled)),
        **each(OPEN, c.VacateCareRole, Transition(SAME, c.CareRoleVacated)),
        **each(OPEN, c.JoinCareTeam, Transition(SAME, c.HouseholdJoined)),
        **each(OPEN, c.LeaveCareTeam, Transition(SAME, c.HouseholdLeft)),
        **each(("active", "incomplete"), c.RecordObservation, Transition(SAME, c.SafetyObserved)),
        **each(("forming", "incomplete"), "complete", Transition("active", c.CareTeamActivated)),
        **each(("active", "incomplete"), "vacant", Transition("incomplete", c.CareTeamIncomplete)),
        **each(OPEN, c.DissolveCareTeam, Transition("dissolved", c.CareTeamDissolved)),
    },
    frozenset({"dissolved"}),
)
