"""How the sum comes together: asked for by invoice, received by hand, or advanced."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from campaigns.brief.errors import (
    AlreadyConfirmed,
    BeyondWhatIsAsked,
    InvoiceNotOpen,
    NoBillingAddress,
    NoSuchInvoice,
    NoSuchReceipt,
    NothingToFund,
    ReferenceTaken,
)
from campaigns.brief.models import Advance, BilledParty, Invoice, Receipt
from campaigns.brief.queries import WrittenBrief, cover, parts_of, written_brief
from campaigns.brief.signatures.rules import agreed_to_few
from campaigns.core import events, outbox
from campaigns.core.appointing.rules import require_second_person, tied_to
from campaigns.core.campaign import Campaign, find_campaign
from campaigns.core.errors import Invalid
from campaigns.core.event_names import EventName
from campaigns.core.money import format_money
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import Actor
from campaigns.core.permissions import GRANTS, Permission, Role
from campaigns.core.role_grants import GiverLeft, holders, require_still_holding, still_holding
from campaigns.core.settings import settings
from campaigns.core.words import _, current_locale
from campaigns.ledger.accounts import Entry, bank, held, receivable
from campaigns.ledger.actions import post

OPEN_INVOICES = ("promised", "open", "uncertain")


def ask_invoice(
    session: Session,
    campaign_id: UUID,
    amount: int | None = None,
    *,
    po_number: str | None = None,
    bill_to: str | None = None,
    email: str | None = None,
    country: str | None = None,
    by: Actor,
    at: datetime,
) -> Invoice:
    """Enqueue an invoice to the brand over `amount`, or over all that nothing asks for yet; it goes to `email` in the name of `bill_to`.

    `country` is where they are, which decides by which bank transfer they can pay; without it, where they were the last time.
    """
    written = _funded_by(session, campaign_id, Permission.FUND, by)
    asked = _within(written, amount, unasked(session, written))
    address = email or written.brand.billing_email
    if not address:
        raise NoBillingAddress(_("The brand has no billing email. Enter an address for this invoice."), field="email")
    party = _billed_party(session, written.brand.id, bill_to or written.brand.name, address, country)
    return _ask(session, written, party, asked, po_number, by=by, at=at)


def _ask(session: Session, written: WrittenBrief, party: UUID, amount: int, po_number: str | None, *, by: Actor, at: datetime) -> Invoice:
    campaign_id = written.campaign.id
    invoice = Invoice(
        campaign_id=campaign_id, billed_party_id=party, amount=amount, currency=written.brief.currency,
        po_number=po_number, asked_by=by.person_id, asked_at=at,
    )  # fmt: skip
    session.add(invoice)
    session.flush()
    country = session.get_one(BilledParty, party).country
    where: dict[str, Any] = {"country": country} if country else {}
    # The provider takes a second try for the first only word for word: what may read otherwise by then is enqueued as it reads now.
    outbox.enqueue(session, OutboxKind.BRIEF_INVOICE, key=str(invoice.id), invoice=str(invoice.id), footer=way_back(campaign_id), **where)
    events.record(session, EventName.BRIEF_INVOICE_ASKED, by=by, at=at, campaign_id=campaign_id, invoice=str(invoice.id), amount=amount)
    return invoice


def way_back(campaign_id: UUID) -> str:
    """Where whoever has paid goes from the provider's page, which leads to nowhere of ours."""
    address = f"{settings().public_url}/campaigns/{campaign_id}/funding"
    return _("See payments and next steps in Callboard: {address}", address=address)


def withdraw_invoice(session: Session, campaign_id: UUID, invoice_id: UUID, *, by: Actor, at: datetime) -> Invoice:
    """Take back an invoice on which nothing has been paid, so that its sum can be asked for otherwise."""
    written = _funded_by(session, campaign_id, Permission.FUND, by)
    invoice = session.get(Invoice, invoice_id)
    if invoice is None or invoice.campaign_id != written.campaign.id:
        raise NoSuchInvoice(_("The campaign has no such invoice."))
    if invoice.state == "open" and outbox.is_enqueued(session, OutboxKind.BRIEF_INVOICE_VOID, key=str(invoice.id)):
        return invoice
    if invoice.state not in ("open", "uncertain") or invoice.paid:
        raise InvoiceNotOpen(_("Only an invoice that was sent and on which nothing has been paid can be withdrawn."), field="invoice")
    _withdraw(session, invoice, by, at)
    return invoice


def withdraw_open_invoices(session: Session, campaign: Campaign, *, by: Actor, at: datetime) -> None:
    """At the campaign's end, have no invoice ask for more than the brand still owes of what is held; half-paid ones stop too.

    What is owed and no open invoice asks for any more is asked for anew.
    """
    written = written_brief(session, campaign.id)
    owed, withdrawn = cover(session, written).debt, None
    unpaid = (Invoice.campaign_id == campaign.id, Invoice.state.in_(OPEN_INVOICES))
    for invoice in session.scalars(select(Invoice).where(*unpaid).order_by(Invoice.id).with_for_update()).all():
        if (rest := invoice.amount - invoice.paid) <= owed:
            owed -= rest
        else:
            _withdraw(session, invoice, by, at)
            withdrawn = invoice
    if owed and withdrawn:
        _ask(session, written, withdrawn.billed_party_id, owed, withdrawn.po_number, by=by, at=at)


def _withdraw(session: Session, invoice: Invoice, by: Actor, at: datetime) -> None:
    """An invoice that the provider has is taken back there; one that never reached it, for all we know, is void at once."""
    if invoice.state == "open":
        outbox.enqueue(session, OutboxKind.BRIEF_INVOICE_VOID, key=str(invoice.id), invoice=str(invoice.id))
    else:
        invoice.state = "void"
    events.record(session, EventName.BRIEF_INVOICE_WITHDRAWN, by=by, at=at, campaign_id=invoice.campaign_id, invoice=str(invoice.id))


def record_receipt(
    session: Session, campaign_id: UUID, amount: int, reference: str, received_on: date, *, by: Actor, at: datetime
) -> Receipt:
    """Write down a transfer that reached our bank account; it counts once another person has confirmed it.

    One whose recorder has left since, so that nobody can confirm it, is written down anew.
    """
    written = _funded_by(session, campaign_id, Permission.RECORD_RECEIPT, by)
    known = session.scalars(select(Receipt).where(Receipt.campaign_id == campaign_id, Receipt.reference == reference.strip())).one_or_none()
    anew = known if known and _is_orphaned(session, written.campaign, known) else None
    _within(written, amount, _unreceived(session, written) + (anew.amount if anew else 0))
    if not reference.strip():
        raise Invalid(_("Enter the transfer's reference from the bank statement."), field="reference")
    if received_on > at.date():
        raise Invalid(_("You cannot record a transfer with a future date."), field="received_on")
    if known and not anew:
        raise ReferenceTaken(_("A transfer with this reference has already been recorded."), field="reference")
    receipt = anew or Receipt(campaign_id=campaign_id, currency=written.brief.currency, reference=reference.strip())
    receipt.amount, receipt.received_on, receipt.recorded_by, receipt.recorded_at = amount, received_on, by.person, at
    session.add(receipt)
    session.flush()
    events.record(session, EventName.BRIEF_RECEIPT_RECORDED, by=by, at=at, campaign_id=campaign_id, receipt=str(receipt.id), amount=amount)
    return receipt


def _is_orphaned(session: Session, campaign: Campaign, receipt: Receipt) -> bool:
    """Whether nobody can confirm it any more, for whoever recorded it has no role for that now."""
    may_record = GRANTS[Permission.RECORD_RECEIPT]
    return receipt.confirmed_at is None and not still_holding(session, [receipt.recorded_by], may_record, campaign.scope)


def confirm_receipt(session: Session, campaign_id: UUID, receipt_id: UUID, *, by: Actor, at: datetime) -> Receipt:
    """Confirm, as a second person, that the transfer has arrived; it then covers the campaign, an advance first."""
    written = _funded_by(session, campaign_id, Permission.CONFIRM_RECEIPT, by)
    receipt = session.get(Receipt, receipt_id)
    if receipt is None or receipt.campaign_id != campaign_id:
        raise NoSuchReceipt(_("The campaign has no such receipt."))
    if receipt.confirmed_at is not None:
        raise AlreadyConfirmed(_("This receipt has already been confirmed."))
    require_second_person(session, [receipt.recorded_by], by=by, few=agreed_to_few(session, campaign_id))
    gone = _(
        "The person who recorded this transfer no longer has a role for it. Record it again with the same reference for another to confirm."
    )
    require_still_holding(session, receipt.recorded_by, Permission.RECORD_RECEIPT, written.campaign.scope, gone)
    _within(written, receipt.amount, cover(session, written).owed)
    receipt.confirm(by=by, at=at)
    entries = [Entry(bank(receipt.currency), account, part) for account, part in parts_of(session, written, receipt.amount).items()]
    post(session, "brief.receipt", f"receipt:{receipt.id}", entries, at=at)
    events.record(
        session, EventName.BRIEF_RECEIPT_CONFIRMED, by=by, at=at, campaign_id=campaign_id, receipt=str(receipt.id), amount=receipt.amount
    )
    return receipt


def approve_advance(session: Session, campaign_id: UUID, reason: str, amount: int | None = None, *, by: Actor, at: datetime) -> Advance:
    """Let the campaign start with `amount`, or with all that is missing, before the brand has paid it; the brand owes it from now on.

    Whoever runs the campaign and whoever approves its advance are two people.
    """
    written = _funded_by(session, campaign_id, Permission.APPROVE_ADVANCE, by)
    _require_run_by_another(session, written.campaign, by)
    if not reason.strip():
        raise Invalid(_("Explain why the campaign can start before it is paid."), field="reason")
    granted = _within(written, amount, cover(session, written).missing)
    advance = Advance(
        campaign_id=campaign_id, amount=granted, currency=written.brief.currency, reason=reason.strip(),
        approved_by=by.person, approved_at=at,
    )  # fmt: skip
    session.add(advance)
    session.flush()
    entry = Entry(receivable(campaign_id, advance.currency), held(campaign_id, advance.currency), granted)
    post(session, "brief.advance", f"advance:{advance.id}", [entry], at=at)
    events.record(session, EventName.BRIEF_ADVANCE_APPROVED, by=by, at=at, campaign_id=campaign_id, reason=advance.reason, amount=granted)
    return advance


def _require_run_by_another(session: Session, campaign: Campaign, by: Actor) -> None:
    """Whoever began the campaign is independent of the actor; once they have left, another one must be who runs it now."""
    few = agreed_to_few(session, campaign.id)
    require_second_person(session, [campaign.owner_id], by=by, few=few)
    running = {manager.id for manager in holders(session, Role.MANAGER, campaign.scope)} - {by.person}
    if not (running if few else running - tied_to(session, by.person)):
        sentence = _("Nobody who is independent of you manages this campaign any longer. Appoint a manager for it first.")
        raise GiverLeft(sentence)


def unasked(session: Session, written: WrittenBrief) -> int:
    """What the brand owes and no open invoice or unconfirmed receipt accounts for yet."""
    open_invoices = select(func.coalesce(func.sum(Invoice.amount - Invoice.paid), 0)).where(
        Invoice.campaign_id == written.campaign.id, Invoice.state.in_(OPEN_INVOICES)
    )
    return max(_unreceived(session, written) - int(session.scalars(open_invoices).one()), 0)


def _unreceived(session: Session, written: WrittenBrief) -> int:
    recorded = select(func.coalesce(func.sum(Receipt.amount), 0)).where(
        Receipt.campaign_id == written.campaign.id, Receipt.confirmed_at.is_(None)
    )
    return max(cover(session, written).owed - int(session.scalars(recorded).one()), 0)


def _funded_by(session: Session, campaign_id: UUID, permission: Permission, by: Actor) -> WrittenBrief:
    """The locked campaign's brief, so that two payments never count the same gap."""
    campaign = find_campaign(session, campaign_id, by=by, lock=True)
    by.require(permission, on=campaign)
    return written_brief(session, campaign_id)


def _within(written: WrittenBrief, amount: int | None, asked: int) -> int:
    """The amount, by default all that is asked; raises NothingToFund, BeyondWhatIsAsked or Invalid."""
    if asked <= 0:
        raise NothingToFund(_why_nothing(written), field="amount")
    wanted = asked if amount is None else amount
    if wanted <= 0:
        raise Invalid(_("The amount must be above zero."), field="amount")
    if wanted > asked:
        more, rest = (format_money(each, written.brief.currency, current_locale()) for each in (wanted, asked))
        raise BeyondWhatIsAsked(_("{more} is more than the {rest} still outstanding.", more=more, rest=rest), field="amount")
    return wanted


def _why_nothing(written: WrittenBrief) -> str:
    if not written.campaign.is_live:
        return _("The campaign has ended, so nothing more is due from the brand.")
    if not written.budget.total:
        return _("There is nothing to fund yet. Add a deliverable with its price first.")
    return _("The full amount is already covered, invoiced or recorded. See under Funding what still has to arrive or be confirmed.")


def _billed_party(session: Session, brand_id: UUID, name: str, email: str, country: str | None) -> UUID:
    same = {"brand_id": brand_id, "name": name.strip(), "email": email.strip()}
    session.execute(insert(BilledParty).values(**same).on_conflict_do_nothing(constraint="uq_billed_party_brand_id_name_email"))
    party = session.scalars(select(BilledParty).filter_by(**same).with_for_update()).one()
    party.country = country or party.country
    return party.id
