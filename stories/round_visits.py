"""The visits of the round 入户联企走亲: who is met, what problems and wishes they name, the feedback (domain.md §2.4)."""

from datetime import datetime, timedelta

from microgov.contracts import issues, matching
from microgov.contracts.ids import message_id, outside_id
from microgov.contracts.message import Message
from microgov.stories.story import Story

FILE_TEXT = "刘奶奶走路不便，女儿每周三来。"
"""What the household file says. It must not appear in the log."""
CONTACTS = (("h1", "household"), ("h3", "household"), ("h5", "household"), ("works", "enterprise"))
"""The contact list as pairs (id without the prefix, kind): Auntie Wang, Ms Zhang, Grandma Liu and the clothes works."""


def open_round(s: Story, tenant: str) -> list[str]:
    """Adds the step that opens the round with its contact list. Returns the ids of the visits, in the order of the list; the
    issues service makes one for each contact.
    """
    listed = [{"contact": s.id(name), "kind": kind, "place": s.id("yuan")} for name, kind in CONTACTS]
    opening = issues.OpenVisitRound.model_validate(
        {"title": "三月走亲", "place": s.id("community"), "contacts": listed}
    )
    sent = s.say(
        "妇联开启一轮走亲，联系清单就此冻结：三户一企。",
        "The federation opens a round. Its contact list is frozen: three households and an enterprise.",
        opening,
        "march",
        "fed",
    )
    return [message_id(outside_id(tenant, "cli", sent), f"visit/{n}") for n in range(len(listed))]


def visit_step(
    s: Story,
    zh: str,
    en: str,
    message: Message,
    visit: str,
    refused: str | None = None,
    when_idle: bool = False,
) -> None:
    """Adds a step in which Fang of the women's federation sends a message about a visit.

    `visit` is the complete id of the visit: a service has made it, so it does not begin with the story's prefix.
    """
    s.say(zh, en, message, visit, "fed", exact_subject=True, refused=refused, when_idle=when_idle)


def call_on_households(s: Story, start: datetime, wang_visit: str, zhang_visit: str) -> None:
    """Adds two visits: Auntie Wang, on the second day, names a problem and a wish; Ms Zhang does not want a visit."""
    visit_step(
        s,
        "王阿姨家没人应门。",
        "Nobody answers at Auntie Wang's.",
        issues.AttemptVisit(result="no_answer"),
        wang_visit,
    )
    visit_step(
        s,
        "张女士不愿意：记下来，不勉强。",
        "Ms Zhang does not want it: it is written down, and left at that.",
        issues.AttemptVisit(result="refused"),
        zhang_visit,
    )
    s.wait("第二天晚上再去。", "In the evening of the next day.", start + timedelta(days=1))
    visit_step(
        s,
        "开门的不是这一户的人，不能算走访。",
        "Who opened is not of this household, so it is no visit.",
        issues.MakeVisit(person=s.id("li")),
        wang_visit,
        refused="not_of_this_household",
    )
    visit_step(
        s, "王阿姨在家。", "Auntie Wang is at home.", issues.MakeVisit(person=s.id("wang")), wang_visit
    )
    lists = issues.RecordVisitLists(
        problems=[issues.ProblemLine(title="楼道灯不亮", text="三楼的灯坏了两个月。")],
        services=[issues.ServiceLine(text="厨房水管漏水，想请人来修。")],
    )
    visit_step(
        s,
        "问题清单一行成为事项，服务清单一行成为点单。",
        "A line of the problem list becomes an issue, a line of the service list an order.",
        lists,
        wang_visit,
    )


def close_without_wishes(s: Story, liu_visit: str) -> None:
    """Adds the visit to Grandma Liu, who consents to a household file and asks for nothing, so that the visit is closed."""
    visit_step(s, "刘奶奶家。", "At Grandma Liu's.", issues.MakeVisit(person=s.id("liu")), liu_visit)
    file = issues.KeepHouseholdFile(
        household=s.id("h5"),
        by=s.id("fed"),
        consented_by=s.id("liu"),
        entries=[issues.FileEntry(name="care", text=FILE_TEXT)],
    )
    s.say(
        "经她同意建家庭档案：内容不进日志，只记谁建的。",
        "With her consent there is a household file. The log learns that there is one, and nothing of it.",
        file,
        "h5",
        "fed",
    )
    visit_step(
        s,
        "她没有要说的。",
        "There is nothing that she asks for.",
        issues.RecordVisitLists(problems=[], services=[]),
        liu_visit,
    )
    visit_step(
        s,
        "没有待办的，反馈后即办结。",
        "Nothing is open: the feedback closes the visit.",
        feedback(),
        liu_visit,
    )


def visit_enterprise(s: Story, works_visit: str, training_order: str) -> None:
    """Adds the visit to the works, which asks for a first-aid course.

    The order for it, whose id is `training_order`, is rejected with a reason.
    """
    visit_step(
        s, "联企：顾厂长。", "And the enterprise: Gu.", issues.MakeVisit(person=s.id("gu")), works_visit
    )
    lists = issues.RecordVisitLists(problems=[], services=[issues.ServiceLine(text="职工想学急救。")])
    visit_step(s, "工厂想请人教急救。", "The works would like a first-aid course.", lists, works_visit)
    screened = matching.ScreenOrder(accepted=False, reason="区里下周统一举办，已代为报名。")
    s.say(
        "党支部审核：区里下周就办，不另派。",
        "The branch: the district holds one next week. Rejected, with the reason.",
        screened,
        training_order,
        "branch",
        exact_subject=True,
        when_idle=True,
    )
    visit_step(
        s,
        "反馈给工厂。",
        "The works are told.",
        feedback("区里下周办，已报名。"),
        works_visit,
        when_idle=True,
    )


def feedback(*texts: str) -> issues.GiveVisitFeedback:
    """Feedback with an answer to each line of the visit's lists, in their order."""
    return issues.GiveVisitFeedback(
        lines=[issues.LineAnswer(line=n, text=text) for n, text in enumerate(texts, 1)]
    )
