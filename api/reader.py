"""Who reads a page: their language, zone and rooms; how a page answers them, and how a form is answered."""

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Any
from urllib.parse import quote, unquote
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from api import sandbox_door
from api.deps import Ahead, Anyone, At, By, Tx
from api.navigation import Room, rooms, rooms_of
from api.pages import answer
from campaigns.core import idempotency
from campaigns.core.access import SESSION_IDLE
from campaigns.core.attention import Attention, counted
from campaigns.core.campaign import Campaign, number_told
from campaigns.core.people import Actor, Person
from campaigns.core.settings import settings
from campaigns.core.words import current_locale, known_locale, reading_in


class OnceForm(BaseModel):
    """A form that creates something; `once` is the key of the page that it was on."""

    once: str = Field(pattern="^[0-9a-f]{32}$")


SAID = "__Host-cb-said"
SAID_FOR_SECONDS = 60


@dataclass
class Reader:
    """One person, or a guest, at one page."""

    request: Request
    session: Session
    by: Actor
    at: datetime
    ahead: timedelta = timedelta()  # how far the sandbox's clock has been moved

    @cached_property
    def person(self) -> Person | None:
        return self.session.get(Person, self.by.person_id) if self.by.person_id else None

    @cached_property
    def locale(self) -> str:
        return known_locale(self.person.locale) if self.person else current_locale()

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.person.time_zone if self.person else "UTC")

    @property
    def has_shortcuts(self) -> bool:
        """Whether single keys do something: for a guest, who cannot switch them off, they never do."""
        return self.person is not None and self.person.shortcuts

    @property
    def path(self) -> str:
        """The page's own address, to come back to."""
        query = self.request.url.query
        return f"{self.request.url.path}?{query}" if query else self.request.url.path

    @cached_property
    def rooms(self) -> list[Room]:
        return rooms(self.by, earns=bool(self.attention and self.attention.earns))

    def rooms_of(self, campaign: Campaign) -> dict[str, Room]:
        """The rooms of a campaign that the reader may enter."""
        return rooms_of(campaign, self.by)

    def number_of(self, campaign: Campaign) -> int | None:
        """The campaign's number, where it is told to the reader."""
        return number_told(campaign, by=self.by)

    @property
    def me(self) -> Person:
        """The reader, where only someone who is signed in comes."""
        return self.session.get_one(Person, self.by.person)

    @cached_property
    def attention(self) -> Attention | None:
        """What was last counted to wait for the reader."""
        return counted(self.session, self.by.person_id) if self.by.person_id else None

    @property
    def needed(self) -> int:
        """How many things waited for the reader when they were last counted."""
        return self.attention.needed if self.attention else 0

    @property
    def is_recount_due(self) -> bool:
        """Whether the page should have them counted again, once it is there."""
        return bool(self.by.person_id) and (self.attention is None or not self.attention.is_fresh or bool(self.said))

    @property
    def idle_seconds(self) -> int:
        """After how long a session that nobody uses has ended, and what a page shows is nobody's any more."""
        return int(SESSION_IDLE.total_seconds())

    @property
    def is_in_sandbox(self) -> bool:
        return settings().clock_is_movable

    @property
    def is_at_the_machine(self) -> bool:
        """Whether the reader may move the sandbox's clock and be anyone."""
        return sandbox_door.is_open(self.request)

    @property
    def said(self) -> str | None:
        """What the deed before this page said, shown once."""
        return unquote(self.request.cookies.get(SAID, "")) or None

    @property
    def refused(self) -> Mapping[str | None, str]:
        """What was refused of the form that brought the reader back here: a sentence for each field, None for the whole of it."""
        refused: Mapping[str | None, str] = getattr(self.request.state, "refused", {})
        return refused

    def typed(self, field: str, otherwise: Any = "") -> Any:
        """What the reader had typed into this field before the form was refused, or the value that stands."""
        form = self._form
        return otherwise if form is None else form.get(field, "")

    @cached_property
    def _form(self) -> Any:
        """The form that was refused, if one was."""
        return getattr(self.request.state, "typed", None)

    def chose(self, field: str, choice: Any, otherwise: bool = False) -> bool:
        """As typed, for one choice among several."""
        form = self._form
        return otherwise if form is None else str(choice) in form.getlist(field)

    def typed_all(self, field: str, otherwise: Sequence[Any] = ()) -> Sequence[Any]:
        """As typed, for a field that the form has several times."""
        form = self._form
        return otherwise if form is None else form.getlist(field)

    def once_key(self) -> str:
        """A key for one sending of one form."""
        return uuid4().hex

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """The page of `template` for this reader."""
        shown = answer(template, self.locale, status, reader=self, **values)
        if self.said:
            shown.delete_cookie(SAID, secure=True, httponly=True, samesite="lax", path="/")
        return shown

    def done(self, to: str, said: str | None = None) -> RedirectResponse:
        """The answer to a form: on to the page at `to`, which says what was done."""
        there = RedirectResponse(to, 303)
        if said:
            there.set_cookie(SAID, quote(said, safe=""), max_age=SAID_FOR_SECONDS, secure=True, httponly=True, samesite="lax", path="/")
        return there

    def once(self, form: "OnceForm", deed: Callable[[], tuple[str, str]]) -> RedirectResponse:
        """Do a deed that creates something once, however often its form is sent; it returns where to go and what to say.

        The same form sent again with other words in it is another deed.
        """
        request = f"{self.request.method} {self.request.url.path}\n{form.model_dump_json()}".encode()
        key = f"{form.once}-{hashlib.sha256(request).hexdigest()}"
        kept = idempotency.take_key(self.session, self.by.person, key, request)
        if kept is None:
            to, said = deed()
            idempotency.keep_answer(self.session, self.by.person, key, 303, {"to": to, "said": said})
        else:
            to, said = kept.body["to"], kept.body["said"]  # type: ignore[index]
        return self.done(to, said)


def _visitor(request: Request, session: Tx, by: Anyone, at: At, ahead: Ahead) -> Reader:
    return _known(Reader(request, session, by, at, ahead))


def _signed_in(request: Request, session: Tx, by: By, at: At, ahead: Ahead) -> Reader:
    return _known(Reader(request, session, by, at, ahead))


def _known(reader: Reader) -> Reader:
    """The reader, whose language is read here and not in the event loop."""
    _ = reader.locale
    return reader


async def visitor(reader: Annotated[Reader, Depends(_visitor)]) -> AsyncIterator[Reader]:
    """Whoever reads; until the answer is made, every sentence is in their language."""
    with reading_in(reader.locale):
        yield reader


async def signed_in(reader: Annotated[Reader, Depends(_signed_in)]) -> AsyncIterator[Reader]:
    """As a visitor, but no guest."""
    with reading_in(reader.locale):
        yield reader


Visitor = Annotated[Reader, Depends(visitor)]
SignedIn = Annotated[Reader, Depends(signed_in)]
