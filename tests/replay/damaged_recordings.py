"""Recordings that were damaged in some way, each with words that a check must say about it."""

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from microgov.services.chassis.recording.zstd import MAGIC, zstd

LOGS = Path(__file__).parents[1] / "logs"
WHOLE = (LOGS / "vegetable-patch.ndjson").read_bytes()
LINES = WHOLE.splitlines(keepends=True)
HEADER, BODY, TRAILER = LINES[0], LINES[1:-1], LINES[-1]
OTHER = (LOGS / "order.ndjson").read_bytes().splitlines(keepends=True)[1:-1]
AT = 69
"""The index of a line in the middle: a co-signature, at the sequence 70."""
SUBJECT = b'"subject":"log.rec-vegetable-patch.gateway.issues.cosign_issue.v1"}'


def sealed(lines: list[bytes], **trailer: Any) -> bytes:
    """A recording of these lines, whose trailer fits them; some of its values are replaced."""
    known = json.loads(TRAILER) | {"count": len(lines), "sha256": hashlib.sha256(b"".join(lines)).hexdigest()}
    return HEADER + b"".join(lines) + json.dumps(known | trailer).encode() + b"\n"


def without(name: str) -> bytes:
    """A recording whose trailer lacks a value."""
    known = json.loads(TRAILER)
    del known[name]
    return HEADER + b"".join(BODY) + json.dumps(known).encode() + b"\n"


def line(at: int, change: Callable[[dict[str, Any]], object]) -> list[bytes]:
    """The lines, one of which is changed."""
    one = json.loads(BODY[at])
    change(one)
    event = json.dumps(one["event"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    new = f'{{"event":{event},"seq":{json.dumps(one["seq"])},"subject":"{one["subject"]}"}}\n'
    return [*BODY[:at], new.encode(), *BODY[at + 1 :]]


def bytes_at(at: int, old: bytes, new: bytes) -> list[bytes]:
    """The lines, in one of which bytes are replaced."""
    assert old in BODY[at]
    return [*BODY[:at], BODY[at].replace(old, new, 1), *BODY[at + 1 :]]


def everywhere(old: bytes, new: bytes) -> list[bytes]:
    """The lines, with bytes replaced in all of them."""
    return [one.replace(old, new) for one in BODY]


PACKED = zstd.compress(WHOLE)
FLUSHED = zstd.ZstdCompressor().compress(WHOLE, zstd.ZstdCompressor.FLUSH_BLOCK)
"""The whole recording, packed, without the end of the frame."""
ID = json.loads(BODY[AT - 2])["event"]["id"]
DAMAGED: dict[str, tuple[bytes, str]] = {
    "a line is cut out": (HEADER + b"".join(BODY[:AT] + BODY[AT + 1 :]) + TRAILER, "the trailer counts"),
    "a line is cut out, and the trailer made anew": (sealed(BODY[:AT] + BODY[AT + 1 :]), "are missing"),
    "two lines are swapped": (
        HEADER + b"".join([*BODY[:AT], BODY[AT + 1], BODY[AT], *BODY[AT + 2 :]]) + TRAILER,
        "sha256",
    ),
    "two lines are swapped, and the trailer made anew": (
        sealed([*BODY[:AT], BODY[AT + 1], BODY[AT], *BODY[AT + 2 :]]),
        "stands after",
    ),
    "a byte is changed": (WHOLE.replace(b"vegetable-zhang", b"vegetable-zhanh", 1), "sha256"),
    "cut off in the middle": (WHOLE[: len(WHOLE) // 2], "cut off"),
    "without trailer": (HEADER + b"".join(BODY), "the trailer is missing"),
    "cut off in the trailer": (WHOLE[:-40], "trailer: no JSON"),
    "without header": (b"".join(BODY) + TRAILER, "the header is missing"),
    "header alone": (HEADER, "header or trailer is missing"),
    "header and trailer": (HEADER + TRAILER, "the trailer counts"),
    "no message at all": (sealed([]), "no service has said anything"),
    "another format": (WHOLE.replace(b'"microgov":1', b'"microgov":2', 1), "format 1"),
    "header without tenant": (b'{"microgov":1}\n' + b"".join(LINES[1:]), "names no tenant"),
    "header that is a list": (b"[1]\n" + b"".join(LINES[1:]), "a JSON object is expected"),
    "header of another tenant": (WHOLE.replace(b"rec-vegetable-patch", b"donghu", 1), "of another tenant"),
    "empty": (b"", "empty"),
    "blank line": (HEADER + b"\n" + b"".join(LINES[1:]), "line 2 is blank"),
    "utf-16": (WHOLE.decode().encode("utf-16"), "UTF-16"),
    "gzip": (gzip.compress(WHOLE), "gzip"),
    "zstd that is none": (MAGIC + WHOLE[:200], "the zstd data is damaged"),
    "zstd that is cut off": (PACKED[: len(PACKED) // 2], "interrupted after"),
    "zstd that is cut off in its trailer": (PACKED[:-200], "interrupted after"),
    "zstd whose frame does not end": (FLUSHED, "the zstd data is cut off at its end"),
    "zstd of which the beginning is left": (PACKED[:6], "interrupted after 0 messages"),
    "zstd in which a byte is changed": (
        PACKED[: len(PACKED) // 2]
        + bytes([PACKED[len(PACKED) // 2] ^ 0xFF])
        + PACKED[len(PACKED) // 2 + 1 :],
        "line",
    ),
    "zstd with something behind it": (PACKED + b"more", "the zstd data is damaged after line"),
    "zstd of a damaged recording": (zstd.compress(b"".join(LINES[1:])), "the header is missing"),
    "zstd of nothing": (zstd.compress(b""), "the file is empty"),
    "zip": (b"PK\x03\x04" + WHOLE[:200], "zip"),
    "not text": (bytes(range(128, 256)) * 40, "no UTF-8 text"),
    "a JSON array": (b"[" + b",".join(one.strip() for one in BODY) + b"]\n", "header or trailer is missing"),
    "a sequence twice": (sealed(line(AT, lambda o: o.update(seq=o["seq"] - 1))), "stands after"),
    "a line twice": (sealed([*BODY[: AT + 1], BODY[AT], *BODY[AT + 1 :]]), "stands twice"),
    "an id twice": (sealed(line(AT, lambda o: o["event"].update(id=ID))), "stands twice"),
    "a sequence that is text": (sealed(bytes_at(AT, b'"seq":70,', b'"seq":"70",')), "seq is no whole number"),
    "no sequence in the line": (sealed(bytes_at(AT, b',"seq":70,', b',"sek":70,')), "event, seq and subject"),
    "no subject": (sealed(bytes_at(AT, SUBJECT, b'"subjekt":"x"}')), "subject is not"),
    "a short subject": (sealed(bytes_at(AT, SUBJECT, b'"subject":"x"}')), "subject is not"),
    "a type that is not known": (sealed(everywhere(b"cosign_issue.v1", b"cosign_issue.v9")), "of no type"),
    "a writer that is not known": (
        sealed(everywhere(b"patch.gateway.issues.cosign", b"patch.nobody.issues.cosign")),
        "nobody is no writer",
    ),
    "a message of another tenant": (
        sealed(
            everywhere(b'"log.rec-vegetable-patch.gateway.issues.cosign', b'"log.x.gateway.issues.cosign')
        ),
        "of another tenant",
    ),
    "a wrong number": (sealed(line(AT, lambda o: o["event"].update(sequence="0" * 19))), "too late"),
    "no number": (sealed(line(AT, lambda o: o["event"].pop("sequence"))), "no sequence"),
    "bytes that are not canonical": (sealed(bytes_at(AT, b'{"event":{', b'{"event":{ ')), "not canonical"),
    "a value that is not allowed": (
        sealed(line(AT, lambda o: o["event"]["data"].update(channel="A Pigeon"))),
        "not valid",
    ),
    "an event that is null": (
        sealed([*BODY[:AT], b'{"event":null,"seq":70,' + SUBJECT + b"\n", *BODY[AT + 1 :]]),
        "a JSON object is expected",
    ),
    "bytes that are no text": (sealed(bytes_at(AT, b'{"event":{', b'{"event":{"\xff":1,')), "no UTF-8 text"),
    "a cause that is nowhere": (
        sealed(
            line(AT + 1, lambda o: o["event"].update(causationid=ID[:-1] + ("0" if ID[-1] != "0" else "1")))
        ),
        "does not stand before it",
    ),
    "time running backwards": (
        sealed(line(AT, lambda o: o["event"].update(recordedtime="2001-01-01T00:00:00Z"))),
        "goes back",
    ),
    "no states": (sealed(BODY, states={}), "no state"),
    "a trailer without states": (without("states"), "no state"),
    "a trailer without count": (without("count"), "no count"),
    "a trailer without sha256": (without("sha256"), "no sha256"),
    "states that cannot be read": (sealed(BODY, states={"issues": [7]}), "cannot be read"),
    "states that are a list": (sealed(BODY, states=[]), "no JSON object"),
    "the state of a service that is not there": (
        sealed(BODY, states=json.loads(TRAILER)["states"] | {"permits": []}),
        "permits, which is no service",
    ),
    "two recordings": (WHOLE + WHOLE, "two recordings were joined"),
    "two recordings, mixed": (sealed(BODY[:AT] + OTHER[AT:]), "of another tenant"),
    "a line of many megabytes": (
        sealed(line(AT, lambda o: o["event"]["data"].update(channel="x" * 5_000_000))),
        "262,144 at most",
    ),
    "a trailer that is a number": (b"".join(LINES[:-1]) + b"5\n", "a JSON object is expected"),
    "two trailers": (WHOLE + TRAILER, "two recordings were joined"),
    "conflict markers": (b"".join(LINES[:50]) + b"<<<<<<< HEAD\n" + b"".join(LINES[50:]), "conflict marker"),
}
HARMLESS = {
    "no newline at the end": WHOLE[:-1],
    "newlines of Windows": WHOLE.replace(b"\n", b"\r\n"),
    "a byte order mark": b"\xef\xbb\xbf" + WHOLE,
    "zstd": PACKED,
    "zstd in several frames": zstd.compress(WHOLE[:5000]) + zstd.compress(WHOLE[5000:]),
    "zstd of newlines of Windows": zstd.compress(WHOLE.replace(b"\n", b"\r\n")),
}
