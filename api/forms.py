"""Kinds of values that several requests carry."""

from typing import Annotated

from pydantic import Field

ADDRESS = r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$"
Email = Annotated[str, Field(pattern=ADDRESS, max_length=254, examples=["ana@example.org"])]
Line = Annotated[str, Field(max_length=400)]
Reason = Annotated[str, Field(max_length=2000, examples=["The brand asked for another week to decide."])]
