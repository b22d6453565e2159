"""A refund of a bank transfer is settled when the brand's bank has it, and not before."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns.brief import refunds
from campaigns.brief.models import RefundPart
from campaigns.core import clock
from campaigns.core.billing import change_address
from campaigns.core.campaign import Campaign
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import Brand
from campaigns.payments.money_in import ProviderRefund
from campaigns.payments.provider_errors import Unknown
from tests.campaigns.brief.billing import TOTAL, billed, facts, give_back, handle, pay, row, signed
from tests.campaigns.brief.refunding import (
    DAY,
    RESERVE,
    all_is_well,
    answer,
    asked_at_stripe,
    at_stripe,
    later,
    note,
    owed,
    paid_by_transfer,
    part,
)
from tests.factories import Partnership
from tests.treasury import Treasury
from workers.brief.invoices import look_at_invoice
from workers.brief.refunds import look_at_refund
from workers.gateways import by_stripe
from workers.transactions import unit_of_work

BILLED = "invoices@zappos.example"


@pytest.fixture
def made(treasury: Treasury) -> Partnership:
    """A campaign that was paid by bank transfer, a part of which goes back."""
    return asked_at_stripe(treasury)


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
    handle(OutboxKind.BRIEF_REFUND_ON)
    again = part(made)
    assert (again.state, again.asks, again.provider_id != first, owed(made)) == ("asked", 1, True, (RESERVE, RESERVE))
    look_at_refund(by_stripe(), str(first))
    assert part(made).state == "asked", "of the refund that was given up nothing is noted any more"
    assert len(facts(made, "brief.refund_asked")) == 2
    later(treasury, 44 * DAY)
    answer(treasury, made)
    later(treasury, DAY)
    assert (part(made).state, owed(made), all_is_well()) == ("settled", (0, 0), [])


def test_the_brand_is_asked_where_its_bills_go_now(treasury: Treasury) -> None:
    treasury.stripe.fund(10_000_000)
    made = paid_by_transfer()
    handle("brief_refund")
    bill_at(made, "new@zappos.example")
    give_back(made, 10_000, "more")
    bill_at(made, "newest@zappos.example")
    for fault in ("lose the answer", None):
        if fault:
            treasury.line.faults.append(("/v1/refunds", fault))
            with pytest.raises(Unknown):
                handle("brief_refund")
        else:
            handle("brief_refund")
    assert asked_at(treasury) == [(10_000, "new@zappos.example"), (RESERVE, BILLED)], "as it was promised, each time in the same words"
    later(treasury, 45 * DAY)
    handle(OutboxKind.BRIEF_REFUND_ON)
    assert asked_at(treasury)[:2] == [(RESERVE, "newest@zappos.example"), (10_000, "newest@zappos.example")]


def test_an_address_that_still_cools_is_not_asked_and_a_card_asks_nobody(treasury: Treasury) -> None:
    treasury.stripe.fund(10_000_000)
    made = paid_by_transfer()
    with unit_of_work() as session:
        change_address(session, brand_of(session, made), "thief@example.org", at=clock.business_now(session))
    give_back(made, 10_000, "more")
    handle("brief_refund")
    assert {address for _amount, address in asked_at(treasury)} == {BILLED}
    by_card = signed()
    pay(billed(by_card))
    give_back(by_card, RESERVE, "card")
    handle("brief_refund")
    assert asked_at(treasury)[0] == (RESERVE, None)


def test_who_never_answers_is_left_to_finance(treasury: Treasury, made: Partnership) -> None:
    later(treasury, 45 * DAY)
    handle(OutboxKind.BRIEF_REFUND_ON)
    later(treasury, 45 * DAY)
    handle(OutboxKind.BRIEF_REFUND_ON)
    assert (part(made).state, part(made).asks, owed(made)) == ("stuck", 1, (RESERVE, RESERVE))
    assert [each["amount"] for each in facts(made, "brief.refund_stuck")] == [RESERVE]
    later(treasury, DAY)
    assert (part(made).state, len(facts(made, "brief.refund_stuck")), all_is_well()) == ("stuck", 1, []), "however often it is told"
    with unit_of_work() as session:
        refunds.send_on_again(session, made.id, part(made).id, by=made.finance, at=clock.business_now(session))
    handle(OutboxKind.BRIEF_REFUND_ON)
    assert (part(made).state, part(made).asks) == ("asked", 2)
    later(treasury, 45 * DAY)
    assert (part(made).state, len(facts(made, "brief.refund_stuck"))) == ("stuck", 2)


def brand_of(session: Session, made: Partnership) -> Brand:
    return session.get_one(Brand, session.get_one(Campaign, made.id).brand_id)


def bill_at(made: Partnership, address: str) -> None:
    """The brand's bills go there from now on, and nobody has objected."""
    with unit_of_work() as session:
        brand = brand_of(session, made)
        brand.billing_email, brand.billing_counts_from = address, None


def asked_at(treasury: Treasury) -> list[tuple[int, str | None]]:
    """Each refund at Stripe with whom it asks for a bank account, the newest first."""
    return [(each.amount, getattr(each, "instructions_email", None)) for each in treasury.stripe.client.v1.refunds.list().data]


def test_a_second_try_to_send_it_on_changes_nothing(treasury: Treasury, made: Partnership) -> None:
    later(treasury, 45 * DAY)
    treasury.line.faults.append(("/v1/refunds", "lose the answer"))
    with pytest.raises(Unknown):
        handle(OutboxKind.BRIEF_REFUND_ON)
    handle(OutboxKind.BRIEF_REFUND_ON)
    assert (part(made).state, len(treasury.stripe.client.v1.refunds.list().data)) == ("asked", 2)


def test_a_card_refund_that_comes_back_leaves_alone_what_is_on_its_way_to_a_bank(treasury: Treasury) -> None:
    treasury.stripe.fund(10_000_000)
    made = signed()
    invoice = billed(made)
    pay(invoice, RESERVE)
    httpx.post(str(row(invoice).url), data={"method": "bank_transfer"})
    look_at_invoice(by_stripe(), str(row(invoice).provider_id))
    give_back(made, TOTAL)
    handle("brief_refund")
    assert owed(made) == (TOTAL - RESERVE, TOTAL - RESERVE)
    with unit_of_work() as session:
        of_card = session.scalars(select(RefundPart).where(RefundPart.amount == RESERVE)).one()
    note(failed(by_stripe().fetch_refund(str(of_card.provider_id))))
    assert (owed(made), all_is_well()) == ((TOTAL, TOTAL - RESERVE), [])


@pytest.mark.parametrize("arrived", [False, True])
def test_a_refund_that_a_bank_refuses_is_on_our_balance_again_and_finance_sends_it(
    treasury: Treasury, made: Partnership, arrived: bool
) -> None:
    if arrived:
        answer(treasury, made)
        later(treasury, DAY)
        assert owed(made) == (0, 0)
    note(failed(at_stripe(made)))
    assert (part(made).state, owed(made), all_is_well()) == ("by_hand", (RESERVE, 0), [])


def failed(said: ProviderRefund) -> ProviderRefund:
    """The refund, once what it took from our balance is on it again."""
    assert said.movement
    back = replace(said.movement, id="txn_back", kind="refund_failure", amount=RESERVE, net=RESERVE)
    return replace(said, status="failed", came_back=back)


def unnamed(said: ProviderRefund, status: str) -> ProviderRefund:
    """The refund, of which Stripe says neither where it goes nor whom it asked."""
    return replace(said, status=status, destination=None, asked_of=None, asked_at=None, asked_until=None)


@pytest.fixture
def unheard(made: Partnership) -> ProviderRefund:
    """The campaign's refund at Stripe, of which nobody has told us more than that it left our balance."""
    with unit_of_work() as session:
        session.execute(update(RefundPart).values(state="promised", asked_of=None, asked_at=None, asked_until=None))
    return at_stripe(made)


def test_where_stripe_does_not_say_where_a_refund_goes_nothing_is_settled_before_it_has_succeeded(
    made: Partnership, unheard: ProviderRefund
) -> None:
    for status in ("requires_action", "pending"):
        note(unnamed(unheard, status))
        assert (part(made).state, part(made).settled_at, owed(made)) == ("sent", None, (RESERVE, RESERVE)), status
    for _twice in range(2):
        note(unnamed(unheard, "succeeded"))
    assert (part(made).state, owed(made), all_is_well()) == ("settled", (0, 0), [])
    assert len(facts(made, "brief.refund_settled")) == 1


def test_a_refund_that_asks_for_a_bank_account_goes_to_one_though_stripe_does_not_name_it(
    made: Partnership, unheard: ProviderRefund
) -> None:
    note(replace(unheard, destination=None))
    assert (part(made).state, part(made).asked_of) == ("asked", unheard.asked_of)
    note(unnamed(unheard, "pending"))
    assert (part(made).state, owed(made)) == ("sent", (RESERVE, RESERVE))
    note(unnamed(unheard, "canceled"))
    assert (part(made).state, part(made).asks, owed(made)) == ("on_cash", 1, (RESERVE, RESERVE)), "it is on the brand's balance"


def test_a_refund_to_nobody_knows_where_that_fails_is_on_our_balance_again_and_finance_sends_it(
    made: Partnership, unheard: ProviderRefund
) -> None:
    note(unnamed(unheard, "pending"))
    note(unnamed(failed(unheard), "failed"))
    assert (part(made).state, owed(made), all_is_well()) == ("by_hand", (RESERVE, 0), [])


def test_a_card_refund_that_is_pending_is_on_its_way_and_settled_once_it_has_succeeded(treasury: Treasury) -> None:
    treasury.stripe.fund(10_000_000)
    made = signed()
    pay(billed(made))
    give_back(made, RESERVE)
    charge = treasury.stripe.client.v1.refunds.create(
        {"charge": next(each.id for each in treasury.stripe.client.v1.charges.list().data if each.amount == TOTAL), "amount": RESERVE}
    )
    said = replace(by_stripe().fetch_refund(charge.id), metadata={"refund_part": str(part(made).id)})
    assert said.destination == "card"
    note(replace(said, status="pending"))
    assert (part(made).state, owed(made), facts(made, "brief.refund_settled")) == ("sent", (RESERVE, RESERVE), [])
    note(said)
    assert (part(made).state, owed(made), all_is_well()) == ("settled", (0, 0), [])


def test_a_bank_refund_that_never_left_our_balance_is_not_looked_for_on_the_brands(treasury: Treasury) -> None:
    made = paid_by_transfer()
    note(ProviderRefund("pyr_1", "canceled", RESERVE, "USD", "py_1", {"refund_part": str(part(made).id)}, destination="us_bank_transfer"))
    assert (part(made).state, owed(made), all_is_well()) == ("by_hand", (RESERVE, 0), [])
