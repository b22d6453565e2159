"""Answers kept under an idempotency key: the same request gets the same answer for 24 hours of business time."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from sandbox.stripe.errors import Body, StripeError
from sandbox.stripe.tables import answers

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 255


@dataclass(frozen=True)
class Answer:
    """What a request was answered, and by which request id it was first."""

    status: int
    body: Body
    request_id: str


@dataclass(frozen=True)
class IdempotentRequest:
    """A request under an idempotency key: whose key, for which request."""

    key: str
    account: str
    fingerprint: bytes


def idempotent_request(key: str, account: str, method: str, path: str, given: Body) -> IdempotentRequest:
    """The request with its key; raises for a key that is too long."""
    if len(key) > LONGEST_KEY:
        raise StripeError(f"Idempotency keys must be at most {LONGEST_KEY} characters long; this one has {len(key)}.")
    canonical = json.dumps([method, path, given], sort_keys=True, default=str)
    return IdempotentRequest(key, account, hashlib.sha256(canonical.encode()).digest())


def earlier_answer(connection: Connection, used: IdempotentRequest, at: datetime) -> Answer | None:
    """What this very request was answered before; the key is then held until the transaction ends.

    Raises 409 while another request holds the key, 400 idempotency_error when the key was used for another request.
    """
    if not connection.execute(select(func.pg_try_advisory_xact_lock(func.hashtextextended(f"{used.account} {used.key}", 0)))).scalar_one():
        raise StripeError(
            "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, "
            f"and the other request is still going through): {used.key}.",
            code="idempotency_key_in_use",
            status=409,
        )
    found = connection.execute(select(answers).where(answers.c.key == used.key, answers.c.account == used.account)).one_or_none()
    if found is None or found.saved_at <= at - KEPT_FOR:
        return None
    if found.fingerprint != used.fingerprint:
        raise StripeError(
            "Keys for idempotent requests can only be used with the same parameters and the same endpoint they were first used with. "
            f"Try using a key other than '{used.key}' if you meant to execute a different request.",
            kind="idempotency_error",
        )
    return Answer(found.status, found.body, found.request_id)


def save_answer(connection: Connection, used: IdempotentRequest, answer: Answer, at: datetime) -> None:
    """Keep the answer under its key in place of one that is older than 24 hours."""
    connection.execute(delete(answers).where(answers.c.key == used.key, answers.c.account == used.account))
    row = {"key": used.key, "account": used.account, "fingerprint": used.fingerprint, "saved_at": at}
    connection.execute(insert(answers).values(**row, request_id=answer.request_id, status=answer.status, body=answer.body))
