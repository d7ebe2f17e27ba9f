"""The section `modules`: the service modules 服务模块 (domain.md §3.1)."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from microgov.contracts.fields import Part, Text, Word


class ServiceModule(Part):
    """A kind of service that an offer names: its word, and what people call it."""

    module: Word
    zh: Text
    en: Text


def _module(module: str, zh: str, en: str) -> ServiceModule:
    return ServiceModule(module=module, zh=zh, en=en)


class ModulesRules(Part):
    """The service modules 服务模块 "4 + X" (domain.md §3.1): four fixed ones and any number of extensions.

    The reference case names three; the fourth is for the operator to name.
    """

    section: Literal["modules"] = "modules"
    first: ServiceModule = _module("womens_rights", "妇女维权", "women's rights protection")
    second: ServiceModule = _module("parent_child", "亲子教育", "parent-child education")
    third: ServiceModule = _module("reemployment", "妇女再就业", "women's re-employment")
    fourth: ServiceModule | None = None
    extensions: Annotated[
        list[ServiceModule],
        Field(
            max_length=200,
            default_factory=lambda: [
                _module("convenience", "便民服务", "convenience services"),
                _module("repair", "便民维修", "repairs"),
                _module("care", "陪伴照护", "company and care"),
                _module("legal", "法律咨询", "legal advice"),
            ],
        ),
    ]

    def names(self) -> list[str]:
        """The words that an offer can name, the fixed modules first."""
        fixed = (self.first, self.second, self.third, self.fourth)
        return [one.module for one in (*fixed, *self.extensions) if one is not None]

    @model_validator(mode="after")
    def _entries_unique(self) -> "ModulesRules":
        names = self.names()
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise ValueError(f"{twice[0]} is there twice: give it one entry")
        return self
