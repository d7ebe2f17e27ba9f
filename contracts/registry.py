"""All messages there are: the modules of their owners, imported once."""

import importlib
import pkgutil
from functools import cache

from microgov import contracts
from microgov.contracts.message import REGISTRY, Message

_NO_OWNERS = {
    f"microgov.contracts.{name}"
    for name in ("__main__", "generated", "ids", "kinds", "registry", "subjects", "terms", "validation")
}


@cache
def every_message() -> tuple[type[Message], ...]:
    """Every message class, by type name."""
    for module in pkgutil.walk_packages(contracts.__path__, "microgov.contracts."):
        if ".".join(module.name.split(".")[:3]) not in _NO_OWNERS:
            importlib.import_module(module.name)
    # a test may have written messages of its own: they are none of the house's
    return tuple(
        cls for _, cls in sorted(REGISTRY.items()) if cls.__module__.startswith("microgov.contracts.")
    )
