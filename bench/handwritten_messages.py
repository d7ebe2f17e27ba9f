"""The messages of the hand-written pipeline: msgspec decodes the four commands into structures, without validation."""

import msgspec

from microgov.contracts import issues

ACCEPT, COSIGN, SUBMIT, TRIAGE = (
    one.TYPE for one in (issues.AcceptIssue, issues.CosignIssue, issues.SubmitIssue, issues.TriageIssue)
)


class Data(msgspec.Struct, gc=False):
    """The data of any of the four commands; fields of the others are None."""

    title: str | None = None
    text: str | None = None
    place: str | None = None
    channel: str | None = None
    theme: str | None = None
    scale: str | None = None
    urgency: str | None = None
    reach: str | None = None
    form: str | None = None


class HandwrittenMessage(msgspec.Struct, gc=False):
    """A command with the fields of its envelope that an answer repeats."""

    id: str
    type: str
    subject: str
    recordedtime: str
    correlationid: str
    authid: str
    authtype: str
    role: str
    scope: str
    publisher: str
    publisherid: str
    traceparent: str
    data: Data


DECODE = msgspec.json.Decoder(HandwrittenMessage).decode
ENCODE = msgspec.json.Encoder(order="sorted").encode
