"""A campaign whose payment the customer's bank questions at the simulator, step by step."""

from sqlalchemy import select

from campaigns.brief.disputes import answering
from campaigns.brief.disputes.models import Dispute, FraudWarning
from campaigns.brief.models import Payment
from campaigns.core.people import Actor
from campaigns.ledger.accounts import dispute_losses, disputed, held, receivable, stripe_fees, unrecovered
from tests.campaigns.brief.billing import TOTAL, billed, pay, signed
from tests.factories import Partnership
from tests.treasury import Treasury, held_on, now
from workers.brief.disputes import look_at_dispute
from workers.gateways import by_stripe
from workers.transactions import unit_of_work

FEE = 1_500
WORDS = {"uncategorized_text": "It was ordered, delivered and approved."}


def paid(*amounts: int) -> Partnership:
    """A campaign that was paid by card, in parts, and nothing else at Stripe."""
    made = signed()
    invoice_id = billed(made)
    for amount in amounts:
        pay(invoice_id, amount)
    return made


def payments_of(made: Partnership) -> list[Payment]:
    with unit_of_work() as session:
        return list(session.scalars(select(Payment).where(Payment.campaign_id == made.id).order_by(Payment.id)))


def question(treasury: Treasury, made: Partnership, deed: str = "chargeback") -> str:
    """The bank questions the campaign's newest payment; Stripe's id of the dispute, of which nobody has told us yet."""
    treasury.stripe.at_the_bank(payments_of(made)[-1].charge, deed)
    return treasury.stripe.client.v1.disputes.list({"limit": 1}).data[0].id


def disputed_campaign(treasury: Treasury, *amounts: int, deed: str = "chargeback") -> tuple[Partnership, str]:
    """A campaign that was paid by card, whose newest payment is disputed, as we have heard; and Stripe's id of the dispute."""
    made = paid(*(amounts or (TOTAL,)))
    provider_id = question(treasury, made, deed)
    look_at_dispute(by_stripe(), provider_id)
    return made, provider_id


def row(provider_id: str) -> Dispute:
    with unit_of_work() as session:
        return session.scalars(select(Dispute).where(Dispute.provider_id == provider_id)).one()


def hand_in(provider_id: str, by: Actor, evidence: dict[str, str] | None = None) -> None:
    """Enqueue an answer to the bank: these words, or those that are written down, with the files that are attached."""
    with unit_of_work() as session:
        answering.hand_in(session, row(provider_id).id, evidence, by=by, at=now())


def warnings() -> list[FraudWarning]:
    with unit_of_work() as session:
        return list(session.scalars(select(FraudWarning).order_by(FraudWarning.id)))


def books(made: Partnership) -> dict[str, int]:
    """What stands on the accounts that a dispute moves, other than nothing."""
    of = [(kind.__name__, kind(made.id, "USD")) for kind in (held, receivable, disputed, unrecovered)]
    of += [(kind.__name__, kind("USD")) for kind in (dispute_losses,)]
    return {name: amount for name, account in of if (amount := held_on(account))}


def fees() -> int:
    return held_on(stripe_fees("USD"))
