"""Whatever people try in a mediation: it stays confidential and consensual, its mediator has no stake, and it ends once."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from microgov.contracts import issues
from microgov.contracts.message import Command, plain
from microgov.services.chassis.model import Refused
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.mediation.mediation import AGREED, LAPSE, LIFE, Mediation, Party
from microgov.services.issues.model import Deadline
from tests.issues import issue_steps
from tests.issues.mediation_steps import SECRET
from tests.support.property_budget import tries

EVERYBODY = [f"p-{n}" for n in range(1, 9)]
PEOPLE = st.sampled_from(EVERYBODY)
MEDIATIONS = st.sampled_from(["m-1", "m-1", "m-1", "m-2"])  # m-1 three times as often
REPORTER, OWNER, COSIGNER, MEDIATOR = "p-1", "p-6", "p-5", "p-8"
LAPSE_DAYS = 3
CONSENT = issues.ConsentToMediation(channel="app")


def household_of(person: str) -> int:
    """The number of the person's household: p-1 and p-2 live in the first, p-3 and p-4 in the second, and so on."""
    return (int(person[2:]) + 1) // 2


class MediationMachine(RuleBasedStateMachine):
    """One issue and two mediations of it. `parties` and `consented` are the people whom the rows of each mediation must
    have, `signed` the co-signers of the issue, `opened` the times at which the last party of a mediation consented.
    """

    @initialize(steps=st.sampled_from([0, 1, 3, 3, 4, 5, 5]))
    def begin(self, steps: int) -> None:
        self.driver = issue_steps.start(mediation={"lapse_days": LAPSE_DAYS})
        self.parties: dict[str, set[str]] = {}
        self.consented: dict[str, set[str]] = {"m-1": set(), "m-2": set()}
        self.opened: dict[str, datetime] = {}
        self.signed: set[str] = set()
        issue_steps.triage(self.driver)
        self.driver.say(issues.RouteIssue(owner=OWNER, rule="by_hand"), "veg-1", by="p-branch")
        self.somebody_cosigns(COSIGNER, True)
        way: list[Callable[[], None]] = [
            lambda: self.a_mediation_is_requested("m-1", {"p-1", "p-3"}),
            lambda: self.somebody_consents("m-1", "p-1"),
            lambda: self.somebody_consents("m-1", "p-3"),
            lambda: self.a_mediator_is_assigned("m-1", MEDIATOR),
            lambda: self.a_session_is_held("m-1", MEDIATOR),
        ]
        for step in way[:steps]:
            step()

    def send(self, command: Command, subject: str, by: str, role: str | None = None) -> list[Any]:
        """Sends the command; returns its events, or none if it is refused."""
        try:
            return [one.event for one in self.driver.say(command, subject, by=by, role=role)]
        except Refused:
            return []

    @rule(which=MEDIATIONS, parties=st.sets(PEOPLE, min_size=2, max_size=4))
    def a_mediation_is_requested(self, which: str, parties: set[str]) -> None:
        asking = issues.RequestMediation(
            mediation=which, parties=sorted(parties), instrument="informal", reason=SECRET, channel="app"
        )
        if self.send(asking, "veg-1", REPORTER):
            self.parties[which] = parties

    @rule(which=MEDIATIONS, person=PEOPLE)
    def somebody_consents(self, which: str, person: str) -> None:
        said = self.send(CONSENT, which, person)
        if said:
            assert person in self.parties[which] - self.consented[which]
            self.consented[which].add(person)
            assert (len(said) == 2) == (self.consented[which] == self.parties[which])
        if len(said) == 2:
            self.opened[which] = self.driver.now

    @rule(which=MEDIATIONS, person=PEOPLE)
    def somebody_refuses(self, which: str, person: str) -> None:
        if self.send(issues.RefuseMediation(channel="app"), which, person):
            assert person in self.parties[which]
            assert which not in self.opened

    @rule(
        which=MEDIATIONS,
        people=st.permutations(EVERYBODY),
        settles=st.lists(st.booleans(), min_size=2, max_size=5),
    )
    def several_steps_are_taken(self, which: str, people: list[str], settles: list[bool]) -> None:
        """Takes a step for each of `settles`; the first of `people` whom the rules allow becomes the mediator."""
        for one in settles:
            self.next_step(which, people, one)

    def next_step(self, which: str, people: list[str], settles: bool) -> None:
        row = self.driver.s.get(Mediation, which)
        state, mediator = (row.state, row.mediator or MEDIATOR) if row is not None else ("", MEDIATOR)
        if state == "requested":
            self.somebody_consents(which, min(self.parties[which] - self.consented[which]))
        elif state == "agreed":
            for person in people:
                self.a_mediator_is_assigned(which, person)
        elif state == "assigned" or (state == "in_session" and not settles):
            self.a_session_is_held(which, mediator)
        elif state == "in_session":
            self.a_mediation_is_settled(which, mediator, 2)
        elif state == "performing":
            self.a_mediation_is_followed_up(which, "p-2", settles)

    def a_mediator_is_assigned(self, which: str, person: str) -> None:
        if self.send(issues.AssignMediator(mediator=person), which, "p-branch"):
            concerned = self.parties[which] | self.signed | {REPORTER, OWNER}
            assert person not in concerned
            assert household_of(person) not in {household_of(one) for one in self.parties[which]}

    @rule(which=MEDIATIONS, person=st.sampled_from([MEDIATOR, "p-4", "p-7"]))
    def a_session_is_held(self, which: str, person: str) -> None:
        self.send_as_mediator(issues.HoldMediation(note=SECRET), which, person)

    @rule(which=MEDIATIONS, person=st.sampled_from([MEDIATOR, "p-4"]), days=st.integers(0, 3))
    def a_mediation_is_settled(self, which: str, person: str, days: int) -> None:
        by = self.driver.now + timedelta(days=days)
        terms = issues.SettleMediation(facts=SECRET, terms=[SECRET], performance=SECRET, perform_by=by)
        self.send_as_mediator(terms, which, person)

    @rule(which=MEDIATIONS, person=st.sampled_from([MEDIATOR, "p-4"]), rights_told=st.booleans())
    def a_mediation_fails(self, which: str, person: str, rights_told: bool) -> None:
        assert (
            not self.send_as_mediator(
                issues.FailMediation(reason=SECRET, rights_told=rights_told), which, person
            )
            or rights_told
        )

    def send_as_mediator(self, command: Command, which: str, person: str) -> list[Any]:
        said = self.send(command, which, person, "dasao")
        if said:
            assert person == self.driver.row(Mediation, which).mediator
            assert self.consented[which] == self.parties[which]
        return said

    @rule(which=MEDIATIONS, person=st.sampled_from([MEDIATOR, "p-2"]), performed=st.booleans())
    def a_mediation_is_followed_up(self, which: str, person: str, performed: bool) -> None:
        if self.send(
            issues.FollowUpMediation(performed=performed, note=SECRET), which, person, "social_worker"
        ):
            assert person != self.driver.row(Mediation, which).mediator

    @rule(person=PEOPLE, signs=st.booleans())
    def somebody_cosigns(self, person: str, signs: bool) -> None:
        command: Command = (
            issues.CosignIssue(channel="app") if signs else issues.WithdrawCosign(channel="app")
        )
        if self.send(command, "veg-1", person):
            self.signed = self.signed | {person} if signs else self.signed - {person}

    @rule(days=st.integers(1, 5))
    def the_issue_is_put_on_hold(self, days: int) -> None:
        self.send(
            issues.SuspendIssue(reason="x", review_at=self.driver.now + timedelta(days=days)),
            "veg-1",
            "p-branch",
        )

    @rule(
        what=st.sampled_from(
            [
                issues.ReportResult(text="x"),
                issues.ResumeIssue(reason="x"),
                issues.ReferIssue(to="o-1", reason="x"),
            ]
        )
    )
    def the_branch_handles_the_issue(self, what: Command) -> None:
        self.send(what, "veg-1", "p-branch")

    @rule(hours=st.integers(1, 50))
    def time_passes(self, hours: int) -> None:
        """Every deadline of these hours is handled; none may raise."""
        self.driver.wait(hours=hours)

    @invariant()
    def no_message_of_a_mediation_has_free_text_or_a_party(self) -> None:
        for m in self.driver.log:
            if type(m.data).__module__ == issues.MediationRequested.__module__:
                text = json.dumps(
                    {k: v for k, v in plain(m.data).items() if k != "mediator"}, ensure_ascii=False
                )
                assert SECRET not in text
                assert not any(f'"p-{n}"' in text for n in range(1, 9))

    @invariant()
    def free_text_is_in_no_row(self) -> None:
        for row in (*self.driver.rows(Mediation), *self.driver.rows(Party)):
            assert SECRET not in str([getattr(row, column.key) for column in row.__table__.columns])

    @invariant()
    def the_counts_of_a_mediation_equal_its_rows(self) -> None:
        for row in self.driver.rows(Mediation):
            rows = [one for one in self.driver.rows(Party) if one.mediation == row.id]
            assert {one.person for one in rows} == self.parties[row.id]
            assert row.parties == len(rows)
            assert {one.person for one in rows if one.consented} == self.consented[row.id]
            assert row.consents == len(self.consented[row.id])
            assert row.state in LIFE.states
            held = [
                m.data.number
                for m in self.driver.log
                if m.subject == row.id and isinstance(m.data, issues.MediationHeld)
            ]
            assert held == list(range(1, row.sessions + 1))

    @invariant()
    def a_mediation_ends_once_and_lapses_on_its_day(self) -> None:
        for row in self.driver.rows(Mediation):
            ends = [
                m.data.result
                for m in self.driver.log
                if isinstance(m.data, issues.MediationEnded) and m.data.mediation == row.id
            ]
            lapsed = [
                m.recordedtime
                for m in self.driver.log
                if isinstance(m.data, issues.MediationLapsed) and m.subject == row.id
            ]
            assert len(ends) <= 1
            assert lapsed == [self._lapse_time(row.id)] * (ends == ["lapsed"])
            waiting = self.driver.s.get(Deadline, (LAPSE, row.id))
            assert (row.state in AGREED) == (waiting is not None)
            assert waiting is None or self.driver.now < waiting.due_at == self._lapse_time(row.id)

    def _lapse_time(self, which: str) -> datetime | None:
        """When the mediation lapses, in UTC; None until all parties have consented."""
        return self.opened[which] + timedelta(days=LAPSE_DAYS) if which in self.opened else None

    @invariant()
    def an_issue_is_in_one_mediation_at_a_time(self) -> None:
        under_way = [row for row in self.driver.rows(Mediation) if row.state in ("requested", *AGREED)]
        assert len(under_way) <= 1
        settled = any(row.state in ("performing", "closed") for row in self.driver.rows(Mediation))
        assert self.driver.row(Issue, "veg-1").state != "in_mediation" or under_way or settled


TestMediationMachine = MediationMachine.TestCase
TestMediationMachine.settings = tries(8, 20)
