"""What the verdict sees at Stripe: whatever is there twice, or over another sum or in another currency, is planted and must be named."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from campaigns.brief.models import RefundPart
from campaigns.payout.runs.models import Payout
from tests.campaigns.brief.billing import billed, give_back, handle, paid, signed
from tests.campaigns.payout.runs.bureau import released, send
from tests.chaos import verdict
from tests.chaos.assignment import Assignment
from tests.chaos.judged import plant
from tests.chaos.word import Word
from tests.treasury import Treasury
from workers.transactions import unit_of_work

A_PART = 150_000


def looked_at(look: Any, *about: Any) -> list[str]:
    with unit_of_work() as session:
        return list(look(session, *about))


def billed_once() -> tuple[Assignment, str]:
    """An assignment that was billed as its manager asked, and the invoice."""
    made = signed()
    invoice = billed(made)
    plant("update invoice set po_number = 'PO-0'")
    asked = Word(made.manager, "", {"po_number": "PO-0"}, is_answered=True)
    return cast("Assignment", SimpleNamespace(id=made.id, invoices=[asked], withdrawn=set())), str(invoice)


def bill_again(treasury: Treasury, assignment: Assignment, invoice: str) -> None:
    """Stripe has a further invoice about the same, over a thousand dollars."""
    treasury.stripe.invoice(metadata={"campaign": str(assignment.id), "invoice": invoice})


def test_what_was_asked_for_once_is_billed_once(treasury: Treasury) -> None:
    assignment, _invoice = billed_once()
    treasury.stripe.invoice()
    assert looked_at(verdict.invoices, assignment) == []


def test_a_second_invoice_about_the_same_is_named_with_its_sum(treasury: Treasury) -> None:
    assignment, invoice = billed_once()
    bill_again(treasury, assignment, invoice)
    assert looked_at(verdict.invoices, assignment) == [
        f"invoice {invoice}: 2 where 1 should be", f"sum of invoice ('{invoice}', 100000, 'USD'): 1 where 0 should be",
    ]  # fmt: skip


def test_an_invoice_over_another_sum_or_in_another_currency_is_named(treasury: Treasury) -> None:
    assignment, invoice = billed_once()
    plant("update invoice set currency = 'EUR', amount = amount + 1")
    assert looked_at(verdict.invoices, assignment) == [
        f"sum of invoice ('{invoice}', 7400000, 'USD'): 1 where 0 should be",
        f"sum of invoice ('{invoice}', 7400001, 'EUR'): 0 where 1 should be",
    ]  # fmt: skip


def test_an_invoice_that_stripe_has_not_is_named_unless_it_was_withdrawn(treasury: Treasury) -> None:
    assignment, invoice = billed_once()
    lost = uuid4()
    plant("update invoice set id = :lost", lost=lost)
    named = [each for each in looked_at(verdict.invoices, assignment) if invoice not in each]
    assignment.withdrawn.add(lost)
    excused = [each for each in looked_at(verdict.invoices, assignment) if invoice not in each]
    assert (named, excused) == ([f"invoice {lost}: 0 where 1 should be"], [])


def test_an_invoice_that_was_withdrawn_is_at_stripe_at_most_once(treasury: Treasury) -> None:
    assignment, invoice = billed_once()
    assignment.withdrawn.add(UUID(invoice))
    assert looked_at(verdict.invoices, assignment) == []
    bill_again(treasury, assignment, invoice)
    assert looked_at(verdict.invoices, assignment) == [f"invoice {invoice}: 2 where 1 should be"]


def test_an_invoice_that_nobody_asked_for_is_named(treasury: Treasury) -> None:
    assignment, _invoice = billed_once()
    assignment.invoices.clear()
    assert looked_at(verdict.invoices, assignment) == ["invoice asked for PO-0: 1 where 0 should be"]


def test_a_second_account_of_a_person_is_named_unless_stripe_had_forgotten_the_key_of_the_first(treasury: Treasury) -> None:
    payee = treasury.person()
    treasury.open_account(payee)
    assert looked_at(verdict.accounts) == []
    treasury.pass_time(timedelta(hours=25))
    treasury.stripe.account(metadata={"person": str(payee.person)})
    assert looked_at(verdict.accounts) == []
    treasury.stripe.account(metadata={"person": str(payee.person)})
    assert looked_at(verdict.accounts) == [f"account {payee.person}: 2 where 1 should be"]


def test_an_account_that_nobody_asked_for_is_named(treasury: Treasury) -> None:
    treasury.stripe.account()
    assert looked_at(verdict.accounts) == ["account None: 1 where 0 should be"]


@pytest.mark.parametrize(
    ("change", "amount", "currency"), [("amount = amount - 1", A_PART - 1, "USD"), ("currency = 'EUR'", A_PART, "EUR")]
)
def test_a_refund_of_another_amount_or_currency_is_named(treasury: Treasury, change: str, amount: int, currency: str) -> None:
    give_back(paid(treasury, 7_400_000), A_PART)
    handle("brief_refund")
    with unit_of_work() as session:
        part = session.scalars(select(RefundPart.id)).one()
    assert looked_at(verdict.refunds) == []
    plant(f"update refund_part set {change}")
    assert sorted(looked_at(verdict.refunds)) == sorted([
        f"refund ('{part}', {A_PART}, 'USD'): 1 where 0 should be", f"refund ('{part}', {amount}, '{currency}'): 0 where 1 should be",
    ])  # fmt: skip


def test_a_transfer_in_another_currency_is_named(treasury: Treasury) -> None:
    treasury.payee(A_PART)
    send(released(treasury))
    with unit_of_work() as session:
        item = session.scalars(select(Payout)).one()
    about = f"'{item.id}', {A_PART}"
    assert looked_at(verdict.transfers) == []
    plant("update payout set currency = 'EUR'")
    assert looked_at(verdict.transfers) == [
        f"transfer ({about}, 'EUR', '{item.destination}'): 0 where 1 should be",
        f"transfer ({about}, 'USD', '{item.destination}'): 1 where 0 should be",
    ]  # fmt: skip
