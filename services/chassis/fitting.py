"""Shortens sentences to the length that a message allows, whatever they list or quote."""

import re

MAX_CHARACTERS = 1000
"""Characters that a sentence (`Words`) may have."""
_LISTED = {
    "zh": (re.compile(r"(?:[^、。，；：]+、)+"), "、", "……（另有 {} 项）、"),
    "en": (re.compile(r"(?:[^,.;:]+, )+"), ", ", "… ({} more), "),
}


def fitting(sentence: str, language: str) -> str:
    """Returns the sentence unchanged if it has at most 1000 characters. Otherwise its longest list is shortened and, if it
    has no list that can be shortened enough, its end is cut off.

    A sentence that fits is never changed, because logs that hold it are replayed and compared.
    """
    if len(sentence) <= MAX_CHARACTERS:
        return sentence
    lists, mark, more = _LISTED[language]
    spans = (found.span() for found in lists.finditer(sentence))
    start, end = max(spans, key=lambda span: span[1] - span[0], default=(0, 0))
    cut = sentence.rfind(mark, start, max(0, end - (len(sentence) - MAX_CHARACTERS) - len(more) - 9))
    if cut < 0:
        return sentence[: MAX_CHARACTERS - 1] + "…"
    left = sentence[cut + len(mark) : end].count(mark)
    return sentence[: cut + len(mark)] + more.format(left) + sentence[end:]
