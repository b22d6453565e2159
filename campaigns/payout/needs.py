"""What of payouts waits for finance, and for whoever cannot be paid."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from campaigns.core import clock
from campaigns.core.needs import Need
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _, n_
from campaigns.payments.asking_after import unanswered
from campaigns.payout.balances.queries import why_not_payable
from campaigns.payout.holds.queries import moved_people
from campaigns.payout.runs.models import Payout, PayoutRun, RunApproval, RunLimits
from campaigns.payout.runs.queries import count_overdue, paused_runs

THEIRS_TO_CHANGE = ("no_account", "not_onboarded")


def needs_of(session: Session, by: Actor, at: datetime) -> Iterator[Need]:
    """The actor's own payout account, runs and limits to approve, and what has not arrived."""
    yield from _of_payee(session, by, at)
    if by.may(Permission.RELEASE_RUN):
        yield from _runs(session, by)
        yield from _payouts(session, by)
    if by.may(Permission.SET_LIMITS):
        yield from _limits(session, by)


def _of_payee(session: Session, by: Actor, at: datetime) -> Iterator[Need]:
    """What the actor has earned and cannot be paid until they do something about it."""
    if not by.may(Permission.RECEIVE):
        return
    theirs = [standing for standing in why_not_payable(session, by.person, at) if standing.reason in THEIRS_TO_CHANGE]
    yield from (Need("payment", standing.sentence, "/me/money") for standing in theirs)
    if not theirs and (account := unanswered(session, by.person)):
        message = _("For a month, Stripe has not confirmed that you can be paid. Open its form and complete what it still needs from you.")
        yield Need("payout_account", message, "/me/money", account.looked_at)


def _runs(session: Session, by: Actor) -> Iterator[Need]:
    approved = exists().where(RunApproval.run_id == PayoutRun.id, RunApproval.person_id == by.person)
    paid_by_it = exists().where(Payout.run_id == PayoutRun.id, Payout.person_id == by.person)
    count, since = session.execute(
        select(func.count(), func.min(PayoutRun.quoted_at)).where(PayoutRun.state == "quoted", ~approved, ~paid_by_it)
    ).one()
    if count:
        yield Need("runs", n_("{count} payout run needs approval.", "{count} payout runs need approval.", count), "/runs", since)


def _payouts(session: Session, by: Actor) -> Iterator[Need]:
    """Runs that stand still, payees whose country changed, and what was sent long ago and has not arrived."""
    for run in paused_runs(session):
        short = _("Payout run {number} is waiting for money: our Stripe balance does not cover it.", number=run.number)
        stopped = _("Payout run {number} is paused.", number=run.number)
        yield Need("run_paused", short if run.is_short else stopped, f"/runs/{run.run_id}")
    count, since = moved_people(session, by=by)
    if count:
        message = n_("{count} payee changed their country: review it.", "{count} payees changed their country: review them.", count)
        yield Need("country_changed", message, "/runs/holds", since)
    count, since = count_overdue(session, clock.business_now(session))
    if count:
        message = n_(
            "{count} payment was sent more than 30 days ago and is not reported as arrived.",
            "{count} payments were sent more than 30 days ago and are not reported as arrived.", count,
        )  # fmt: skip
        yield Need("not_arrived", message, "/runs/not-arrived", since)


def _limits(session: Session, by: Actor) -> Iterator[Need]:
    newer = aliased(RunLimits)
    replaced = exists().where(newer.currency == RunLimits.currency, newer.id > RunLimits.id)
    waiting = (RunLimits.confirmed_at.is_(None), RunLimits.proposed_by != by.person, ~replaced)
    count, since = session.execute(select(func.count(), func.min(RunLimits.proposed_at)).where(*waiting)).one()
    if count:
        message = n_("A limit for payout runs needs a second person.", "{count} limits for payout runs need a second person.", count)
        yield Need("limits", message, "/runs/limits", since)
