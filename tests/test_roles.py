"""Every command of every service in every role: only the roles that its class names may send it."""

import json
from types import SimpleNamespace

import pytest

from microgov.contracts.fields import Role
from microgov.contracts.generated.example import example
from microgov.contracts.ids import MESSAGE_NAMESPACE
from microgov.contracts.log import CommandRefused
from microgov.contracts.message import Command
from microgov.folds import FOLDS
from microgov.services.chassis.fold.fold import Fold

SENT = [
    pytest.param(service, kind, id=kind.TYPE)
    for service in FOLDS
    for kind in service.handlers
    if issubclass(kind, Command) and kind.__module__.startswith("microgov.contracts.")
]


class Entered(Exception):
    """The handler was called."""


@pytest.mark.parametrize(("service", "kind"), SENT)
def test_a_command_is_folded_in_its_roles_and_refused_in_all_others(service, kind) -> None:  # type: ignore[no-untyped-def]
    def handler(m: object, s: object) -> object:
        raise Entered

    folding = Fold(service, "t")
    folding.service = SimpleNamespace(name=service.name, handlers={kind: handler})  # type: ignore[assignment]

    data = kind.model_validate_json(json.dumps(example(kind)))
    for role in (*Role, None):
        m = SimpleNamespace(data=data, role=role, id=str(MESSAGE_NAMESPACE), type=kind.TYPE, subject="x")
        try:
            (said,) = folding._answers(None, m)  # type: ignore[arg-type]  # neither is looked into
        except Entered:
            assert role in kind.ROLES
        else:
            assert isinstance(said.event, CommandRefused)
            assert role not in kind.ROLES
            assert said.event.code == "role_not_allowed"
