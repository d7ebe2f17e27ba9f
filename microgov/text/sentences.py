"""Sentences for messages, in Chinese and English, as commands and stories print them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from microgov.contracts.message import Envelope, Message, plain
from microgov.contracts.terms import display_value, term, time_in
from microgov.contracts.terms import hour as hour_at
from microgov.services.chassis.installed import installed
from microgov.services.notify import notices

LANGUAGES = ("zh", "en")


class Sentence(NamedTuple):
    """A text in both languages, as commands and stories print it.

    It is not part of any message: messages carry `microgov.contracts.fields.Words`, and `microgov.contracts.terms.Term` is
    the word for a code in a table.
    """

    zh: str
    en: str

    def lines(self, lang: str | None = None) -> list[str]:
        """The sentence in one language, or Chinese followed by English."""
        return [self.zh, self.en] if lang not in LANGUAGES else [getattr(self, lang)]


@cache
def _sentences() -> dict[str, tuple[str, str]]:
    """The sentences by the names of messages; a service of another package brings its own, in `sentences.yaml`."""
    found: dict[str, tuple[str, str]] = _yaml(Path(__file__).with_suffix(".yaml"))
    for service in installed():
        own = service.folder / "sentences.yaml"
        if own.is_file():
            found |= _yaml(own)
    return found


@cache
def _notices() -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = _yaml(files(notices) / "templates.yaml")
    return found


def _yaml(file: Path | Traversable) -> Any:
    """Loads YAML, with the loader in C if available, which is ten times faster."""
    return yaml.load(file.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def notice(kind: str, language: int) -> str:
    """The name of a type of notice: its title before the first placeholder. `language` is 0 for Chinese, 1 for English.

    An unknown type is returned unchanged.
    """
    texts = _notices().get(kind)
    return (
        kind
        if texts is None
        else texts[("zh-Hans", "en")[language]]["title"].partition("{{")[0].rstrip("：: ")
    )


class _Values(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "–"


def sentence_of(m: Envelope[Message]) -> Sentence:
    """The sentence for a message."""
    return sentence_of_data(m.data, m.subject)


def sentence_of_data(message: Message, subject: str | None) -> Sentence:
    """The sentence for a message that has not been sent yet."""
    found = _sentences().get(message.NAME)
    if found is None:
        return _generic(message, subject)
    data = plain(message)
    zh, en = (sentence.format_map(_values(data, subject, at)) for at, sentence in enumerate(found))
    return Sentence(zh, en)


def _values(data: Mapping[str, Any], subject: str | None, language: int) -> _Values:
    said = {name: _shown_value(name, value, language) for name, value in data.items()}
    return _Values({**said, "subject": subject or "–"})


def _shown_value(name: str, value: Any, language: int) -> Any:
    if name == "notice_type":
        return notice(value, language)
    if isinstance(value, list):
        return ("、", ", ")[language].join(str(_shown_value(name, one, language)) for one in value)
    return (
        _Values(value) if isinstance(value, dict) else display_value(name, value, language, _LocalTime.offset)
    )


def _generic(message: Message, subject: str | None) -> Sentence:
    fields = ", ".join(f"{name}={value}" for name, value in plain(message).items())
    words = " ".join([message.NAME.replace("_", " "), subject or "", f"({fields})" if fields else ""]).strip()
    return Sentence(words, words)


class _LocalTime:
    offset = timedelta(0)


def use_local_time(offset: timedelta) -> None:
    """Sets the offset from UTC in which times are shown. Before the first call it is zero."""
    _LocalTime.offset = offset


def zone() -> str:
    """The name of the time zone in use, such as UTC+08:00."""
    minutes = int(_LocalTime.offset.total_seconds()) // 60
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def hour(time: datetime) -> str:
    """A time to the minute, in local time."""
    return hour_at(time, _LocalTime.offset)


def hour_of(text: str) -> str:
    """A time in JSON format, to the minute, in local time."""
    return hour(datetime.fromisoformat(text))


def as_text(value: Any) -> str:
    """A JSON value as text; times are shown in local time."""
    time = time_in(value) if isinstance(value, str) else None
    return str(value) if time is None else hour(time)


def sender_of(m: Envelope[Message]) -> Sentence:
    """The sender with role, and for whom they act."""
    return actor(m.authid, m.role, m.onbehalfof)


def actor(authid: str, role: str | None, onbehalfof: str | None) -> Sentence:
    """The sender with role, and for whom they act, from the parts."""
    zh, en = (
        (f"{authid}（{term('role', role, 0)}）", f"{authid} ({term('role', role, 1)})")
        if role
        else (authid, authid)
    )
    if onbehalfof is None:
        return Sentence(zh, en)
    return Sentence(f"{zh}代 {onbehalfof}" if role else f"{zh} 代 {onbehalfof}", f"{en} for {onbehalfof}")
