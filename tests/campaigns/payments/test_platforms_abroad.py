"""A platform outside the United States: whom it can pay follows from its own country, which Stripe says."""

import pytest
import stripe
from sqlalchemy import text

from campaigns.payments.actions import open_payout_account
from campaigns.payments.errors import NoRoute
from campaigns.payments.models import PayoutAccount
from campaigns.payments.money_out import TransferOrder
from tests.treasury import Treasury, now
from workers.gateways import by_stripe
from workers.provider.installation import _of_agreements, _of_reach
from workers.provider.reach import fetch_reach
from workers.transactions import unit_of_work


def move(treasury: Treasury, country: str, currency: str) -> None:
    """The platform is in this country, and we have looked."""
    treasury.stripe.raw("GET", "/v1/account")
    with treasury.stripe.engine.begin() as connection:
        change = (
            "update stripe_sandbox.object set body = body || jsonb_build_object('country', cast(:country as text), 'default_currency', "
            "cast(:currency as text)) where kind = 'platform'"
        )
        connection.execute(text(change), {"country": country, "currency": currency})
    fetch_reach(by_stripe())


def agreement_of(treasury: Treasury, country: str) -> tuple[str, str]:
    """The agreement of a new payee's account, as we have it, and its id at Stripe."""
    ana = treasury.person(country)
    provider_id = treasury.onboard(ana)
    with unit_of_work() as session:
        return session.query(PayoutAccount.agreement).filter_by(person_id=ana.person).scalar(), provider_id


def test_a_platform_in_germany_pays_across_europe_and_the_atlantic_under_the_full_agreement(treasury: Treasury) -> None:
    move(treasury, "DE", "eur")
    treasury.fund(100_000, "EUR")
    for number, country in enumerate(("DE", "FR", "GB", "US")):
        agreement, account = agreement_of(treasury, country)
        assert agreement == "full"
        assert by_stripe().transfer(TransferOrder(1_000, "EUR", account, "g", {}), key=f"k{number}").amount == 1_000
    assert list(_of_reach(by_stripe())) == []


def test_and_promises_nobody_anything_where_stripe_sends_nothing_from_there(treasury: Treasury) -> None:
    move(treasury, "DE", "eur")
    ana = treasury.person("PE")
    with pytest.raises(NoRoute), unit_of_work() as session:
        open_payout_account(session, by=ana, at=now())
    for agreement, said in (("recipient", "The recipient ToS agreement is not supported for platforms in DE"), ("full", "PE is not")):
        with pytest.raises(stripe.InvalidRequestError, match=said):
            treasury.stripe.account("PE", agreement)


def test_a_platform_that_pays_at_home_alone_is_told_so(treasury: Treasury) -> None:
    move(treasury, "JP", "jpy")
    assert [finding.code for finding in _of_reach(by_stripe())] == ["country"]
    abroad = treasury.stripe.payable("US")
    treasury.stripe.fund(100_000, "usd")
    with pytest.raises(stripe.InvalidRequestError, match="restricted outside of your platform's region"):
        treasury.stripe.transfer(abroad, 100)


def test_an_account_under_the_full_agreement_where_only_recipients_are_paid_is_refused_and_found(treasury: Treasury) -> None:
    fetch_reach(by_stripe())
    agreement, account = agreement_of(treasury, "TH")
    assert agreement == "recipient"
    assert by_stripe().transfer(TransferOrder(5_000, "USD", account, "g", {}), key="k").amount == 5_000
    old = treasury.stripe.account("TH", "full")
    treasury.stripe.submit(old.id)
    with pytest.raises(stripe.InvalidRequestError, match="when the account is under the `full` service agreement"):
        treasury.stripe.transfer(old.id, 100)
    assert list(_of_agreements()) == []
    with unit_of_work() as session:
        session.query(PayoutAccount).update({"agreement": "full"})
    (finding,) = _of_agreements()
    assert (
        finding.code,
        "people in TH only under the recipient agreement. Accounts there under the full agreement: 1." in finding.sentence,
    ) == ("agreement", True)
