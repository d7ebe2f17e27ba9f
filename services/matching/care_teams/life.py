"""State machine of a care team as one table (domain.md §3.2)."""

from microgov.contracts import matching
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
        (None, matching.FormCareTeam): Transition("forming", matching.CareTeamFormed),
        **each(OPEN, matching.FillCareRole, Transition(SAME, matching.CareRoleFilled)),
        **each(OPEN, matching.VacateCareRole, Transition(SAME, matching.CareRoleVacated)),
        **each(OPEN, matching.JoinCareTeam, Transition(SAME, matching.HouseholdJoined)),
        **each(OPEN, matching.LeaveCareTeam, Transition(SAME, matching.HouseholdLeft)),
        **each(
            ("active", "incomplete"), matching.RecordObservation, Transition(SAME, matching.SafetyObserved)
        ),
        **each(("forming", "incomplete"), "complete", Transition("active", matching.CareTeamActivated)),
        **each(("active", "incomplete"), "vacant", Transition("incomplete", matching.CareTeamIncomplete)),
        **each(OPEN, matching.DissolveCareTeam, Transition("dissolved", matching.CareTeamDissolved)),
    },
    frozenset({"dissolved"}),
)
