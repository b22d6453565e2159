"""What of a request that was refused is written into the security log, whose own transaction outlives the refused one."""

import logging
from contextlib import asynccontextmanager

from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from campaigns.core import security_log
from campaigns.core.errors import Refusal
from campaigns.core.security_log import SecurityEventKind

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
API = "/api/v1"
AT_THE_DOOR = ("/sign-in", "/api/v1/sign-in")
# The words of the routes by which money is paid, approved or refunded, who may do so is decided, or it is settled who gets how much.
MONEY = frozenset(
    {
        "funding", "cancel", "cancellation", "assessment", "proposals", "finalization", "disposition", "fees", "pay", "payout-account",
        "onboarding", "payouts", "runs", "reconciliation", "retry", "appointments", "roles", "people", "tokens", "disputes",
    }
)  # fmt: skip
WORDS_ONLY = frozenset({"comments", "what-if"})
# Over the API the whole brief is one address: kill fees, the pay rule and the budget with it.
WHOLE_BRIEF = ("PATCH", "brief")
REFUSED = frozenset({403, 404, 409, 412})
# What somebody may not see is answered for as what does not exist.
HIDDEN = 404
LIMITS = frozenset({"TooMany", "TooManyUploads", "TooMuchUploaded", "TooManyQuestions"})
log = logging.getLogger("callboard.api")


async def note(request: Request, refusal: Refusal) -> None:
    """Write down a refusal at the door, of a token, of another site's form, of a proof, past a limit, or of what one may not see or do."""
    kind = kind_of(request, refusal)
    if kind is None:
        return
    from api.deps import transaction  # which says its refusals by the module that calls this one

    try:
        async with asynccontextmanager(transaction)() as session:
            await run_in_threadpool(_count, session, kind, request, refusal.code)
    except (SQLAlchemyError, TimeoutError) as fault:
        log.warning("A refusal could not be written down: %s", fault)


def kind_of(request: Request, refusal: Refusal) -> SecurityEventKind | None:
    """As what a refusal is written down, if at all."""
    if refusal.code == "CrossSite":
        return SecurityEventKind.FORM_REFUSED
    if refusal.code == "WrongProof":
        return SecurityEventKind.SIGN_IN_FAILED if request.url.path.startswith(AT_THE_DOOR) else SecurityEventKind.PROOF_FAILED
    if refusal.code == "NotSignedIn" and "authorization" in request.headers:
        return SecurityEventKind.TOKEN_REFUSED
    is_deed = request.method not in SAFE_METHODS
    if is_deed and refusal.code in {"NotSignedIn", "TooMany"} and request.url.path.startswith(AT_THE_DOOR):
        return SecurityEventKind.SIGN_IN_FAILED
    if refusal.code in LIMITS:
        return SecurityEventKind.LIMIT_REACHED
    if is_deed and refusal.status in REFUSED and is_of_money(request.method, _route(request)):
        return SecurityEventKind.MONEY_REFUSED
    return SecurityEventKind.ACCESS_REFUSED if _is_kept_out(request, refusal) else None


def _is_kept_out(request: Request, refusal: Refusal) -> bool:
    """Whether somebody met what is not theirs: a guest who is asked to sign in, and whoever is asked to prove themselves, did not."""
    is_known = getattr(request.state, "person_id", None) is not None
    return (refusal.status == 403 and refusal.code != "ProofNeeded") or (refusal.status == HIDDEN and is_known)


def is_of_money(method: str, route: str) -> bool:
    """Whether what is asked for at a route, as it is written, is about money or about who decides on it."""
    words = route.split("/")
    return (bool(MONEY.intersection(words)) and words[-1] not in WORDS_ONLY) or (method, words[-1]) == WHOLE_BRIEF


def _count(session: Session, kind: SecurityEventKind, request: Request, code: str) -> None:
    place = request.client.host if request.client else None
    address = _address(request)
    security_log.count(
        session, kind, person_id=getattr(request.state, "person_id", None), place=place, detail=f"{request.method} {address}: {code}"
    )


def _address(request: Request) -> str:
    """Where it went: a route as it is written, since a stranger may write anything in its places, and among those are secrets."""
    prefix = API if request.url.path.startswith(API) else ""
    return prefix + _route(request)


def _route(request: Request) -> str:
    return str(getattr(request.scope.get("route"), "path", ""))
