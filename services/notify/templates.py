"""The words of notices: templates.yaml, rendered in a sandbox."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

VERSION = 1


class Text(NamedTuple):
    """What a notice says."""

    title: str
    body: str


@cache
def templates() -> dict[str, dict[str, dict[str, str]]]:
    """Notice type → language → title and body, as they stand in the file."""
    loaded: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(
        Path(__file__).with_suffix(".yaml").read_text("utf-8")
    )
    return loaded


@cache
def _compiled(notice_type: str, language: str, part: str) -> Template:
    return SandboxedEnvironment(undefined=StrictUndefined).from_string(templates()[notice_type][language][part])


def render(notice_type: str, language: str, parameters: Mapping[str, Any]) -> Text:
    """The notice in that language; KeyError for an unknown type or language, UndefinedError where a word lacks."""
    title, body = (_compiled(notice_type, language, part).render(parameters) for part in ("title", "body"))
    return Text(title, body)
