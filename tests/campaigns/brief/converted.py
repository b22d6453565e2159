"""A campaign in euro that is paid to a platform with a bank account in dollars alone."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from campaigns.core import clock
from campaigns.ledger.checks import broken
from campaigns.payout.reconciliations.queries import compare_balance
from tests import factories
from tests.campaigns.brief.billing import billed, pay
from tests.factories import Partnership
from tests.treasury import Treasury
from workers.gateways import by_stripe
from workers.transactions import unit_of_work


def plant(treasury: Treasury, *currencies: str, **hidden: Any) -> None:
    """What the platform's account at Stripe is like: in which currencies it has bank accounts, and the `rates` of the day."""
    if currencies:
        treasury.stripe.bank_in(*currencies)
    with treasury.stripe.engine.begin() as connection:
        change = "update stripe_sandbox.object set hidden = hidden || cast(:hidden as jsonb) where kind = 'platform'"
        connection.execute(text(change), {"hidden": json.dumps(hidden)})


def paid_in_euro(treasury: Treasury) -> Partnership:
    """A campaign in euro, paid by card to a platform that has a bank account in dollars alone."""
    plant(treasury, "usd", rates={"eur": "1.08"})
    treasury.fund(10_000_000)
    with unit_of_work() as session:
        made = factories.signed_brief(session, at=clock.business_now(session), currency="EUR")
    pay(billed(made))
    return made


def differences() -> Sequence[object]:
    with unit_of_work() as session:
        return [*compare_balance(session, by_stripe().balance()), *broken(session)]
