"""What the extremes are tried in: the inputs of every recorded story, and of stories that turn off from one of them."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from microgov.contracts import directory, issues, matching
from microgov.contracts.fields import Role
from microgov.contracts.ids import outside_id
from microgov.contracts.message import FOLD_NAMES, Message, plain
from microgov.contracts.notify import RegisterContact
from microgov.contracts.registry import every_message
from microgov.services.chassis.replay import recording as recordings
from tests.extremes.deployment import later, time_of

LOGS = Path(__file__).parents[1] / "logs"
LONG = ("fair", "campaign")
"""They only say more often what others say once."""
Body = dict[str, Any]


class Story(NamedTuple):
    """The inputs of a tenant in their order; deadlines are not among them, the house rings its own."""

    name: str
    recording: str
    tenant: str
    inputs: list[Body]


class Turn(NamedTuple):
    """A story that turns off after the message at `seq` of a recording: (hours later, message, subject, by), and goes on."""

    recording: str
    seq: int
    steps: Sequence[tuple[int, Message, str, str]]


ITEM = issues.ActionItem.model_validate_json(
    '{"text":"修门","unit":"metre","target":3,"due":"2026-06-01T00:00:00Z"}'
)
FENCE = "7717f653-8a32-5608-a73f-4ca053b108ed"
HAZARD = {
    "ref": {"system": "sensor", "number": "S-1"},
    "hazard": "blocked_fire_lane",
    "title": "堵塞",
    "text": "堆物。",
    "place": "hotline-yuan",
}
HANDS = {
    "session": "vegetable-session",
    "kind": "one_of",
    "people": 4,
    "witnesses": ["vegetable-wang", "vegetable-li"],
    "tally": [{"option": "fence", "agree": 4, "disagree": 0, "passed": 0}],
}
LAWYER = matching.Qualification.model_validate({"kind": "check", "name": "lawyer"})
WEEK = {"weekly": [{"weekday": 6, "from_minute": 0, "to_minute": 1440}], "days_off": ["2026-03-08"]}
THEMES = {"section": "themes", "themes": [{"theme": f"theme_{n}", "name": f"第{n}类"} for n in range(150)]}
TALKS = {
    "mediation": "talks",
    "parties": ["overhaul-wang", "overhaul-manager"],
    "instrument": "informal",
    "reason": "谈钱",
    "channel": "app",
}
AGAIN = (
    b'{"session":"overhaul-again","kind":"residents_council","room":"x","opens_at":"2026-03-14T00:00:00Z",'
    b'"closes_at":"2026-03-20T00:00:00Z"}'
)
CAME = issues.RecordAttendance.model_validate(
    {
        "attendees": [
            {"person": f"overhaul-{who}", "role": Role.RESIDENT} for who in ("wang", "li", "zhang", "sun")
        ]
    }
)
OFFER = {"organisation": "order-society", "title": "修门", "module": "repair", "place": "order-community"}
SLOT = matching.Slot.model_validate_json(
    '{"slot":"late","starts":"2026-03-20T00:00:00Z","ends":"2026-03-20T02:00:00Z","place":"order-community","capacity":2}'
)
SEAT = (
    b'{"council":"council","person":"vegetable-chen","role":"respected_local","until":"2026-06-01T00:00:00Z"}'
)
TURNS = (
    Turn(
        "vegetable-patch",
        57,
        [
            (0, RegisterContact(channel="webhook"), "contact", "vegetable-li"),
            (0, RegisterContact(channel="webhook"), "contact-2", "vegetable-wang"),
        ],
    ),
    Turn(
        "vegetable-patch",
        57,
        [
            (0, issues.FormCouncil(place="vegetable-yuan", name="协商会"), "council", "vegetable-branch"),
            (0, issues.SeatMember.model_validate_json(SEAT), "seat", "vegetable-branch"),
            (0, issues.UnseatMember(reason="辞去"), "seat", "vegetable-branch"),
        ],
    ),
    Turn(
        "vegetable-patch",
        63,
        [(0, directory.ChangeRules.model_validate({"content": THEMES}), "themes", "office")],
    ),
    Turn(
        "vegetable-patch",
        63,
        [(0, issues.EscalateIssue(reason="超出社区"), "vegetable-patch", "vegetable-branch")],
    ),
    Turn(
        "quarrel",
        75,
        [(0, issues.ReferIssue(to="hotline", reason="转办"), "quarrel-parking", "quarrel-branch")],
    ),
    Turn(
        "vegetable-patch", 72, [(0, issues.WithdrawCosign(channel="app"), "vegetable-patch", "vegetable-li")]
    ),
    Turn(
        "vegetable-patch",
        88,
        [(0, issues.CallOffSession(reason="下雨"), "vegetable-session", "vegetable-branch")],
    ),
    Turn(
        "vegetable-patch",
        88,
        [(25, issues.RecordHandCount.model_validate(HANDS), "hands", "vegetable-branch")],
    ),
    Turn(
        "vegetable-patch",
        127,
        [
            (
                0,
                issues.RejectTopic(outcome="not_feasible", reasons="没有地"),
                "vegetable-topic",
                "vegetable-branch",
            )
        ],
    ),
    Turn(
        "vegetable-patch",
        127,
        [(0, issues.DeferTopic(reasons="下次再议"), "vegetable-topic", "vegetable-branch")],
    ),
    Turn(
        "vegetable-patch",
        130,
        [
            (0, issues.AssignActionItem(person="vegetable-li"), FENCE, "vegetable-branch"),
            (0, issues.DefineActionItem(action="act-9", item=ITEM), "vegetable-patch", "vegetable-branch"),
            (0, issues.TrackActionItem(plan="plan-1", reason="跨年"), FENCE, "vegetable-branch"),
        ],
    ),
    Turn(
        "vegetable-patch",
        163,
        [
            (0, issues.RequestReopen(reason="又坏了", channel="app"), "vegetable-patch", "vegetable-wang"),
            (0, issues.RefuseReopen(reason="是新问题"), "vegetable-patch", "vegetable-branch"),
        ],
    ),
    Turn("drain", 85, [(0, issues.ResumeIssue(reason="图到了"), "drain-drain", "drain-deputy")]),
    Turn("quarrel", 113, [(0, issues.RefuseMediation(channel="app"), "quarrel-talks", "quarrel-li")]),
    Turn(
        "quarrel",
        126,
        [(0, issues.FailMediation(reason="谈不拢", rights_told=True), "quarrel-talks", "quarrel-chen")],
    ),
    Turn(
        "overhaul",
        130,
        [(0, issues.EscalateDisagreement(reason="要街道定"), "overhaul-money", "overhaul-social")],
    ),
    Turn(
        "overhaul",
        130,
        [
            (0, issues.RequestMediation.model_validate(TALKS), "overhaul-overhaul", "overhaul-branch"),
            (0, issues.MediateDisagreement(mediation="talks"), "overhaul-money", "overhaul-social"),
        ],
    ),
    Turn(
        "overhaul",
        163,
        [
            (0, issues.ConveneSession.model_validate_json(AGAIN), "overhaul-topic", "overhaul-branch"),
            (96, CAME, "overhaul-again", "overhaul-social"),
            (0, issues.OpenSession(), "overhaul-again", "overhaul-social"),
            (0, issues.AdjournSession(), "overhaul-again", "overhaul-social"),
            (0, issues.DraftMinutes(text="只谈未决。"), "overhaul-again", "overhaul-social"),
            (73, issues.ConfirmMinutes(channel="app"), "overhaul-again", "overhaul-wang"),
            (0, issues.ConfirmMinutes(channel="app"), "overhaul-again", "overhaul-zhang"),
            (0, issues.AdoptResolution(option="pipes", items=[ITEM]), "overhaul-topic", "overhaul-branch"),
        ],
    ),
    Turn("hotline", 59, [(0, issues.HazardDetected.model_validate(HAZARD), "hazard", "hotline-hotline")]),
    Turn(
        "order",
        53,
        [
            (0, matching.RegisterOrganisation(), "order-society", "order-branch"),
            (
                0,
                matching.ChangeOrganisationStage(stage="dormant", reason="休整"),
                "order-society",
                "order-branch",
            ),
            (
                0,
                matching.ChangeOrganisationStage(stage="active", reason="恢复"),
                "order-society",
                "order-branch",
            ),
        ],
    ),
    Turn(
        "order",
        53,
        [
            (0, matching.DraftOffer.model_validate({**OFFER, "slots": [SLOT]}), "drafted", "order-rep"),
            (0, matching.SubmitOffer.model_validate({**OFFER, "slots": [SLOT]}), "drafted", "order-rep"),
        ],
    ),
    Turn(
        "order",
        84,
        [
            (0, matching.AddSlots(slots=[SLOT]), "order-offer", "order-rep"),
            (0, matching.CancelSlot(slot="morning", reason="停电"), "order-offer", "order-rep"),
        ],
    ),
    Turn("order", 55, [(0, matching.RejectOffer(reason="不完整"), "order-offer", "order-branch")]),
    Turn("order", 55, [(0, matching.WithdrawOffer(), "order-offer", "order-rep")]),
    Turn(
        "order",
        57,
        [
            (0, matching.PauseOffer(), "order-offer", "order-rep"),
            (0, matching.ResumeOffer(), "order-offer", "order-rep"),
        ],
    ),
    Turn("order", 104, [(0, matching.CloseOffer(), "order-offer", "order-branch")]),
    Turn(
        "order",
        104,
        [
            (
                0,
                matching.ReplacePerson(by="again", person="order-wang", reason="换"),
                "order-proposal",
                "order-rep",
            )
        ],
    ),
    Turn("order", 104, [(24 * 8, matching.ReportNoShow(note="没来"), "order-proposal", "order-rep")]),
    Turn(
        "careteam",
        96,
        [
            (0, matching.VacateCareRole(role="dasao", reason="搬走"), "careteam-team", "careteam-branch"),
            (0, matching.DissolveCareTeam(reason="合并"), "careteam-team", "careteam-branch"),
        ],
    ),
    Turn(
        "advice",
        81,
        [
            (0, matching.SetAvailability.model_validate(WEEK), "advice-gao", "advice-rep"),
            (0, matching.WithdrawAvailability(), "advice-gao", "advice-rep"),
            (
                0,
                matching.RevokeQualification(qualification=LAWYER, reason="过期"),
                "advice-xu",
                "advice-branch",
            ),
            (0, matching.WithdrawProvider(), "advice-xu", "advice-rep"),
        ],
    ),
    Turn("advice", 81, [(0, directory.WithdrawPublisher(), "cli", "office")]),
)


@cache
def stories() -> tuple[Story, ...]:
    """Recorded ones first."""
    every_message()
    recorded = {
        path.stem: recorded_story(path) for path in sorted(LOGS.glob("*.ndjson")) if path.stem not in LONG
    }
    return (*recorded.values(), *(turned(n, turn, recorded[turn.recording]) for n, turn in enumerate(TURNS)))


def recorded_story(path: Path) -> Story:
    recording = recordings.read(path)
    bodies = (orjson.loads(stored.data) | {"seq": stored.seq} for stored in recording.messages)
    return Story(path.stem, path.stem, recording.tenant, [body for body in bodies if _is_input(body)])


def _is_input(body: Body) -> bool:
    return body["writer"] not in FOLD_NAMES and not body["type"].startswith(
        ("log.deadline_reached.", "log.set_clock.")
    )


def turned(n: int, turn: Turn, story: Story) -> Story:
    """What is sent in between moves what comes after it."""
    at = next(at for at, body in enumerate(story.inputs, 1) if body["seq"] == turn.seq)
    begin, rest, passed = story.inputs[:at], story.inputs[at:], timedelta(0)
    for k, (hours, message, subject, by) in enumerate(turn.steps):
        passed += timedelta(hours=hours)
        begin.append(
            _sent(
                begin, message, subject, by, time_of(story.inputs[at - 1]) + passed, f"{n}-{k}", story.tenant
            )
        )
    name = f"{story.name}-{turn.seq}-{type(turn.steps[0][1]).__name__}"
    return Story(name, story.name, story.tenant, begin + later(rest, passed))


def _sent(
    before: Iterable[Body], message: Message, subject: str, by: str, at: Any, name: str, tenant: str
) -> Body:
    role = next(
        (
            one["role"]
            for one in reversed([*before])
            if one["authid"] == by and one.get("role") in message.ROLES
        ),
        sorted(message.ROLES)[0].value,
    )
    id, time = outside_id(tenant, "turn", name), at.isoformat().replace("+00:00", "Z")
    return {
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "source": "/turn",
        "id": id,
        "correlationid": id,
        "type": message.TYPE,
        "subject": subject,
        "time": time,
        "recordedtime": time,
        "tenant": tenant,
        "writer": "gateway",
        "sequence": "0" * 18 + "1",
        "authid": by,
        "authtype": "app_user",
        "role": role,
        "scope": tenant,
        "publisher": "cli",
        "publisherid": name,
        "data": plain(message),
    }
