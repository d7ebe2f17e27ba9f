"""A recorded story with other steps in it."""

from collections.abc import Sequence
from typing import NamedTuple

from microgov.contracts.message import Message


class Variation(NamedTuple):
    """Steps that are sent after the message at `seq` of a recording; the rest of the recording follows them.

    A step is (hours after the previous one, message, subject, id of the sender).
    """

    recording: str
    seq: int
    steps: Sequence[tuple[int, Message, str, str]]
