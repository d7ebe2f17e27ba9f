"""Dual-worker teams 双工: a social worker leads, volunteers assist (domain.md §3.2, I6)."""

from sqlalchemy.orm import Session

from microgov.contracts.fields import Role
from microgov.services.chassis.model import AnyMessage, Refused
from microgov.services.matching.orders.order import Order
from microgov.services.matching.registry.role_holding import RoleHolding


def check_duty(order: Order, person: str, duty: str | None, m: AnyMessage, s: Session) -> None:
    """For the duty `lead`: raises `no_lead_wanted` if the order needs no lead, and `not_a_social_worker` if the person is no
    social worker at the order's place.
    """
    if duty != "lead":
        return
    if not order.lead:
        raise Refused(
            "no_lead_wanted",
            f"点单 {order.id} 不是双工服务，无须带队。请按协助邀约，或由党支部按双工下单。",
            f"The order {order.id} was not assigned to a dual-worker team. Ask somebody to assist, or have the branch "
            "assign it with a lead.",
            "data.duty",
        )
    if not RoleHolding.holds(person, Role.SOCIAL_WORKER, order.place, m.recordedtime, s):
        raise Refused(
            "not_a_social_worker",
            f"{person} 不是当地的社工，不能带队。请邀约社工带队。",
            f"{person} is no social worker there and cannot lead. Ask a social worker to lead.",
            "data.person",
        )
