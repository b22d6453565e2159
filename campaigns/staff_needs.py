"""What takes a second person of the staff, and what finance has to look at."""

from collections.abc import Iterator
from datetime import UTC, timedelta

from babel.dates import format_datetime
from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from campaigns.brief.disputes.queries import unanswered, warned
from campaigns.brief.models import Invoice, Receipt, Refund, RefundPart
from campaigns.brief.refunds import OPEN_BY_HAND
from campaigns.core import anchor_files, clock
from campaigns.core.appointing.queries import awaiting_confirmation
from campaigns.core.campaign import Campaign, in_reach_of
from campaigns.core.cancellations import Cancellation
from campaigns.core.money import format_money
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _, current_locale, n_
from campaigns.need import Need
from campaigns.payments.reach import why_nowhere
from campaigns.payout.runs.models import Item, PayoutRun, RunApproval, RunLimits
from campaigns.payout.runs.overdue import count_overdue
from campaigns.payout.runs.waiting import moved_people, paused_runs

BROKEN_ANCHORS_SHOWN_FOR = timedelta(days=14)
MOST_DISPUTES = 20


def needs_of_staff(session: Session, *, by: Actor) -> Iterator[Need]:
    """What takes a second person, where the actor can be that person."""
    count, since = awaiting_confirmation(session, by=by)
    if count:
        message = n_(
            "{count} role that involves money needs a second person.", "{count} roles that involve money need a second person.", count
        )
        yield Need("appointments", message, "/appointments", since)
    if by.may(Permission.OPERATE):
        yield from _anchors(session)
        yield from _reach(session)
    if by.granting(Permission.CONFIRM_CANCEL):
        yield from _cancellations(session, by)
    if by.may(Permission.CONFIRM_RECEIPT):
        yield from _receipts(session, by)
        yield from _refunds(session)
        yield from _invoices(session)
    if by.may(Permission.ANSWER_DISPUTE):
        yield from _disputes(session)
    if by.may(Permission.RELEASE_RUN):
        yield from _runs(session, by)
        yield from _payouts(session, by)
    if by.may(Permission.SET_LIMITS):
        yield from _limits(session, by)


def _cancellations(session: Session, by: Actor) -> Iterator[Need]:
    """Requests to cancel a campaign that the actor may confirm: those of others."""
    query = (
        select(Campaign, Cancellation.asked_at)
        .join(Cancellation, Cancellation.campaign_id == Campaign.id)
        .where(Cancellation.confirmed_at.is_(None), Cancellation.dropped_at.is_(None), Cancellation.asked_by != by.person)
        .where(in_reach_of(by.granting(Permission.CONFIRM_CANCEL)), Campaign.done_at.is_(None))
    )
    for campaign, since in session.execute(query.order_by(Campaign.id)):
        message = _("Someone has asked to cancel this campaign; a second person has to confirm it or keep the campaign.")
        yield Need("cancellation", message, f"/campaigns/{campaign.id}/cancel", since, campaign=campaign)


def _anchors(session: Session) -> Iterator[Need]:
    """That the file of anchors had to be begun anew a short time ago."""
    file = anchor_files.present(session)
    if file and file.because and file.begun_at > clock.process_now() - BROKEN_ANCHORS_SHOWN_FOR:
        message = _("The anchor file was incomplete, so Callboard started a new one: compare the last entries with your daily emails.")
        yield Need("anchors", message, "/status/security", file.begun_at)


def _reach(session: Session) -> Iterator[Need]:
    """That nobody is promised any payment before Stripe was asked where it sends money."""
    if message := why_nowhere(session):
        yield Need("reach_unknown", message, "/status")


def _receipts(session: Session, by: Actor) -> Iterator[Need]:
    query = (
        select(Campaign, func.count(), func.min(Receipt.recorded_at))
        .join(Receipt, Receipt.campaign_id == Campaign.id)
        .where(Receipt.confirmed_at.is_(None), Receipt.recorded_by != by.person)
        .group_by(Campaign.id)
    )
    for campaign, count, since in session.execute(query):
        message = n_("{count} transfer needs a second person.", "{count} transfers need a second person.", count)
        yield Need("receipts", message, f"/campaigns/{campaign.id}/funding", since, campaign=campaign)


def _refunds(session: Session) -> Iterator[Need]:
    """Refunds that Stripe does not send, or has not answered about."""
    query = select(Campaign, RefundPart.state, func.count(), func.min(Refund.promised_at))
    query = query.join(RefundPart, RefundPart.campaign_id == Campaign.id)
    query = query.join(Refund, Refund.id == RefundPart.refund_id).where(RefundPart.state.in_(OPEN_BY_HAND))
    for campaign, state, count, since in session.execute(query.group_by(Campaign.id, RefundPart.state).order_by(Campaign.id)):
        by_hand = n_("{count} refund needs a bank transfer.", "{count} refunds need a bank transfer.", count)
        unknown = n_(
            "Stripe did not say whether it sent {count} refund: check there.",
            "Stripe did not say whether it sent {count} refunds: check there.", count,
        )  # fmt: skip
        stuck = n_(
            "{count} refund is on the brand's balance at Stripe, and Stripe does not send it on: see to it.",
            "{count} refunds are on the brand's balance at Stripe, and Stripe does not send them on: see to them.", count,
        )  # fmt: skip
        message = {"by_hand": by_hand, "uncertain": unknown, "stuck": stuck}[state]
        yield Need(f"refund_{state}", message, f"/campaigns/{campaign.id}/funding#refunds", since, campaign=campaign)


def _invoices(session: Session) -> Iterator[Need]:
    """Invoices that Stripe has not answered about, or refuses to take back."""
    refused = and_(Invoice.refusal.is_not(None), Invoice.state.in_(("open", "void")))
    query = select(Campaign, refused, func.count(), func.min(Invoice.asked_at)).join(Invoice, Invoice.campaign_id == Campaign.id)
    query = query.where(or_(refused, Invoice.state == "uncertain")).group_by(Campaign.id, refused).order_by(Campaign.id)
    for campaign, is_refused, count, since in session.execute(query):
        still = n_(
            "{count} withdrawn invoice can still be paid: void it in Stripe.",
            "{count} withdrawn invoices can still be paid: void them in Stripe.", count,
        )  # fmt: skip
        unknown = n_(
            "Stripe did not say whether it sent {count} invoice: check there.",
            "Stripe did not say whether it sent {count} invoices: check there.", count,
        )  # fmt: skip
        code, message = ("invoice_still_payable", still) if is_refused else ("invoice_uncertain", unknown)
        yield Need(code, message, f"/campaigns/{campaign.id}/funding#invoices", since, campaign=campaign)


def _disputes(session: Session) -> Iterator[Need]:
    """Disputes whose bank waits for an answer, the first due first, and payments that a bank warns of."""
    for dispute in session.scalars(unanswered().limit(MOST_DISPUTES)):
        amount = format_money(dispute.amount, dispute.currency, current_locale())
        by_day = format_datetime(dispute.due_by, "long", tzinfo=UTC, locale=current_locale()) if dispute.due_by else None
        asked = _("Submit evidence by {day}: a bank disputes a payment of {amount}.", day=by_day, amount=amount)
        message = asked if by_day else _("A bank disputes a payment of {amount} and accepts no answer.", amount=amount)
        yield Need("dispute", message, f"/disputes/{dispute.id}", dispute.opened_at, dispute.due_by)
    count, since = warned(session)
    if count:
        message = n_(
            "A bank warns that {count} payment may be fraud: ask the brand.",
            "Banks warn that {count} payments may be fraud: ask the brands.", count,
        )  # fmt: skip
        yield Need("fraud_warning", message, "/disputes", since)


def _runs(session: Session, by: Actor) -> Iterator[Need]:
    approved = exists().where(RunApproval.run_id == PayoutRun.id, RunApproval.person_id == by.person)
    paid_by_it = exists().where(Item.run_id == PayoutRun.id, Item.person_id == by.person)
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
