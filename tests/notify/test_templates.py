"""Texts of notices: whole sentences in both languages, and titles of one form."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.contracts.generated.example import example
from microgov.contracts.message import Message
from microgov.services.notify.audience.audience import NOTICES, NoticeRule
from microgov.services.notify.notices.templates import Text, render, stop, templates
from tests.notify import notify_steps

NOTICE_RULES = [(event, kind) for event, kinds in NOTICES.items() for kind in kinds]
EVERY_NOTICE = pytest.mark.parametrize(
    ("event", "kind"), NOTICE_RULES, ids=[f"{event.NAME}-{kind.type}" for event, kind in NOTICE_RULES]
)
LANGUAGES = pytest.mark.parametrize("language", ["zh-Hans", "en"])
FREE_TEXT_FIELDS = ("reason", "reasons", "text", "terms", "action")
"""Fields that hold people's own words."""
TITLE_PATTERN = {"zh-Hans": r"[^：:{]+：\{\{ title \}\}", "en": r"[^：:{]+: \{\{ title \}\}"}
BODY_PATTERN = {"zh-Hans": r"[^。.！？]+([。！？][^。.！？]+)*[。？！]", "en": r".*[^.?!。][.?!。]"}


def rendered(event: type[Message], kind: NoticeRule, language: str, ending: str = "") -> Text:
    """The notice of an event in which people's own words end with `ending`."""
    data: dict[str, Any] = {
        **example(event),
        **dict.fromkeys(FREE_TEXT_FIELDS, f"明天办{ending}"),
        "organisation": "互助社",
    }
    return render(kind.type, language, {"title": "菜地", **{name: data[name] for name in kind.carries}})


@EVERY_NOTICE
@LANGUAGES
def test_every_notice_has_its_words_in_both_languages(
    event: type[Message], kind: NoticeRule, language: str
) -> None:
    text = rendered(event, kind, language)

    assert "菜地" in text.title
    assert text.body


@LANGUAGES
def test_a_title_names_the_notice_type_and_then_the_entity(language: str) -> None:
    titles = {name: words[language]["title"] for name, words in templates().items()}

    assert [name for name, title in titles.items() if not re.fullmatch(TITLE_PATTERN[language], title)] == []
    assert len(set(titles.values())) == len(titles), "the words before the colon name the notice type"


@EVERY_NOTICE
@LANGUAGES
@pytest.mark.parametrize("ending", ["", "。"])
def test_a_notice_consists_of_whole_sentences(
    event: type[Message], kind: NoticeRule, language: str, ending: str
) -> None:
    body = rendered(event, kind, language, ending).body

    assert re.fullmatch(BODY_PATTERN[language], body), body
    assert not re.search("[。？！][.。；，]", body), body


@EVERY_NOTICE
def test_there_is_no_space_between_chinese_characters(event: type[Message], kind: NoticeRule) -> None:
    text = rendered(event, kind, "zh-Hans", "。")

    for part in text:
        assert not re.search(r"[\u3000-\u9fff\uff00-\uffef“”] +[\u3000-\u9fff\uff00-\uffef“”]", part), part


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("明天办", "明天办。"),
        ("明天办。", "明天办。"),
        ("明天办？ ", "明天办？"),
        ("他说“明天办。”", "他说“明天办。”"),
        ("明天办（见附件）", "明天办（见附件）。"),
        ("Done.", "Done."),
        ("…", "…"),
    ],
)
def test_a_full_stop_is_added_where_it_is_missing(text: str, said: str) -> None:
    assert stop(text, "。") == said


@pytest.mark.parametrize(
    ("notice_type", "body"),
    [
        ("issue_declined", "您关注的事项“菜地”不予受理（无实际内容）。反映人可以申诉一次，由另一人决定。"),
        ("order_rejected", "“菜地”未通过。"),
        ("result_reported", "“菜地”已有结果。"),
        ("session_convened", "“菜地”将于 2026-03-02 08:00 议事。"),
    ],
)
def test_a_notice_without_its_optional_words_can_be_read(notice_type: str, body: str) -> None:
    parameters = {"title": "菜地", "ground": "no_content", "opens_at": "2026-03-02T08:00:00Z"}

    assert render(notice_type, "zh-Hans", parameters).body == body
    assert render(notice_type, "en", parameters).body


def test_every_template_belongs_to_a_notice_that_is_sent() -> None:
    assert set(templates()) == {kind.type for _, kind in NOTICE_RULES}


def test_an_expression_in_a_parameter_is_not_evaluated() -> None:
    assert render("order_staffed", "en", {"title": "{{ 7*7 }}"}).title == "Scheduled: {{ 7*7 }}"


def test_a_notice_shows_codes_in_words_and_times_in_local_time() -> None:
    driver = notify_steps.start(calendar={"utc_offset_minutes": 60})
    until = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)

    driver.hear(issues.IssueClosed(outcome="agreed_no_action", survey_until=until), "veg-1", by="p-branch")

    assert notify_steps.bodies(driver, "issue_closed")["p-1"] == (
        "“菜地”已办结（议定不办）。请在 2026-04-01 00:30 前答复回访：工作人员是否与您联系？问题是否解决？您是否满意？"
    )
