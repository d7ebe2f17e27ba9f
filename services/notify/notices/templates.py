"""Renders the texts of notices from templates.yaml, in a sandbox."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from microgov.contracts.terms import display_value

VERSION = 1


class Text(NamedTuple):
    """The text of a notice."""

    title: str
    body: str


@cache
def templates() -> dict[str, dict[str, dict[str, str]]]:
    """Notice type → language → title and body, as in the file."""
    loaded: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(
        Path(__file__).with_suffix(".yaml").read_text("utf-8")
    )
    return loaded


SENTENCE_ENDS = "。．.！!？?…"
CLOSING_MARKS = "”’」』\"')）]】》"
NAMELESS = {"zh-Hans": "点单", "en": "an order"}
"""The title of an order without known text, by language."""


def stop(text: str, mark: str) -> str:
    """The text with `mark` at its end, unless it already ends like a sentence."""
    text = text.rstrip()
    return text if text.rstrip(CLOSING_MARKS).endswith(tuple(SENTENCE_ENDS)) else text + mark


@cache
def _environment(language: str) -> SandboxedEnvironment:
    made = SandboxedEnvironment(undefined=StrictUndefined)
    made.filters["stop"] = partial(stop, mark="." if language == "en" else "。")
    return made


@cache
def _compiled(notice_type: str, language: str, part: str) -> Template:
    return _environment(language).from_string(templates()[notice_type][language][part])


def render(
    notice_type: str, language: str, parameters: Mapping[str, Any], offset: timedelta = timedelta(0)
) -> Text:
    """The notice in that language, with codes as words and times in local time (`offset` from UTC).

    Raises KeyError for an unknown type or language, UndefinedError if a value is missing.
    """
    named = {**parameters, "title": parameters.get("title") or NAMELESS[language]}
    values = {name: _in_words(name, value, language, offset) for name, value in named.items()}
    title, body = (_compiled(notice_type, language, part).render(values) for part in ("title", "body"))
    return Text(title, body)


def _in_words(name: str, value: Any, language: str, offset: timedelta) -> Any:
    return display_value(name, value, int(language == "en"), offset) if isinstance(value, str) else value
