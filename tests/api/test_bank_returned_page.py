"""What finance and the payee read of a payment that the payee's bank sent back."""

import httpx
from sqlalchemy import select

from campaigns.core.permissions import Role
from campaigns.payout.runs.models import Payout
from tests.api.caller import caller, token_of
from tests.api.visiting import PAGE
from tests.campaigns.payout.runs.bureau import close, released, send
from tests.campaigns.payout.runs.test_arriving import account_of, bank_payouts, days_pass, hear, sent_back
from tests.treasury import Treasury, treasury
from workers.gateways import by_stripe
from workers.provider.accounts import look_at_account
from workers.transactions import unit_of_work

__all__ = ["treasury"]


def test_a_payment_that_a_bank_sent_back_is_told_with_what_to_do_and_is_no_debt(treasury: Treasury) -> None:
    ana, flo = treasury.payee(), treasury.person(role=Role.FINANCE)
    run_id = released(treasury)
    send(run_id)
    assert close(run_id)
    days_pass(treasury, 5)
    sent_back(treasury, bank_payouts(treasury, ana)[0])
    hear(treasury, ana)
    look_at_account(by_stripe(), account_of(ana).provider_id or "")
    with unit_of_work() as session:
        mine, office = caller(token_of(session, ana)), caller(token_of(session, flo))
        assert session.scalars(select(Payout.state)).one() == "bank_returned"
    money = mine.get("/me/money", headers=PAGE).text
    assert "Your bank returned a payment to Stripe. Give Stripe another bank account" in money
    assert "Returned by your bank" in money
    run = office.get(f"/runs/{run_id}", headers=PAGE).text
    assert "bank returned it" in run
    assert "We no longer owe this amount." in run
    assert "bank_returned" in mine.get("/me/payouts.csv", headers=PAGE).text
    ledger = office.get("/ledger", headers=PAGE).text
    assert "Sent to payees, not received yet" in ledger
    assert httpx.get(f"{treasury.stripe.url}/sandbox/payouts").text.count("account_closed") == 1
