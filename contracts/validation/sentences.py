"""The code and the sentences, in Chinese and English, for each of pydantic's errors about a field."""

from pydantic_core import ErrorDetails

from microgov.contracts.fields import ENTITY, NEVER_HELD, NO_NEWLINE, TOKEN, UUID, WORD

Sentence = tuple[str, str, str]
"""The error code, and what follows the name of the field in Chinese and in English."""

_TIME = (
    "bad_time",
    "不是有效的时间。请写成 2026-03-02T08:00:00Z 的形式。",
    "is no valid time. Write it like 2026-03-02T08:00:00Z.",
)
_CHOICE = ("unknown_value", "只能取 {expected}。请改正。", "must be {expected}. Correct it.")
_KIND = (
    "unknown_value",
    "的种类未知。请在该字段的说明中选择。",
    "is of no known kind. Its schema lists the kinds.",
)
_ANY = ("bad_value", "的值不正确。请查阅该字段的说明。", "is wrong. See its schema.")
_TYPE = ("wrong_type", "的类型不正确。请查阅该字段的说明。", "is of the wrong type. See its schema.")
_ONE_LINE = (
    "bad_format",
    "只能是一行文字。请删除换行和制表符。",
    "must be one line. Remove line breaks and tabs.",
)
_FORMS = {
    ENTITY: (
        "应为小写字母、数字和连字符，最多 64 个，例如 veg-1。请改正。",
        "must be small letters, digits and hyphens, 64 at most, such as veg-1. Correct it.",
    ),
    TOKEN: (
        "应为小写字母、数字和连字符，最多 32 个，例如 portal。请改正。",
        "must be small letters, digits and hyphens, 32 at most, such as portal. Correct it.",
    ),
    WORD: (
        "应为小写英文字母、数字和下划线，以字母开头，例如 greening。请改正。",
        "must be small letters, digits and underscores, beginning with a letter, such as greening. Correct it.",
    ),
    UUID: (
        "应为 UUID，例如 0b0b4a0e-6d0f-5a52-9a4c-2f6a6cbb6d10。请改正。",
        "must be a UUID, such as 0b0b4a0e-6d0f-5a52-9a4c-2f6a6cbb6d10. Correct it.",
    ),
}
_NEVER = (
    "never_held",
    "是本系统一律不保存的内容。请删除。",
    "is something that this system never holds. Remove it.",
)


def _range(bound: str) -> Sentence:
    return ("out_of_range", f"应 {bound}。请改正。", f"must be {bound}. Correct it.")


_SENTENCES: dict[str, Sentence] = {
    "missing": ("field_missing", "缺失。请填写。", "is missing. Fill it in."),
    "extra_forbidden": (
        "unknown_field",
        "不是已知的字段。请删除，或核对拼写。",
        "is no known field. Remove it, or check its spelling.",
    ),
    "string_too_long": (
        "too_long",
        "最多 {max_length} 个字符。请缩短。",
        "may have {max_length} characters. Shorten it.",
    ),
    "string_too_short": (
        "too_short",
        "至少 {min_length} 个字符。请补充。",
        "must have {min_length} characters or more. Add to it.",
    ),
    "string_pattern_mismatch": (
        "bad_format",
        "的格式不正确，应符合 {pattern}。请改正。",
        "does not have the form {pattern}. Correct it.",
    ),
    "too_long": (
        "too_many",
        "最多 {max_length} 项。请减少。",
        "may have {max_length} entries. Leave some out.",
    ),
    "too_short": (
        "too_few",
        "至少 {min_length} 项。请补充。",
        "must have {min_length} entries or more. Add some.",
    ),
    "greater_than_equal": _range("≥ {ge}"),
    "greater_than": _range("> {gt}"),
    "less_than_equal": _range("≤ {le}"),
    "less_than": _range("< {lt}"),
    "timezone_aware": (
        "time_zone_missing",
        "缺少时区。请加上，例如 +08:00 或 Z。",
        "has no time zone. Add one, such as +08:00 or Z.",
    ),
    "datetime_parsing": _TIME,
    "datetime_from_date_parsing": _TIME,
    "datetime_type": _TIME,
    "datetime_object_invalid": _TIME,
    "year_out_of_range": (
        "out_of_range",
        "须在 {first} 年至 {last} 年之间。请改正；没有期限的，可不填的字段请不填。",
        "must lie in the years {first} to {last}. Correct it, or leave it out where it may be and "
        "there is no end.",
    ),
    "enum": _CHOICE,
    "literal_error": _CHOICE,
    "union_tag_invalid": _KIND,
    "union_tag_not_found": _KIND,
}


def sentence(problem: ErrorDetails, field: str) -> Sentence:
    """The code and the sentences for an error; they name the field, the rule and what to do."""
    values = {key: str(bound).removesuffix(NO_NEWLINE) for key, bound in problem.get("ctx", {}).items()}
    found = _SENTENCES.get(problem["type"], _TYPE if problem["type"].endswith("_type") else _ANY)
    if problem["type"] == "extra_forbidden" and field.rsplit(".", 1)[-1] in NEVER_HELD:
        found = _NEVER
    if values.get("pattern") in _FORMS:
        found = ("bad_format", *_FORMS[values["pattern"]])
    if (
        len(values.get("pattern", "")) > 80
    ):  # the pattern of a text: its forbidden characters were checked before
        found = _ONE_LINE
    return found[0], f"{field} {found[1].format_map(values)}", f"{field} {found[2].format_map(values)}"
