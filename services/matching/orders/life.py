"""State machine of an order as a table (domain.md §3.2)."""

from microgov.contracts import matching as c
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
        (None, c.PlaceOrder): Transition("placed", c.OrderPlaced),
        (None, VisitServiceRequested): Transition("placed", c.OrderPlaced),
        ("placed", "accepted"): Transition("ready", c.OrderAccepted),
        ("placed", "rejected"): Transition("rejected", c.OrderRejected),
        ("ready", c.AssignOrder): Transition("assigned", c.OrderAssigned),
        ("ready", "no_capacity"): Transition("waitlisted", c.OrderWaitlisted),
        ("waitlisted", "promoted"): Transition("ready", c.OrderPromoted),
        ("assigned", c.AcceptAssignment): Transition("staffing", c.AssignmentAccepted),
        ("assigned", "partner"): Transition(SAME, c.PartnerAccepted),
        ("assigned", c.DeclineAssignment): Transition("ready", c.AssignmentDeclined),
        ("assigned", "assignment"): Transition("ready", c.AssignmentExpired),
        ("staffing", c.ProposePerson): Transition(SAME, c.PersonProposed),
        ("staffing", c.AcceptProposal): Transition("scheduled", c.OrderStaffed),
        **each(("staffing", "scheduled"), "understaffed", Transition("staffing", c.OrderUnderstaffed)),
        ("scheduled", c.CheckIn): Transition("in_service", c.ServiceStarted),
        ("in_service", c.CheckIn): Transition(SAME, c.PersonCheckedIn),
        ("in_service", c.CheckOut): Transition(SAME, c.PersonCheckedOut),
        ("in_service", c.ReportDone): Transition("done", c.ServiceCompleted),
        ("done", c.RateOrder): Transition("closed", c.OrderRated),
        ("done", "rating"): Transition("closed", c.OrderClosed),
        **each(
            ("placed", "ready", "waitlisted", "assigned", "staffing", "scheduled"),
            c.CancelOrder,
            Transition("cancelled", c.OrderCancelled),
        ),
        **each(
            ("ready", "waitlisted", "assigned", "staffing", "scheduled"),
            "slot_cancelled",
            Transition("ready", c.OrderReleased),
        ),
        **each(("staffing", "scheduled", "in_service"), c.FailOrder, Transition("closed", c.OrderFailed)),
    },
    frozenset({"rejected", "closed", "cancelled"}),
)
