"""What Stripe keeps back of the platform's balance while connected accounts, whose losses it bears, are below zero.

https://support.stripe.com/questions/connect-reserves-faq: as much as they are short of, given free as they rise again, and after 180 days
taken for good to bring an account back to zero. Each is an object of its own, which the movement names as its source: of the account that
is short, a reserve says nothing (https://docs.stripe.com/api/balance_transactions/object#balance_transaction_object-source).
"""

from sqlalchemy.dialects.postgresql import insert

from sandbox.stripe import balance
from sandbox.stripe.conversions import change, kept_in
from sandbox.stripe.endpoints import Call
from sandbox.stripe.errors import Body
from sandbox.stripe.money import DAY
from sandbox.stripe.platform import retrieve_own_account
from sandbox.stripe.schedules import step_later
from sandbox.stripe.store import keep, new_id
from sandbox.stripe.tables import RESERVED, balances

COLLECTED_AFTER = 180 * DAY
COLLECT = "collect"


def adjust(call: Call, account: str, currency: str, before: int, after: int) -> None:
    """Keep back, or give free, by how much further below zero, or less far, an account is now; in the platform's currency."""
    if min(before, after) >= 0:
        return
    ours, by = kept_in(call, retrieve_own_account(call), currency)
    kept_back = change(max(0, -before), max(0, -after), by)
    if not kept_back:
        return
    reserve = {"id": new_id("rtx"), "object": "reserve_transaction", "amount": -kept_back, "currency": ours, "description": None}
    balance.move(call, "reserve_transaction", -kept_back, ours, keep(call, reserve)["id"], exchange_rate=by)
    kept = insert(balances).values(account=RESERVED, currency=ours, available=kept_back)
    more = {"available": balances.c.available + kept_back}
    call.connection.execute(kept.on_conflict_do_update(index_elements=[balances.c.account, balances.c.currency], set_=more))
    if before >= 0:
        step_later(call, account, currency, f"{COLLECT} {account} {currency}", call.now + COLLECTED_AFTER)


def collect(call: Call, account: str, currency: str) -> None:
    """An account that is still below zero after half a year is brought to zero with the platform's money."""
    short = -balance.available(call, currency, account)
    if short > 0:
        ours, by = kept_in(call, retrieve_own_account(call), currency)
        collected = keep(call, _collection(account, short, currency))["id"]
        balance.move_connected(call, "connect_collection_transfer", short, currency, collected, account)
        balance.move(call, "connect_collection_transfer", -change(0, short, by), ours, collected, exchange_rate=by)


def _collection(account: str, amount: int, currency: str) -> Body:
    kind = "connect_collection_transfer"
    return {"id": new_id("cct"), "object": kind, "amount": amount, "currency": currency, "destination": account, "livemode": False}
