"""What a refused move must leave as it was."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core.campaign import Campaign, Deliverable, StageVisit
from campaigns.core.errors import Refusal
from campaigns.core.events import recorded


def refusal_of(session: Session, deed: Callable[[], Any]) -> Refusal:
    """The refusal that the deed meets; fails when a deliverable, a visit, a campaign or a fact has changed all the same."""
    session.flush()
    before = _state(session)
    with pytest.raises(Refusal) as met:
        deed()
    assert (list(session.new), list(session.dirty), _state(session)) == ([], [], before)
    return met.value


def _state(session: Session) -> tuple[Any, ...]:
    rows = [sorted(map(str, session.execute(select(kind.__table__)))) for kind in (Deliverable, StageVisit, Campaign)]
    return rows, len(recorded(session))
