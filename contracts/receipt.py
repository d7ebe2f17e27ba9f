"""The receipt that a publisher gets for each of its messages, on the broker's subject `receipt.<publisher>.<tenant>`."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import (
    LINE,
    EntityId,
    Format,
    LogSeq,
    MessageId,
    Part,
    Positive,
    Sequence,
    Text,
    Word,
    Words,
)

PublisherId = Annotated[str, Format(LINE), Field(max_length=128, examples=["a-1"])]


class Receipt(Part):
    """A receipt: the message was `accepted` (in the log at `log_seq`), `rejected` by the door, or `refused` by a service.

    `publisherid` is the id that the publisher gave, `id` the one in the log. `code`, `field` and `message` say which
    rule was broken. `retry_after` (seconds) is given if sending again later may help. `sequence` counts the receipts
    of one publisher and tenant, without gaps. `generation` is given if the log was restored from a backup: it rises with
    each restore, and behind the restored end `log_seq` is the place of another message than before.
    """

    status: Literal["accepted", "rejected", "refused"]
    sequence: Sequence
    publisherid: PublisherId
    id: MessageId | None = None
    type: Annotated[str, Format(LINE), Field(max_length=135, examples=["issues.submit_issue.v1"])] | None = (
        None
    )
    subject: EntityId | None = None
    log_seq: LogSeq | None = None
    generation: Positive | None = None
    code: Word | None = None
    field: Text | None = None
    message: Words | None = None
    retry_after: Positive | None = None
