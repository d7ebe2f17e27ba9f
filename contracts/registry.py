"""All messages there are: the modules of their owners, imported once."""

import importlib
import pkgutil
from functools import cache

import contracts
from contracts.message import REGISTRY, Message

_NO_OWNERS = {
    f"contracts.{name}" for name in ("__main__", "generate", "checking", "kinds", "registry", "sentences", "terms")
}


@cache
def every_message() -> tuple[type[Message], ...]:
    """Every message class, by type name."""
    for module in pkgutil.walk_packages(contracts.__path__, "contracts."):
        if module.name not in _NO_OWNERS:
            importlib.import_module(module.name)
    # a test may have written messages of its own: they are none of the house's
    return tuple(cls for _, cls in sorted(REGISTRY.items()) if cls.__module__.startswith("contracts."))
