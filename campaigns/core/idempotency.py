"""A request that creates something, sent twice under one key, creates it once and is answered twice the same."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.db import Base
from campaigns.core.errors import Refusal
from campaigns.core.words import _


class KeyReused(Refusal):
    """The idempotency key was used before with another request."""


class KeptAnswer(Base):
    """The answer that was given under a person's key; written in the transaction of the deed."""

    __tablename__ = "kept_answer"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    body: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


def take_key(session: Session, person_id: UUID, key: str, request: bytes) -> KeptAnswer | None:
    """Take the key for this request: None when it is new, the kept answer when it came before; a rival in flight is waited for.

    Raises KeyReused when it came with another request.
    """
    fingerprint = hashlib.sha256(request).hexdigest()
    fresh = insert(KeptAnswer).values(person_id=person_id, key=key, fingerprint=fingerprint).on_conflict_do_nothing()
    if session.execute(fresh.returning(KeptAnswer.key)).scalar() is not None:
        return None
    kept = session.scalars(select(KeptAnswer).where(KeptAnswer.person_id == person_id, KeptAnswer.key == key)).one()
    if kept.fingerprint != fingerprint:
        raise KeyReused(_("This idempotency key was used for another request; use a new one."), field="Idempotency-Key")
    return kept


def keep_answer(session: Session, person_id: UUID, key: str, status: int, body: dict[str, Any]) -> None:
    """Keep the answer under its key."""
    kept = session.get_one(KeptAnswer, (person_id, key))
    kept.status, kept.body = status, body
