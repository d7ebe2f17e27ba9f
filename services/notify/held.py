"""What is held back since a restore, and how an operator ends that: each group of deliveries is sent, or closed as of
unknown fate. A restored house must not tell ten thousand people again.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from microgov.contracts import notify
from microgov.services.chassis.columns import instant
from microgov.services.chassis.model import Refused
from microgov.services.chassis.store import hold
from microgov.services.chassis.store.hold import Hold
from microgov.services.notify.model import Claim
from microgov.services.notify.notices.delivery import Delivery

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""When a closed delivery was claimed: so long ago that the sender reports it at once."""
_OF_IT = and_(Claim.delivery == Delivery.id, Claim.attempt == Delivery.attempt)


class _Group(NamedTuple):
    name: str
    deliveries: Sequence[tuple[str, int]]
    """Id and attempt of each."""


def show_held(q: notify.ShowHeld, s: Session) -> notify.HeldShown:
    """What is held back, by channel; nothing if there is no hold."""
    now = hold.held(s.connection())
    if now is None:
        return notify.HeldShown()
    groups = []
    for kind, due in _due(now).items():
        of_channel = (Delivery.channel, func.count(), func.min(Delivery.made_at), func.max(Delivery.made_at))
        rows = s.execute(due.with_only_columns(*of_channel).group_by(Delivery.channel))
        groups += [
            notify.HeldGroup(name=f"{channel}/{kind}", count=count, oldest=oldest, newest=newest)
            for channel, count, oldest, newest in rows
        ]
    later = select(func.count()).where(Delivery.state == "pending", Delivery.made_at > instant(now.latest))
    return notify.HeldShown(
        since=instant(now.since),
        read=now.latest > 0,
        groups=sorted(groups, key=lambda group: group.name),
        later=s.scalar(later) or 0,
    )


def resume_sending(q: notify.ResumeSending, s: Session) -> notify.SendingResumed:
    """Ends the hold as the operator has decided. Raises `not_held`, `not_read_yet`, `unknown_group`, `group_undecided` or
    `reason_missing`.
    """
    now = hold.held(s.connection())
    if now is None:
        raise Refused("not_held", "此处没有暂停发送。", "Nothing is held back here.", "")
    if not now.latest:
        raise Refused(
            "not_read_yet",
            "日志尚未读完，还不知道有哪些待发。请稍后再试。",
            "The log is still being read, so it is not known what is held back. Try again in a while.",
            "",
        )
    groups = {group.name: group.deliveries for group in _groups(now, s)}
    _check_decisions(q, groups)
    for name in q.close:
        _close(groups[name], q.reason or "", s)
    for name in q.send:
        _free(groups[name], s)
    hold.end(s.connection())
    return notify.SendingResumed(sent=_count(groups, q.send), closed=_count(groups, q.close))


def _due(now: Hold) -> dict[str, Select[Any]]:
    """The deliveries that were due before the hold, by what is known about them."""
    before = and_(Delivery.state == "pending", Delivery.made_at <= instant(now.latest))
    unclaimed: ColumnElement[bool] = Claim.delivery.is_(None)
    return {
        "claimed": select(Delivery).join(Claim, _OF_IT).where(before, Claim.reported.is_(False)),
        "waiting": select(Delivery).outerjoin(Claim, _OF_IT).where(before, unclaimed),
    }


def _groups(now: Hold, s: Session) -> Iterable[_Group]:
    for kind, due in _due(now).items():
        found: dict[str, list[tuple[str, int]]] = {}
        rows = due.with_only_columns(Delivery.channel, Delivery.id, Delivery.attempt).order_by(Delivery.id)
        for channel, id, attempt in s.execute(rows):
            found.setdefault(channel, []).append((id, attempt))
        yield from (_Group(f"{channel}/{kind}", mine) for channel, mine in found.items())


def _check_decisions(q: notify.ResumeSending, groups: dict[str, Any]) -> None:
    named = [*q.send, *q.close]
    unknown = sorted({name for name in named if name not in groups})
    if unknown:
        raise Refused(
            "unknown_group",
            f"没有这样的一组：{'、'.join(unknown)}。现有：{'、'.join(sorted(groups)) or '无'}。",
            f"There is no group {', '.join(unknown)}. There is: {', '.join(sorted(groups)) or 'none'}.",
            "send",
        )
    undecided = sorted(name for name in groups if named.count(name) != 1)
    if undecided:
        raise Refused(
            "group_undecided",
            f"每一组须且只须决定一次，发送或关闭：{'、'.join(undecided)}。",
            f"Decide about each group once, to send it or to close it: {', '.join(undecided)}.",
            "send",
        )
    if q.close and q.reason is None:
        raise Refused(
            "reason_missing",
            "关闭而不发送，须写明理由。",
            "Say why what is closed is not sent: a reason is needed.",
            "reason",
        )


def _close(deliveries: Sequence[tuple[str, int]], reason: str, s: Session) -> None:
    """Has the sender report these deliveries as of unknown fate."""
    for id, attempt in deliveries:
        s.merge(Claim(delivery=id, attempt=attempt, claimed_at=LONG_AGO, reported=False, closed=reason))


def _free(deliveries: Sequence[tuple[str, int]], s: Session) -> None:
    """Takes the claims on these deliveries away, so that a sender makes the attempts."""
    for key in deliveries:
        claim = s.get(Claim, key)
        if claim is not None:
            s.delete(claim)


def _count(groups: dict[str, Sequence[tuple[str, int]]], names: Iterable[str]) -> int:
    return sum(len(groups[name]) for name in names)
