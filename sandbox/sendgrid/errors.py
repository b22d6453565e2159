"""SendGrid's errors as it words and wraps them."""

from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse


class SendgridError(Exception):
    """An answer that is an error: its status and the complaints, each about a field or none."""

    def __init__(self, message: str, field: str | None = None, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.complaints = [complaint(message, field)]


class BadMessage(SendgridError):
    """A mail that SendGrid does not take, with everything that is wrong with it."""

    def __init__(self, complaints: list[dict[str, Any]]) -> None:
        super().__init__(complaints[0]["message"])
        self.complaints = complaints


def complaint(message: str, field: str | None = None) -> dict[str, Any]:
    return {"message": message, "field": field, "help": None}


async def answer_error(_request: Request, error: SendgridError) -> JSONResponse:
    """The error in SendGrid's envelope."""
    return JSONResponse({"errors": error.complaints}, status_code=error.status)
