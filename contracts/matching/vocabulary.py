"""Sets of roles, and bounded fields, that several messages about matching use."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import EVERYBODY, RESIDENTS, STAFF, Format, FreeText, Role, Word

BRANCH = frozenset({Role.BRANCH})
REGISTRARS = frozenset({Role.OFFICE, Role.BRANCH})
"""Roles that file organisations and verify qualifications."""
PROVIDERS = frozenset({Role.ORGANISATION})
"""The role of those who act for an organisation."""
BRANCH_AND_PROVIDERS = BRANCH | PROVIDERS
PEOPLE = RESIDENTS | STAFF
"""Roles that cancel and rate orders."""
ENROLLERS = RESIDENTS | STAFF | PROVIDERS
"""Roles that register providers and set when they have time."""
HELPERS = EVERYBODY - {Role.SYSTEM}
"""Roles that can serve an order: not those of other computer systems, auditors and operators."""

Channel = Annotated[Word, Field(examples=["app"])]
"""How a person sent a command, such as `app` or `phone`; an open enumeration."""
Status = Annotated[Literal["filed", "registered"], Field(examples=["filed"])]
PartyKind = Annotated[
    Literal["organisation", "enterprise", "university", "team"], Field(examples=["organisation"])
]
Stage = Annotated[
    Literal["applying", "incubating", "active", "dormant", "closed"], Field(examples=["active"])
]
QualificationKind = Annotated[Literal["skill", "language", "check"], Field(examples=["skill"])]
Code = Annotated[str, Format(r"^[2-9A-HJKMNP-Z]{6}$"), Field(max_length=6, examples=["K7Q2MD"])]
Stars = Annotated[int, Field(ge=1, le=5, examples=[5])]
Duty = Annotated[Literal["lead", "assist"], Field(examples=["assist"])]
"""双工: a social worker leads, volunteers assist (domain.md §3.2)."""
HourKind = Annotated[Literal["service", "travel", "training"], Field(examples=["service"])]
Wish = Annotated[FreeText | None, Field(examples=["想学用智能手机挂号"])]
MAX_MINUTES = 60 * 24 * 31
"""The most minutes that a line of the ledger can hold: 31 days."""
Minutes = Annotated[int, Field(ge=0, le=MAX_MINUTES, examples=[90])]
