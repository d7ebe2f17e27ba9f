"""Columns of the three kinds of sheets, in English and Chinese, and parsing of their cells."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from microgov.contracts.validation.invalid_message import InvalidMessage

Row = Mapping[str, str]
COLUMNS: dict[str, dict[str, str]] = {
    "organisations": {
        "id": "编号",
        "name": "名称",
        "kind": "类别",
        "status": "状态",
        "stage": "孵化阶段",
        "domains": "服务领域",
        "places": "服务地点",
        "enterprises": "服务企业",
        "representatives": "代表",
    },
    "providers": {
        "person": "人员",
        "organisations": "组织",
        "roles": "身份",
        "languages": "语言",
        "qualifications": "资质",
        "availability": "可服务时间",
        "days_off": "休息日",
        "conflicts": "回避对象",
    },
    "offers": {
        "id": "编号",
        "organisation": "组织",
        "title": "标题",
        "module": "模块",
        "place": "地点",
        "requires": "资质要求",
        "representative": "代表",
        "slot": "时段",
        "starts": "开始",
        "ends": "结束",
        "slot_place": "时段地点",
        "capacity": "名额",
    },
}
REQUIRED_COLUMNS = {
    "organisations": ("name", "status", "places", "representatives"),
    "providers": ("person", "roles"),
    "offers": ("organisation", "title", "module", "place"),
}
CHINESE_VALUES = {
    "备案": "filed",
    "登记": "registered",
    "社会组织": "organisation",
    "企业": "enterprise",
    "高校": "university",
    "团队": "team",
    "申请入孵": "applying",
    "在孵": "incubating",
    "运行中": "active",
    "休眠": "dormant",
    "已注销": "closed",
    "志愿者": "volunteer",
    "社工": "social_worker",
    "大嫂": "dasao",
    "党员": "party_member",
    "技能": "skill",
    "语言": "language",
    "核验": "check",
}
"""Chinese words in cells, and the value of a message field that each one means."""
_WINDOW = re.compile(
    r"^(?:周|星期)?([1-7一二三四五六日天]) *([0-9]{1,2}):([0-5][0-9])[-–—~至]([0-9]{1,2}):([0-5][0-9])$"
)
_DAYS = {**{str(n): n for n in range(1, 8)}, **{day: n for n, day in enumerate("一二三四五六日", 1)}, "天": 7}


def column_names(kind: str, given: list[str]) -> dict[str, str]:
    """Maps English column names to the file's own. Raises InvalidMessage for unknown, repeated and missing columns."""
    english = {head: name for name, chinese in COLUMNS[kind].items() for head in (name, chinese)}
    found: dict[str, str] = {}
    for head in given:
        name = english.get(head.strip().lower())
        known = "、".join(f"{name}（{chinese}）" for name, chinese in COLUMNS[kind].items())
        if name is None:
            raise InvalidMessage(
                "unknown_column",
                head,
                f"没有列“{head}”。可用：{known}。",
                f"There is no column {head}. Known: {known}.",
            )
        if name in found:
            raise InvalidMessage(
                "column_twice",
                head,
                f"列“{head}”重复。请只留一列。",
                f"The column {head} is there twice. Keep one.",
            )
        found[name] = head
    for name in REQUIRED_COLUMNS[kind]:
        if name not in found:
            chinese = COLUMNS[kind][name]
            raise InvalidMessage(
                "column_missing",
                name,
                f"缺少列 {name}（{chinese}）。请补上。",
                f"The column {name} ({chinese}) is missing. Add it.",
            )
    return found


def cell(row: Row, name: str) -> str | None:
    """The text of a cell, or None if empty; known Chinese words are translated."""
    text = row.get(name, "").strip()
    return CHINESE_VALUES.get(text, text) or None


def cell_items(row: Row, name: str) -> list[str]:
    """The parts of a cell, separated by ; ， 、 or |."""
    parts = (part.strip() for part in re.split(r"[;；,，、|]", row.get(name, "")))
    return [CHINESE_VALUES.get(part, part) for part in parts if part]


def qualifications(row: Row, name: str) -> Iterator[tuple[dict[str, str], str | None]]:
    """Parses `check:health=2027-01-31; skill:first_aid` into qualifications, each with its last day or None.

    Raises InvalidMessage.
    """
    for part in cell_items(row, name):
        what, _, until = part.partition("=")
        kind, colon, named = what.partition(":")
        if not colon:
            raise InvalidMessage(
                "bad_format",
                name,
                f"“{part}”应写成 类别:名称 或 类别:名称=日期，例如 check:health=2027-01-31。",
                f"{part} is to be kind:name or kind:name=day, such as check:health=2027-01-31.",
            )
        yield (
            {"kind": CHINESE_VALUES.get(kind.strip(), kind.strip()), "name": named.strip()},
            until.strip() or None,
        )


def week(row: Row, name: str) -> list[dict[str, int]]:
    """Parses `6 09:00-12:00; 7 14:00-16:00` or 周六 09:00-12:00: weekday (1: Monday), local time. Raises InvalidMessage."""
    found = []
    for part in cell_items(row, name):
        match = _WINDOW.match(part)
        if match is None or int(match[2]) > 24 or int(match[4]) > 24:
            raise InvalidMessage(
                "bad_format",
                name,
                f"“{part}”应写成 6 09:00-12:00 或 周六 09:00-12:00。",
                f"{part} is to be weekday and hours, such as 6 09:00-12:00.",
            )
        minutes = (int(match[2]) * 60 + int(match[3]), int(match[4]) * 60 + int(match[5]))
        found.append({"weekday": _DAYS[match[1]], "from_minute": minutes[0], "to_minute": minutes[1]})
    return found


def number(row: Row, name: str) -> int | str | None:
    """The whole number in a cell. Other text is returned unchanged: the check of the message refuses it."""
    text = cell(row, name)
    return int(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 16 else text


def same_time(one: str, other: str) -> bool:
    """Whether two times are the same instant, in whatever format."""
    return datetime.fromisoformat(one) == datetime.fromisoformat(other)
