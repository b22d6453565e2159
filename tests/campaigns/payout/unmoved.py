"""What a refusal must leave as it was."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.core.errors import Refusal
from campaigns.core.events import recorded
from campaigns.core.outbox import OutboxMessage
from campaigns.ledger.models import Journal
from campaigns.payout.models import Assessment, Comment, Finalization, KillFee, Points, Proposal, ProposalLine

ROWS = (Assessment, Points, Proposal, ProposalLine, Comment, Finalization, KillFee)


def refusal_of(session: Session, deed: Callable[[], Any]) -> Refusal:
    """The refusal that the deed meets; fails when anything of any payout has changed all the same."""
    session.flush()
    before = _state(session)
    with pytest.raises(Refusal) as met:
        deed()
    assert (list(session.new), list(session.dirty)) == ([], [])
    assert _state(session) == before
    return met.value


def _state(session: Session) -> tuple[Any, ...]:
    rows = [sorted(map(str, session.execute(select(kind.__table__)))) for kind in ROWS]
    counts = [session.scalar(select(func.count()).select_from(kind)) for kind in (OutboxMessage, Journal)]
    return rows, counts, len(recorded(session))
