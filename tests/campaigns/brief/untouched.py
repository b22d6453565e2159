"""What a refusal must leave as it was."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.brief.models import Advance, Invoice, Receipt, RefundPart, SignOff
from campaigns.brief.queries import cover, written_brief
from campaigns.core.errors import Refusal
from campaigns.core.events import recorded
from campaigns.core.outbox import OutboxMessage
from tests.factories import Partnership

ROWS = (SignOff, Invoice, Receipt, Advance, RefundPart, OutboxMessage)


def refusal_of(session: Session, made: Partnership, deed: Callable[[], Any]) -> Refusal:
    """The refusal that the deed meets; fails when anything of the campaign has changed all the same."""
    session.flush()
    before = state_of(session, made)
    with pytest.raises(Refusal) as met:
        deed()
    assert (list(session.new), list(session.dirty)) == ([], [])
    assert state_of(session, made) == before
    return met.value


def state_of(session: Session, made: Partnership) -> tuple[Any, ...]:
    """Text, money, signatures, outbox messages and facts of the campaign."""
    written = written_brief(session, made.id)
    counts = [session.scalar(select(func.count()).select_from(kind)) for kind in ROWS]
    return written.content, cover(session, written), made.campaign.launched_at, counts, len(recorded(session))
