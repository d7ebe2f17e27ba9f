"""The vegetable patch, step by step; each function takes the story one step further and returns what was said."""

from typing import Any

from microgov.contracts import issues
from microgov.contracts.ids import HOUSE
from microgov.contracts.notify import NoticeDelivered
from microgov.services.chassis.model import Said
from microgov.services.issues.handlers import service
from tests.support.service_driver import Talk, neighbourhood

TRIAGE = issues.TriageIssue(
    theme="greening", scale="small", urgency="ordinary", reach="compound", form="micro_topic"
)
ITEM = issues.ActionItem.model_validate(
    {"text": "围栏", "unit": "metre", "target": 6, "due": "2026-04-01T00:00:00Z"}, strict=False
)

YEAR = {
    "year": 2026,
    "holidays": [
        *(f"2026-01-{day:02}" for day in (1, 2, 3)),
        *(f"2026-02-{day:02}" for day in range(15, 24)),
        *(f"2026-04-{day:02}" for day in (4, 5, 6)),
        *(f"2026-05-{day:02}" for day in range(1, 6)),
        *(f"2026-06-{day:02}" for day in (19, 20, 21)),
        *(f"2026-09-{day:02}" for day in (25, 26, 27)),
        *(f"2026-10-{day:02}" for day in range(1, 8)),
    ],
    "workdays": ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"],
}
"""The year as the State Council published it."""


def start(**rules: dict[str, Any]) -> Talk:
    return neighbourhood(service, **rules)


def submit(talk: Talk, subject: str = "veg-1", channel: str = "app", **how: Any) -> list[Said]:
    return talk.say(
        issues.SubmitIssue(title="菜地", text="没人管", place="yuanbu-south", channel=channel),
        subject,
        **{"by": "p-1", **how},
    )


def triage(talk: Talk) -> None:
    submit(talk)
    talk.say(issues.AcceptIssue(), "veg-1", by="p-branch")
    talk.say(TRIAGE, "veg-1", by="p-branch")


def cosign(talk: Talk, person: str) -> list[Said]:
    return talk.say(issues.CosignIssue(channel="app"), "veg-1", by=person)


def propose(talk: Talk) -> None:
    triage(talk)
    cosign(talk, "p-2")
    cosign(talk, "p-3")
    talk.say(issues.OpenDeliberation(topic="topic-1", title="菜地怎么办"), "veg-1", by="p-branch")
    for option, person in (("opt-fence", "p-1"), ("opt-flowers", "p-4")):
        talk.say(issues.ProposeOption(option=option, text="这样办", channel="app"), "topic-1", by=person)


def convening(talk: Talk, session: str = "s-1") -> issues.ConveneSession:
    return issues.ConveneSession(
        session=session, kind="micro_topic", opens_at=talk.now, closes_at=talk.now.replace(day=20)
    )


def ballot(talk: Talk, kind: str = "one_of", secret: bool = False) -> list[Said]:
    propose(talk)
    talk.say(convening(talk), "topic-1", by="p-branch")
    closes = talk.now.replace(day=4)
    opening = issues.OpenBallot.model_validate(
        {"session": "s-1", "kind": kind, "closes_at": closes, "secret": secret}
    )
    return talk.say(opening, "b-1", by="p-branch")


def vote(option: str = "opt-fence", stance: str = "agree", about: str | None = None) -> issues.CastVote:
    choice = {"kind": "open", "option": option, "stance": stance}
    return issues.CastVote.model_validate({"choice": choice, "option": about, "channel": "app"})


def decide(talk: Talk) -> list[Said]:
    ballot(talk)
    for person, option in (
        ("p-1", "opt-flowers"),
        ("p-2", "opt-fence"),
        ("p-3", "opt-fence"),
        ("p-4", "opt-flowers"),
    ):
        talk.say(vote(option), "b-1", by=person)
    talk.say(vote("opt-fence"), "b-1", by="p-1")
    return talk.wait(days=3)


def confirm(talk: Talk) -> list[Said]:
    decide(talk)
    talk.say(issues.DraftMinutes(text="记录"), "s-1", by="p-branch")
    talk.say(issues.ConfirmMinutes(channel="app"), "s-1", by="p-1")
    return talk.say(issues.ConfirmMinutes(channel="app"), "s-1", by="p-2")


def adopt(talk: Talk) -> str:
    confirm(talk)
    said = talk.say(issues.AdoptResolution(option="opt-fence", items=[ITEM]), "topic-1", by="p-branch")
    return said[-1].subject


def act(talk: Talk) -> str:
    item = adopt(talk)
    talk.say(issues.ClaimActionItem(channel="app"), item, by="p-5")
    talk.say(issues.ReportActionDone(done=6, at_least=True, evidence="照片", channel="app"), item, by="p-5")
    return item


def report(talk: Talk) -> str:
    item = act(talk)
    talk.say(issues.VerifyActionItem(note="看过", channel="visit"), item, by="p-social", role="social_worker")
    talk.say(issues.ReportResult(text="围栏建好了"), "veg-1", by="p-branch")
    return item


def deliver(talk: Talk, *people: str) -> None:
    for person in people:
        talk.hear(
            NoticeDelivered(
                source_id=HOUSE,
                notice_type="result_reported",
                recipient=person,
                entity="veg-1",
                channel="inbox",
            ),
            "n-1",
        )


def close(talk: Talk) -> list[Said]:
    report(talk)
    deliver(talk, "p-1", "p-2", "p-3")
    return talk.say(issues.CloseIssue(outcome="resolved"), "veg-1", by="p-branch")
