"""Checks that a suggestion of the planner is still current when the branch assigns an order by it (domain.md §3.4)."""

from sqlalchemy.orm import Session

from microgov.contracts import matching
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import Refused
from microgov.services.matching.offers.offer import Offer
from microgov.services.matching.offers.slot import Slot
from microgov.services.matching.orders.order import Order
from microgov.services.matching.registry.organisations import Organisation


def check_suggestion_current(
    order: Order, slot: Slot | None, m: Envelope[matching.AssignOrder], s: Session
) -> None:
    """Raises `suggestion_stale`, naming what has changed since the suggestion was computed.

    The command holds the versions of the rows at that time in `suggested_from`; without that field nothing is checked.
    """
    seen, d = m.data.suggested_from, m.data
    if seen is None:
        return
    offer = s.get(Offer, d.offer) if d.offer else None
    rows = (
        ("点单", "order", order, seen.order),
        (
            "组织",
            "organisation",
            Organisation.find(s, d.organisation, "data.organisation"),
            seen.organisation,
        ),
        ("出单", "offer", offer, seen.offer),
    )
    changed = [
        (
            f"{zh} {row.id}（版本 {version} → {row.version}）",
            f"the {en} {row.id} (version {version} → {row.version})",
        )
        for zh, en, row, version in rows
        if row is not None and row.version != version
    ]
    if slot is not None and slot.is_full:
        changed.append((f"时段 {slot.slot} 已无名额", f"the slot {slot.slot} (no free place)"))
    if changed:
        zh, en = ("、".join(one) for one in zip(*changed, strict=True))
        raise Refused(
            "suggestion_stale",
            f"建议之后情况有变：{zh}。请重新规划（microgov plan），或不注明建议而下单。",
            f"Since it was suggested, there is a change: {en.replace('、', ', ')}. Plan anew (microgov plan), or assign "
            "without suggested_from.",
            "data.suggested_from",
        )
