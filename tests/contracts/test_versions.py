"""Versions of a message: an older one is read as the newest, and keeps its own type."""

from typing import Any

import pytest

from microgov.contracts import issues
from microgov.contracts.fields import Role
from microgov.contracts.generated.example import example, whole_example
from microgov.contracts.message import Command, Envelope, Message, canonical, envelope_of, parse
from microgov.contracts.registry import every_message
from microgov.contracts.versions import types_of
from microgov.folds import FOLDS
from microgov.services.chassis.fold.fold import Fold

OLDER = [cls for cls in every_message() if cls.NEWER is not None]


def named(cls: type[Message]) -> str:
    return cls.TYPE


def in_log(cls: type[Message]) -> bytes:
    """An example of the message as a log holds it."""
    return canonical(whole_example(envelope_of(cls), cls))


def test_there_are_older_versions() -> None:
    """Else the tests of this file would check nothing."""
    assert issues.CosignIssueV1 in OLDER


@pytest.mark.parametrize("cls", OLDER, ids=named)
def test_an_older_version_is_read_as_the_newest_and_keeps_its_type(cls: type[Message]) -> None:
    m: Envelope[Message] = parse(f"log.t.gateway.{cls.TYPE}", in_log(cls))

    assert m.type == cls.TYPE
    assert m.data.NEWER is None
    assert m.data == cls.model_validate(example(cls)).upgrade()
    assert cls.TYPE in types_of(type(m.data))


@pytest.mark.parametrize("cls", OLDER, ids=named)
def test_an_older_version_has_the_name_and_the_senders_of_the_next(cls: type[Message]) -> None:
    newer = cls.NEWER
    assert newer is not None

    assert (cls.NAME, cls.VERSION + 1, cls.ROLES, cls.CREATES) == (
        newer.NAME,
        newer.VERSION,
        newer.ROLES,
        newer.CREATES,
    )
    assert newer.SINCE > cls.SINCE, "earlier releases do not know the newer version"


@pytest.mark.parametrize("cls", OLDER, ids=named)
def test_a_fold_that_reads_the_newest_version_reads_the_older_one(cls: type[Message]) -> None:
    newest = type(parse(f"log.t.gateway.{cls.TYPE}", in_log(cls)).data)
    readers = [service.name for service in FOLDS if newest in service.handlers]
    assert readers
    for service in FOLDS:
        assert (cls.TYPE in Fold(service, "t").types) == (service.name in readers)


def test_the_channel_of_a_co_signature_may_be_left_out_in_the_second_version() -> None:
    first = parse("log.t.gateway.issues.cosign_issue.v1", in_log(issues.CosignIssueV1))
    second: Any = envelope_of(issues.CosignIssue).model_validate_json(
        canonical({**whole_example(envelope_of(issues.CosignIssue), issues.CosignIssue), "data": {}})
    )

    data = first.data
    assert isinstance(data, issues.CosignIssue)
    assert data.channel is not None
    assert second.data.channel is None
    assert Role.RESIDENT in issues.CosignIssueV1.ROLES


def test_an_older_version_without_an_upgrade_cannot_be_made() -> None:
    """Its messages would stop every service that reads them."""
    with pytest.raises(TypeError, match="write its upgrade"):
        type("CosignIssueV0", (Command,), {"__module__": issues.issue.__name__}, newer=issues.CosignIssue)
