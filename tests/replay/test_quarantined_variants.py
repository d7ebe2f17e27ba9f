"""A recording with a quarantined message that was retried: its cuts, its redaction and its variants keep that."""

from pathlib import Path

import pytest

from microgov.contracts import issues
from microgov.contracts.fields import Role
from microgov.contracts.log import MessageQuarantined, RetryMessage
from microgov.contracts.message import type_in
from microgov.folds import FOLDS
from microgov.services.chassis.model import Said
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.regeneration.cutting import cut
from microgov.services.chassis.regeneration.redacting import redacted
from microgov.services.chassis.regeneration.regenerate import regenerate
from microgov.testing import variants
from microgov.testing.replay import Replay, urls_of
from tests.replay.test_comparison import ISSUES, PATCH, answering
from tests.replay.test_regenerate import among, differences


@pytest.fixture(scope="module")
def retried() -> Recording:
    """The handler of co-signatures fails; the messages behind it are held. It is mended, and the message retried."""

    def raises(said: list[Said]) -> list[Said]:
        raise ZeroDivisionError

    failing = among(answering(ISSUES, issues.CosignIssue, raises))
    broken = regenerate(recordings.read(PATCH), failing).recording
    stuck = next(m for m in broken.messages if type_in(m.subject) == issues.CosignIssueV1.TYPE)
    order = RetryMessage(service="issues", stream_seq=stuck.seq)
    return variants.with_input(broken, order, "vegetable-patch", None, "cli", Role.OPERATOR).recording


def names(recording: Recording) -> list[str]:
    return [type_in(m.subject) for m in recording.messages]


def test_the_retried_message_is_answered_after_the_order(retried: Recording) -> None:
    found = names(retried)

    assert found.count(MessageQuarantined.TYPE) == 1
    assert found.index(RetryMessage.TYPE) < found.index(issues.IssueCosigned.TYPE)
    assert found.count(issues.IssueCosigned.TYPE) == 3


def test_a_cut_keeps_it(retried: Recording) -> None:
    made = cut(retried, FOLDS, "vegetable-patch")

    assert made.other == ()
    assert names(made.made.recording).count(MessageQuarantined.TYPE) == 1
    assert differences(made.made.recording, list(FOLDS)) == []


def test_a_redaction_keeps_it(retried: Recording) -> None:
    made = redacted(retried, FOLDS, b"key")

    assert made.otherwise == ()
    assert names(made.recording) == names(retried)
    assert differences(made.recording, list(FOLDS)) == []


def test_variants_keep_it(retried: Recording) -> None:
    replay = Replay(retried, {"memory": urls_of("memory", Path())})

    without = replay.without(RetryMessage)

    assert len(without.said(MessageQuarantined)) == 1
    assert without.said(issues.IssueCosigned) == []
    assert len(replay.said(issues.IssueCosigned)) == 3
