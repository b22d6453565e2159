"""What lies on a brand's balance at Stripe, and Stripe does not send on, is stuck until finance has seen to it."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from campaigns.brief import refunds
from campaigns.brief.errors import NotStuck
from campaigns.core import clock
from campaigns.core.errors import Forbidden, Invalid
from campaigns.core.events import Event
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import Actor
from campaigns.ledger.accounts import bank
from campaigns.oversight.needs import needs
from campaigns.payments.money_in import ProviderRefund
from campaigns.payments.provider_errors import Unknown
from campaigns.payments.stripe_gateway import StripeGateway
from notifications.registry import NOTIFICATIONS
from tests.campaigns.brief.billing import TOTAL, facts, handle, receive
from tests.campaigns.brief.refunding import DAY, RESERVE, all_is_well, answer, asked_at_stripe, later, owed, part, sent_in_the_dashboard
from tests.factories import Partnership
from tests.treasury import Treasury, held_on
from workers.brief.refunds import look_at_refund
from workers.gateways import by_stripe
from workers.transactions import unit_of_work

WIRED = 500_000


def refused_to_send_on(treasury: Treasury, made: Partnership) -> Partnership:
    """Nobody has answered, and Stripe refuses to send on what lies on the brand's balance there."""
    later(treasury, 45 * DAY)
    treasury.line.faults.append(("/v1/refunds", "400"))
    handle(OutboxKind.BRIEF_REFUND_ON)
    return made


@pytest.fixture
def stuck(treasury: Treasury) -> Partnership:
    """A campaign whose refund is stuck."""
    return refused_to_send_on(treasury, asked_at_stripe(treasury))


def needed(made: Partnership) -> list[str]:
    """What of the campaign waits for finance."""
    with unit_of_work() as session:
        found = needs(session, by=made.finance, at=clock.business_now(session))
    return [each.code for each in found if each.campaign and each.campaign.id == made.id]


def written_to(made: Partnership) -> set[UUID]:
    """To whom the email about it goes, if it still goes out."""
    notification = NOTIFICATIONS["refund_stuck"]
    with unit_of_work() as session:
        fact = session.scalars(select(Event).where(Event.chain_id == made.id, Event.name == "brief.refund_stuck")).one()
        assert notification.still_true
        return {email.to for email in notification.build(session, fact)} if notification.still_true(session, fact) else set()


def confirm(made: Partnership, reference: str, by: Actor | None = None) -> None:
    part_id = part(made).id
    with unit_of_work() as session:
        refunds.confirm_refund_by_hand(session, made.id, part_id, reference, by=by or made.finance, at=clock.business_now(session))


def try_again(made: Partnership, by: Actor | None = None) -> None:
    part_id = part(made).id
    with unit_of_work() as session:
        refunds.send_on_again(session, made.id, part_id, by=by or made.finance, at=clock.business_now(session))


def in_bank(made: Partnership) -> int:
    """What was wired for the campaign and has not been given back from our bank account."""
    with unit_of_work() as session:
        return refunds.wired_and_left(session, made.id)


def test_what_fails_at_once_is_stuck_and_not_sent_on_without_end(treasury: Treasury, monkeypatch: pytest.MonkeyPatch) -> None:
    made = asked_at_stripe(treasury)
    later(treasury, 45 * DAY)
    taken = StripeGateway.refund_cash

    def failed(stripe: StripeGateway, *given: Any, **named: Any) -> ProviderRefund:
        return replace(taken(stripe, *given, **named), status="failed", asked_of=None, asked_until=None)

    monkeypatch.setattr(StripeGateway, "refund_cash", failed)
    handle(OutboxKind.BRIEF_REFUND_ON)
    assert (part(made).state, part(made).asks, needed(made)) == ("stuck", 1, ["refund_stuck"])
    assert len(facts(made, "brief.refund_stuck")) == 1


def test_what_stripe_does_not_send_on_stays_owed_and_waits_for_finance(treasury: Treasury, stuck: Partnership) -> None:
    assert (part(stuck).state, owed(stuck)) == ("stuck", (RESERVE, RESERVE))
    assert [each["amount"] for each in facts(stuck, "brief.refund_stuck")] == [RESERVE]
    assert (needed(stuck), written_to(stuck)) == (["refund_stuck"], {stuck.finance.person})


def test_what_finance_sent_in_stripe_is_confirmed_and_nothing_of_it_left_our_bank_account(treasury: Treasury, stuck: Partnership) -> None:
    before, reference = held_on(bank("USD")), sent_in_the_dashboard(treasury, stuck)
    with pytest.raises(Invalid):
        confirm(stuck, " ")
    confirm(stuck, reference)
    settled = part(stuck)
    assert (settled.state, settled.reference, settled.settled_by) == ("settled", reference, stuck.finance.person)
    assert (owed(stuck), held_on(bank("USD")), all_is_well()) == ((0, 0), before, [])
    assert (needed(stuck), written_to(stuck)) == ([], set())
    later(treasury, DAY)
    assert (part(stuck).state, part(stuck).settled_by) == ("settled", stuck.finance.person)


def test_what_was_wired_for_a_campaign_is_still_there_when_another_part_was_sent_in_stripe(treasury: Treasury) -> None:
    made = refused_to_send_on(treasury, asked_at_stripe(treasury, TOTAL - WIRED))
    receive(made, WIRED)
    confirm(made, sent_in_the_dashboard(treasury, made))
    assert (in_bank(made), all_is_well()) == (WIRED, [])


def test_finance_has_stripe_try_again_and_it_goes_its_way(treasury: Treasury, stuck: Partnership) -> None:
    try_again(stuck)
    assert (part(stuck).state, part(stuck).asks, needed(stuck), written_to(stuck)) == ("on_cash", 2, [], set())
    with pytest.raises(NotStuck):
        try_again(stuck)
    handle(OutboxKind.BRIEF_REFUND_ON)
    assert (part(stuck).state, len(treasury.stripe.client.v1.refunds.list().data)) == ("asked", 2)
    answer(treasury, stuck)
    later(treasury, DAY)
    assert (part(stuck).state, owed(stuck), all_is_well()) == ("settled", (0, 0), [])


def test_nobody_but_finance_has_it_tried_again_or_confirms_it(treasury: Treasury, stuck: Partnership) -> None:
    with pytest.raises(Forbidden):
        try_again(stuck, stuck.manager)
    with pytest.raises(Forbidden):
        confirm(stuck, "pyr_1", stuck.manager)
    assert part(stuck).state == "stuck"


def test_what_stripe_has_sent_on_after_all_is_as_stripe_has_it(treasury: Treasury) -> None:
    made = asked_at_stripe(treasury)
    later(treasury, 45 * DAY)
    treasury.line.faults.append(("/v1/refunds", "lose the answer"))
    with pytest.raises(Unknown):
        handle(OutboxKind.BRIEF_REFUND_ON)
    treasury.line.faults.append(("/v1/refunds", "400"))
    handle(OutboxKind.BRIEF_REFUND_ON)
    assert part(made).state == "stuck"
    look_at_refund(by_stripe(), treasury.stripe.client.v1.refunds.list().data[0].id)
    assert (part(made).state, owed(made), needed(made)) == ("asked", (RESERVE, RESERVE), [])
