"""Every refusal in one form: to a program as problem+json (RFC 9457), to a person as a page that says what to do."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from starlette.exceptions import HTTPException

from api import door_log, faults, problem_pages
from api.addresses import methods_at
from api.headers import language, safe_headers
from campaigns.core.errors import Refusal
from campaigns.core.files import is_full, no_room
from campaigns.core.ids import new_id
from campaigns.core.words import _, reading_in

AGAIN_IN_SECONDS = 5
log = logging.getLogger("callboard.api")
# What is refused before a route is reached, or by no rule of ours: the codes beside the names of the refusals.
CODES = ("NotServed", "Malformed", "NotKeepable", "Unavailable", "Broken")


class StaleVersion(Refusal):
    """The object has changed since the caller loaded it."""

    status = 412


class FieldFault(BaseModel):
    """What is wrong with one field of a malformed request."""

    field: str = Field(examples=["weight"])
    message: str = Field(examples=["Enter a whole number."])


class Problem(BaseModel):
    """RFC 9457: `code` names the refusal, `detail` says what to do, `field` says where."""

    type: str = Field(description="The URN of the problem.", examples=["urn:callboard:problem:CallClosed"])
    title: str = Field(examples=["CallClosed"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["The call has closed; a late submission needs an extension for everyone."])
    code: str = Field(examples=["CallClosed"])
    field: str | None = None
    instance: str | None = Field(None, description="For an error on our side: the name of its log entry.")
    errors: list[FieldFault] | None = Field(None, description="For a malformed request: each fault with its field.")


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """What is said of a refusal, before it is known to whom."""

    status: int
    code: str
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> JSONResponse:
        body = Problem(
            type=f"urn:callboard:problem:{self.code}", title=self.code, status=self.status, detail=self.detail, code=self.code, **self.more
        )
        return JSONResponse(body.model_dump(exclude_none=True), self.status, self.headers, media_type="application/problem+json")

    def sentences(self) -> dict[str | None, str]:
        """The sentence for each field, None for the whole."""
        found = self.more.get("errors")
        return {each["field"]: each["message"] for each in found} if found else {self.more.get("field"): self.detail}


def refused(_request: Request, refusal: Exception) -> ErrorAnswer:
    """A refusal of the domain's."""
    assert isinstance(refusal, Refusal)  # nosec B101  # noqa: S101 - registered for Refusal only
    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else {}
    if "retry_after" in refusal.params:
        headers["Retry-After"] = str(refusal.params["retry_after"])
    return ErrorAnswer(refusal.status, refusal.code, refusal.message, headers, {"field": refusal.field})


def malformed(request: Request, error: Exception) -> ErrorAnswer:
    """A body, path or query that is not of its form: 422, each fault with its field; what is no JSON at all is 400."""
    assert isinstance(error, RequestValidationError)  # nosec B101  # noqa: S101 - registered for RequestValidationError only
    if problem_pages.is_for_a_person(request) and any(each["loc"][0] in {"path", "query"} for each in error.errors()):
        return ErrorAnswer(404, "NotServed", _("There is nothing at this address."))
    if any(each["type"] == "json_invalid" for each in error.errors()):
        return not_served(request, HTTPException(400))
    say = faults.sentence_for_person if problem_pages.is_for_a_person(request) else faults.sentence
    found = [{"field": faults.place(each), "message": say(each)} for each in error.errors()]
    first = found[0]
    sentence = _("The request does not match the documentation. {field}: {fault}", field=first["field"], fault=first["message"])
    return ErrorAnswer(422, "Malformed", sentence, more={"field": first["field"], "errors": found})


def not_served(request: Request, error: Exception) -> ErrorAnswer:
    """What the framework itself refuses: an unknown path, a method that a path does not have."""
    assert isinstance(error, HTTPException)  # nosec B101  # noqa: S101 - registered for HTTPException only
    is_person = problem_pages.is_for_a_person(request)
    sentences = {
        400: _("The request body cannot be read; send JSON in UTF-8."),
        404: _("There is nothing at this address.") if is_person else _("There is nothing at this address; the documentation is at /docs."),
        405: _("This address does not accept {method}.", method=request.method),
        408: _("This request took too long to arrive; send it again."),
        413: _("This request is too large or has too many parts; send files as an upload, in parts."),
    }
    headers = {"Allow": ", ".join(methods_at(request.app.routes, request.url.path))} if error.status_code == 405 else error.headers or {}
    return ErrorAnswer(error.status_code, "NotServed", sentences.get(error.status_code, str(error.detail)), headers)


def head_too_large() -> ErrorAnswer:
    """More before the body than any page or program of ours sends."""
    return ErrorAnswer(
        431, "NotServed", _("This request's headers are too large; send fewer and shorter ones, or clear this site's cookies.")
    )


def not_keepable(_request: Request, _error: Exception) -> ErrorAnswer:
    """A value of the right form that the database cannot hold."""
    return ErrorAnswer(400, "NotKeepable", _("A number in this request is too large, or a text has a character that cannot be stored."))


def unavailable(request: Request, error: Exception) -> ErrorAnswer:
    """The database is away, has no room or no connection left, or two changes stood in each other's way: nothing was changed."""
    log.warning("%s %s: %s", request.method, _address(request), error)
    sentence = _("Callboard cannot do this right now and has changed nothing; try again in {seconds} seconds.", seconds=AGAIN_IN_SECONDS)
    return ErrorAnswer(503, "Unavailable", sentence, {"Retry-After": str(AGAIN_IN_SECONDS)})


def out_of_room(request: Request, error: Exception) -> ErrorAnswer:
    """The disk is full: nothing was kept. Whatever else the machine refuses is a fault of ours."""
    if isinstance(error, OSError) and is_full(error):
        log.error("%s %s: %s", request.method, _address(request), error)
        return refused(request, no_room())
    return broken(request, error)


def broken(request: Request, error: Exception) -> ErrorAnswer:
    """A fault of ours: it is in the log under the name that the answer gives, and nowhere else."""
    instance = f"urn:uuid:{new_id()}"
    log.error("%s: %s %s", instance, request.method, _address(request), exc_info=error)
    sentence = _("Something went wrong on our side. Check if your change is there, and send us this number: {number}.", number=instance)
    return ErrorAnswer(500, "Broken", sentence, safe_headers(), {"instance": instance})


def _address(request: Request) -> str:
    """The address as it may stand in a log: its ids, and the names of its other parts, for among these are the secrets of links."""
    template = request.url.path
    for name, value in request.path_params.items():
        template = template if _is_id(str(value)) else template.replace(str(value), f"{{{name}}}")
    return template


def _is_id(written: str) -> bool:
    try:
        return bool(UUID(written))
    except ValueError:
        return False


def _in_the_callers_form(tell: Callable[[Request, Exception], ErrorAnswer]) -> Callable[[Request, Exception], Any]:
    async def answer(request: Request, error: Exception) -> Response:
        # The last of them runs outside every middleware, so each sees to the language itself.
        with reading_in(language(request.headers.get("accept-language", ""))):
            told = tell(request, error)
            if isinstance(error, Refusal):
                await door_log.note(request, error)
            if not problem_pages.is_for_a_person(request):
                return told.as_json()
            return await problem_pages.answer_person(request, told.status, told.code, told.detail, told.sentences(), told.headers)

    return answer


def install(app: FastAPI) -> None:
    """Answer every refusal in one form."""
    kinds = {
        Refusal: refused,
        RequestValidationError: malformed,
        HTTPException: not_served,
        DataError: not_keepable,
        OperationalError: unavailable,
        NoConnectionLeft: unavailable,
        OSError: out_of_room,
        Exception: broken,
    }
    for kind, tell in kinds.items():
        app.add_exception_handler(kind, _in_the_callers_form(tell))
