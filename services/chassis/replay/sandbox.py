"""The sandbox of a replay: a handler that reads a clock, the environment, chance, files or the network
fails.

A handler's decision may depend on its message and on the rows alone; else the same log gives another state tomorrow. The
sandbox raises `Nondeterministic` at the line that asks. It looks at who asks: code of a service, directly or through the
standard library. What libraries and the chassis need for their own work (a database driver reads the clock) is let through.

It does not see the order of a set, `hash`, `id`, `astimezone()` without a zone, and values read before the handler ran, for
example at import.
"""

import datetime
import os
import random
import sys
import sysconfig
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from types import FrameType, ModuleType
from typing import Any

from microgov.services.chassis.service import Service

AUDITED = {
    "open": "opens a file",
    "os.listdir": "lists a folder",
    "os.scandir": "lists a folder",
    "os.remove": "removes a file",
    "os.rename": "renames a file",
    "os.mkdir": "makes a folder",
    "socket.__new__": "opens a socket",
    "socket.connect": "connects to the network",
    "socket.getaddrinfo": "asks for a network address",
    "subprocess.Popen": "starts a program",
    "os.system": "starts a program",
    "os.fork": "starts a process",
    "os.putenv": "changes the environment",
}
"""Events of the interpreter (sys.addaudithook), and what a handler that causes one does."""
CLOCKS = (
    "time",
    "time_ns",
    "monotonic",
    "monotonic_ns",
    "perf_counter",
    "perf_counter_ns",
    "localtime",
    "gmtime",
)
CHANCE = (
    "random",
    "randint",
    "randrange",
    "choice",
    "choices",
    "sample",
    "shuffle",
    "uniform",
    "getrandbits",
    "gauss",
    "_urandom",
)
CHASSIS = "microgov.services.chassis"
STANDARD_LIBRARY = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), "<frozen")
IMPORTING = "<frozen importlib"
_state = threading.local()


class Nondeterministic(BaseException):
    """A handler asked for something that is neither in its message nor in the rows.

    It is no Exception, so that an `except Exception` in the handler lets it pass.
    """


@contextmanager
def watched() -> Iterator[None]:
    """While this is entered, the handlers of this thread are watched; the `sandbox` has to be entered."""
    _state.on = True
    try:
        yield
    finally:
        _state.on = False


def _check(what: str) -> None:
    """Raises Nondeterministic if a service's code is what asks."""
    if not getattr(_state, "on", False):
        return
    caller = _asking(sys._getframe(2))
    if caller is not None:
        raise Nondeterministic(f"a handler {what}; it may depend on its message and on the rows alone")


def _asking(frame: FrameType | None) -> FrameType | None:
    """The frame of a service that asks, directly or through the standard library; None if somebody else asks."""
    while frame is not None:
        file, module = frame.f_code.co_filename, str(frame.f_globals.get("__name__"))
        if file.startswith(IMPORTING) or module.startswith(CHASSIS) or "site-packages" in file:
            return None
        if not file.startswith(STANDARD_LIBRARY):
            return frame
        frame = frame.f_back
    return None


def _denied(original: Callable[..., Any], what: str) -> Callable[..., Any]:
    @wraps(original)
    def denied(*arguments: Any, **named: Any) -> Any:
        _check(what)
        return original(*arguments, **named)

    return denied


def _sandboxed_class(original: type, names: tuple[str, ...]) -> type:
    """A class in place of `datetime` or `date`: the same but for the methods that read the clock. It makes objects of the
    original class, and these are its instances.
    """

    class Meta(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, original)

        def __subclasscheck__(cls, other: type) -> bool:
            return issubclass(other, original)

    def reading(name: str) -> Any:
        def read(_: type, *arguments: Any, **named: Any) -> Any:
            _check("reads the clock")
            return getattr(original, name)(*arguments, **named)

        return classmethod(read)

    def kept(name: str) -> Any:
        return staticmethod(getattr(original, name))

    made = [
        name
        for name in (
            "fromisoformat",
            "fromtimestamp",
            "fromordinal",
            "combine",
            "strptime",
            "utcfromtimestamp",
        )
    ]
    body: dict[str, Any] = {name: kept(name) for name in made if hasattr(original, name)}
    body |= {name: reading(name) for name in names}
    body["__new__"] = lambda cls, *arguments, **named: original(*arguments, **named)
    return Meta(original.__name__, (original,), body)


def _replacements() -> Iterator[tuple[Any, str, Any]]:
    """Owner, name and replacement of everything that reads a clock, chance or the environment."""
    yield datetime, "datetime", _sandboxed_class(datetime.datetime, ("now", "utcnow", "today"))
    yield datetime, "date", _sandboxed_class(datetime.date, ("today",))
    yield from ((time, name, _denied(getattr(time, name), "reads the clock")) for name in CLOCKS)
    yield time, "sleep", _denied(time.sleep, "sleeps")
    yield from ((random, name, _denied(getattr(random, name), "draws at random")) for name in CHANCE)
    yield os, "urandom", _denied(os.urandom, "draws at random")
    yield uuid, "uuid1", _denied(uuid.uuid1, "makes an id by the clock")
    environment = type(os.environ)
    yield environment, "__getitem__", _denied(environment.__getitem__, "reads the environment")
    yield environment, "__iter__", _denied(environment.__iter__, "reads the environment")


class _Installed:
    """The replacements in force; `uses` counts the sandboxes that need them."""

    def __init__(self) -> None:
        self.uses, self.audits = 0, False
        self.undo: list[tuple[Any, str, Any]] = []
        self.modules: frozenset[str] = frozenset()

    def install(self, packages: set[str]) -> None:
        if not self.audits:  # an audit hook cannot be taken back; without a watched handler it does nothing
            sys.addaudithook(_audit)
            self.audits = True
        self.uses += 1
        if self.uses == 1:
            self.modules = frozenset(sys.modules)
        replaced = list(_replacements()) if self.uses == 1 else []
        by_id = {id(getattr(owner, name)): new for owner, name, new in replaced}
        modules = [module for name, module in [*sys.modules.items()] if name.partition(".")[0] in packages]
        for owner, name, new in [*replaced, *_imported(modules, by_id)]:
            self.undo.append((owner, name, getattr(owner, name)))
            setattr(owner, name, new)

    def remove(self) -> None:
        self.uses -= 1
        if self.uses:
            return
        originals = {id(getattr(owner, name)): old for owner, name, old in self.undo}
        while self.undo:
            owner, name, old = self.undo.pop()
            setattr(owner, name, old)
        # A module that was imported meanwhile has imported the replacements.
        new = [module for name, module in [*sys.modules.items()] if name not in self.modules]
        for module, name, old in [*_imported(new, originals)]:
            setattr(module, name, old)


def _imported(modules: list[ModuleType], by_id: dict[int, Any]) -> Iterator[tuple[Any, str, Any]]:
    """The same for what services have imported by name: `from datetime import datetime`."""
    for module in modules:
        if not module.__name__.startswith(CHASSIS):
            for name, value in [*vars(module).items()]:
                if id(value) in by_id:
                    yield module, name, by_id[id(value)]


def _audit(event: str, _arguments: tuple[Any, ...]) -> None:
    what = AUDITED.get(event)
    if what is not None:
        _check(what)


_installed = _Installed()


@contextmanager
def sandbox(*services: Service) -> Iterator[None]:
    """The handlers of these services are in the sandbox while this is entered."""
    handlers = [
        handler for one in services for some in (one.handlers, one.deadlines) for handler in some.values()
    ]
    packages = {handler.__module__.partition(".")[0] for handler in handlers}
    _installed.install(packages)
    try:
        yield
    finally:
        _installed.remove()
