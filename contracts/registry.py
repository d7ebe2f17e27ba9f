"""All message classes: those of this package, and those of other packages in the same environment.

Another package announces its modules as entry points of the group `microgov.contracts`. They are imported on first use.
"""

import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points

from microgov import contracts
from microgov.contracts.message import REGISTRY, Message

OWN = "microgov.contracts."
_WITHOUT_MESSAGES = {
    f"microgov.contracts.{name}"
    for name in (
        "__main__",
        "compatibility",
        "generated",
        "ids",
        "kinds",
        "named_generic",
        "registry",
        "subjects",
        "terms",
        "validation",
        "versions",
    )
}


@cache
def every_message() -> tuple[type[Message], ...]:
    """All message classes, in the order of their type names."""
    for module in pkgutil.walk_packages(contracts.__path__, "microgov.contracts."):
        if ".".join(module.name.split(".")[:3]) not in _WITHOUT_MESSAGES:
            importlib.import_module(module.name)
    others = tuple(one.load().__name__ for one in entry_points(group="microgov.contracts"))
    # the registry may also hold message classes of tests, which are not part of the contracts
    return tuple(
        cls
        for _, cls in sorted(REGISTRY.items())
        if f"{cls.__module__}.".startswith((OWN, *(f"{name}." for name in others)))
    )


def own_messages() -> tuple[type[Message], ...]:
    """The message classes of this package, in the order of their type names."""
    return tuple(cls for cls in every_message() if cls.__module__.startswith(OWN))
