"""The words that messages about matching share: who may send what, and bounded fields."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.fields import EVERYBODY, RESIDENTS, STAFF, Role, Word

BRANCH = frozenset({Role.BRANCH})
REGISTRARS = frozenset({Role.OFFICE, Role.BRANCH})
PROVIDERS = frozenset({Role.ORGANISATION})
EITHER = BRANCH | PROVIDERS
PEOPLE = RESIDENTS | STAFF
HELPERS = EVERYBODY - {Role.SYSTEM}

Channel = Annotated[Word, Field(examples=["app"])]
Status = Annotated[Literal["filed", "registered"], Field(examples=["filed"])]
Code = Annotated[str, Field(pattern=r"^[2-9A-HJKMNP-Z]{6}$", max_length=6, examples=["K7Q2MD"])]
Stars = Annotated[int, Field(ge=1, le=5, examples=[5])]
