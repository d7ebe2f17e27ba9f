"""Who is notified of what, once, in their language."""

from microgov.contracts import issues, matching
from microgov.contracts.fields import Role
from microgov.contracts.notify import NoticeDelivered
from microgov.services.notify.notices.notice import Notice
from microgov.testing.service_driver import START, names
from tests.notify import notify_steps


def test_the_reporter_and_every_cosigner_are_notified_of_the_result() -> None:
    driver = notify_steps.start()

    said = notify_steps.report_result(driver)

    assert names(said) == ["NoticeDelivered"] * 3
    told = [s.event for s in said if isinstance(s.event, NoticeDelivered)]
    assert [(e.recipient, e.entity, e.channel) for e in told] == [
        ("p-1", "veg-1", "inbox"),
        ("p-2", "veg-1", "inbox"),
        ("p-3", "veg-1", "inbox"),
    ]
    assert all(row.critical for row in driver.rows(Notice))


def test_nobody_is_notified_of_their_own_action() -> None:
    driver = notify_steps.start()
    notify_steps.report_result(driver, by="p-2")

    assert notify_steps.recipients(driver, "result_reported") == ["p-1", "p-3"]


def test_a_withdrawn_cosigner_is_not_notified_and_a_proposer_is() -> None:
    driver = notify_steps.start()
    driver.hear(issues.CosignWithdrawn(person="p-3", people=1, households=1), "veg-1", by="p-3")
    driver.hear(issues.OptionProposed(issue="veg-1", option="opt-1", person="p-6"), "topic-1", by="p-6")

    driver.hear(issues.DeliberationOpened(topic="topic-1", title="x"), "veg-1", by="p-branch")

    assert notify_steps.recipients(driver, "deliberation_opened") == ["p-1", "p-2", "p-6"]


def test_the_same_event_never_makes_a_notice_twice() -> None:
    driver = notify_steps.start()
    reported = issues.ResultReported(text="x", recipients=3)
    m = driver.envelope(reported, "veg-1", by="p-branch", role=Role.BRANCH, scope=None)

    assert len(driver.fold(m)) == 3
    assert driver.fold(m) == []


def test_each_person_gets_a_notice_in_their_own_language() -> None:
    driver = notify_steps.start()
    notify_steps.report_result(driver)

    titles = {person: notice.title for person, notice in notify_steps.notices(driver)}
    assert titles == {"p-1": "结果反馈：菜地", "p-2": "Result: 菜地", "p-3": "结果反馈：菜地"}


def test_only_the_person_asked_receives_the_code() -> None:
    driver = notify_steps.start()

    driver.hear(
        matching.PersonProposed(
            order="order-1", organisation="org-1", person="p-5", code="K7Q2MD", expires_at=START
        ),
        "prop-1",
        by="p-rep",
    )

    assert notify_steps.recipients(driver, "person_proposed") == ["p-5"]
    assert "K7Q2MD" in notify_steps.bodies(driver, "person_proposed")["p-5"]


def test_old_and_new_assignees_of_an_action_item_are_notified() -> None:
    driver = notify_steps.start()
    filed = matching.OrganisationFiled(
        name="社", status="filed", domains=[], places=["yuanbu"], representatives=["p-rep"]
    )
    driver.hear(filed, "org-1")

    released = issues.ActionItemReleased(issue="veg-1", text="围栏", person="p-4")
    driver.hear(released, "act-1", by="p-branch")
    driver.hear(
        issues.ActionItemAssigned(issue="veg-1", text="围栏", due=START, organisation="org-1"),
        "act-1",
        by="p-branch",
    )

    assert notify_steps.recipients(driver, "action_item_released") == ["p-4"]
    assert notify_steps.recipients(driver, "action_item_assigned") == ["p-rep"]


def test_representatives_are_notified_about_their_organisation_and_its_offers() -> None:
    driver = notify_steps.start_with_offer()
    driver.hear(matching.OfferPublished(organisation="org-1"), "offer-1", by="p-branch")
    driver.hear(matching.OfferRejected(organisation="org-1", reason="与他社重复"), "offer-1", by="p-branch")
    driver.hear(
        matching.SlotCancelled(organisation="org-1", slot="am", reason="下雨", orders=3), "offer-1", by="p-7"
    )
    changed = matching.OrganisationStageChanged(before="active", stage="dormant", reason="暂停一季")
    driver.hear(changed, "org-1", by="p-branch")

    assert (
        notify_steps.recipients(driver, "offer_published")
        == notify_steps.recipients(driver, "offer_rejected")
        == ["p-6", "p-7"]
    )
    assert notify_steps.recipients(driver, "slot_cancelled") == ["p-6"]
    assert notify_steps.recipients(driver, "organisation_stage") == ["p-6", "p-7"]
    (told,) = [one for one in notify_steps.inbox(driver, "p-7") if one.notice_type == "offer_rejected"]
    assert (told.entity, told.body) == ("offer-1", "您组织的出单“修水管”未通过：与他社重复。")


def test_with_behaviour_1_nobody_is_notified_of_an_offer() -> None:
    driver = notify_steps.start_with_offer(house={"behaviour": 1})

    assert driver.hear(matching.OfferPublished(organisation="org-1"), "offer-1", by="p-branch") == []


def test_an_organisation_and_a_council_are_called_by_their_names() -> None:
    driver = notify_steps.start_with_offer()
    changed = matching.OrganisationStageChanged(before="active", stage="dormant", reason="暂停一季")
    driver.hear(changed, "org-1", by="p-branch")
    driver.hear(issues.CouncilFormed(place="yuanbu", name="苑南议事协商会"), "council-1")
    driver.hear(issues.SeatVacated(council="council-1", person="p-1", members=6), "seat-1", by="p-branch")

    titles = {person: notice.title for person, notice in notify_steps.notices(driver)}
    assert titles == {
        "p-6": "Your organisation: 互助社",
        "p-7": "组织状态变更：互助社",
        "p-1": "任期结束：苑南议事协商会",
    }


def test_the_reporter_is_notified_why_their_issue_is_declined_and_that_they_may_appeal() -> None:
    driver = notify_steps.start()

    driver.hear(issues.IssueDeclined(ground="no_content", reason="请写明地点"), "veg-1", by="p-branch")

    said = notify_steps.bodies(driver, "issue_declined")
    assert (
        said["p-1"]
        == "您关注的事项“菜地”不予受理（无实际内容）：请写明地点。反映人可以申诉一次，由另一人决定。"
    )
    assert "请写明地点. Whoever reported it may appeal once" in said["p-2"]


def test_the_notice_contains_the_result() -> None:
    driver = notify_steps.start()
    notify_steps.report_result(driver)

    assert notify_steps.bodies(driver, "result_reported")["p-1"] == "“菜地”已有结果：好了。"


def test_of_a_lost_ballot_followers_and_everybody_who_voted_are_told_once() -> None:
    driver = notify_steps.start()
    lost = issues.BallotToBeRepeated(issue="veg-1", topic="topic-1", session="s-1", people=3)
    driver.hear(lost, "b-1", by="issues-edge")
    driver.hear(issues.VotesLost(issue="veg-1", people=["p-2", "p-6", "p-7"]), "b-1", by="issues-edge")

    assert notify_steps.recipients(driver, "ballot_to_be_repeated") == ["p-1", "p-2", "p-3", "p-6", "p-7"]
