"""A refund of a bank transfer is settled when the brand's bank has it, and not before."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from campaigns.brief import bank_refunds, refunds
from campaigns.brief.invoicing import look_at_invoice
from campaigns.brief.models import RefundPart
from campaigns.core import clock
from campaigns.core.db import unit_of_work
from campaigns.ledger import checks
from campaigns.ledger.accounts import refund_clearing, refunds_at_stripe
from campaigns.payments import gateway as provider
from tests.campaigns.brief.billing import TOTAL, billed, facts, give_back, keep, pay, row, signed
from tests.factories import Partnership
from tests.treasury import Treasury, held_on

DAY = timedelta(days=1)
RESERVE = 1_650_000


@pytest.fixture
def made(treasury: Treasury) -> Partnership:
    """A campaign that was paid by bank transfer, a part of which goes back."""
    treasury.stripe.fund(10_000_000)
    made = signed()
    invoice = row(billed(made))
    httpx.post(str(invoice.url), data={"method": "bank_transfer"})
    look_at_invoice(str(invoice.provider_id))
    give_back(made, RESERVE)
    keep("brief_refund")
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
        refunds.look_at_refund(each.id)


def answer(treasury: Treasury, made: Partnership) -> None:
    httpx.post(f"{treasury.stripe.url}/sandbox/refunds", data={"refund": str(part(made).provider_id)})


def all_is_well() -> list[str]:
    with unit_of_work() as session:
        return [each.invariant.name for each in checks.broken(session)]


def test_it_is_asked_for_then_on_its_way_and_settled_once_the_bank_has_it(treasury: Treasury, made: Partnership) -> None:
    asked = part(made)
    assert (asked.state, asked.settled_at, owed(made)) == ("asked", None, (RESERVE, RESERVE))
    assert asked.asked_of
    assert asked.asked_until
    assert [each["until"] for each in facts(made, "brief.refund_asked")] == [asked.asked_until.isoformat()]
    answer(treasury, made)
    later(treasury, timedelta(seconds=1))
    assert (part(made).state, owed(made)) == ("sent", (RESERVE, RESERVE))
    later(treasury, DAY)
    later(treasury, DAY)
    assert (part(made).state, owed(made), all_is_well()) == ("settled", (0, 0), [])
    assert len(facts(made, "brief.refund_settled")) == 1


def test_what_nobody_answered_is_on_the_brands_balance_and_is_asked_for_again(treasury: Treasury, made: Partnership) -> None:
    first = part(made).provider_id
    later(treasury, 45 * DAY)
    assert (part(made).state, owed(made), facts(made, "brief.refund_settled")) == ("on_cash", (RESERVE, RESERVE), [])
    keep(bank_refunds.KIND)
    again = part(made)
    assert (again.state, again.asks, again.provider_id != first, owed(made)) == ("asked", 1, True, (RESERVE, RESERVE))
    refunds.look_at_refund(str(first))
    assert part(made).state == "asked", "of the refund that was given up nothing is noted any more"
    assert len(facts(made, "brief.refund_asked")) == 2
    later(treasury, 45 * DAY)
    keep(bank_refunds.KIND)
    assert (part(made).state, part(made).asks) == ("asked", 2)
    answer(treasury, made)
    later(treasury, DAY)
    assert (part(made).state, owed(made), all_is_well()) == ("settled", (0, 0), [])


def test_a_second_try_to_send_it_on_changes_nothing(treasury: Treasury, made: Partnership) -> None:
    later(treasury, 45 * DAY)
    treasury.line.faults.append(("/v1/refunds", "lose the answer"))
    with pytest.raises(bank_refunds.provider.Unknown):
        keep(bank_refunds.KIND)
    keep(bank_refunds.KIND)
    assert (part(made).state, len(treasury.stripe.client.v1.refunds.list().data)) == ("asked", 2)


def test_what_stripe_does_not_send_on_is_told_to_finance_and_stays_owed(treasury: Treasury, made: Partnership) -> None:
    later(treasury, 45 * DAY)
    customer = treasury.stripe.client.v1.charges.retrieve(
        str(treasury.stripe.client.v1.refunds.retrieve(str(part(made).provider_id)).charge)
    ).customer
    asked = {"customer": str(customer), "currency": "usd", "amount": RESERVE, "origin": "customer_balance"}
    treasury.stripe.client.v1.refunds.create(asked)  # type: ignore[arg-type]
    keep(bank_refunds.KIND)
    assert (part(made).state, owed(made)) == ("on_cash", (RESERVE, RESERVE))
    assert [each["amount"] for each in facts(made, "brief.refund_stuck")] == [RESERVE]


def test_a_card_refund_that_comes_back_leaves_alone_what_is_on_its_way_to_a_bank(treasury: Treasury) -> None:
    treasury.stripe.fund(10_000_000)
    made = signed()
    invoice = billed(made)
    pay(invoice, RESERVE)
    httpx.post(str(row(invoice).url), data={"method": "bank_transfer"})
    look_at_invoice(str(row(invoice).provider_id))
    give_back(made, TOTAL)
    keep("brief_refund")
    assert owed(made) == (TOTAL - RESERVE, TOTAL - RESERVE)
    with unit_of_work() as session:
        of_card = session.scalars(select(RefundPart).where(RefundPart.amount == RESERVE)).one()
    said = provider.gateway().fetch_refund(str(of_card.provider_id))
    assert said.movement
    back = replace(said.movement, id="txn_back", kind="refund_failure", amount=RESERVE, net=RESERVE)
    with unit_of_work() as session:
        refunds.note_refund(session, replace(said, status="failed", came_back=back), at=clock.business_now(session))
    assert (owed(made), all_is_well()) == ((TOTAL, TOTAL - RESERVE), [])


@pytest.mark.parametrize("arrived", [False, True])
def test_a_refund_that_a_bank_refuses_is_on_our_balance_again_and_finance_sends_it(
    treasury: Treasury, made: Partnership, arrived: bool
) -> None:
    if arrived:
        answer(treasury, made)
        later(treasury, DAY)
        assert owed(made) == (0, 0)
    said = provider.gateway().fetch_refund(str(part(made).provider_id))
    assert said.movement
    back = replace(said.movement, id="txn_back", kind="refund_failure", amount=RESERVE, net=RESERVE)
    with unit_of_work() as session:
        refunds.note_refund(session, replace(said, status="failed", came_back=back), at=clock.business_now(session))
    assert (part(made).state, owed(made), all_is_well()) == ("by_hand", (RESERVE, 0), [])
