"""Stripe away for an hour, or refusing for good: what moves or stops money goes on, or finance is told."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns.brief.models import Invoice, RefundPart
from campaigns.core import clock, outbox
from campaigns.core.events import Event
from campaigns.core.inbox import Received
from campaigns.core.inbox import receive as receive_event
from campaigns.core.outbox_kinds import OutboxKind, Retries
from campaigns.core.permissions import Role
from campaigns.oversight.needs import needs
from campaigns.payments.stripe_gateway import StripeGateway
from campaigns.payments.top_ups import ask_top_up, top_ups
from flows import relay
from notifications.registry import NOTIFICATIONS
from tests.campaigns.brief.billing import asked, billed, facts, give_back, paid, parts, pay, pay_at_stripe, row, signed
from tests.campaigns.brief.test_brief_invoicing import ended, state
from tests.factories import Partnership
from tests.treasury import Treasury
from workers.transactions import unit_of_work

HOUR = timedelta(hours=1)
# Of each kind of message: whether it is tried for ever, and why that is right. A new kind has to choose.
KINDS = {
    OutboxKind.WAKE: (True, "a run that sleeps would sleep on"),
    OutboxKind.START_FLOW: (True, "a campaign or a payout run would stand still"),
    OutboxKind.EVENT: (True, "somebody would never hear of it"),
    OutboxKind.EMAIL: (True, "what a carrier refuses ends by itself; an outage of its does not end an email"),
    OutboxKind.EMAIL_CHUNK: (True, "as an email"),
    OutboxKind.BRIEF_INVOICE: (True, "one key for 23 hours, then finance is told that it is uncertain"),
    OutboxKind.BRIEF_INVOICE_VOID: (True, "looks before each try; until then the invoice can be paid"),
    OutboxKind.BRIEF_REFUND: (True, "one key for 23 hours, then finance is told that it is uncertain"),
    OutboxKind.DISPUTE_ANSWER: (True, "looks before each try: a bank that has an answer gets no second one; what Stripe refuses ends it"),
    OutboxKind.BRIEF_REFUND_ON: (True, "Stripe gives back no more than there is on a cash balance"),
    OutboxKind.TOP_UP: (True, "looked for at Stripe before it is asked for again"),
    OutboxKind.PAYOUT_ACCOUNT: (True, "nobody is paid without; a second one, should its key be forgotten, is never paid to"),
    OutboxKind.REVERSE_TRANSFER: (True, "Stripe takes back no more than is left"),
    OutboxKind.STRIPE_EVENT: (True, "money would have come or gone unseen; ends where Stripe says that there is no such object"),
    OutboxKind.MISSED_EVENTS: (True, "asks, and does nothing at Stripe; ends where Stripe has no such account of ours"),
    OutboxKind.ACCOUNT_LOOK: (True, "looks, and does nothing at Stripe; ends where Stripe says that there is no such account"),
    OutboxKind.ARRIVALS_LOOK: (True, "looks, and does nothing at Stripe; nobody would read that their money has arrived"),
    OutboxKind.REACH_LOOK: (True, "looks, and does nothing at Stripe; what calls promise would grow old"),
    OutboxKind.SENDGRID_EVENT: (False, "asks our database alone: what goes wrong twelve times is a defect, and an operator sees it"),
    OutboxKind.BATCH_OVER: (False, "makes room at the carrier, which also does so by itself"),
}


def test_each_kind_of_message_goes_on_for_ever_or_ends_and_says_why() -> None:
    assert {kind: goes_on for kind, (goes_on, _why) in KINDS.items()} == {kind: kind.retries is Retries.FOR_EVER for kind in OutboxKind}


def tried(kind: str) -> tuple[timedelta, bool]:
    """The relay tries each open message of this kind once, its wait passed over; how long it waits then, and whether it is done."""
    with unit_of_work() as session:
        session.execute(update(outbox.OutboxMessage).where(outbox.OutboxMessage.kind != kind).values(done_at=clock.process_now()))
        session.execute(
            update(outbox.OutboxMessage).where(outbox.OutboxMessage.kind == kind).values(due_at=clock.process_now(), leased_until=None)
        )
    claimed = relay.claim(10)
    before = clock.process_now()
    for each in claimed:
        relay.handle(each)
    with unit_of_work() as session:
        messages = session.scalars(select(outbox.OutboxMessage).where(outbox.OutboxMessage.kind == kind)).all()
        assert [each.key for each in messages if each.failed_at] == []
        return min(each.due_at for each in messages) - before, all(each.done_at for each in messages)


def away_for_an_hour(treasury: Treasury, kind: str, fault: str = "lose the call") -> None:
    """Every try fails for as long as the waits between them add up to an hour."""
    waited, tries = timedelta(), 0
    while waited < HOUR:
        treasury.line.faults[:] = [("/v1/", fault)] * 10
        wait, is_kept = tried(kind)
        assert not is_kept
        assert wait <= outbox.LONGEST_BACK_OFF + timedelta(seconds=5)
        waited, tries = waited + wait, tries + 1
    treasury.line.faults.clear()
    assert tries > outbox.MOST_ATTEMPTS


@pytest.mark.parametrize("fault", ["lose the call", "503"])
def test_a_half_paid_invoice_of_a_cancelled_campaign_is_taken_back_once_stripe_is_there_again(treasury: Treasury, fault: str) -> None:
    made = signed()
    half_paid, sent = billed(made, 1_000_000), billed(made, 2_000_000)
    pay(half_paid, 400_000)
    ended(made)
    away_for_an_hour(treasury, "brief_invoice_void", fault)
    assert [state(each)[0] for each in (half_paid, sent)] == ["open", "open"]
    assert tried("brief_invoice_void")[1]
    assert [state(each) for each in (half_paid, sent)] == [("credited", 400_000), ("void", 0)]
    assert pay_at_stripe(half_paid, 600_000).status_code >= 400
    assert pay_at_stripe(sent).status_code >= 400


@pytest.mark.parametrize(("deed", "path", "half_paid"), [("void_invoice", "/void", 0), ("credit_invoice", "/v1/credit_notes", 400_000)])
def test_a_failure_that_stripe_keeps_under_a_key_for_a_day_does_not_keep_an_invoice_payable_for_a_day(
    treasury: Treasury, monkeypatch: pytest.MonkeyPatch, deed: str, path: str, half_paid: int
) -> None:
    made = signed()
    invoice_id = billed(made, 1_000_000)
    if half_paid:
        pay(invoice_id, half_paid)
    ended(made)
    real, keys = getattr(StripeGateway, deed), list[str]()

    def heard(*about: object, key: str) -> object:
        keys.append(key)
        return real(*about, key=key)

    monkeypatch.setattr(StripeGateway, deed, heard)
    treasury.line.faults.append((path, "503"))
    assert not tried("brief_invoice_void")[1]
    assert tried("brief_invoice_void")[1]
    assert len(keys) == len(set(keys)) == 2
    assert pay_at_stripe(invoice_id, 600_000).status_code >= 400


@pytest.mark.parametrize(("path", "half_paid"), [("/void", 0), ("/v1/credit_notes", 400_000)])
def test_an_invoice_is_taken_back_once_though_the_answer_was_lost(treasury: Treasury, path: str, half_paid: int) -> None:
    made = signed()
    invoice_id = billed(made, 1_000_000)
    if half_paid:
        pay(invoice_id, half_paid)
    ended(made)
    treasury.line.faults.append((path, "lose the answer"))
    assert not tried("brief_invoice_void")[1]
    assert tried("brief_invoice_void")[1]
    assert [each.amount for each in treasury.stripe.client.v1.credit_notes.list().data] == ([600_000] if half_paid else [])
    assert state(invoice_id) == (("credited", half_paid) if half_paid else ("void", 0))


def test_a_refund_goes_out_once_stripe_is_there_again(treasury: Treasury) -> None:
    made = paid(treasury, 7_400_000)
    give_back(made, 1_000_000)
    away_for_an_hour(treasury, "brief_refund")
    assert tried("brief_refund")[1]
    assert [each.amount for each in treasury.stripe.client.v1.refunds.list().data] == [1_000_000]


def test_an_invoice_is_sent_once_stripe_is_there_again(treasury: Treasury) -> None:
    made = signed()
    invoice_id = asked(made)
    away_for_an_hour(treasury, "brief_invoice")
    assert (tried("brief_invoice")[1], state(invoice_id)) == (True, ("open", 0))


def test_a_top_up_is_drawn_once_stripe_is_there_again(treasury: Treasury) -> None:
    finance = treasury.person(role=Role.FINANCE)
    with unit_of_work() as session:
        ask_top_up(session, "USD", 5_000, by=finance, at=clock.business_now(session))
    away_for_an_hour(treasury, "top_up")
    assert tried("top_up")[1]
    with unit_of_work() as session:
        assert [each.state for each in top_ups(session, by=finance)] == ["pending"]
    assert len(treasury.stripe.client.v1.topups.list().data) == 1


def told_of(session: Session, made: Partnership, at: str) -> tuple[list[str], set[UUID]]:
    """The needs of finance about the campaign, and whom the email of the last event of this name goes to, if it still goes out."""
    fact = session.scalars(select(Event).where(Event.name == at).order_by(Event.number.desc()).limit(1)).one()
    notification = NOTIFICATIONS["left_open"]
    assert notification.still_true is not None
    people = {email.to for email in notification.build(session, fact)} if notification.still_true(session, fact) else set()
    found = needs(session, by=made.finance, at=clock.business_now(session))
    return [need.code for need in found if need.campaign and need.campaign.id == made.id], people


def test_finance_is_told_once_that_stripe_refuses_to_take_an_invoice_back_until_it_is(treasury: Treasury) -> None:
    made = signed()
    invoice_id = billed(made)
    ended(made)
    for _twice in range(2):
        treasury.line.faults.append(("/void", "400"))
        assert not tried("brief_invoice_void")[1]
    assert [each["invoice"] for each in facts(made, "brief.invoice_still_payable")] == [str(invoice_id)]
    with unit_of_work() as session:
        needed, people = told_of(session, made, "brief.invoice_still_payable")
        assert (needed, made.finance.person in people, made.manager.person in people) == (["invoice_still_payable"], True, False)
    assert (tried("brief_invoice_void")[1], state(invoice_id)) == (True, ("void", 0))
    with unit_of_work() as session:
        assert told_of(session, made, "brief.invoice_still_payable") == ([], set())


def test_finance_is_told_of_a_refund_that_stripe_never_answered_until_it_is_sent_by_hand(treasury: Treasury) -> None:
    made = paid(treasury, 7_400_000)
    give_back(made, 1_000_000)
    treasury.line.faults.append(("/v1/refunds", "lose the call"))
    tried("brief_refund")
    treasury.pass_time(timedelta(hours=23))
    tried("brief_refund")
    assert parts(made) == [(1_000_000, "uncertain", True)]
    with unit_of_work() as session:
        needed, people = told_of(session, made, "brief.refund_uncertain")
        assert (needed, made.finance.person in people) == (["refund_uncertain"], True)
        session.execute(update(RefundPart).values(state="by_hand"))
    with unit_of_work() as session:
        assert told_of(session, made, "brief.refund_uncertain") == (["refund_by_hand"], set())


def test_finance_and_the_manager_are_told_of_an_invoice_that_stripe_never_answered_or_refused(treasury: Treasury) -> None:
    made = signed()
    invoice_id = asked(made)
    treasury.line.faults.append(("/v1/invoices", "lose the call"))
    tried("brief_invoice")
    treasury.pass_time(timedelta(hours=23))
    tried("brief_invoice")
    with unit_of_work() as session:
        needed, people = told_of(session, made, "brief.invoice_uncertain")
        assert (needed, {made.finance.person, made.manager.person} <= people) == (["invoice_uncertain"], True)
        session.get_one(Invoice, invoice_id).state = "void"
    asked(made)
    treasury.line.faults.append(("/v1/invoices", "400"))
    assert tried("brief_invoice")[1]
    with unit_of_work() as session:
        needed, people = told_of(session, made, "brief.invoice_refused")
        assert (needed, {made.finance.person, made.manager.person} <= people) == ([], True)


def test_finance_is_told_of_a_top_up_that_stripe_refuses(treasury: Treasury) -> None:
    finance = treasury.person(role=Role.FINANCE)
    with unit_of_work() as session:
        ask_top_up(session, "USD", 5_000, by=finance, at=clock.business_now(session))
    treasury.line.faults.append(("/v1/topups", "400"))
    assert tried("top_up")[1]
    with unit_of_work() as session:
        fact = session.scalars(select(Event).where(Event.name == "payout.top_up_failed")).one()
        emails = list(NOTIFICATIONS["left_open"].build(session, fact))
    assert [(each.to, each.path, each.params["amount"], each.params["what"]) for each in emails] == [
        (finance.person, "/runs", 5_000, "top_up_failed")
    ]


def test_an_event_is_looked_into_for_ever_but_one_about_what_stripe_says_is_not_there_ends_with_a_note(treasury: Treasury) -> None:
    made = signed()
    invoice_id = billed(made)
    with unit_of_work() as session:
        for number, about in enumerate((row(invoice_id).provider_id, "in_gone")):
            body = {"data": {"object": {"object": "invoice", "id": about}}}
            receive_event(session, "stripe", f"evt_{number}", "invoice.paid", body)
        session.execute(update(outbox.OutboxMessage).where(outbox.OutboxMessage.kind == OutboxKind.STRIPE_EVENT).values(attempts=30))
        session.execute(
            update(outbox.OutboxMessage).where(outbox.OutboxMessage.kind != OutboxKind.STRIPE_EVENT).values(done_at=clock.process_now())
        )
    treasury.line.faults.append((str(row(invoice_id).provider_id), "lose the call"))
    for claimed in relay.claim(2):
        relay.handle(claimed)
    with unit_of_work() as session:
        found = session.scalars(select(outbox.OutboxMessage).where(outbox.OutboxMessage.kind == OutboxKind.STRIPE_EVENT))
        ended = {each.key: (each.done_at is not None, each.failed_at is not None) for each in found}
        notes = [session.get_one(Received, ("stripe", f"evt_{number}")).passed_over for number in (0, 1)]
    assert ended == {"evt_0": (False, False), "evt_1": (True, False)}
    assert notes == [None, "gone"]
