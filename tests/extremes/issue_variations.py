"""Variations of the stories of issues: they send commands about deliberation and mediation which no recording has."""

from microgov.contracts import directory, issues
from microgov.contracts.fields import Role
from microgov.contracts.notify import RegisterContact
from tests.extremes.variation import Variation

ISSUE_SUBMITTED, ISSUE_ACCEPTED, ISSUE_COSIGNED, SESSION_CONVENED = 57, 63, 72, 88
MINUTES_CONFIRMED, RESOLUTION_ADOPTED, SURVEY_ANSWERED = 127, 130, 163
"""Sequences of commands in the recording `vegetable-patch`."""
REPORTER_CONTACTED, MEDIATION_REQUESTED, MEDIATION_HELD = 75, 113, 126
"""Sequences of commands in the recording `quarrel`."""
DISAGREEMENT_RAISED, SECOND_MINUTES_CONFIRMED = 130, 163
"""Sequences of commands in the recording `overhaul`; the minutes are those of the second session."""
ISSUE_SUSPENDED = 85
"""The sequence of SuspendIssue in the recording `drain`."""
CASE_LOGGED = 59
"""The sequence of HotlineCaseLogged in the recording `hotline`."""
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
SEAT = (
    b'{"council":"council","person":"vegetable-chen","role":"respected_local","until":"2026-06-01T00:00:00Z"}'
)


ISSUE_VARIATIONS = (
    Variation(
        "vegetable-patch",
        ISSUE_SUBMITTED,
        [
            (0, RegisterContact(channel="webhook"), "contact", "vegetable-li"),
            (0, RegisterContact(channel="webhook"), "contact-2", "vegetable-wang"),
        ],
    ),
    Variation(
        "vegetable-patch",
        ISSUE_SUBMITTED,
        [
            (0, issues.FormCouncil(place="vegetable-yuan", name="协商会"), "council", "vegetable-branch"),
            (0, issues.SeatMember.model_validate_json(SEAT), "seat", "vegetable-branch"),
            (0, issues.UnseatMember(reason="辞去"), "seat", "vegetable-branch"),
        ],
    ),
    Variation(
        "vegetable-patch",
        ISSUE_ACCEPTED,
        [(0, directory.ChangeRules.model_validate({"content": THEMES}), "themes", "office")],
    ),
    Variation(
        "vegetable-patch",
        ISSUE_ACCEPTED,
        [(0, issues.EscalateIssue(reason="超出社区"), "vegetable-patch", "vegetable-branch")],
    ),
    Variation(
        "quarrel",
        REPORTER_CONTACTED,
        [(0, issues.ReferIssue(to="hotline", reason="转办"), "quarrel-parking", "quarrel-branch")],
    ),
    Variation(
        "vegetable-patch",
        ISSUE_COSIGNED,
        [
            (0, issues.WithdrawCosign(channel="app"), "vegetable-patch", "vegetable-li"),
            (0, issues.CosignIssue(), "vegetable-patch", "vegetable-li"),
        ],
    ),
    Variation(
        "vegetable-patch",
        SESSION_CONVENED,
        [(0, issues.CallOffSession(reason="下雨"), "vegetable-session", "vegetable-branch")],
    ),
    Variation(
        "vegetable-patch",
        SESSION_CONVENED,
        [(25, issues.RecordHandCount.model_validate(HANDS), "hands", "vegetable-branch")],
    ),
    Variation(
        "vegetable-patch",
        MINUTES_CONFIRMED,
        [
            (
                0,
                issues.RejectTopic(outcome="not_feasible", reasons="没有地"),
                "vegetable-topic",
                "vegetable-branch",
            )
        ],
    ),
    Variation(
        "vegetable-patch",
        MINUTES_CONFIRMED,
        [(0, issues.DeferTopic(reasons="下次再议"), "vegetable-topic", "vegetable-branch")],
    ),
    Variation(
        "vegetable-patch",
        RESOLUTION_ADOPTED,
        [
            (0, issues.AssignActionItem(person="vegetable-li"), FENCE, "vegetable-branch"),
            (0, issues.DefineActionItem(action="act-9", item=ITEM), "vegetable-patch", "vegetable-branch"),
            (0, issues.TrackActionItem(plan="plan-1", reason="跨年"), FENCE, "vegetable-branch"),
        ],
    ),
    Variation(
        "vegetable-patch",
        SURVEY_ANSWERED,
        [
            (0, issues.RequestReopen(reason="又坏了", channel="app"), "vegetable-patch", "vegetable-wang"),
            (0, issues.RefuseReopen(reason="是新问题"), "vegetable-patch", "vegetable-branch"),
        ],
    ),
    Variation(
        "drain", ISSUE_SUSPENDED, [(0, issues.ResumeIssue(reason="图到了"), "drain-drain", "drain-deputy")]
    ),
    Variation(
        "quarrel",
        MEDIATION_REQUESTED,
        [(0, issues.RefuseMediation(channel="app"), "quarrel-talks", "quarrel-li")],
    ),
    Variation(
        "quarrel",
        MEDIATION_HELD,
        [(0, issues.FailMediation(reason="谈不拢", rights_told=True), "quarrel-talks", "quarrel-chen")],
    ),
    Variation(
        "overhaul",
        DISAGREEMENT_RAISED,
        [(0, issues.EscalateDisagreement(reason="要街道定"), "overhaul-money", "overhaul-social")],
    ),
    Variation(
        "overhaul",
        DISAGREEMENT_RAISED,
        [
            (0, issues.RequestMediation.model_validate(TALKS), "overhaul-overhaul", "overhaul-branch"),
            (0, issues.MediateDisagreement(mediation="talks"), "overhaul-money", "overhaul-social"),
        ],
    ),
    Variation(
        "overhaul",
        SECOND_MINUTES_CONFIRMED,
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
    Variation(
        "hotline",
        CASE_LOGGED,
        [(0, issues.HazardDetected.model_validate(HAZARD), "hazard", "hotline-hotline")],
    ),
)
