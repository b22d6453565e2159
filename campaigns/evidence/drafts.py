"""What we hold that answers a dispute, written for the bank: who signed what, what was delivered and approved, what was billed and paid.

The bank reads English, whatever its reader here reads, so nothing of it is translated.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.brief.disputes.models import Dispute
from campaigns.brief.models import BilledParty, Invoice, Payment
from campaigns.brief.queries import GivenSignature, WrittenBrief, sign_offs, written_brief
from campaigns.client_delivery.models import Package, ReviewDecision, Verdict, Version
from campaigns.core.campaign import Deliverable
from campaigns.core.money import format_money
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission

ENGLISH = "en"
Approved = tuple[Deliverable, Version, ReviewDecision, Person, Package | None]


def suggested(session: Session, dispute: Dispute, *, by: Actor) -> dict[str, str]:
    """The evidence that our rows give for a dispute, by the bank's names for it; nothing for a payment that is nobody's."""
    by.require(Permission.VIEW_MONEY)
    if dispute.payment_id is None or dispute.campaign_id is None:
        return {}
    payment = session.get_one(Payment, dispute.payment_id)
    invoice = session.get_one(Invoice, payment.invoice_id)
    party, written = session.get_one(BilledParty, invoice.billed_party_id), written_brief(session, dispute.campaign_id)
    signed, approved = _signed(session, written), _approved(session, written)
    found = {
        "customer_name": party.name,
        "customer_email_address": party.email,
        "service_date": _service_date(written, approved),
        "product_description": _product(written),
        "access_activity_log": "\n".join([*_signatures(session, signed), *_deliveries(approved)]),
        "cancellation_policy_disclosure": _terms(written) if signed else "",
        "uncategorized_text": _billed(invoice, payment),
    }
    return {name: words for name, words in found.items() if words}


def _signed(session: Session, written: WrittenBrief) -> Sequence[GivenSignature]:
    """The signatures of the brief as it stands."""
    return [each for each in sign_offs(session, [written.campaign.id]).get(written.campaign.id, []) if each.given.hash == written.hash]


def _approved(session: Session, written: WrittenBrief) -> Sequence[Approved]:
    """The versions that the brand approved, with who did and what was handed over, the first first."""
    query = (
        select(Deliverable, Version, ReviewDecision, Person, Package)
        .join(Version, Version.deliverable_id == Deliverable.id)
        .join(ReviewDecision, ReviewDecision.version_id == Version.id)
        .join(Person, Person.id == ReviewDecision.decided_by)
        .outerjoin(Package, Package.version_id == Version.id)
        .where(Deliverable.campaign_id == written.campaign.id, ReviewDecision.verdict == Verdict.APPROVED)
        .order_by(ReviewDecision.decided_at, Version.id)
    )
    return [(deliverable, version, decision, person, package) for deliverable, version, decision, person, package in session.execute(query)]


def _day(moment: datetime) -> str:
    return f"{moment:%d %B %Y, %H:%M} UTC"


def _service_date(written: WrittenBrief, approved: Sequence[Approved]) -> str:
    if approved:
        return ", ".join(f"{decision.decided_at:%d %B %Y}" for _deliverable, _version, decision, _person, _package in approved)
    begun = written.campaign.launched_at
    return f"Work began on {begun:%d %B %Y}" if begun else ""


def _product(written: WrittenBrief) -> str:
    """What was ordered, as the brief says it."""
    ordered = [f"- {each.title}: {each.kind}, {each.format}, {each.length}" for each in written.deliverables]
    return "\n".join([f"Creative work made to order for {written.brand.name}: {written.campaign.title}.", "Order:", *ordered])


def _signatures(session: Session, signed: Sequence[GivenSignature]) -> Iterator[str]:
    people = select(Person.id, Person.name, Person.email).where(Person.id.in_([each.given.person_id for each in signed]))
    names = {person_id: f"{name} <{email}>" for person_id, name, email in session.execute(people)}
    for each in signed:
        given = each.given
        yield f"{_day(given.signed_at)}: {names[given.person_id]} signed the agreement for {given.sign_off_role} (SHA-256 {given.hash})."


def _deliveries(approved: Sequence[Approved]) -> Iterator[str]:
    for deliverable, version, decision, person, package in approved:
        yield (
            f"{_day(decision.decided_at)}: {person.name} <{person.email}> approved version {version.number} of “{deliverable.title}” "
            f"(SHA-256 of the file {decision.file_sha256})."
        )
        if package:
            yield f"“{deliverable.title}” was handed over as one package (SHA-256 {package.sha256})."


def _terms(written: WrittenBrief) -> str:
    brief = written.brief
    return (
        "The signed agreement says what is owed when the order is canceled, in percent of the price of each piece: "
        f"{brief.kill_fee_before_changes_bps / 100:g} before the first changes, {brief.kill_fee_after_changes_bps / 100:g} after them, "
        f"{brief.kill_fee_approved_bps / 100:g} once it is approved."
    )


def _billed(invoice: Invoice, payment: Payment) -> str:
    asked, paid = (format_money(amount, invoice.currency, ENGLISH) for amount in (invoice.amount, payment.amount))
    number, order = f" {invoice.number}" if invoice.number else "", f", purchase order {invoice.po_number}" if invoice.po_number else ""
    return (
        f"Invoice{number} for {asked}{order} was requested on {_day(invoice.asked_at)}; {paid} of it was paid on {_day(payment.paid_at)}."
    )
