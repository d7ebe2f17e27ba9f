"""Whatever people do in any order: no handler raises anything but a refusal, and six invariants of domain.md §2 hold."""

from hypothesis.stateful import invariant
from sqlalchemy import func, select

from microgov.services.issues.actions import assignee
from microgov.services.issues.actions.action_item import Action
from microgov.services.issues.deliberation.sessions import session
from microgov.services.issues.deliberation.sessions.session import DeliberationSession
from microgov.services.issues.deliberation.topics import life as topic_life
from microgov.services.issues.deliberation.topics.topic import Topic
from microgov.services.issues.issue import life
from microgov.services.issues.issue.cosigning import Cosign, CosignHousehold
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.issue.recipients import Recipient
from microgov.services.issues.mediation.mediation import AGREED, Mediation
from microgov.services.issues.model import Deadline
from tests.issues.issue_actions import IssueActions
from tests.support.property_budget import tries


class IssueMachine(IssueActions):
    """The invariants of an issue; each is checked after every step."""

    @invariant()
    def a_closed_issue_has_a_record_and_nothing_open(self) -> None:
        issue: Issue = self.driver.row(Issue, "veg-1")
        assert issue.state != "closed" or (issue.records > 0 and issue.open_items == 0 and issue.untold == 0)

    @invariant()
    def the_counts_of_the_issue_equal_its_rows(self) -> None:
        issue, s = self.driver.row(Issue, "veg-1"), self.driver.s
        signed = [row for row in self.driver.rows(Cosign) if row.in_force]
        assert (issue.people, issue.households) == (len(signed), len({row.household for row in signed}))
        assert sum(row.people for row in self.driver.rows(CosignHousehold)) == issue.people
        assert issue.untold == s.scalar(
            select(func.count()).select_from(Recipient).where(Recipient.settled.is_(False))
        )

    @invariant()
    def nobody_verifies_what_they_did(self) -> None:
        for id, person in self.verified:
            row: Action = self.driver.row(Action, id)
            assert person not in (row.done_by, *assignee.assigned_people(id, row.claimed_by, self.driver.s))

    @invariant()
    def an_issue_in_mediation_has_an_agreed_or_settled_mediation(self) -> None:
        issue = self.driver.row(Issue, "veg-1")
        states = {row.state for row in self.driver.rows(Mediation)}
        assert issue.state != "in_mediation" or states & {*AGREED, "performing", "closed"}

    @invariant()
    def deadlines_fit_the_state(self) -> None:
        issue = self.driver.row(Issue, "veg-1")
        due = {row.kind for row in self.driver.rows(Deadline) if row.entity == "veg-1"}
        assert issue.state not in ("withdrawn", "declined", "closed") or due <= {"re_review"}
        assert issue.state != "on_hold" or "review" in due

    @invariant()
    def every_state_is_in_its_state_machine(self) -> None:
        assert self.driver.row(Issue, "veg-1").state in life.STATES
        assert {row.state for row in self.driver.rows(Topic)} <= topic_life.LIFE.states.keys()
        assert {row.state for row in self.driver.rows(DeliberationSession)} <= session.LIFE.states.keys()


TestIssueMachine = IssueMachine.TestCase
TestIssueMachine.settings = tries(8, 30)
