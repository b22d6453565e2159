"""Whoever has the ledger has it alone until they are done."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from psycopg.errors import CheckViolation, ForeignKeyViolation
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from campaigns.ledger.accounts import Entry, bank, held
from campaigns.ledger.actions import hold_ledger, post, reverse
from campaigns.ledger.errors import AlreadyReversed
from campaigns.ledger.queries import balance

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
MOVES = [Entry(bank("USD"), held(UUID(int=1), "USD"), 5)]


@pytest.mark.parametrize(
    "hold", [hold_ledger, lambda session: post(session, "any", "first", MOVES, at=AT)], ids=["who reads a balance", "who posts"]
)
def test_nobody_posts_while_somebody_has_the_ledger(session: Session, engine: Engine, hold: Callable[[Session], object]) -> None:
    hold(session)
    with Session(engine) as other:
        other.execute(text("set local lock_timeout = '50ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            post(other, "any", "second", MOVES, at=AT)


def test_a_journal_and_its_reversal_keep_their_kind_key_and_moment(session: Session) -> None:
    later = AT.replace(year=2027)
    first = post(session, "funding", "first", MOVES, at=AT)
    undone = reverse(session, first.id, key="undo", at=later)
    assert [(j.kind, j.key, j.at, j.reverses) for j in (first, undone)] == [
        ("funding", "first", AT, None), ("funding.reversed", "undo", later, first.id),
    ]  # fmt: skip


def test_a_key_that_another_journal_has_reverses_nothing(session: Session) -> None:
    first = post(session, "funding", "first", MOVES, at=AT)
    post(session, "funding", "second", MOVES, at=AT)
    with pytest.raises(AlreadyReversed):
        reverse(session, first.id, key="second", at=AT)
    assert balance(session, bank("USD")) == 10


def test_what_breaks_another_rule_than_that_of_overdrafts_is_no_overdraft(session: Session) -> None:
    for kind, wrong in (
        (CheckViolation, MOVES[0]._replace(amount=0)),
        (ForeignKeyViolation, Entry(bank("USD"), held(UUID(int=1), "EUR"), 5)),
    ):
        with pytest.raises(kind):
            post(session, "any", "wrong", [wrong], at=AT)
