"""What has changed since a run was quoted: asked again at its approval and at its sending, and whoever cannot be paid now is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, literal, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.event_names import EventName
from campaigns.core.people import CLOCK, Actor
from campaigns.ledger.accounts import Entry, payee, payout_clearing
from campaigns.ledger.actions import post
from campaigns.payout.balances.queries import PAGE, columns_of_routes
from campaigns.payout.balances.reasons import OBSTACLES, Reason
from campaigns.payout.runs.models import Payout, PayoutRun
from campaigns.payout.runs.queries import find_run
from campaigns.payout.runs.states import PayoutState

AMONG = text(f"with {OBSTACLES.format(which='i.id = any(:items)')} select id, reason from obstacle where reason is not null")  # nosec B608  # noqa: S608 - constant
OF_RUN = text(f"""
    with {OBSTACLES.format(which="i.run_id = :run")}
    select *, count(*) over () as of_all, sum(amount) over () as sum_of_all from obstacle where reason is not null order by id limit :limit
""")  # nosec B608  # noqa: S608 - constant


@dataclass(frozen=True, slots=True)
class ExcludedPayout:
    """One payment of a run that could not be made now, whose it is, and why."""

    payout_id: UUID
    person_id: UUID
    name: str
    amount: int
    currency: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class ChangesSinceQuote:
    """What changed since the quote: the first few payments that are left out, how many there are, and what they come to."""

    first: Sequence[ExcludedPayout]
    payments: int
    amount: int


def changes_of(session: Session, run: PayoutRun, *, by: Actor, at: datetime, limit: int = PAGE) -> ChangesSinceQuote:
    """What stands against a run's open payments now, for whoever is about to let it go."""
    find_run(session, run.id, by=by)
    rows = session.execute(OF_RUN, {"run": run.id, "limit": limit, **columns_of_routes(session, [run.currency], at)}).all()
    first = [ExcludedPayout(r.id, r.person_id, r.name, r.amount, r.currency, Reason(r.reason)) for r in rows]
    return ChangesSinceQuote(first, int(rows[0].of_all) if rows else 0, int(rows[0].sum_of_all) if rows else 0)


def obstacles(session: Session, currency: str, items: Sequence[UUID], at: datetime) -> Mapping[UUID, Reason]:
    """Those of the open payouts whose payee could not be paid now, each with the reason."""
    rows = session.execute(AMONG, {"items": list(items), **columns_of_routes(session, [currency], at)}) if items else ()
    return {row.id: Reason(row.reason) for row in rows}


def leave_out_changed(session: Session, run: PayoutRun, *, by: Actor, at: datetime) -> int:
    """Leave out of a run that nobody has sent what cannot be paid any more; returns how many payments that were."""
    asked: dict[str, Any] = {"run": run.id, "limit": None, **columns_of_routes(session, [run.currency], at)}
    return leave_out(session, run, {row.id: Reason(row.reason) for row in session.execute(OF_RUN, asked)}, by=by, at=at)


def leave_out(session: Session, run: PayoutRun, reasons: Mapping[UUID, Reason], *, by: Actor = CLOCK, at: datetime) -> int:
    """Give up the payouts, none of which was ever sent, for these reasons: their amounts are on the payees' accounts again."""
    if not reasons:
        return 0
    given = literal(list(reasons), ARRAY(Uuid))
    query = (
        select(Payout)
        .where(Payout.id == any_(given), Payout.state == PayoutState.READY, Payout.first_sent_at.is_(None))
        .order_by(Payout.id)
    )
    items = session.scalars(query.with_for_update()).all()
    if not items:
        return 0
    for reason in sorted({reasons[item.id] for item in items}):
        for_it = [item.id for item in items if reasons[item.id] is reason]
        mine = update(Payout).where(Payout.id == any_(literal(for_it, ARRAY(Uuid))))
        session.execute(mine.values(state=PayoutState.FAILED, failure=reason.value, settled_at=at))
    back = [Entry(payout_clearing(i.currency), payee(i.person_id, i.currency), i.amount, ref=i.id) for i in items]
    post(session, "payout.released", f"run:{run.id}:left_out:{items[0].id}", back, at=at)
    amount = sum(item.amount for item in items)
    why = sorted({reasons[item.id].value for item in items})
    events.record(session, EventName.PAYOUT_ITEMS_LEFT_OUT, by=by, at=at, run=str(run.id), items=len(items), amount=amount, reasons=why)
    return len(items)
