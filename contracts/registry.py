"""All message classes. Their modules are imported on first use."""

import importlib
import pkgutil
from functools import cache

from microgov import contracts
from microgov.contracts.message import REGISTRY, Message

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
    # the registry may also hold message classes of tests, which are not part of the contracts
    return tuple(
        cls for _, cls in sorted(REGISTRY.items()) if cls.__module__.startswith("microgov.contracts.")
    )
