"""The services that are installed: those of this package, and those of other packages in the same environment.

A package announces its service as an entry point of the group `microgov.services`, whose name is that of the service and
whose value is a package with the modules `app` (a function `make_app`), `handlers` (the table `service`), `model` and
`migrations`. The modules of its messages are entry points of the group `microgov.contracts` (contracts/registry.py).
"""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from microgov.services.chassis.service import Service

GROUP = "microgov.services"


@dataclass(frozen=True)
class InstalledService:
    """A service. `name` is that of its process, its database and its user at the broker, `fold` that of its fold: they
    differ where the package says so (`FOLD`). `writers`: the names under which it writes into the log.
    """

    name: str
    package: str
    fold: str
    writers: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """The folder of its package."""
        return _folder(self.package)

    def definition(self) -> "Service":
        """Its fold, with handlers and tables; this imports the service."""
        made: Service = import_module(f"{self.package}.handlers").service
        return made


@cache
def installed() -> tuple[InstalledService, ...]:
    """All services: first those of this package, then the others, each in the order of their names."""
    found = sorted(
        entry_points(group=GROUP), key=lambda one: (not one.value.startswith("microgov."), one.name)
    )
    return tuple(_service(one.name, one.value) for one in found)


def _service(name: str, package: str) -> InstalledService:
    made = import_module(package)
    fold = getattr(made, "FOLD", name)
    return InstalledService(name, package, fold, getattr(made, "WRITERS", (name, f"{name}-edge")))


def installed_service(name: str) -> InstalledService:
    """The service with this name. Raises LookupError."""
    for one in installed():
        if one.name == name:
            return one
    raise LookupError(
        f"no service {name} is installed; there is {', '.join(one.name for one in installed())}"
    )


@cache
def fold_names() -> tuple[str, ...]:
    """The names of all folds. Their messages are derived from the log; the messages of all other writers are inputs."""
    return tuple(one.fold for one in installed())


def home_of(fold: str) -> str:
    """The service that runs this fold, and in whose database its tables are."""
    return next((one.name for one in installed() if one.fold == fold), fold)


def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise LookupError(f"{package} is no package that can be imported")
    return Path(next(iter(spec.submodule_search_locations)))
