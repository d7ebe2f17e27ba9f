"""What the courier makes of a batch of the log: receipts, copies of events, and new followers."""

from collections.abc import Mapping, Sequence
from typing import Any

from microgov.contracts.ids import outside_id
from microgov.contracts.log import CommandRefused, EventIgnored
from microgov.contracts.message import REGISTRY, Message
from microgov.services.chassis.messages.stamp import Draft
from microgov.services.gateway.courier.followed_matters import Matters
from microgov.services.gateway.courier.free_text import free_text_mask, without_free_text
from microgov.services.gateway.model import WRITER
from microgov.services.gateway.outbound.outbound import make_draft, out_writer, receipt_writer, shown

REFUSALS = (CommandRefused.TYPE, EventIgnored.TYPE)
COPIED = (
    "specversion",
    "datacontenttype",
    "id",
    "source",
    "type",
    "subject",
    "time",
    "tenant",
    "correlationid",
    "causationid",
    "entityversion",
)
Body = dict[str, Any]
Accepted = tuple[str, str, str, str, str, int]
"""A row of the table `seen`: publisher, publisherid, id, type, subject, log_seq."""


def is_accepted(body: Body) -> bool:
    """Whether this message of the log is a publisher's own message, written by the door."""
    return "publisher" in body and body["writer"] == WRITER


def seen_row(seq: int, body: Body) -> Accepted:
    """The row of `Seen` for a message of the log."""
    return (body["publisher"], body["publisherid"], body["id"], body["type"], body["subject"], seq)


class BatchEffects:
    """Collects the receipts, copies and new followers for one batch of the log. `drafts`: writer → its new messages."""

    def __init__(
        self, tenant: str, generation: int, grants: Mapping[str, Sequence[str]], known: Matters
    ) -> None:
        self.tenant, self.generation, self.grants, self.matters = tenant, generation, grants, known
        self.drafts: dict[str, list[Draft]] = {}

    def take(self, seq: int, body: Body) -> None:
        """Processes one message of the log."""
        publisher = body.get("publisher")
        if is_accepted(body):
            self._accepted(seq, body)
        elif publisher is not None and body["type"] in REFUSALS:
            self._refused(publisher, body)
        message = REGISTRY.get(body["type"])
        if (
            message is not None
            and message.KIND == "event"
            and body["writer"] != WRITER
            and body["type"] not in REFUSALS
        ):
            self.matters.learn(body)
            self._copies(message, body)

    def _accepted(self, seq: int, body: Body) -> None:
        self._receipt(
            body["publisher"],
            {
                "status": "accepted",
                "publisherid": body["publisherid"],
                "id": body["id"],
                "type": body["type"],
                "subject": body["subject"],
                "log_seq": seq,
                **shown(self.generation),
            },
        )

    def _refused(self, publisher: str, body: Body) -> None:
        """Adds the receipt of a refusal, but only if the refused message is the publisher's own, not one that a fold wrote
        because of it.
        """
        data = body["data"]
        if data["command_id"] != outside_id(self.tenant, publisher, body["publisherid"]):
            return
        self._receipt(
            publisher,
            {
                "status": "refused",
                "publisherid": body["publisherid"],
                "id": data["command_id"],
                "type": data["command_type"],
                "subject": body["subject"],
                "code": data["code"],
                "field": data["field"],
                "message": data["message"],
            },
        )

    def _receipt(self, publisher: str, receipt: Body) -> None:
        writer = receipt_writer(publisher, self.tenant)
        self.drafts.setdefault(writer, []).append(make_draft(receipt["id"], writer, receipt))

    def _copies(self, message: type[Message], body: Body) -> None:
        for publisher in self.matters.concerned(body):
            follows = self.grants.get(publisher, ())
            if body["type"] not in follows and "*" not in follows:
                continue
            copy = {name: body[name] for name in COPIED if name in body}
            if body.get("publisher") == publisher:
                copy["publisherid"] = body["publisherid"]
            copy["data"] = without_free_text(body["data"], free_text_mask(message))
            subject = f"out.{publisher}.{self.tenant}.{body['type']}"
            self.drafts.setdefault(out_writer(publisher, self.tenant), []).append(
                make_draft(body["id"], subject, copy)
            )
