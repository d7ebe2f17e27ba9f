"""An order that ends before it was served: everything that it held is released (I4)."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from microgov.contracts.matching import CancelOrder, FailOrder
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import Said
from microgov.services.matching.orders.order import Order
from microgov.services.matching.serving.proposals import call_off


def cancel(m: Envelope[CancelOrder], s: Session) -> Iterator[Said]:
    """By who ordered or is to be served, or by the branch."""
    order = Order.find(s, m.subject)
    yield order.cancel(m, s)
    yield from call_off(order, m, s)


def fail(m: Envelope[FailOrder], s: Session) -> Iterator[Said]:
    """By who was to deliver it, or by the branch."""
    order = Order.find(s, m.subject)
    yield order.fail(m, s)
    yield from call_off(order, m, s)
