"""The example service in the docstring of the chassis, executed from its text, and the messages that it needs."""

import textwrap
import types
from typing import Any

from microgov.contracts.fields import EVERYBODY, PersonId
from microgov.contracts.message import Command, Event
from microgov.services import chassis
from microgov.services.chassis import FoldedBase, Service

OWNER = "tools"


class OfferTool(Command, roles=EVERYBODY, creates=True):
    pass


class LendTool(Command, roles=EVERYBODY):
    pass


class ToolOffered(Event):
    pass


class ToolLent(Event):
    to: PersonId


PREAMBLE = """
from collections.abc import Iterator
from sqlalchemy.orm import Mapped, Session
from microgov.contracts.message import Envelope
from microgov.services.chassis import *

class Base(FoldedBase):
    __abstract__ = True
"""


def text() -> str:
    """The text of the example in the docstring."""
    doc = chassis.__doc__ or ""
    lines = doc.split("\n\n", 1)[1].split("\n\nA handler loads")[0]
    return textwrap.dedent(lines)


def example() -> types.ModuleType:
    """A module made of the text."""
    made = types.ModuleType("example.tools")
    made.__dict__.update({c.__name__: c for c in (OfferTool, LendTool, ToolOffered, ToolLent)})
    import sys

    sys.modules["example.tools"] = made
    exec(compile(PREAMBLE + text(), "services/chassis/__init__.py", "exec"), made.__dict__)
    return made


_MADE: list[Any] = []


def tools() -> types.ModuleType:
    """The module, made once."""
    if not _MADE:
        _MADE.append(example())
    return _MADE[0]  # type: ignore[no-any-return]  # a module


def service() -> Service:
    """The service of the example."""
    found: Service = tools().service
    return found


def base() -> type[FoldedBase]:
    """The Base of the example."""
    return service().base
