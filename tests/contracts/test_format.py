"""A field's format lets in exactly what pydantic's own engine would, and schema and refusal show it as it was written."""

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from microgov.contracts.fields import LINE, PARAGRAPHS, Format
from microgov.contracts.message import Envelope
from microgov.contracts.receipt import Receipt
from microgov.contracts.registry import every_message
from microgov.contracts.validation.sentences import sentence


def patterns(schema: Any) -> Iterator[str]:
    """Every pattern in a schema."""
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        for inner in schema.values():
            yield from patterns(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from patterns(inner)


CLASSES: list[type[BaseModel]] = [*every_message(), Envelope[Any], Receipt]
SCHEMAS = [cls.model_json_schema() for cls in CLASSES]
PATTERNS = sorted({pattern for schema in SCHEMAS for pattern in patterns(schema)})


def takes(adapter: TypeAdapter[str], text: str) -> bool:
    try:
        return adapter.validate_python(text) == text
    except ValidationError:
        return False


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_format_lets_in_what_pydantics_engine_lets_in(pattern: str) -> None:
    ours: TypeAdapter[str] = TypeAdapter(Annotated[str, Format(pattern)])
    theirs: TypeAdapter[str] = TypeAdapter(Annotated[str, Field(pattern=pattern)])
    fitting = st.from_regex(pattern, fullmatch=True)

    @given(
        st.one_of(
            fitting,
            fitting.map(lambda text: text + "\n"),
            st.text(),
            st.tuples(st.text(), fitting).map("".join),
        )
    )
    def same(text: str) -> None:
        assert takes(ours, text) == takes(theirs, text)

    same()


def test_a_newline_at_the_end_is_no_part_of_a_line() -> None:
    assert not takes(TypeAdapter(Annotated[str, Format(LINE)]), "one line\n")
    assert takes(TypeAdapter(Annotated[str, Format(PARAGRAPHS)]), "a paragraph\n")


def test_schema_and_refusal_show_the_format_as_it_was_written() -> None:
    made: TypeAdapter[str] = TypeAdapter(Annotated[str, Format("^[2-9]{6}$"), Field(max_length=6)])

    assert made.json_schema() == {"type": "string", "pattern": "^[2-9]{6}$", "maxLength": 6}
    with pytest.raises(ValidationError) as refused:
        made.validate_python("1")
    _, _, en = sentence(refused.value.errors()[0], "data.code")
    assert en == "data.code does not have the form ^[2-9]{6}$. Correct it."


def test_every_pattern_of_the_contracts_is_a_format() -> None:
    """A pattern that a field has by itself is compiled anew for each message."""
    cores = {cls.__name__: str(cls.__pydantic_core_schema__) for cls in every_message()}
    assert not [
        name for name, core in cores.items() if core.count("'pattern':") != core.count("'regex_engine':")
    ]
