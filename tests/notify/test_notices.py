"""Who is told what, once, in their language."""

from datetime import UTC, datetime

import pytest

from contracts import issues as i
from contracts import matching as c
from contracts.example import example
from contracts.fields import Role
from contracts.notify import NoticeDelivered
from services.notify.audiences import NOTICES
from services.notify.followers import SERVING, Follow
from services.notify.notices import Notice
from services.notify.templates import render, templates
from tests.notify import post
from tests.talk import START, Talk, names


def recipients(talk: Talk, notice_type: str) -> list[str]:
    return sorted(row.recipient for row in talk.rows(Notice) if row.notice_type == notice_type)


def test_the_reporter_and_every_cosigner_are_told_the_result() -> None:
    talk = post.start()

    said = post.report(talk)

    assert names(said) == ["NoticeDelivered"] * 3
    told = [s.event for s in said if isinstance(s.event, NoticeDelivered)]
    assert [(e.recipient, e.entity, e.channel) for e in told] == [
        ("p-1", "veg-1", "inbox"),
        ("p-2", "veg-1", "inbox"),
        ("p-3", "veg-1", "inbox"),
    ]
    assert all(row.critical for row in talk.rows(Notice))


def test_nobody_is_told_of_their_own_action() -> None:
    talk = post.start()
    post.report(talk, by="p-2")

    assert recipients(talk, "result_reported") == ["p-1", "p-3"]


def test_who_withdrew_is_told_no_more_and_who_proposed_is() -> None:
    talk = post.start()
    talk.hear(i.CosignWithdrawn(person="p-3", people=1, households=1), "veg-1", by="p-3")
    talk.hear(i.OptionProposed(issue="veg-1", option="opt-1", person="p-6"), "topic-1", by="p-6")

    talk.hear(i.DeliberationOpened(topic="topic-1", title="x"), "veg-1", by="p-branch")

    assert recipients(talk, "deliberation_opened") == ["p-1", "p-2", "p-6"]


def test_the_same_event_never_tells_twice() -> None:
    talk = post.start()
    reported = i.ResultReported(text="x", recipients=3)
    m = talk.envelope(reported, "veg-1", by="p-branch", role=Role.BRANCH, scope=None)

    assert len(talk.fold(m)) == 3 and talk.fold(m) == []


def test_each_is_written_to_in_their_own_language() -> None:
    talk = post.start()
    post.report(talk)

    words = {row.recipient: render(row.notice_type, row.language, row.parameters).title for row in talk.rows(Notice)}

    assert words == {"p-1": "结果反馈：菜地", "p-2": "Result: 菜地", "p-3": "结果反馈：菜地"}


def test_an_assigned_order_is_told_to_who_ordered_and_to_the_organisation() -> None:
    talk = post.start()
    talk.hear(
        c.OrganisationFiled(name="社", status="filed", domains=[], places=["yuanbu"], representatives=["p-rep"]),
        "org-1",
    )
    talk.hear(
        c.OfferSubmitted(organisation="org-1", title="修水管", module="repair", place="yuanbu", slots=[]), "offer-1"
    )
    talk.hear(
        c.OrderPlaced(beneficiary="p-7", placed_by="p-social", offer="offer-1", place="yuanbu", channel="visit"),
        "order-1",
        by="p-social",
    )

    talk.hear(
        c.OrderAssigned(
            organisation="org-1", reason="x", followed_suggestion=False, own_organisation=False, answer_until=START
        ),
        "order-1",
        by="p-branch",
    )

    assert recipients(talk, "order_assigned") == ["p-7", "p-rep", "p-social"]
    assert talk.rows(Notice)[0].parameters["title"] == "修水管"


def test_only_the_person_asked_is_told_the_code() -> None:
    talk = post.start()

    talk.hear(
        c.PersonProposed(order="order-1", organisation="org-1", person="p-5", code="K7Q2MD", expires_at=START),
        "prop-1",
        by="p-rep",
    )

    assert recipients(talk, "person_proposed") == ["p-5"]
    assert "K7Q2MD" in render("person_proposed", "zh-Hans", talk.rows(Notice)[0].parameters).body


@pytest.mark.parametrize("event", NOTICES, ids=lambda event: event.__name__)
@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_every_notice_has_its_words_in_both_languages(event: type[i.IssueAccepted], language: str) -> None:
    kind, data = NOTICES[event], example(event)
    parameters = {"title": "菜地", **{name: data[name] for name in kind.carries}}

    text = render(kind.type, language, parameters)

    assert "菜地" in text.title and text.body


def test_there_are_no_words_for_notices_that_nobody_sends() -> None:
    assert set(templates()) == {kind.type for kind in NOTICES.values()}


def test_templates_cannot_reach_out_of_the_sandbox() -> None:
    assert render("order_staffed", "en", {"title": "{{ 7*7 }}"}).title == "Scheduled: {{ 7*7 }}"


def test_whom_an_action_item_is_assigned_to_and_who_had_it_are_told() -> None:
    talk = post.start()
    filed = c.OrganisationFiled(name="社", status="filed", domains=[], places=["yuanbu"], representatives=["p-rep"])
    talk.hear(filed, "org-1")

    released = i.ActionItemReleased(issue="veg-1", text="围栏", person="p-4")
    talk.hear(released, "act-1", by="p-branch")
    talk.hear(i.ActionItemAssigned(issue="veg-1", text="围栏", due=START, organisation="org-1"), "act-1", by="p-branch")

    assert recipients(talk, "action_item_released") == ["p-4"]
    assert recipients(talk, "action_item_assigned") == ["p-rep"]


def offered(**rules: dict[str, int]) -> Talk:
    talk = post.start(**rules)
    filed = c.OrganisationFiled(name="社", status="filed", domains=[], places=["yuanbu"], representatives=["p-6", "p-7"])
    talk.hear(filed, "org-1")
    talk.hear(
        c.OfferSubmitted(organisation="org-1", title="修水管", module="repair", place="yuanbu", slots=[]), "offer-1"
    )
    return talk


def test_those_who_act_for_an_organisation_hear_what_became_of_its_offer_and_of_it() -> None:
    talk = offered()
    talk.hear(c.OfferPublished(organisation="org-1"), "offer-1", by="p-branch")
    talk.hear(c.OfferRejected(organisation="org-1", reason="与他社重复"), "offer-1", by="p-branch")
    talk.hear(c.SlotCancelled(organisation="org-1", slot="am", reason="下雨", orders=3), "offer-1", by="p-7")
    changed = c.OrganisationStageChanged(before="active", stage="dormant", reason="暂停一季")
    talk.hear(changed, "org-1", by="p-branch")

    assert recipients(talk, "offer_published") == recipients(talk, "offer_rejected") == ["p-6", "p-7"]
    assert recipients(talk, "slot_cancelled") == ["p-6"] and recipients(talk, "organisation_stage") == ["p-6", "p-7"]
    told = next(row for row in talk.rows(Notice) if row.notice_type == "offer_rejected")
    assert (told.entity, told.parameters) == ("offer-1", {"title": "修水管", "reason": "与他社重复"})


def test_in_a_log_from_before_nobody_was_told_of_an_offer() -> None:
    talk = offered(house={"behaviour": 1})

    assert talk.hear(c.OfferPublished(organisation="org-1"), "offer-1", by="p-branch") == []


def test_whose_slot_is_cancelled_and_who_was_to_serve_are_told() -> None:
    talk = offered()
    placed = c.OrderPlaced(beneficiary="p-1", placed_by="p-2", offer="offer-1", place="yuanbu", channel="app")
    talk.hear(placed, "order-1", by="p-2")
    released = c.OrderReleased(organisation="org-1", person="p-8", offer="offer-1", slot="am", reason="下雨")
    talk.hear(released, "order-1", by="p-branch")

    assert recipients(talk, "order_released") == ["p-1", "p-2", "p-6", "p-7", "p-8"]


def test_a_notice_speaks_in_words_and_by_the_wall_clock_of_the_house() -> None:
    talk = post.start(calendar={"utc_offset_minutes": 60})
    until = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)

    talk.hear(i.IssueClosed(outcome="agreed_no_action", survey_until=until), "veg-1", by="p-branch")

    said = {notice.recipient: notice.text(talk.s).body for notice in talk.rows(Notice)}
    assert said["p-1"] == (
        "“菜地”已办结（议定不办）。请在 2026-04-01 00:30 前答复回访：联系了吗？解决了吗？满意吗？"
    )


def asked(talk: Talk, *people: str) -> None:
    placed = c.OrderPlaced(beneficiary="p-1", placed_by="p-1", offer="offer-1", place="yuanbu", channel="app")
    talk.hear(placed, "order-1", by="p-1")
    for person in people:
        asking = c.PersonProposed(order="order-1", organisation="org-1", person=person, code="K7Q2MD", expires_at=START)
        talk.hear(asking, f"prop-{person}", by="p-6")


def test_everybody_who_said_yes_hears_that_the_order_is_off() -> None:
    talk = offered()
    asked(talk, "p-2", "p-3", "p-4", "p-5")
    for person in ("p-2", "p-3", "p-4"):
        talk.hear(c.ProposalAccepted(order="order-1", person=person), f"prop-{person}", by=person)
    talk.hear(c.ProposalReplaced(order="order-1", person="p-3", by="prop-8"), "prop-p-3", by="p-6")
    talk.hear(c.PersonDidNotShow(order="order-1", person="p-4"), "prop-p-4", by="p-6")
    talk.hear(c.ProposalWithdrawn(order="order-1", person="p-5"), "prop-p-5", by="p-6")

    talk.hear(c.OrderCancelled(organisation="org-1", reason="不需要了"), "order-1", by="p-1")

    assert recipients(talk, "order_cancelled") == ["p-2", "p-6", "p-7"]
    assert recipients(talk, "proposal_withdrawn") == ["p-5"] and recipients(talk, "proposal_replaced") == ["p-3"]


def test_in_a_log_from_before_only_who_was_named_heard_of_it() -> None:
    talk = offered(house={"behaviour": 2})
    asked(talk, "p-2")
    talk.hear(c.ProposalAccepted(order="order-1", person="p-2"), "prop-p-2", by="p-2")

    talk.hear(c.ProposalWithdrawn(order="order-1", person="p-5"), "prop-p-5", by="p-6")
    talk.hear(c.OrderCancelled(organisation="org-1", reason="不需要了"), "order-1", by="p-1")

    assert recipients(talk, "order_cancelled") == ["p-6", "p-7"] and recipients(talk, "proposal_withdrawn") == []
    assert not [row for row in talk.rows(Follow) if row.kind == SERVING]
