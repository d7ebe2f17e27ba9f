"""`microgov tail` and the stories have a sentence for every message of the log, in both languages."""

import string
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from microgov.contracts.issues import IssueClosed, SubmitIssue
from microgov.contracts.message import REGISTRY, Message
from microgov.contracts.notify import NoticeDelivered
from microgov.contracts.registry import every_message
from microgov.services.notify.notices.templates import templates
from microgov.text import sentences

ID = "0b0b4a0e-6d0f-5a52-9a4c-2f6a6cbb6d10"
every_message()
SENTENCES: dict[str, list[str]] = yaml.safe_load(
    Path(sentences.__file__).with_suffix(".yaml").read_text("utf-8")
)
OURS = [message for message in REGISTRY.values() if message.__module__.startswith("microgov.contracts.")]
"""Without the messages that other test modules define."""
STORED = [message for message in OURS if message.KIND in ("command", "event")]


@pytest.mark.parametrize("message", STORED, ids=lambda message: message.TYPE)
def test_every_stored_message_has_a_sentence_that_names_what_it_has(message: type[Message]) -> None:
    zh, en = SENTENCES[message.NAME]

    assert zh
    assert en
    named = {name for text in (zh, en) for _, name, _, _ in string.Formatter().parse(text) if name}
    assert {name.split(".")[0].split("[")[0] for name in named} <= {*message.model_fields, "subject"}


def test_every_sentence_belongs_to_a_message() -> None:
    assert set(SENTENCES) <= {message.NAME for message in REGISTRY.values()}


def test_text_that_looks_like_a_time_is_printed_unchanged() -> None:
    issue = SubmitIssue(title="电梯坏了又坏了又坏T啊Z", text="–", place="yuanbu", channel="app")

    assert "电梯坏了又坏了又坏T啊Z" in sentences.sentence_of_data(issue, None).zh


@pytest.fixture(autouse=True)
def universal() -> None:
    """Times are printed in UTC, whatever another test has set."""
    sentences.use_local_time(timedelta())


def test_a_code_is_printed_in_words() -> None:
    until = datetime(2026, 3, 31, 12, 30, tzinfo=UTC)

    closed = sentences.sentence_of_data(IssueClosed(outcome="not_feasible", survey_until=until), "veg-1")

    assert closed == (
        "veg-1 已办结（暂不可行），回访至 2026-03-31 12:30",
        "veg-1 is closed (not feasible now); the survey runs until 2026-03-31 12:30",
    )


def test_a_notice_is_printed_with_its_name() -> None:
    notice = NoticeDelivered(
        source_id=ID, notice_type="result_reported", recipient="p-1", entity="veg-1", channel="inbox"
    )

    wanted = ("已通知 p-1：结果反馈（veg-1，inbox）", "p-1 is told: Result (veg-1, by inbox)")
    assert sentences.sentence_of_data(notice, None) == wanted
    assert {sentences.notice(kind, 0) for kind in templates()} & set(templates()) == set()
    assert sentences.notice("of_tomorrow", 0) == "of_tomorrow"
