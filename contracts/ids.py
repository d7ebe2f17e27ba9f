"""Message ids. They are computed from the cause of the message, so that the same cause always gives the same id."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
_listeners: list[Callable[[str, str, str], None]] = []


def message_id(namespace: str, name: str) -> str:
    """The id of a message or of a thing that a service names itself: `derived_id`, and whoever listens is told."""
    id = derived_id(namespace, name)
    for tell in _listeners:
        tell(namespace, name, id)
    return id


@contextmanager
def listening(tell: Callable[[str, str, str], None]) -> Iterator[None]:
    """Meanwhile, `tell` is called with the namespace, the name and the id of every id that is computed."""
    _listeners.append(tell)
    try:
        yield
    finally:
        _listeners.remove(tell)


def derived_id(namespace: str, name: str) -> str:
    """The version 5 UUID of `name` within `namespace`, which is a UUID itself."""
    seed = bytes.fromhex(namespace.replace("-", "")) + name.encode()
    text = hashlib.sha1(seed, usedforsecurity=False).hexdigest()
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"


MESSAGE_NAMESPACE = message_id("6ba7b811-9dad-11d1-80b4-00c04fd430c8", "https://microgov.invalid/messages")
"""The namespace of all ids that are not derived from the id of another message."""


def outside_id(tenant: str, publisher: str, publisherid: str) -> str:
    """The id in the log of a message from outside.

    `publisherid` is the id that the publisher gave, which always means the same message.
    """
    return message_id(MESSAGE_NAMESPACE, f"{tenant}/{publisher}/{publisherid}")
