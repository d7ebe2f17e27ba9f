"""Every service has one table of handlers, and an `__init__` whose docstring agrees with it."""

import importlib
import inspect
from pathlib import Path

import pytest

from microgov.contracts.message import REGISTRY, Command
from microgov.services.chassis.model import Entity
from microgov.services.chassis.service import Service
from microgov.services.gateway.handlers import service as directory
from microgov.services.issues.handlers import service as issues
from microgov.services.matching.handlers import service as matching
from microgov.services.notify.handlers import service as notify

SERVICES = (issues, matching, notify)


def each(service: Service) -> str:
    return service.name


@pytest.mark.parametrize("service", SERVICES, ids=each)
def test_a_service_answers_every_command_of_its_contracts(service: Service) -> None:
    """Without a handler the door accepts the command, nothing happens, and the sender is not informed."""
    every = {m for m in REGISTRY.values() if service.name == m.OWNER and issubclass(m, Command)}
    commands = {m for m in every if m.NEWER is None}

    assert commands
    assert commands <= set(service.handlers)


@pytest.mark.parametrize("service", SERVICES, ids=each)
def test_the_docstring_of_a_service_names_the_events_that_it_handles(service: Service) -> None:
    words = importlib.import_module(f"microgov.services.{service.name}").__doc__ or ""

    assert all(part in words for part in ("Owns:", "Handles:", "Publishes:"))
    assert all(f"`{kind}`" in words for kind in service.deadlines)
    for message in service.handlers:
        if message.OWNER in ("directory", "notify"):
            assert f"`{message.__name__}`" in words, message.__name__


@pytest.mark.parametrize("home", ["gateway", "issues", "matching", "notify"])
def test_a_table_of_handlers_defines_no_function(home: str) -> None:
    """The table only names functions of the model: a rule inside the table would not be found there."""
    module = importlib.import_module(f"microgov.services.{home}.handlers")

    mine = inspect.getmembers(module, lambda one: inspect.isfunction(one) or inspect.isclass(one))
    assert [name for name, one in mine if one.__module__ == module.__name__] == []
    assert not list(Path(str(module.__file__)).parent.glob("*/**/*handlers*.py")), "a second table"


CALLED = {
    "directory": {"Grant", "Person"},
    "issues": {
        "Action",
        "Ballot",
        "Council",
        "Disagreement",
        "Issue",
        "Mediation",
        "Meeting",
        "RoundTable",
        "Seat",
        "Topic",
        "Visit",
        "VisitRound",
    },
    "matching": {"CareTeam", "Offer", "Order", "Organisation", "Proposal", "Provider"},
    "notify": set[str](),
}
"""Names of entities as they appear in refusals in logs: they stay when a class is renamed."""


@pytest.mark.parametrize("service", [directory, *SERVICES], ids=each)
def test_refusals_call_every_entity_by_a_name_that_was_written_down(service: Service) -> None:
    entities = [one.class_ for one in service.base.registry.mappers if issubclass(one.class_, Entity)]

    assert [one.__name__ for one in entities if "CALLED" not in vars(one)] == []
    assert {one.CALLED for one in entities} == CALLED[service.name]


def test_each_service_has_tables_of_its_own() -> None:
    assert len({id(service.base.metadata) for service in SERVICES}) == 3
    assert notify.kept is not None
    assert not set(notify.kept.metadata.tables) & set(notify.base.metadata.tables)
