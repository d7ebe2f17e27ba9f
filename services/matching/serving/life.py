"""State machine of a proposal as a table, with its guards (domain.md §3.2)."""

from microgov.contracts import matching
from microgov.services.chassis.model import SAME, Guard, Life, Transition, each
from microgov.services.matching.orders.order import Order
from microgov.services.matching.serving.tasks import is_free

BY_THE_PERSON_ASKED = Guard(
    "not_yours",
    "邀约只能由被邀请的本人答复。请由本人办理。",
    "A proposal is answered by the person who was asked, and by nobody else.",
    lambda proposal, m, s: m.authid == proposal.person,
    "authid",
)


NO_OVERLAPPING_TASK = Guard(
    "overlapping_task",
    "您在这段时间已有其他服务安排，不能同时接受。请先协调时间。",
    "You have another task at that time and cannot take both. Settle the times first.",
    lambda proposal, m, s: is_free(proposal.person, proposal.starts, proposal.ends, s),
)


LEAD_ACCEPTED_FIRST = Guard(
    "lead_first",
    "双工服务须先由社工应下并带队。请等社工先同意。",
    "A social worker leads this and says yes first. Wait until one has.",
    lambda proposal, m, s: proposal.duty == "lead" or not Order.find(s, proposal.order).waits_for_lead,
)


ONE_LEAD = Guard(
    "lead_taken",
    "已有社工带队。请改邀协助人员。",
    "A social worker leads this already. Whoever else comes, assists.",
    lambda proposal, m, s: proposal.duty != "lead" or Order.find(s, proposal.order).waits_for_lead,
)


AFTER_THE_START = Guard(
    "not_begun",
    "服务时间未到，不能记爽约。请等开始时间过后再报。",
    "The service has not begun, so nobody has failed to come. Report it once its time has come.",
    lambda proposal, m, s: proposal.starts is None or m.recordedtime >= proposal.starts,
)


LIFE = Life(
    "proposal",
    "邀约",
    {
        "proposed": ("待答复", "waiting for an answer"),
        "accepted": ("已同意", "accepted"),
        "declined": ("已谢绝", "declined"),
        "expired": ("已过期", "expired"),
        "withdrawn": ("已撤回", "withdrawn"),
        "checked_in": ("已签到", "checked in"),
        "completed": ("已完成", "completed"),
        "released": ("已解除", "released"),
        "replaced": ("已换人", "replaced"),
        "no_show": ("爽约", "no show"),
    },
    {
        (None, matching.ProposePerson): Transition("proposed", matching.PersonProposed),
        ("proposed", matching.AcceptProposal): Transition(
            "accepted",
            matching.ProposalAccepted,
            (BY_THE_PERSON_ASKED, NO_OVERLAPPING_TASK, LEAD_ACCEPTED_FIRST, ONE_LEAD),
        ),
        ("proposed", matching.DeclineProposal): Transition(
            "declined", matching.ProposalDeclined, (BY_THE_PERSON_ASKED,)
        ),
        ("proposed", "proposal"): Transition("expired", matching.ProposalExpired),
        ("proposed", "off"): Transition("withdrawn", matching.ProposalWithdrawn),
        ("accepted", matching.CheckIn): Transition("checked_in", matching.ServiceStarted),
        ("accepted", matching.DropOut): Transition(
            "released", matching.ProposalReleased, (BY_THE_PERSON_ASKED,)
        ),
        ("accepted", matching.ReplacePerson): Transition("replaced", matching.ProposalReplaced),
        ("accepted", matching.ReportNoShow): Transition(
            "no_show", matching.PersonDidNotShow, (AFTER_THE_START,)
        ),
        ("accepted", matching.ReportDone): Transition("released", matching.ProposalReleased),
        ("checked_in", matching.CheckOut): Transition(SAME, matching.PersonCheckedOut),
        ("checked_in", matching.ReportDone): Transition("completed", matching.ServiceCompleted),
        **each(("completed",), matching.EnterHours, Transition(SAME, matching.HoursEntered)),
        **each(("completed",), matching.CorrectHours, Transition(SAME, matching.HoursReversed)),
        **each(("accepted", "checked_in"), "off", Transition("released", matching.ProposalReleased)),
    },
    frozenset({"declined", "expired", "withdrawn", "released", "replaced", "no_show"}),
)
