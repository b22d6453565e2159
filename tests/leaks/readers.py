"""Everyone who may ask for something, each with what they carry: a browser's session, a program's token, or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from httpx import Response
from sqlalchemy.orm import Session

from api.deps import COOKIE
from campaigns.core import access, tokens
from campaigns.core.permissions import EVERYTHING, SCOPES
from tests.api.visiting import PAGE
from tests.leaks.asking import Asking
from tests.leaks.people import NAMED
from tests.leaks.routes import scope_at
from tests.leaks.world import PLACES, World
from workers.transactions import unit_of_work

ONE_ROLE = ("operator", "manager", "finance", "client", "signer", "approver", "leader", "editor", "screener", "curator", "artist")
ELSEWHERE = ("rival", "stranger")
TWO_ROLES = ("operator-finance", "manager-curator", "manager-artist", "curator-artist", "approver-artist")
SIGNED_IN = (*ONE_ROLE, NAMED, *ELSEWHERE, *TWO_ROLES)
READERS = (*SIGNED_IN, "guest", "scoped", "beyond", "ended")


@dataclass(frozen=True, slots=True)
class Reader:
    """One of READERS, as they stand to the campaign of one place; a program has, for each scope that a way may need, a token for it."""

    cookie: str | None = None
    token: str | None = None
    token_at: Mapping[str, str] = field(default_factory=dict, hash=False)

    async def ask(self, asking: Asking, method: str, path: str, sent: Mapping[str, Any]) -> Response:
        """The answer to this reader: to a program with its token, or to a browser with its cookie and no other memory."""
        from_page = not path.startswith("/api/")
        headers = dict(PAGE) if from_page else {"Accept": "*/*"}
        if token := self.token_at[scope_at(method, path)] if self.token_at else None if from_page else self.token:
            headers["Authorization"] = f"Bearer {token}"
        elif self.cookie:
            headers["Cookie"] = f"{COOKIE}={self.cookie}"
        return await asking.request(method, path, **{**sent, "headers": headers | sent.get("headers", {})})


def readers(world: World) -> dict[str, dict[str, Reader]]:
    """Each of READERS by the place whose campaign they are asked about."""
    with unit_of_work() as session:
        known: dict[object, Reader] = {}
        for place in PLACES:
            for role in SIGNED_IN:
                if (who := world.who(role, place).person) not in known:
                    token, secret = tokens.issue_token(session, who, "all")
                    token.last_used_at = token.created_at
                    known[who] = Reader(access.open_session(session, who), secret)
        return {place: _of(session, world, place, known) for place in PLACES}


def _of(session: Session, world: World, place: str, known: Mapping[object, Reader]) -> dict[str, Reader]:
    manager = world.who("manager", place).person
    scoped = {scope: tokens.issue_token(session, manager, scope, frozenset({scope}))[1] for scope in SCOPES}
    beyond = {scope: tokens.issue_token(session, manager, f"not {scope}", SCOPES - {scope, EVERYTHING})[1] for scope in SCOPES}
    token, revoked = tokens.issue_token(session, manager, "revoked")
    ended = access.open_session(session, manager)
    session.flush()
    access.close_session(session, ended)
    token.revoked_at = token.created_at
    programs = {"scoped": Reader(token_at=scoped), "beyond": Reader(token_at=beyond)}
    others = {"guest": Reader(), **programs, "ended": Reader(ended, revoked)}
    return {role: known[world.who(role, place).person] for role in SIGNED_IN} | others
