"""State machine of an action item 落实事项 as a table, with its guards (domain.md §2.3)."""

from microgov.contracts.issues import (
    ActionItemAssigned,
    ActionItemClaimed,
    ActionItemDefined,
    ActionItemDone,
    ActionItemTracked,
    ActionItemVerified,
    AdoptResolution,
    AssignActionItem,
    ClaimActionItem,
    DefineActionItem,
    ReportActionDone,
    TrackActionItem,
    VerifyActionItem,
)
from microgov.services.chassis.model import SAME, Guard, Life, Transition, each
from microgov.services.issues.actions import assignee
from microgov.services.issues.actions.plan import ActionPlan

BY_ASSIGNEE = Guard(
    "not_yours",
    "这一落实事项由别人认领或承办。请由认领人或承办人报告完成情况。",
    "This action item is for somebody else to do. Whoever claimed it, or has it assigned, reports it done.",
    lambda item, m, s: m.beneficiary in assignee.assigned_people(item.id, item.claimed_by, s),
    "authid",
)
BY_ANOTHER_PERSON = Guard(
    "same_person",
    "经办人不得自行核实：认领、承办或报告完成的人不能核实同一事项。请由他人核实。",
    "Who did it does not verify it: you have this action item to do, or reported it done. Have somebody else verify it.",
    lambda item, m, s: (
        not {m.authid, m.beneficiary} & {item.done_by, *assignee.assigned_people(item.id, item.claimed_by, s)}
    ),
    "authid",
)

NOT_TRACKED = Guard(
    "already_tracked",
    "这一落实事项已转入计划跟踪。",
    "This action item goes on under a plan already.",
    lambda item, m, s: s.get(ActionPlan, item.id) is None,
)

LIFE = Life(
    "action item",
    "落实事项",
    {
        "defined": ("待认领", "unclaimed"),
        "claimed": ("已认领", "claimed"),
        "assigned": ("已指派", "assigned"),
        "done": ("已完成", "done"),
        "verified": ("已核实", "verified"),
    },
    {
        (None, AdoptResolution): Transition("defined", ActionItemDefined),
        (None, DefineActionItem): Transition("defined", ActionItemDefined),
        ("defined", ClaimActionItem): Transition("claimed", ActionItemClaimed),
        **each(
            ("defined", "claimed", "assigned"), AssignActionItem, Transition("assigned", ActionItemAssigned)
        ),
        **each(
            ("claimed", "assigned", "done"),
            ReportActionDone,
            Transition("done", ActionItemDone, (BY_ASSIGNEE,)),
        ),
        **each(
            ("defined", "claimed", "assigned", "done"),
            TrackActionItem,
            Transition(SAME, ActionItemTracked, (NOT_TRACKED,)),
        ),
        ("done", VerifyActionItem): Transition("verified", ActionItemVerified, (BY_ANOTHER_PERSON,)),
    },
    frozenset({"verified"}),
)
