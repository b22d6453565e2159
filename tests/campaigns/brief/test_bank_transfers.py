"""Bank transfers follow the customer's country; where there is none the invoice goes by card alone, and says so."""

from typing import Any

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from campaigns.brief.funding.queries import funding
from campaigns.brief.models import BilledParty
from campaigns.core import clock
from campaigns.payments import bank_transfers, stripe_gateway
from campaigns.payments.bank_transfers import EURO_ACCOUNTS, KINDS, SEPA, bank_transfer_for
from campaigns.payments.money_in import InvoiceOrder
from campaigns.payments.provider_errors import Definite
from sandbox.stripe.bank_transfers import EURO_ACCOUNTS as THEIRS
from sandbox.stripe.bank_transfers import OF_CURRENCY
from tests import factories
from tests.campaigns.brief.billing import asked, handle, row
from tests.factories import Partnership
from tests.treasury import Treasury
from workers.gateways import by_stripe
from workers.transactions import unit_of_work


def brief_in(currency: str) -> Partnership:
    with unit_of_work() as session:
        return factories.signed_brief(session, at=clock.business_now(session), currency=currency)


def at_stripe(treasury: Treasury, made: Partnership, **where: Any) -> tuple[list[str], Any, bool]:
    """By what an invoice can be paid at Stripe, by which bank transfer, and whether we say by card only."""
    invoice_id = asked(made, 100_000, **where)
    handle()
    invoice = row(invoice_id)
    settings = treasury.stripe.client.v1.invoices.retrieve(str(invoice.provider_id)).payment_settings
    options = settings.payment_method_options
    transfer = options.customer_balance.bank_transfer if options and options.customer_balance else None
    return list(settings.payment_method_types or []), transfer and transfer.to_dict(), invoice.by_card_only


BOTH = ["card", "customer_balance"]


@pytest.mark.parametrize(
    ("currency", "country", "transfer"),
    [
        ("USD", "US", {"type": "us_bank_transfer"}),
        ("USD", None, {"type": "us_bank_transfer"}),
        ("GBP", "GB", {"type": "gb_bank_transfer"}),
        ("EUR", "FR", {"type": "eu_bank_transfer", "eu_bank_transfer": {"country": "FR"}}),
        ("EUR", "AT", {"type": "eu_bank_transfer", "eu_bank_transfer": {"country": "DE"}}),
        ("USD", "DE", None),
        ("EUR", "US", None),
    ],
)
def test_an_invoice_asks_for_the_bank_transfer_of_the_customers_country(
    treasury: Treasury, currency: str, country: str | None, transfer: dict[str, Any] | None
) -> None:
    types, found, by_card_only = at_stripe(treasury, brief_in(currency), country=country)
    assert (types, by_card_only) == ((BOTH, False) if transfer else (["card"], True))
    assert found == transfer


def test_a_customers_country_is_remembered_for_the_next_invoice(treasury: Treasury) -> None:
    made = brief_in("EUR")
    at_stripe(treasury, made, country="IE")
    _types, found, _only = at_stripe(treasury, made)
    assert found == {"type": "eu_bank_transfer", "eu_bank_transfer": {"country": "IE"}}
    with unit_of_work() as session:
        assert session.query(BilledParty.country).one() == ("IE",)
        assert {invoice.by_card_only for invoice in funding(session, made.id, by=made.manager).invoices} == {False}


def test_where_stripe_gives_the_platform_no_such_transfer_the_invoice_goes_by_card_and_is_drawn_up_once(
    treasury: Treasury, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe_gateway, "bank_transfer_for", lambda _country, _currency: {"type": "jp_bank_transfer"})
    made = brief_in("USD")
    assert at_stripe(treasury, made) == (["card"], None, True)
    handle()
    assert len(treasury.stripe.client.v1.invoices.list().data) == 1


def test_another_refusal_is_no_reason_to_try_by_card(treasury: Treasury) -> None:
    order = InvoiceOrder("cus_nobody", 100, "USD", "A campaign", 30)
    with pytest.raises(Definite) as refused:
        by_stripe().create_invoice(order, key="k")
    assert refused.value.param == "customer"


@pytest.mark.parametrize(
    ("currency", "asked_for", "param"),
    [
        ("usd", {"type": "eu_bank_transfer", "eu_bank_transfer": {"country": "DE"}}, "[type]"),
        ("jpy", {"type": "us_bank_transfer"}, "[type]"),
        ("cad", {"type": "us_bank_transfer"}, "[type]"),
        ("eur", {"type": "eu_bank_transfer", "eu_bank_transfer": {"country": "AT"}}, "[eu_bank_transfer][country]"),
        ("eur", {"type": "ca_bank_transfer"}, "[type]"),
    ],
)
def test_the_simulator_refuses_a_transfer_that_stripe_does_not_have(
    treasury: Treasury, currency: str, asked_for: dict[str, Any], param: str
) -> None:
    options: Any = {"customer_balance": {"funding_type": "bank_transfer", "bank_transfer": asked_for}}
    draft: Any = {"customer": treasury.stripe.customer(), "currency": currency, "payment_settings": {"payment_method_options": options}}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        treasury.stripe.client.v1.invoices.create(draft)
    assert str(refused.value.param).endswith(param)


@given(
    st.sampled_from([None, "US", "GB", "JP", "MX", "CA", "BR", *sorted(SEPA)]), st.sampled_from(["USD", "EUR", "GBP", "JPY", "MXN", "CAD"])
)
def test_whatever_is_asked_for_is_what_stripe_has(country: str | None, currency: str) -> None:
    found: Any = bank_transfer_for(country, currency)
    if found is None:
        assert currency not in {kind.currency for kind in KINDS} or country is not None
        return
    assert found["type"] == OF_CURRENCY[currency.lower()]
    assert found.get("eu_bank_transfer", {"country": "DE"})["country"] in THEIRS
    assert set(EURO_ACCOUNTS) == set(THEIRS)
    assert bank_transfers.EU in found or currency != "EUR"
