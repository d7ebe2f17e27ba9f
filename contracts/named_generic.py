"""A base for generic models whose pydantic classes are made only where they are needed."""

from types import GenericAlias
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel


class NamedGeneric(BaseModel):
    """A generic model whose `Model[X]` in an annotation is only a name; `class_of` makes the pydantic class.

    There are hundreds of such annotations; making a class for each took half of the time of a start.
    """

    if not TYPE_CHECKING:

        def __class_getitem__(cls, argument: Any) -> GenericAlias:
            return GenericAlias(cls, argument)

    @classmethod
    def class_of(cls, argument: type[BaseModel]) -> Any:
        """The pydantic class of the model with this argument, such as `Envelope[SubmitIssue]`."""
        return super().__class_getitem__(argument)
