"""State machine of an order as a table (domain.md §3.2)."""

from microgov.contracts import matching
from microgov.contracts.issues import VisitServiceRequested
from microgov.services.chassis.model import SAME, Life, Transition, each

LIFE = Life(
    "order",
    "点单",
    {
        "placed": ("已点单", "placed"),
        "ready": ("待下单", "ready to be assigned"),
        "rejected": ("未通过", "rejected"),
        "waitlisted": ("候补", "on the waiting list"),
        "assigned": ("已下单", "assigned"),
        "staffing": ("派人中", "being staffed"),
        "scheduled": ("已安排", "scheduled"),
        "in_service": ("服务中", "in service"),
        "done": ("已完成", "done"),
        "closed": ("已结束", "closed"),
        "cancelled": ("已取消", "cancelled"),
    },
    {
        (None, matching.PlaceOrder): Transition("placed", matching.OrderPlaced),
        (None, VisitServiceRequested): Transition("placed", matching.OrderPlaced),
        ("placed", "accepted"): Transition("ready", matching.OrderAccepted),
        ("placed", "rejected"): Transition("rejected", matching.OrderRejected),
        ("ready", matching.AssignOrder): Transition("assigned", matching.OrderAssigned),
        ("ready", "no_capacity"): Transition("waitlisted", matching.OrderWaitlisted),
        ("waitlisted", "promoted"): Transition("ready", matching.OrderPromoted),
        ("assigned", matching.AcceptAssignment): Transition("staffing", matching.AssignmentAccepted),
        ("assigned", "partner"): Transition(SAME, matching.PartnerAccepted),
        ("assigned", matching.DeclineAssignment): Transition("ready", matching.AssignmentDeclined),
        ("assigned", "assignment"): Transition("ready", matching.AssignmentExpired),
        ("staffing", matching.ProposePerson): Transition(SAME, matching.PersonProposed),
        ("staffing", matching.AcceptProposal): Transition("scheduled", matching.OrderStaffed),
        **each(("staffing", "scheduled"), "understaffed", Transition("staffing", matching.OrderUnderstaffed)),
        ("scheduled", matching.CheckIn): Transition("in_service", matching.ServiceStarted),
        ("in_service", matching.CheckIn): Transition(SAME, matching.PersonCheckedIn),
        ("in_service", matching.CheckOut): Transition(SAME, matching.PersonCheckedOut),
        ("in_service", matching.ReportDone): Transition("done", matching.ServiceCompleted),
        ("done", matching.RateOrder): Transition("closed", matching.OrderRated),
        ("done", "rating"): Transition("closed", matching.OrderClosed),
        **each(
            ("placed", "ready", "waitlisted", "assigned", "staffing", "scheduled"),
            matching.CancelOrder,
            Transition("cancelled", matching.OrderCancelled),
        ),
        **each(
            ("ready", "waitlisted", "assigned", "staffing", "scheduled"),
            "slot_cancelled",
            Transition("ready", matching.OrderReleased),
        ),
        **each(
            ("staffing", "scheduled", "in_service"),
            matching.FailOrder,
            Transition("closed", matching.OrderFailed),
        ),
    },
    frozenset({"rejected", "closed", "cancelled"}),
)
"""The causes that are texts. `assignment` and `rating` are kinds of deadlines. `accepted` and `rejected` are the two answers
of a ScreenOrder. `no_capacity` is an AssignOrder for a full slot, `partner` an AcceptAssignment while other organisations
have not accepted yet. `promoted`: a place in the slot is free again. `understaffed`: a person who had accepted does not
come. `slot_cancelled`: the offer's slot is cancelled.
"""
