"""Care teams under any commands in any order: a refusal changes nothing, and invariant I5 holds."""

from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from microgov.contracts import matching
from microgov.contracts.message import Command
from microgov.services.chassis.model import Refused
from microgov.services.matching.care_teams.care_team import CaredFor
from tests.matching import care_team_steps
from tests.matching.care_team_steps import HOLDERS, form_team, grant, revoke
from tests.matching.invariants import violated
from tests.support.property_budget import tries

pytestmark = [
    pytest.mark.rule("3.3", "I5 an active care team has one of each role; a household is in one team")
]

TEAMS = st.sampled_from(["team-1", "team-2"])
PEOPLE = st.sampled_from([f"p-{n}" for n in range(1, 9)])
ROLES = st.sampled_from(sorted(HOLDERS))


class CareTeamMachine(RuleBasedStateMachine):
    """Two teams, eight people in four households; every command may be refused, and then nothing has changed."""

    @initialize()
    def open(self) -> None:
        self.driver = care_team_steps.start(teams={"households": 2})
        form_team(self.driver, "team-2")

    def send(self, command: Command, team: str) -> None:
        """Sends the command of the branch; if it is refused, the team must be unchanged."""
        before = care_team_steps.show(self.driver, team)
        try:
            self.driver.say(command, team, by="p-branch")
        except Refused:
            assert care_team_steps.show(self.driver, team) == before

    @rule(team=TEAMS, role=ROLES, person=PEOPLE)
    def fill(self, team: str, role: matching.CareRole, person: str) -> None:
        self.send(matching.FillCareRole(role=role, person=person), team)

    @rule(team=TEAMS, role=ROLES)
    def fill_with_the_holder(self, team: str, role: matching.CareRole) -> None:
        self.send(matching.FillCareRole(role=role, person=HOLDERS[role]), team)

    @rule(team=TEAMS, role=ROLES)
    def vacate(self, team: str, role: matching.CareRole) -> None:
        self.send(matching.VacateCareRole(role=role, reason="x"), team)

    @rule(team=TEAMS, person=PEOPLE)
    def join(self, team: str, person: str) -> None:
        self.send(matching.JoinCareTeam(person=person), team)

    @rule(team=TEAMS, person=PEOPLE)
    def leave(self, team: str, person: str) -> None:
        self.send(matching.LeaveCareTeam(person=person, reason="x"), team)

    @rule(role=ROLES, person=PEOPLE, days=st.none() | st.integers(1, 20))
    def grant(self, role: str, person: str, days: int | None) -> None:
        grant(self.driver, person, role, None if days is None else self.driver.now + timedelta(days=days))

    @rule(role=ROLES, person=PEOPLE)
    def revoke(self, role: str, person: str) -> None:
        revoke(self.driver, person, role)

    @rule(days=st.integers(1, 12))
    def wait(self, days: int) -> None:
        self.driver.wait(hours=24 * days)

    @invariant()
    def i5_holds(self) -> None:
        assert violated(self.driver.s) == []
        assert all(row.team in ("team-1", "team-2") for row in self.driver.rows(CaredFor))


CareTeamMachine.TestCase.settings = tries(8, 40)
TestCareTeamMachine = CareTeamMachine.TestCase
