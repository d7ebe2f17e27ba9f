"""The bounded field types of all messages, and the roles.

Every string, list and number of a message has a bound. Control characters and characters that change the direction of text
are refused: PostgreSQL cannot store NUL, and a change of direction shows a text in another order than it is stored.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, WithJsonSchema

from microgov.contracts.bounds import TimeAtTheDoor

_FORBIDDEN = r"\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff"
"""Control characters, marks of direction and noncharacters, as part of a character class."""
LINE = rf"^[^\u0000-\u001f{_FORBIDDEN}]*$"
"""A text of one line."""
PARAGRAPHS = rf"^[^\u0000-\u0008\u000b-\u001f{_FORBIDDEN}]*$"
"""A text that may hold line breaks and tabs."""
ENTITY = r"^[a-z0-9][a-z0-9-]{0,63}$"
TOKEN = r"^[a-z0-9][a-z0-9-]{0,31}$"
WORD = r"^[a-z][a-z0-9_]{0,63}$"
UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"

NO_NEWLINE = r"(?!\n)"
"""What makes Python's `$` the end of the text: without it, it is also the place before a newline at the end."""


class Format:
    """The regular expression that a whole text matches.

    Python's own engine compiles each expression once for the process. That of pydantic compiles it anew for every field of
    every message, which took 40 MB.
    """

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> dict[str, Any]:
        return {**handler(source), "pattern": self.pattern + NO_NEWLINE, "regex_engine": "python-re"}

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(schema), "pattern": self.pattern}


class FreeTextMark:
    """Marks text that people wrote.

    Handlers copy it and never decide by it. Copies for publishers leave it out.
    """

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(schema), "x-free-text": True}


class SystemWords:
    """Marks text that holds a name which people gave, or one of these words of the system.

    A redacted recording has the words as they are, and another name.
    """

    def __init__(self, *words: str) -> None:
        self.words = frozenset(words)


def _utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("outside the years 1 to 9999 in UTC") from error


EntityId = Annotated[str, Format(ENTITY), Field(max_length=64, examples=["veg-1"])]
PersonId = Annotated[str, Format(ENTITY), Field(max_length=64, examples=["p-wang"])]
PlaceId = Annotated[str, Format(ENTITY), Field(max_length=64, examples=["donghu-yuanbu"])]
Token = Annotated[str, Format(TOKEN), Field(max_length=32, examples=["portal"])]
Word = Annotated[str, Format(WORD), Field(max_length=64, examples=["greening"])]
MessageId = Annotated[
    str, Format(UUID), Field(max_length=36, examples=["0b0b4a0e-6d0f-5a52-9a4c-2f6a6cbb6d10"])
]
OutsideId = Annotated[str, Format(LINE), Field(min_length=1, max_length=128, examples=["a-1"])]
"""The id that a publisher gives to a message."""
Sequence = Annotated[str, Format(r"^[0-9]{19}$"), Field(max_length=19, examples=["0000000000000000001"])]
TraceParent = Annotated[
    str,
    Format(r"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"),
    Field(max_length=55, examples=["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]),
]
TypeName = Annotated[
    str,
    Format(r"^[a-z][a-z0-9_]{0,63}\.[a-z][a-z0-9_]{0,63}\.v[1-9][0-9]{0,3}$"),
    Field(max_length=135, examples=["issues.submit_issue.v1"]),
]
Text = Annotated[str, Format(LINE), Field(min_length=1, max_length=200, examples=["东湖苑南门菜地"])]
FreeText = Annotated[
    str,
    Format(PARAGRAPHS),
    Field(min_length=1, max_length=4000, examples=["南门边一米宽的菜地没人管了。"]),
    FreeTextMark(),
]
Count = Annotated[int, Field(ge=0, le=1_000_000_000, examples=[3])]
Total = Annotated[int, Field(ge=0, le=2**53 - 1, examples=[3])]
"""A sum of counts in an answer, which may be larger than any single count."""
Positive = Annotated[int, Field(ge=1, le=1_000_000_000, examples=[2])]
PerMille = Annotated[int, Field(ge=0, le=1000, examples=[500])]
LogSeq = Annotated[int, Field(ge=0, le=2**53 - 1, examples=[42])]
Time = Annotated[
    AwareDatetime,
    AfterValidator(_utc),
    Field(examples=["2026-03-02T08:00:00Z"]),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-03-02T08:00:00Z"]}),
    TimeAtTheDoor(),
]
"""An instant with a time zone; converted to UTC, exact to the microsecond."""
Instant = Annotated[
    AwareDatetime,
    Field(examples=["2026-03-02T08:00:00Z"]),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-03-02T08:00:00Z"]}),
]
"""An instant that a service has written, in UTC already."""


class Part(BaseModel):
    """The base of messages and their parts: immutable, strict about types, every field bounded."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", defer_build=True)


class Words(Part):
    """A sentence to a person as messages carry it, in both languages, such as the reason of a refusal.

    Three types hold a text in two languages: `Words` is part of the wire format; `microgov.text.sentences.Sentence` is what
    commands and stories print; `microgov.contracts.terms.Term` is the word for a code in a table.
    """

    zh: Annotated[str, Format(PARAGRAPHS), Field(max_length=1000, examples=["没有议事记录，不能办结。"])]
    en: Annotated[
        str,
        Format(PARAGRAPHS),
        Field(max_length=1000, examples=["It cannot be closed without a deliberation."]),
    ]


class Role(StrEnum):
    """The capacity in which a person acts at a place; the Chinese terms are in domain.md §1."""

    RESIDENT = "resident"
    LANDLORD = "landlord"
    STAIRWELL_CAPTAIN = "stairwell_captain"
    DELEGATE = "delegate"
    RESPECTED_LOCAL = "respected_local"
    ENTREPRENEUR = "entrepreneur"
    VOLUNTEER_BACKBONE = "volunteer_backbone"
    DASAO = "dasao"
    VOLUNTEER = "volunteer"
    SOCIAL_WORKER = "social_worker"
    PARTY_MEMBER = "party_member"
    BRANCH = "branch"
    WOMENS_FEDERATION = "womens_federation"
    LIAISON_STATION = "liaison_station"
    PROPERTY_COMPANY = "property_company"
    DEVELOPER = "developer"
    ORGANISATION = "organisation"
    ENTERPRISE = "enterprise"
    UNIVERSITY = "university"
    OFFICE = "office"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    SYSTEM = "system"


RESIDENTS = frozenset(
    {
        Role.RESIDENT,
        Role.LANDLORD,
        Role.STAIRWELL_CAPTAIN,
        Role.DELEGATE,
        Role.RESPECTED_LOCAL,
        Role.ENTREPRENEUR,
        Role.VOLUNTEER_BACKBONE,
        Role.DASAO,
        Role.VOLUNTEER,
        Role.PARTY_MEMBER,
    }
)
"""Roles of people who live or belong here and act for themselves."""
STAFF = frozenset({Role.SOCIAL_WORKER, Role.BRANCH, Role.WOMENS_FEDERATION, Role.OFFICE})
"""Roles of people whose work it is to handle the matters of others."""
EVERYBODY = frozenset(set(Role) - {Role.AUDITOR, Role.OPERATOR})
"""All roles but those that only watch or run the system."""
OPERATORS = frozenset({Role.OPERATOR})
READERS = STAFF | OPERATORS | {Role.AUDITOR}
"""Roles that may ask about other people's matters, within their scope."""

RoleName = Annotated[Role, Field(examples=["resident"])]
Language = Annotated[Literal["zh-Hans", "en"], Field(examples=["zh-Hans"])]

NEVER_HELD = frozenset(
    {
        "religion",
        "faith",
        "petition_history",
        "petitions",
        "id_number",
        "id_card",
        "identity_card",
        "marital_status",
    }
)
"""Names of fields that must never exist in this system (domain.md §1): 宗教信仰、信访记录、身份证号、婚姻状况."""
