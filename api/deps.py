"""What every route is given: a transaction, the time, who asks, and which page of a list."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from anyio import Semaphore
from anyio.lowlevel import RunVar
from fastapi import Cookie, Depends, Header, Query, Request, Response
from fastapi.concurrency import contextmanager_in_threadpool
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from api.errors import StaleVersion
from api.scopes import needed
from campaigns.core import access, clock, idempotency, tokens
from campaigns.core.errors import NotSignedIn
from campaigns.core.people import GUEST, Actor
from campaigns.core.words import _
from workers.transactions import POOL_SIZE, unit_of_work

COOKIE = "__Host-cb"
SPARE_CONNECTIONS = 2  # for what reads outside a request's own transaction, as downloads do
_PLACES: RunVar[Semaphore] = RunVar("places")
Answer = TypeVar("Answer", bound=BaseModel)
Place = TypeVar("Place")
Item = TypeVar("Item")
bearer = HTTPBearer(auto_error=False, description="A token from `POST /api/v1/sign-in/token`.")


def _places() -> Semaphore:
    """How many requests may be in a transaction at once, in the event loop that asks.

    Each step of a request takes a thread anew, and its transaction lasts from step to step: fewer of them than connections, or those that
    have a connection and want a thread, and those that have a thread and want a connection, wait for each other.
    """
    try:
        return _PLACES.get()
    except LookupError:
        _PLACES.set(Semaphore(POOL_SIZE - SPARE_CONNECTIONS))
        return _PLACES.get()


async def transaction() -> AsyncIterator[Session]:
    """The request's one transaction, committed before the answer goes out."""
    async with _places(), contextmanager_in_threadpool(unit_of_work()) as session:
        yield session


Tx = Annotated[Session, Depends(transaction, scope="function")]


def ahead(session: Tx) -> timedelta:
    """How far business time is ahead of real time."""
    return clock.offset(session)


Ahead = Annotated[timedelta, Depends(ahead)]


# What asks nobody is no plain function: that would cost a thread of the pool, twice handed over, for each question.
async def now(ahead: Ahead) -> datetime:
    """Business time, the same for the whole request."""
    return clock.process_now() + ahead


def anyone(
    request: Request,
    session: Tx,
    token: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)] = None,
    cookie: Annotated[str | None, Cookie(alias=COOKIE, include_in_schema=False)] = None,
) -> Actor:
    """Who asks: the token's or the session's person, or a guest, as whoever comes with a session that has ended is too.

    Raises ScopeMissing for a token without the scope that the route names.
    """
    actor = tokens.actor_of_token(session, token.credentials) if token is not None else _at_browser(session, cookie)
    request.state.person_id = actor.person_id  # for the security log, should it be refused
    actor.require_scope(needed(request))
    return actor


def _at_browser(session: Session, cookie: str | None) -> Actor:
    try:
        return access.actor_of_session(session, cookie) if cookie else GUEST
    except NotSignedIn:
        return GUEST


def someone(actor: Actor) -> Actor:
    """Who asks, signed in; raises NotSignedIn for a guest."""
    if actor.person_id is None:
        raise NotSignedIn(_("Sign in first."))
    return actor


async def _someone(actor: Annotated[Actor, Depends(anyone)]) -> Actor:
    return someone(actor)


At = Annotated[datetime, Depends(now)]
Anyone = Annotated[Actor, Depends(anyone)]
By = Annotated[Actor, Depends(_someone)]


class FromRow(BaseModel):
    """An answer whose fields are called as those of the row that it shows."""

    model_config = ConfigDict(from_attributes=True)


class Listing(BaseModel):
    """One page of a list; `next` is where the next page starts."""

    next: UUID | None = None


@dataclass(frozen=True, slots=True)
class Paging(Generic[Place]):
    """One page of a list: up to `limit` items behind the place `after`, which of most lists is the id of its last item."""

    after: Place | None
    limit: int

    @property
    def one_more(self) -> int:
        """How many to ask for, so that it shows whether there is a next page."""
        return self.limit + 1


def page_of(found: Sequence[Item], limit: int, place: Callable[[Item], Place]) -> tuple[Sequence[Item], Place | None]:
    """The items of one page, and the place after which the next page begins, if more than `limit` were found."""
    shown = found[:limit]
    return shown, place(shown[-1]) if len(found) > limit else None


PAGE_BEFORE = "The `next` of the previous page."
Limit = Annotated[int, Query(ge=1, le=100, description="Items per page.")]


async def paging(after: Annotated[UUID | None, Query(description=PAGE_BEFORE)] = None, limit: Limit = 30) -> Paging[UUID]:
    return Paging(after, limit)


Page = Annotated[Paging[UUID], Depends(paging)]
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


def place_in_time(moment: datetime) -> int:
    """The moment as a whole number, exact to the microsecond: where a page of what has no number of its own ends."""
    return (moment - EPOCH) // MICROSECOND


def moment_at(place: int) -> datetime:
    return EPOCH + place * MICROSECOND


@dataclass(frozen=True, slots=True)
class Once:
    """Does a deed once for each idempotency key; without a key, each time."""

    session: Session
    by: Actor
    request: bytes
    key: str | None

    def __call__(self, deed: Callable[[], Answer], status: int = 201) -> Answer | Response:
        """The deed's answer, or the one that was given under this key before."""
        if self.key is None:
            return deed()
        if kept := idempotency.take_key(self.session, self.by.person, self.key, self.request):
            return JSONResponse(kept.body, kept.status or status, headers={"Idempotency-Replayed": "true"})
        answer = deed()
        idempotency.keep_answer(self.session, self.by.person, self.key, status, answer.model_dump(mode="json"))
        return answer


async def once(
    request: Request,
    session: Tx,
    by: By,
    idempotency_key: Annotated[
        str | None, Header(max_length=255, description="For a week, the same key and request get the same answer and act once.")
    ] = None,
) -> Once:
    # What a token's scopes do not reach it is not told again either.
    asked = f"{request.method} {request.url.path}?{request.url.query} {sorted(by.scopes)}\n"
    return Once(session, by, asked.encode() + await request.body(), idempotency_key)


OnlyOnce = Annotated[Once, Depends(once)]
IfMatch = Annotated[str | None, Header(alias="If-Match", description="The ETag of the version that you have seen.")]


def require_version(if_match: str | None, version: int | str) -> None:
    """Raise StaleVersion when the caller has seen another version of what it changes; `*` is any, and of several one must be it."""
    if if_match is None or if_match.strip() == "*":
        return
    # What follows the dot is of the whole answer, which may differ in what no caller changes.
    seen = [tag.strip().removeprefix("W/").strip('"').partition(".")[0] for tag in if_match.split(",")]
    if str(version) not in seen:
        raise StaleVersion(_("Someone has changed this since you loaded it; reload it and repeat your change."))


TAG = {"type": "string", "pattern": '^W/"'}
# What a route says of itself that answers with an ETag.
TAGGED: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"ETag": {"description": "The version shown: send it as If-Match with your change.", "required": True, "schema": TAG}}}
}


def etag(response: Response, version: int | str) -> None:
    """Say which version the answer shows."""
    response.headers["ETag"] = f'W/"{version}"'


def tag_of(shown: BaseModel, *fields: str) -> str:
    """A version made of what these fields of an answer say, for what has no number of its own."""
    return sha256(shown.model_dump_json(include=set(fields)).encode()).hexdigest()[:16]
