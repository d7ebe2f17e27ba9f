"""Topics: proposed, screened with reasons by somebody else, placed on the agenda, evaluated."""

from typing import Any

import pytest

from microgov.contracts import issues
from microgov.testing.service_driver import ServiceDriver, names, refusal
from tests.issues import issue_steps

PROPOSING = issues.ProposeTopic(
    topic="topic-1", title="菜地怎么办", intervention="micro_topic", channel="app"
)
REFUSING = issues.RefuseTopic(ground="not_concrete", reasons="请写明地点")


def start_proposed() -> ServiceDriver:
    """A service with a topic that p-2 has proposed, and that is to be screened."""
    driver = issue_steps.start()
    issue_steps.triage(driver)
    driver.say(PROPOSING, "veg-1", by="p-2")
    return driver


def code_and_field(
    driver: ServiceDriver, command: Any, subject: str = "topic-1", **how: Any
) -> tuple[str, str]:
    """The error code and the field with which the command is refused."""
    refused = refusal(driver, command, subject, **{"by": "p-branch", **how})
    return refused.code, refused.field


def test_a_proposed_topic_does_not_change_the_issue_before_it_is_admitted() -> None:
    driver = start_proposed()
    assert (issue_steps.show(driver).state, issue_steps.topic(driver).state) == ("triaged", "screening")
    assert (
        code_and_field(driver, issues.ProposeOption(option="o-1", text="x", channel="app"), by="p-1")[0]
        == "wrong_state"
    )

    said = driver.say(issues.AdmitTopic(), "topic-1", by="p-branch")

    assert names(said) == ["TopicAdmitted", "DeliberationOpened"]
    assert said[1].subject == "veg-1"
    assert (issue_steps.show(driver).state, issue_steps.topic(driver).state) == ("deliberating", "proposed")
    assert driver.say(issues.ProposeOption(option="o-1", text="x", channel="app"), "topic-1", by="p-1")


def test_the_refusal_of_a_topic_names_its_proposer_and_the_topic_that_it_repeats() -> None:
    driver = start_proposed()
    again = issues.ProposeTopic(topic="topic-2", title="同一块菜地", channel="app")
    driver.say(again, "veg-1", by="p-3")

    refused = driver.say(
        issues.RefuseTopic(ground="duplicate", reasons="已有", same_as="topic-1"), "topic-2", by="p-branch"
    )[0].event

    assert isinstance(refused, issues.TopicRefused)
    assert (refused.person, refused.same_as) == ("p-3", "topic-1")
    assert code_and_field(driver, issues.AdmitTopic(), "topic-2")[0] == "wrong_state"
    assert (
        code_and_field(driver, issues.RefuseTopic(ground="duplicate", reasons="x", same_as="topic-9"))[0]
        == "not_found"
    )


@pytest.mark.rule("2.1.8", "a topic is screened by somebody else, with reasons")
@pytest.mark.parametrize("command", [issues.AdmitTopic(), REFUSING])
def test_whoever_proposed_a_topic_does_not_screen_it(command: Any) -> None:
    assert code_and_field(start_proposed(), command, by="p-2") == ("same_person", "authid")
    assert code_and_field(start_proposed(), command, on_behalf_of="p-2") == ("same_person", "authid")


def test_an_id_is_taken_once_and_a_closed_issue_gets_no_topic() -> None:
    driver = start_proposed()
    assert code_and_field(driver, PROPOSING, "veg-1", by="p-4") == ("already_exists", "data.topic")
    opening = issues.OpenDeliberation(topic="topic-1", title="x")
    assert code_and_field(driver, opening, "veg-1") == ("already_exists", "data.topic")
    closed = issue_steps.start()
    issue_steps.close_issue(closed)
    assert (
        code_and_field(closed, PROPOSING.model_copy(update={"topic": "topic-9"}), "veg-1", by="p-4")[0]
        == "wrong_state"
    )


def test_a_topic_of_an_issue_that_cannot_be_deliberated_now_is_not_admitted() -> None:
    driver = issue_steps.start()
    issue_steps.submit(driver)
    driver.say(PROPOSING, "veg-1", by="p-2")

    assert code_and_field(driver, issues.AdmitTopic())[0] == "wrong_state"
    assert issue_steps.topic(driver).state == "screening"


@pytest.mark.rule("2.3", "the liaison station places a topic on the agenda of the sub-district")
def test_the_liaison_station_places_a_topic_on_the_agenda_once() -> None:
    driver = issue_steps.start()
    issue_steps.propose(driver)
    placing = issues.PlaceOnAgenda(reason="多个社区都有")

    said = driver.say(placing, "topic-1", by="p-npc", role="liaison_station")

    assert names(said) == ["TopicPlacedOnAgenda", "IssueEscalated"]
    escalated = said[1].event
    assert isinstance(escalated, issues.IssueEscalated)
    assert escalated.cause == "agenda"
    assert issue_steps.show(driver).level == "sub_district"
    assert code_and_field(driver, placing, role="liaison_station") == ("on_agenda", "subject")


def test_a_topic_is_evaluated_once_its_action_items_are_verified() -> None:
    driver = issue_steps.start()
    item = issue_steps.do_action_item(driver)
    evaluating = issues.EvaluateTopic(achieved=True, text="没有人再踩菜地")
    assert code_and_field(driver, evaluating) == ("items_open", "subject")
    driver.say(
        issues.VerifyActionItem(note="看过", channel="visit"), item, by="p-social", role="social_worker"
    )

    assert names(driver.say(evaluating, "topic-1", by="p-branch")) == ["TopicEvaluated"]
    assert code_and_field(driver, evaluating) == ("wrong_state", "subject")


def test_an_item_tracked_under_a_plan_does_not_hinder_the_evaluation_of_its_topic() -> None:
    driver = issue_steps.start()
    item = issue_steps.adopt_resolution(driver)
    driver.say(issues.TrackActionItem(plan="plan-1", reason="x"), item, by="p-branch")

    assert driver.say(issues.EvaluateTopic(achieved=False, text="x"), "topic-1", by="p-branch")
