"""A campaign that was paid by bank transfer and whose money goes back, step by step, at Stripe and here."""

from datetime import timedelta

import httpx
from sqlalchemy import select

from campaigns.brief import refunds
from campaigns.brief.models import RefundPart
from campaigns.core import clock
from campaigns.installation import checks as installation_checks
from campaigns.ledger.accounts import refund_clearing, refunds_at_stripe
from campaigns.payments.money_in import ProviderRefund
from tests.campaigns.brief.billing import billed, give_back, handle, row, signed
from tests.factories import Partnership
from tests.treasury import Treasury, held_on
from workers.brief.invoices import look_at_invoice
from workers.brief.refunds import look_at_refund
from workers.gateways import by_stripe
from workers.transactions import unit_of_work

DAY = timedelta(days=1)
RESERVE = 1_650_000


def paid_by_transfer(amount: int | None = None) -> Partnership:
    """A campaign that was paid by bank transfer, in whole or in part, and is told to give back its reserve."""
    made = signed()
    invoice = row(billed(made, amount))
    httpx.post(str(invoice.url), data={"method": "bank_transfer"})
    look_at_invoice(by_stripe(), str(invoice.provider_id))
    give_back(made, RESERVE)
    return made


def asked_at_stripe(treasury: Treasury, amount: int | None = None) -> Partnership:
    """The same, once Stripe has taken the refund and asked the brand for a bank account."""
    treasury.stripe.fund(10_000_000)
    made = paid_by_transfer(amount)
    handle("brief_refund")
    return made


def part(made: Partnership) -> RefundPart:
    with unit_of_work() as session:
        return session.scalars(select(RefundPart).where(RefundPart.campaign_id == made.id)).one()


def owed(made: Partnership) -> tuple[int, int]:
    """What is promised back, and what of it Stripe has taken."""
    return held_on(refund_clearing(made.id, "USD")), held_on(refunds_at_stripe(made.id, "USD"))


def later(treasury: Treasury, by: timedelta) -> None:
    """Stripe goes on, and tells of every refund, the newest first."""
    treasury.pass_time(by)
    treasury.stripe.settle()
    for each in treasury.stripe.client.v1.refunds.list({"limit": 100}).data:
        look_at_refund(by_stripe(), each.id)


def answer(treasury: Treasury, made: Partnership) -> None:
    """The brand names its bank account."""
    httpx.post(f"{treasury.stripe.url}/sandbox/refunds", data={"refund": str(part(made).provider_id)})


def note(said: ProviderRefund) -> None:
    """Note the refund as Stripe would have told of it."""
    with unit_of_work() as session:
        refunds.note_refund(session, said, at=clock.business_now(session))


def at_stripe(made: Partnership) -> ProviderRefund:
    """The refund as Stripe has it."""
    return by_stripe().fetch_refund(str(part(made).provider_id))


def sent_in_the_dashboard(treasury: Treasury, made: Partnership) -> str:
    """Somebody gives back the brand's cash balance at Stripe, past us; Stripe's id of that refund."""
    customer = treasury.stripe.client.v1.charges.retrieve(str(at_stripe(made).charge)).customer
    asked = {"customer": str(customer), "currency": "usd", "amount": RESERVE, "origin": "customer_balance"}
    return treasury.stripe.client.v1.refunds.create(asked).id  # type: ignore[arg-type]


def all_is_well() -> list[str]:
    """The invariants that are broken."""
    with unit_of_work() as session:
        return [fault.name for fault in installation_checks.broken(session)]
