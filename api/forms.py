"""Kinds of values that several requests carry."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field

ADDRESS = r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$"
EmailAddress = Annotated[str, Field(pattern=ADDRESS, max_length=254, examples=["ana@example.org"])]
Line = Annotated[str, Field(max_length=400)]
Reason = Annotated[str, Field(max_length=2000, examples=["The brand asked for another week to decide."])]
EmptyIsNone = BeforeValidator(lambda typed: typed or None)
Chosen = Annotated[UUID | None, EmptyIsNone]


class ReasonForm(BaseModel):
    reason: Reason


class PersonForm(BaseModel):
    """A person by their address; the name is for somebody who is new here."""

    email: EmailAddress
    name: Annotated[Annotated[str, Field(max_length=120)] | None, EmptyIsNone] = Field(None, examples=["Yuki Tanabe"])


def _written_out(typed: Any) -> Any:
    """Raise ValueError for a number, which a program may mean as seconds, as milliseconds or as nothing of the kind."""
    if isinstance(typed, int | float) or (isinstance(typed, str) and typed.strip().lstrip("+-").replace(".", "", 1).isdigit()):
        raise ValueError("write dates and times as in ISO 8601, like 2026-11-20T18:00:00-08:00")
    return typed


Moment = Annotated[datetime, BeforeValidator(_written_out)]
AwareMoment = Annotated[AwareDatetime, BeforeValidator(_written_out)]
Day = Annotated[date, BeforeValidator(_written_out)]
