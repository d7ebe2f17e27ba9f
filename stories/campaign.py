"""走亲全覆盖, a whole round of visits: 100 households and 20 enterprises, of whom not all are met (domain.md §2.4)."""

from datetime import datetime, timedelta

from microgov.contracts import directory, issues
from microgov.contracts.ids import message_id, outside_id
from microgov.stories.neighbours import NEIGHBOURS
from microgov.stories.story import OFFICE, Neighbour, Story
from microgov.text.sentences import Sentence

HOUSEHOLDS, ENTERPRISES = 100, 20
CONTACTS = HOUSEHOLDS + ENTERPRISES
DECLINING, OUT = (12, 47, 83), (5, 21, 33, 68, 94, 104, 117)
"""By number: who does not want a visit, and who is out on the first day. Numbers from 101 on are enterprises."""
BACK = (5, 33, 94)
"""By number: who of those who were out is there on the second day."""
WITH_PROBLEM = 7
"""The number of the household that names a problem."""
FED = Neighbour("fed", "womens_federation", "office", "妇联方主席", "Fang of the women's federation")


def campaign(prefix: str, start: datetime, tenant: str) -> Story:
    """Builds the story, whose ids begin with `prefix`; it begins at `start` and takes two days."""
    story = Story("campaign", Sentence("走亲全覆盖的故事", "The story of a whole round of visits"), prefix)
    story.set_up_neighbourhood(tenant, [*(one for one in NEIGHBOURS if one.name == "branch"), FED])
    _registered(story)
    visits = _opened(story, tenant)
    for n in range(1, CONTACTS + 1):
        _called(story, n, visits[n - 1])
    _problem_recorded(story, visits[WITH_PROBLEM - 1])
    story.wait(
        "第二天，没人应门的再去一次。",
        "The next day: where nobody answered, once more.",
        start + timedelta(days=1),
    )
    for n in OUT:
        _called_again(story, n, visits[n - 1])
    story.next_commands = [
        f"show visit-round {story.id('whole')}",
        f"list visits --round {story.id('whole')} --state attempted",
    ]
    return story


def _registered(s: Story) -> None:
    for n in range(1, CONTACTS + 1):
        zh, en = ("户", "household") if n <= HOUSEHOLDS else ("企", "enterprise")
        person = directory.RegisterPerson(household=s.id(f"c{n}"), place=s.id("yuan"))
        s.say(
            f"登记第 {n} 号（{zh}）的联系人。",
            f"Somebody of number {n} ({en}) is registered.",
            person,
            f"p{n}",
            OFFICE,
        )


def _opened(s: Story, tenant: str) -> list[str]:
    """Opens the round; returns the ids of the visits, in the order of the contact list."""
    kinds = ["household"] * HOUSEHOLDS + ["enterprise"] * ENTERPRISES
    listed = [
        {"contact": s.id(f"c{n}"), "kind": kind, "place": s.id("yuan")} for n, kind in enumerate(kinds, 1)
    ]
    opening = issues.OpenVisitRound.model_validate(
        {"title": "走亲全覆盖", "place": s.id("community"), "contacts": listed}
    )
    sent = s.say(
        f"妇联开启一轮走亲：{HOUSEHOLDS} 户、{ENTERPRISES} 企，清单冻结。",
        f"A round opens: {HOUSEHOLDS} households, {ENTERPRISES} enterprises. The list is frozen.",
        opening,
        "whole",
        "fed",
    )
    return [message_id(outside_id(tenant, "cli", sent), f"visit/{n}") for n in range(CONTACTS)]


def _called(s: Story, n: int, visit: str) -> None:
    if n in DECLINING:
        refused = issues.AttemptVisit(result="refused")
        s.say(
            f"第 {n} 号婉拒：如实记下。",
            f"Number {n} does not want it: so it is written down.",
            refused,
            visit,
            "fed",
            exact_subject=True,
        )
    elif n in OUT:
        s.say(
            f"第 {n} 号没人应门。",
            f"Nobody answers at number {n}.",
            issues.AttemptVisit(result="no_answer"),
            visit,
            "fed",
            exact_subject=True,
        )
    else:
        s.say(
            f"走访第 {n} 号。",
            f"Number {n} is visited.",
            issues.MakeVisit(person=s.id(f"p{n}")),
            visit,
            "fed",
            exact_subject=True,
        )


def _problem_recorded(s: Story, visit: str) -> None:
    lists = issues.RecordVisitLists(
        problems=[issues.ProblemLine(title="雨棚漏水", text="楼道口的雨棚漏水。")], services=[]
    )
    s.say(
        f"第 {WITH_PROBLEM} 号说雨棚漏水：立为事项。",
        f"Number {WITH_PROBLEM} says that the shed leaks: it becomes an issue.",
        lists,
        visit,
        "fed",
        exact_subject=True,
    )
    answer = issues.GiveVisitFeedback(lines=[issues.LineAnswer(line=1, text="已报党支部。")])
    s.say(
        "反馈：已在办。",
        "Feedback: it is under way.",
        answer,
        visit,
        "fed",
        exact_subject=True,
        when_idle=True,
    )


def _called_again(s: Story, n: int, visit: str) -> None:
    if n in BACK:
        s.say(
            f"第 {n} 号在家了。",
            f"Number {n} is there now.",
            issues.MakeVisit(person=s.id(f"p{n}")),
            visit,
            "fed",
            exact_subject=True,
        )
    else:
        s.say(
            f"第 {n} 号还是没人。",
            f"Number {n} still is not.",
            issues.AttemptVisit(result="no_answer"),
            visit,
            "fed",
            exact_subject=True,
        )
