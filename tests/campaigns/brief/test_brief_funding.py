"""How the sum comes together."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from campaigns.brief import errors
from campaigns.brief.actions import launch
from campaigns.brief.budgets import Budget, budget_of, fee_shares
from campaigns.brief.deliverables.actions import add_deliverable
from campaigns.brief.funding.actions import approve_advance, ask_invoice, confirm_receipt, record_receipt, unasked, way_back
from campaigns.brief.models import Brief, Receipt
from campaigns.brief.queries import cover, written_brief
from campaigns.core.appointing.errors import SecondPersonNeeded
from campaigns.core.campaign import Deliverable
from campaigns.core.errors import Forbidden, Invalid
from campaigns.core.ids import new_id
from campaigns.core.outbox import OutboxMessage
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import SYSTEM, Actor, RoleGrant, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import GiverLeft, grant_role
from campaigns.ledger.accounts import bank, held, receivable
from campaigns.ledger.queries import balance
from tests import factories
from tests.campaigns.brief.untouched import refusal_of
from tests.factories import FILM, NOW, Partnership

TODAY = NOW.date()
# 5,000,000 of pool, 15 % fee, 33 % reserve.
TOTAL = 7_400_000


def where(session: Session, made: Partnership) -> tuple[int, int, int]:
    """What is held, receivable and missing."""
    covered = cover(session, written_brief(session, made.id))
    return covered.held, covered.receivable, covered.missing


def receive(session: Session, made: Partnership, amount: int, reference: str = "WIRE") -> Receipt:
    receipt = record_receipt(session, made.id, amount, reference, TODAY, by=made.manager, at=NOW)
    return confirm_receipt(session, made.id, receipt.id, by=made.finance, at=NOW)


def test_the_brand_funds_pool_fee_and_reserve(session: Session) -> None:
    made = factories.filled_brief(session)
    assert written_brief(session, made.id).budget == Budget(5_000_000, 750_000, 1_650_000, "USD")


@given(prices=st.lists(st.integers(1, 10**9), min_size=1, max_size=8), fee=st.integers(0, 10_000), reserve=st.integers(0, 10_000))
def test_a_begun_minor_unit_counts_as_a_whole_one_and_the_fee_is_divided_without_a_rest(prices: list[int], fee: int, reserve: int) -> None:
    brief = Brief(fee_bps=fee, reserve_bps=reserve, currency="USD")
    deliverables = [Deliverable(id=new_id(), price=price) for price in prices]
    budget = budget_of(brief, deliverables)
    assert budget.pool == sum(prices)
    assert 0 <= budget.fee * 10_000 - budget.pool * fee < 10_000
    assert 0 <= budget.reserve * 10_000 - budget.pool * reserve < 10_000
    assert sum(fee_shares(brief, deliverables).values()) == budget.fee


def test_a_transfer_counts_once_a_second_person_has_confirmed_it(session: Session) -> None:
    made = factories.filled_brief(session)
    receipt = record_receipt(session, made.id, 400_000, "WIRE", TODAY, by=made.manager, at=NOW)
    assert where(session, made) == (0, 0, TOTAL)
    confirm_receipt(session, made.id, receipt.id, by=made.finance, at=NOW)
    assert where(session, made) == (400_000, 0, TOTAL - 400_000)
    assert (balance(session, bank("USD")), balance(session, held(made.id, "USD"))) == (400_000, 400_000)


def test_whoever_wrote_a_receipt_down_does_not_confirm_it(session: Session) -> None:
    made = factories.filled_brief(session)
    receipt = record_receipt(session, made.id, 1, "WIRE", TODAY, by=made.finance, at=NOW)
    refused = refusal_of(session, made, lambda: confirm_receipt(session, made.id, receipt.id, by=made.finance, at=NOW))
    assert (type(refused), refused.status) == (SecondPersonNeeded, 403)


def test_a_receipt_is_confirmed_once(session: Session) -> None:
    made = factories.filled_brief(session)
    receipt = receive(session, made, 1)
    other = factories.someone(session, Role.FINANCE)
    refused = refusal_of(session, made, lambda: confirm_receipt(session, made.id, receipt.id, by=other, at=NOW))
    assert type(refused) is errors.AlreadyConfirmed


def test_the_manager_confirms_no_receipt(session: Session) -> None:
    made = factories.filled_brief(session)
    receipt = record_receipt(session, made.id, 1, "WIRE", TODAY, by=made.finance, at=NOW)
    assert type(refusal_of(session, made, lambda: confirm_receipt(session, made.id, receipt.id, by=made.manager, at=NOW))) is Forbidden


def test_a_receipt_of_another_campaign_is_not_found(session: Session) -> None:
    made, other = factories.filled_brief(session), factories.filled_brief(session)
    receipt = record_receipt(session, other.id, 1, "WIRE", TODAY, by=made.manager, at=NOW)
    refused = refusal_of(session, made, lambda: confirm_receipt(session, made.id, receipt.id, by=made.finance, at=NOW))
    assert type(refused) is errors.NoSuchReceipt


def test_a_payment_beyond_what_is_still_asked_for_is_refused(session: Session) -> None:
    made = factories.filled_brief(session)
    record_receipt(session, made.id, TOTAL - 10, "WIRE 1", TODAY, by=made.manager, at=NOW)
    refused = refusal_of(session, made, lambda: record_receipt(session, made.id, 11, "WIRE 2", TODAY, by=made.manager, at=NOW))
    assert (type(refused), refused.field) == (errors.BeyondWhatIsAsked, "amount")
    assert refused.message == "$0.11 is more than the $0.10 still outstanding."


@pytest.mark.parametrize(
    ("amount", "reference", "days", "field"),
    [(0, "WIRE", 0, "amount"), (-5, "WIRE", 0, "amount"), (5, " ", 0, "reference"), (5, "WIRE", 1, "received_on")],
)
def test_a_receipt_needs_an_amount_a_reference_and_a_day_that_has_come(
    session: Session, amount: int, reference: str, days: int, field: str
) -> None:
    made, day = factories.filled_brief(session), TODAY + timedelta(days=days)
    refused = refusal_of(session, made, lambda: record_receipt(session, made.id, amount, reference, day, by=made.manager, at=NOW))
    assert (type(refused), refused.field) == (Invalid, field)


def test_the_same_transfer_is_not_written_down_twice(session: Session) -> None:
    made = factories.filled_brief(session)
    receive(session, made, 5)
    refused = refusal_of(session, made, lambda: record_receipt(session, made.id, 5, "WIRE", TODAY, by=made.manager, at=NOW))
    assert (type(refused), refused.field) == (errors.ReferenceTaken, "reference")


def left(session: Session, who: Actor) -> None:
    """Every role of this person's has ended."""
    session.execute(delete(RoleGrant).where(RoleGrant.person_id == who.person))


def test_a_receipt_counts_only_while_whoever_wrote_it_down_holds_the_role(session: Session) -> None:
    made, fay = factories.filled_brief(session), factories.someone(session, Role.FINANCE, "Fay")
    receipt = record_receipt(session, made.id, TOTAL, "WIRE", TODAY, by=fay, at=NOW)
    left(session, fay)
    refused = refusal_of(session, made, lambda: confirm_receipt(session, made.id, receipt.id, by=made.finance, at=NOW))
    assert (type(refused), refused.status, where(session, made)) == (GiverLeft, 409, (0, 0, TOTAL))


def test_a_receipt_whose_recorder_has_left_is_written_down_anew_and_confirmed_by_another(session: Session) -> None:
    made, fay = factories.filled_brief(session), factories.someone(session, Role.FINANCE, "Fay")
    receipt = record_receipt(session, made.id, TOTAL, "WIRE", TODAY, by=fay, at=NOW)
    left(session, fay)
    anew = record_receipt(session, made.id, TOTAL - 1, " WIRE ", TODAY - timedelta(days=1), by=made.manager, at=NOW + timedelta(hours=1))
    assert (anew.id, anew.amount, anew.received_on) == (receipt.id, TOTAL - 1, TODAY - timedelta(days=1))
    assert (anew.recorded_by, anew.recorded_at) == (made.manager.person, NOW + timedelta(hours=1))
    confirm_receipt(session, made.id, receipt.id, by=made.finance, at=NOW)
    assert where(session, made) == (TOTAL - 1, 0, 1)
    left(session, made.manager)
    other = factories.someone(session, Role.FINANCE)
    refused = refusal_of(session, made, lambda: record_receipt(session, made.id, 1, "WIRE", TODAY, by=other, at=NOW))
    assert type(refused) is errors.ReferenceTaken


def test_an_advance_needs_somebody_independent_who_runs_the_campaign_now(session: Session) -> None:
    made = factories.filled_brief(session)
    left(session, made.manager)
    refused = refusal_of(session, made, lambda: approve_advance(session, made.id, "They always pay.", by=made.finance, at=NOW))
    assert type(refused) is GiverLeft
    grant_role(session, made.finance.person, Role.MANAGER, on=made.campaign.scope, by=SYSTEM)
    finance = actor_for(session, made.finance.person)
    refused = refusal_of(session, made, lambda: approve_advance(session, made.id, "They always pay.", by=finance, at=NOW))
    assert type(refused) is GiverLeft
    factories.someone(session, Role.MANAGER, "Milo", on=made.campaign.scope)
    assert approve_advance(session, made.id, "They always pay.", by=finance, at=NOW).approved_by == finance.person


def test_nothing_is_asked_of_a_brand_whose_campaign_is_covered_or_has_ended_or_has_nothing_to_deliver(session: Session) -> None:
    ended = factories.filled_brief(session)
    ended.campaign.cancelled_at = NOW
    for made in (factories.funded_brief(session), factories.filled_brief(session, ()), ended):
        for deed in (
            lambda made=made: ask_invoice(session, made.id, by=made.manager, at=NOW),
            lambda made=made: record_receipt(session, made.id, 1, "LATE", TODAY, by=made.manager, at=NOW),
            lambda made=made: approve_advance(session, made.id, "They are good for it.", by=made.finance, at=NOW),
        ):
            assert type(refusal_of(session, made, deed)) is errors.NothingToFund


def test_an_advance_covers_the_sum_and_is_owed(session: Session) -> None:
    made = factories.filled_brief(session)
    receive(session, made, 400_000)
    approve_advance(session, made.id, "They always pay by day 45.", by=made.finance, at=NOW)
    assert where(session, made) == (TOTAL, TOTAL - 400_000, 0)
    assert balance(session, receivable(made.id, "USD")) == TOTAL - 400_000


def test_money_that_comes_later_settles_the_advance_first(session: Session) -> None:
    made = factories.filled_brief(session)
    approve_advance(session, made.id, "They always pay.", 1_000_000, by=made.finance, at=NOW)
    receive(session, made, 1_500_000)
    assert where(session, made) == (1_500_000, 0, TOTAL - 1_500_000)


@pytest.mark.parametrize("ended", [False, True])
def test_an_advance_is_settled_even_after_the_launch_and_the_end(session: Session, ended: bool) -> None:
    made = factories.signed_brief(session)
    approve_advance(session, made.id, "They always pay.", by=made.finance, at=NOW)
    launch(session, made.id, by=made.manager, at=NOW)
    made.campaign.done_at = NOW if ended else None
    receive(session, made, TOTAL)
    assert where(session, made) == (TOTAL, 0, 0)


def test_an_advance_is_finances_to_approve_and_has_a_reason(session: Session) -> None:
    made = factories.filled_brief(session)
    assert type(refusal_of(session, made, lambda: approve_advance(session, made.id, "Trust me", by=made.manager, at=NOW))) is Forbidden
    refused = refusal_of(session, made, lambda: approve_advance(session, made.id, " ", by=made.finance, at=NOW))
    assert (type(refused), refused.field) == (Invalid, "reason")
    refused = refusal_of(session, made, lambda: approve_advance(session, made.id, "More", TOTAL + 1, by=made.finance, at=NOW))
    assert (type(refused), refused.field) == (errors.BeyondWhatIsAsked, "amount")


def test_an_invoice_asks_for_what_nothing_asks_for_yet_and_is_enqueued_for_the_relay(session: Session) -> None:
    made = factories.filled_brief(session)
    record_receipt(session, made.id, 400_000, "WIRE", TODAY, by=made.manager, at=NOW)
    first = ask_invoice(session, made.id, 2_000_000, po_number="PO-4711", by=made.manager, at=NOW)
    second = ask_invoice(session, made.id, by=made.finance, at=NOW)
    assert [(i.amount, i.paid, i.currency, i.state, i.po_number) for i in (first, second)] == [
        (2_000_000, 0, "USD", "promised", "PO-4711"),
        (5_000_000, 0, "USD", "promised", None),
    ]
    assert first.billed_party_id == second.billed_party_id
    enqueued = session.execute(
        select(OutboxMessage.key, OutboxMessage.body).where(OutboxMessage.kind == OutboxKind.BRIEF_INVOICE).order_by(OutboxMessage.id)
    ).all()
    assert [tuple(row) for row in enqueued] == [(str(i.id), {"invoice": str(i.id), "footer": way_back(made.id)}) for i in (first, second)]
    assert unasked(session, written_brief(session, made.id)) == 0
    assert type(refusal_of(session, made, lambda: ask_invoice(session, made.id, by=made.manager, at=NOW))) is errors.NothingToFund


def test_an_invoice_over_more_than_is_owed_is_refused(session: Session) -> None:
    made = factories.filled_brief(session)
    refused = refusal_of(session, made, lambda: ask_invoice(session, made.id, TOTAL + 1, by=made.manager, at=NOW))
    assert (type(refused), refused.field) == (errors.BeyondWhatIsAsked, "amount")


def test_an_invoice_needs_somewhere_to_go(session: Session) -> None:
    made = factories.filled_brief(session)
    made.brand.billing_email = None
    refused = refusal_of(session, made, lambda: ask_invoice(session, made.id, by=made.manager, at=NOW))
    assert (type(refused), refused.field) == (errors.NoBillingAddress, "email")
    assert ask_invoice(session, made.id, email="ap@zappos.example", by=made.manager, at=NOW).state == "promised"


def test_a_deliverable_that_is_added_later_has_to_be_covered_too(session: Session) -> None:
    made = factories.funded_brief(session)
    add_deliverable(session, made.id, FILM, by=made.manager, at=NOW)
    assert where(session, made) == (TOTAL, 0, 4_440_000)
