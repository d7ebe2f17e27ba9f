"""The ledger compares log, receipts and tables with what they must contain; every count of differences must be zero."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from microgov.contracts.ids import outside_id
from microgov.contracts.message import REGISTRY
from microgov.services.chassis.log import Outgoing, Stored
from microgov.services.chassis.recording.audit import Audit
from microgov.services.chassis.service import Service
from microgov.services.chassis.store import bookkeeping
from tests.rig.expected_fold import ExpectedFold, first_difference, rows_of
from tests.rig.publisher import Sent

Body = dict[str, Any]


@dataclass
class Findings:
    """Differences by kind, each in words.

    `half` are events that are missing although their cause has led to others, `stuck` messages without an outcome.
    """

    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    half: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    differs: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether all counts are zero."""
        return not any(getattr(self, one.name) for one in fields(self))

    def __str__(self) -> str:
        counts = {one.name: getattr(self, one.name) for one in fields(self)}
        return (
            "; ".join(f"{name} {len(found)}: {found[:5]}" for name, found in counts.items() if found)
            or "clean"
        )


def bodies(messages: Iterable[Stored]) -> list[Body]:
    """The messages as JSON, each with its sequence in the stream."""
    return [orjson.loads(stored.data) | {"stream_seq": stored.seq} for stored in messages]


def check_numbers(log: Sequence[Body], found: Findings) -> None:
    """Every writer's numbers run from 1 without a gap, and no message id occurs twice."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for body in log:
        numbers[body["writer"]].append(int(body["sequence"]))
    for writer, stand in numbers.items():
        wanted = range(1, max(stand) + 1)
        found.lost += [f"{writer} {n} is missing" for n in sorted(set(wanted) - set(stand))]
        found.duplicated += [
            f"{writer} {n} stands {times} times" for n, times in Counter(stand).items() if times > 1
        ]
        if stand != sorted(stand):
            found.out_of_order.append(f"{writer}: its numbers do not rise")
    ids = Counter(body["id"] for body in log)
    found.duplicated += [f"id {id} stands {times} times" for id, times in ids.items() if times > 1]


def check_walk(messages: Iterable[Stored], found: Findings) -> None:
    """The log has none of the defects that `microgov check` reports."""
    walk = Audit()
    for stored in messages:
        walk.take(stored)
    found.differs += walk.findings


def check_outboxes(c: Connection, log: Sequence[Body], found: Findings) -> None:
    """Every message in a service's outbox is in the log under the same number."""
    stand = {(body["writer"], int(body["sequence"])): body["id"] for body in log}
    box = bookkeeping.OUTBOX.c
    for writer, n, id in c.execute(sa.select(box.writer, box.n, box.id).order_by(box.writer, box.n)):
        if "." in writer:
            continue
        there = stand.get((writer, n))
        if there is None:
            found.stuck.append(f"{writer} {n} is in the outbox alone")
        elif there != id:
            found.differs.append(f"{writer} {n} is {there} in the log, {id} in the outbox")


def check_said(service: Service, log: Sequence[Body], fresh: ExpectedFold, found: Findings) -> None:
    """The service's events are those that a new fold of the log gives, in the same order."""
    said = [body for body in log if body["writer"] == service.name]
    wanted: dict[str, Outgoing] = {row.id: row for row in fresh.said}
    there = {body["id"] for body in said}
    causes = {body["causationid"] for body in said}
    for row in fresh.said:
        if row.id not in there:
            cause = orjson.loads(row.data)["causationid"]
            (found.half if cause in causes else found.lost).append(f"{row.subject} because of {cause}")
    for body in said:
        if body["id"] not in wanted:
            found.differs.append(
                f"{service.name} says {body['type']} {body['id']}, which does not follow from the log"
            )
        elif _unlike(body, wanted[body["id"]]):
            found.differs.append(f"{service.name} {body['type']} {body['id']} has other contents than follow")
    if [body["id"] for body in said] != [row.id for row in fresh.said]:
        found.out_of_order.append(f"{service.name} does not say it in the order of the causes")


def _unlike(body: Body, row: Outgoing) -> bool:
    other = orjson.loads(row.data)
    return {k: v for k, v in body.items() if k not in ("sequence", "stream_seq")} != {
        k: v for k, v in other.items() if k != "sequence"
    }


def check_tables(service: Service, c: Connection, fresh: ExpectedFold, found: Findings) -> None:
    """The live tables are those that a new fold of the log gives."""
    difference = first_difference(rows_of(c, service), fresh.rows())
    if difference is not None:
        found.differs.append(f"{service.name}: {difference}")


def check_effects(
    services: Sequence[Service], log: Sequence[Body], waiting: set[int], found: Findings
) -> None:
    """Every accepted command has an effect, a refusal or a quarantine.

    `waiting` are the log sequences of messages that wait behind a quarantined one.
    """
    answered = {(body.get("causationid"), body["writer"]) for body in log}
    refused = Counter(b["data"]["command_id"] for b in log if b["type"] == "log.command_refused.v1")
    found.duplicated += [f"{id} is refused {times} times" for id, times in refused.items() if times > 1]
    names = {service.name for service in services}
    for body in log:
        message = REGISTRY[body["type"]]
        if message.KIND != "command" or message.OWNER not in names or body["stream_seq"] in waiting:
            continue
        if (body["id"], message.OWNER) not in answered:
            found.lost.append(f"{body['type']} at {body['stream_seq']} came to nothing")


def check_entities(log: Sequence[Body], found: Findings) -> None:
    """The events about an entity are in the order of their causes, except where a message was quarantined."""
    place = {body["id"]: body["stream_seq"] for body in log}
    mended = {body["subject"] for body in log if body["type"] == "log.message_quarantined.v1"}
    last: dict[tuple[str, str], int] = {}
    for body in log:
        key, cause = (body["writer"], body["subject"]), place.get(body.get("causationid"))
        if cause is None or body["subject"] in mended:
            continue
        if cause > body["stream_seq"] or cause < last.get(key, 0):
            found.out_of_order.append(f"{body['subject']}: {body['type']} stands before what came earlier")
        last[key] = max(cause, last.get(key, 0))


def check_receipts(
    tenant: str,
    publisher: str,
    sent: Mapping[str, Sent],
    log: Sequence[Body],
    receipts: Sequence[Body],
    found: Findings,
) -> None:
    """Every message that the broker confirmed has one receipt of the door; it is in the log once if it was accepted."""
    by_id: dict[str, list[Body]] = defaultdict(list)
    for receipt in receipts:
        if receipt["status"] != "refused":
            by_id[receipt["publisherid"]].append(receipt)
    times = Counter(body["id"] for body in log)
    for message in sent.values():
        _check_receipts_of(
            message, by_id[message.id], times[outside_id(tenant, publisher, message.id)], found
        )
    order = [
        body["publisherid"]
        for body in log
        if body.get("publisher") == publisher and body["writer"] == "gateway"
    ]
    rank = {id: n for n, id in enumerate(sent)}
    if order != sorted(order, key=rank.__getitem__):
        found.out_of_order.append(f"what {publisher} sent does not stand in the order of sending")


def _check_receipts_of(message: Sent, receipts: Sequence[Body], times: int, found: Findings) -> None:
    """The receipts of one message, which is in the log `times` times, agree with that."""
    results = {(receipt["status"], receipt.get("log_seq")) for receipt in receipts}
    if message.confirmed and not results:
        found.stuck.append(f"{message.id} has no receipt")
    if len(results) > 1 or len(receipts) > max(1, message.tries):
        found.duplicated.append(
            f"{message.id} was sent {message.tries} times and has {len(receipts)} receipts: {results}"
        )
    if any(status == "accepted" for status, _ in results) and times != 1:
        (found.duplicated if times else found.lost).append(
            f"{message.id} was accepted and stands {times} times in the log"
        )
    if any(status == "rejected" for status, _ in results) and times:
        found.duplicated.append(f"{message.id} was rejected and stands in the log")


def check_receipt_numbers(receipts: Sequence[Body], found: Findings) -> None:
    """A publisher's receipts are numbered from 1 without a gap."""
    numbers = [int(receipt["sequence"]) for receipt in receipts]
    if numbers != list(range(1, len(numbers) + 1)):
        found.out_of_order.append(f"the receipts' numbers: {numbers[-5:]} after {len(numbers)} of them")


def check_refusals(
    tenant: str, publisher: str, log: Sequence[Body], receipts: Sequence[Body], found: Findings
) -> None:
    """The sender of every refused command has exactly one receipt of the refusal."""
    notified = Counter(receipt["id"] for receipt in receipts if receipt["status"] == "refused")
    for body in log:
        if body["type"] == "log.command_refused.v1" and body.get("publisher") == publisher:
            id = body["data"]["command_id"]
            if id == outside_id(tenant, publisher, body["publisherid"]) and notified[id] != 1:
                (found.duplicated if notified[id] else found.lost).append(
                    f"{id}: its sender got the refusal {notified[id]} times"
                )
