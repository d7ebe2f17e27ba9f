"""Messages in human words, in Chinese and English: what `microgov tail` and the stories tell."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from contracts.message import Envelope, Message, plain
from contracts.terms import hour, shown, term

LANGUAGES = ("zh", "en")


class Told(NamedTuple):
    """One sentence in both languages."""

    zh: str
    en: str

    def lines(self, lang: str | None = None) -> list[str]:
        """In one language, or Chinese with English beneath."""
        return [self.zh, self.en] if lang not in LANGUAGES else [getattr(self, lang)]


@cache
def _sentences() -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return found


class _Values(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "–"


def tell(m: Envelope[Message]) -> Told:
    """What the message says."""
    return tell_data(m.data, m.subject)


def tell_data(message: Message, subject: str | None) -> Told:
    """The same for a message that has not been sent yet."""
    found = _sentences().get(message.NAME)
    if found is None:
        return _generic(message, subject)
    data = plain(message)
    zh, en = (sentence.format_map(_values(data, subject, at)) for at, sentence in enumerate(found))
    return Told(zh, en)


def _values(data: Mapping[str, Any], subject: str | None, language: int) -> _Values:
    said = {name: _said(name, value, language) for name, value in data.items()}
    return _Values({**said, "subject": subject or "–"})


def _said(name: str, value: Any, language: int) -> Any:
    return _Values(value) if isinstance(value, dict) else shown(name, value, language)


def _generic(message: Message, subject: str | None) -> Told:
    fields = ", ".join(f"{name}={value}" for name, value in plain(message).items())
    words = " ".join([message.NAME.replace("_", " "), subject or "", f"({fields})" if fields else ""]).strip()
    return Told(words, words)


def hour_of(text: str) -> str:
    """A time as it stands in JSON to the minute, UTC."""
    return hour(datetime.fromisoformat(text))


def who(m: Envelope[Message]) -> Told:
    """Who acts, in which role, and for whom."""
    return actor(m.authid, m.role, m.onbehalfof)


def actor(authid: str, role: str | None, onbehalfof: str | None) -> Told:
    """The same from its parts."""
    zh, en = (f"{authid}（{term('role', role, 0)}）", f"{authid} ({term('role', role, 1)})") if role else (authid, authid)
    if onbehalfof is None:
        return Told(zh, en)
    return Told(f"{zh} 代 {onbehalfof}", f"{en} for {onbehalfof}")
