"""Lengths of time in rules: whole hours or whole days, up to a year."""

from typing import Annotated

from pydantic import Field

Hours = Annotated[int, Field(ge=1, le=24 * 366, examples=[48])]
Days = Annotated[int, Field(ge=0, le=366, examples=[2])]
