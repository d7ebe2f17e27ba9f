"""Ids of messages: each follows from its cause, so that the same cause gives the same id wherever and whenever."""

import hashlib

_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def message_id(namespace: str, name: str) -> str:
    """uuid5 of a name within a namespace (a uuid): the same cause always gives the same id."""
    seed = bytes.fromhex(namespace.replace("-", "")) + name.encode()
    text = hashlib.sha1(seed, usedforsecurity=False).hexdigest()
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"


MESSAGE_NAMESPACE = message_id("6ba7b811-9dad-11d1-80b4-00c04fd430c8", "https://microgov.invalid/messages")
"""The namespace of all ids that do not follow from another message's."""


def outside_id(tenant: str, publisher: str, publisherid: str) -> str:
    """The id of a message from outside: the same publisher's same id is always the same message."""
    return message_id(MESSAGE_NAMESPACE, f"{tenant}/{publisher}/{publisherid}")
