"""Orders that end before or during the service: everything that they held is released (I4).

`call_off` in proposals.py withdraws the proposals. Then `free` in orders/assignments.py gives the place in the slot back
(`Assignment.release`) and offers it to the order that has waited longest.
"""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from microgov.contracts.matching import CancelOrder, FailOrder
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import Said
from microgov.services.matching.orders.order import Order
from microgov.services.matching.serving.proposals import call_off


def cancel(m: Envelope[CancelOrder], s: Session) -> Iterator[Said]:
    """Cancels the order; allowed to who ordered, the beneficiary, and the branch."""
    order = Order.find(s, m.subject)
    yield order.cancel(m, s)
    yield from call_off(order, m, s)


def fail(m: Envelope[FailOrder], s: Session) -> Iterator[Said]:
    """Reports that the order failed; allowed to the organisation and the branch."""
    order = Order.find(s, m.subject)
    yield order.fail(m, s)
    yield from call_off(order, m, s)
