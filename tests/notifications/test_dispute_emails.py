"""Who gets which email of a dispute."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from campaigns.brief.disputes.noting import note_dispute
from campaigns.core import clock
from campaigns.core.events import Event
from notifications.notification import EmailDraft
from notifications.registry import notifications_of
from tests.campaigns.brief.billing import TOTAL
from tests.campaigns.brief.disputes.disputing import disputed_campaign, paid, payments_of, row
from tests.treasury import Treasury, now, treasury
from workers.brief.dispute_answers import remind_of_answers
from workers.brief.disputes import look_at_dispute, look_at_warning
from workers.gateways import by_stripe
from workers.transactions import unit_of_work

__all__ = ["treasury"]


def emails(name: str) -> dict[UUID, EmailDraft]:
    """The emails that the newest event of this name asks for and that are still true, by recipient."""
    with unit_of_work() as session:
        fact = session.scalars(select(Event).where(Event.name == name).order_by(Event.id.desc()).limit(1)).one()
        (notification,) = notifications_of(name)
        if notification.still_true and not notification.still_true(session, fact):
            return {}
        return {email.to: email for email in notification.build(session, fact)}


def test_finance_learns_of_a_dispute_and_its_day_and_the_manager_what_is_paused(treasury: Treasury) -> None:
    made, provider_id = disputed_campaign(treasury)
    found = emails("brief.dispute_opened")
    assert {to: email.path for to, email in found.items()} == {
        made.finance.person: f"/disputes/{row(provider_id).id}", made.manager.person: f"/campaigns/{made.id}/funding",
    }  # fmt: skip
    said = found[made.finance.person].params
    assert (said["pays"], said["is_inquiry"], said["due_by"], said["amount"]) == (True, False, row(provider_id).due_by, TOTAL)


@pytest.mark.parametrize(("deed", "outcome"), [("win", "won"), ("lose", "lost")])
def test_what_was_decided_is_told_to_both_and_what_was_open_is_not_told_any_more(treasury: Treasury, deed: str, outcome: str) -> None:
    made, provider_id = disputed_campaign(treasury)
    treasury.stripe.at_the_bank(provider_id, deed)
    look_at_dispute(by_stripe(), provider_id)
    found = emails(f"brief.dispute_{outcome}")
    assert {to: email.params["outcome"] for to, email in found.items()} == {made.finance.person: outcome, made.manager.person: outcome}
    assert emails("brief.dispute_opened") == {}


def test_finance_alone_learns_of_a_warning_and_of_a_day_that_is_near(treasury: Treasury) -> None:
    made, _provider_id = disputed_campaign(treasury)
    treasury.pass_time(timedelta(days=7))
    remind_of_answers()
    assert set(emails("brief.dispute_due_soon")) == {made.finance.person}
    other = paid(TOTAL)
    treasury.stripe.at_the_bank(payments_of(other)[0].charge, "warning")
    look_at_warning(by_stripe(), treasury.stripe.client.v1.radar.early_fraud_warnings.list().data[0].id)
    assert set(emails("brief.fraud_warned")) == {made.finance.person, other.finance.person}


def test_of_an_inquiry_that_kept_the_money_it_is_told_that_the_brand_owes_it_again(treasury: Treasury) -> None:
    made, provider_id = disputed_campaign(treasury)
    taken = by_stripe().fetch_dispute(provider_id)
    with unit_of_work() as session:
        note_dispute(session, replace(taken, status="warning_closed"), looked_at=clock.process_now(), at=now())
    assert {to: email.params["outcome"] for to, email in emails("brief.dispute_closed").items()} == {
        made.finance.person: "lost", made.manager.person: "lost",
    }  # fmt: skip
