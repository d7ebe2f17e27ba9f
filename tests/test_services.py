"""House rules for what a service says of itself: one table, and an `__init__` that agrees with it."""

import importlib
import inspect
from collections.abc import Iterator

import pytest

from microgov.contracts.message import REGISTRY, Command
from microgov.services.chassis.service import Service
from microgov.services.issues.handlers import service as issues
from microgov.services.matching.handlers import service as matching
from microgov.services.notify.handlers import service as notify

SERVICES = (issues, matching, notify)


def each(service: Service) -> str:
    return service.name


@pytest.mark.parametrize("service", SERVICES, ids=each)
def test_a_service_answers_every_command_of_its_contracts(service: Service) -> None:
    """A command that nobody answers is accepted at the door, and then nothing happens, and nobody is told."""
    commands = {m for m in REGISTRY.values() if service.name == m.OWNER and issubclass(m, Command)}

    assert commands and commands <= set(service.handlers)


@pytest.mark.parametrize("service", SERVICES, ids=each)
def test_what_a_service_says_of_itself_names_what_it_hears_from_others(service: Service) -> None:
    words = importlib.import_module(f"microgov.services.{service.name}").__doc__ or ""

    assert all(part in words for part in ("Owns:", "Handles:", "Publishes:"))
    assert all(f"`{kind}`" in words for kind in service.deadlines)
    for message in service.handlers:
        if message.OWNER in ("directory", "notify"):
            assert f"`{message.__name__}`" in words, message.__name__


def functions(service: Service) -> Iterator[tuple[str, int]]:
    module = importlib.import_module(f"microgov.services.{service.name}.handlers")
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__ == module.__name__:
            yield name, len(inspect.getsource(function).splitlines())


@pytest.mark.parametrize("service", SERVICES, ids=each)
def test_a_handler_has_ten_lines_at_most(service: Service) -> None:
    """Where a handler grows, a rule has left the model, and no other handler can use it."""
    assert not {name for name, lines in functions(service) if lines > 10}


def test_each_service_has_tables_of_its_own() -> None:
    assert len({id(service.base.metadata) for service in SERVICES}) == 3
    assert notify.kept is not None and not set(notify.kept.metadata.tables) & set(notify.base.metadata.tables)
