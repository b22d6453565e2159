"""The balances of the platform and its connected accounts: what is available, what is still pending, and every movement."""

from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from sandbox.stripe import events, reserves
from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body
from sandbox.stripe.parameters import PAGE, RANGE, TEXT
from sandbox.stripe.schedules import pay_out_later
from sandbox.stripe.store import fetch, keep, new_id, page
from sandbox.stripe.tables import FROM_BANKS, RESERVED, balances, objects, pending

PLATFORM = ""
BANK_ACCOUNT = "bank_account"
# Where a category is not called as its type is: https://docs.stripe.com/reports/reporting-categories
CATEGORIES = {
    "payment": "charge", "payment_refund": "refund", "transfer_refund": "transfer_reversal", "payout_failure": "payout_reversal",
    "adjustment": "other_adjustment", "reserve_transaction": "connect_reserved_funds",
}  # fmt: skip


def available(call: Call, currency: str, account: str = PLATFORM) -> int:
    """What the account may spend now, locked until the transaction ends, with all that has become due."""
    call.connection.execute(insert(balances).values(account=account, currency=currency).on_conflict_do_nothing())
    row = (balances.c.account == account, balances.c.currency == currency)
    held: int = call.connection.execute(select(balances.c.available).where(*row).with_for_update()).scalar_one()
    matured = _mature(call, currency, account)
    if matured is None:
        return held
    call.connection.execute(update(balances).where(*row).values(available=held + matured[0]))
    _change_from_banks(call, currency, matured[1])
    events.record(call, "balance.available", balance_of(call, account), account=account or None)
    return held + matured[0]


def available_of(call: Call, currency: str, source_type: str) -> int:
    """What the platform may spend now of one kind of its balance, locked."""
    total = available(call, currency)
    row = (balances.c.account == FROM_BANKS, balances.c.currency == currency)
    from_banks: int = call.connection.execute(select(balances.c.available).where(*row).with_for_update()).scalar_one_or_none() or 0
    return {BANK_ACCOUNT: from_banks, "card": total - from_banks}.get(source_type, 0)


def _change_from_banks(call: Call, currency: str, by: int) -> None:
    if by:
        row = insert(balances).values(account=FROM_BANKS, currency=currency, available=by)
        more = {"available": balances.c.available + by}
        call.connection.execute(row.on_conflict_do_update(index_elements=[balances.c.account, balances.c.currency], set_=more))


def _mature(call: Call, currency: str, account: str) -> tuple[int, int] | None:
    """Take out of `pending` what is due by now, and say so in its transactions.

    Returns the sum, and what of it came by legacy ACH; None when nothing was due.
    """
    due = (pending.c.account == account, pending.c.currency == currency, pending.c.available_on <= call.now)
    rows = call.connection.execute(delete(pending).where(*due).returning(pending.c.transaction_id, pending.c.net)).all()
    if not rows:
        return None
    changed = func.jsonb_set(objects.c.body, text("'{status}'"), text("'\"available\"'"))
    mine = objects.c.id.in_([row.transaction_id for row in rows])
    call.connection.execute(update(objects).where(mine).values(body=changed))
    by_bank = select(objects.c.id).where(mine, objects.c.hidden["source_type"].astext == BANK_ACCOUNT)
    from_banks = set(call.connection.execute(by_bank).scalars())
    return sum(row.net for row in rows), sum(row.net for row in rows if row.transaction_id in from_banks)


def move(call: Call, kind: str, amount: int, currency: str, source: str, **how: Any) -> Body:
    """Book a movement on the platform's balance and keep its balance transaction.

    `how`: `fee` in minor units and what it is `charged_for`, `available_on` when that is later than now, `description`, `exchange_rate`
    where it was converted, `source_type` where it is not `card` (of legacy ACH payments alone, as `source_types` in
    https://docs.stripe.com/api/balance/balance_object says), and the `category` where that is not the kind's.
    """
    available(call, currency)
    source_type = how.pop("source_type", "card")
    transaction = _book(call, _transaction(call, kind, amount, currency, source, **how), PLATFORM)
    if source_type == BANK_ACCOUNT and transaction["status"] == "available":
        _change_from_banks(call, currency, transaction["net"])
    return keep(call, transaction, source_type=source_type)


def move_connected(call: Call, kind: str, amount: int, currency: str, source: str, account: str, **how: Any) -> Body:
    """Book a movement on a connected account's balance; what came in goes out with its next payout.

    `how`: `available_on` when that is later than now, `exchange_rate` where it was converted.
    """
    before = available(call, currency, account)
    transaction = _book(call, _transaction(call, kind, amount, currency, source, **how), account)
    if transaction["status"] == "available":
        reserves.adjust(call, account, currency, before, before + amount)
    if amount > 0:
        pay_out_later(call, account, currency, transaction["available_on"])
    return keep(call, transaction, account=account)


def _book(call: Call, transaction: Body, account: str) -> Body:
    if transaction["status"] == "pending":
        row = {"transaction_id": transaction["id"], "account": account, "available_on": transaction["available_on"]}
        call.connection.execute(insert(pending).values(**row, currency=transaction["currency"], net=transaction["net"]))
    else:
        mine = (balances.c.account == account, balances.c.currency == transaction["currency"])
        call.connection.execute(update(balances).where(*mine).values(available=balances.c.available + transaction["net"]))
    return transaction


def _transaction(
    call: Call, kind: str, amount: int, currency: str, source: str, *, fee: int = 0, available_on: int = 0, description: str | None = None,
    charged_for: str = "Stripe processing fees", category: str | None = None, exchange_rate: float | None = None,
) -> Body:  # fmt: skip
    charged = [{"amount": fee, "application": None, "currency": currency, "description": charged_for, "type": "stripe_fee"}]
    return {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": max(available_on, call.now),
        "balance_type": "payments",
        "created": call.now,
        "currency": currency,
        "description": description,
        "exchange_rate": exchange_rate,
        "fee": fee,
        "fee_details": charged if fee else [],
        "net": amount - fee,
        "reporting_category": category or CATEGORIES.get(kind, kind),
        "source": source,
        "status": "pending" if available_on > call.now else "available",
        "type": kind,
    }


def settle(call: Call) -> None:
    """Make available whatever has become due, on every account; the locks are always taken in the same order."""
    due = select(pending.c.account, pending.c.currency).where(pending.c.available_on <= call.now).distinct()
    for account, currency in call.connection.execute(due.order_by(pending.c.account, pending.c.currency)).all():
        available(call, currency, account)


def balance_of(call: Call, account: str) -> Body:
    """The account's balance in every currency that it ever held, as it stands."""
    held = select(balances.c.currency, balances.c.available).where(balances.c.account == account).order_by(balances.c.currency)
    amounts = {row.currency: row.available for row in call.connection.execute(held)} or {"usd": 0}
    waiting = select(pending.c.currency, func.sum(pending.c.net)).where(pending.c.account == account).group_by(pending.c.currency)
    coming = {currency: int(net) for currency, net in call.connection.execute(waiting).all()}
    from_banks, reserved = (_beside(call, account, part) for part in (FROM_BANKS, RESERVED))
    kept = {"connect_reserved": [_amount(amount, currency) for currency, amount in reserved.items()]} if any(reserved.values()) else {}
    return {
        **kept,
        "object": "balance",
        "available": [_amount(amount, currency, from_banks.get(currency, 0)) for currency, amount in amounts.items()],
        "livemode": False,
        "pending": [_amount(coming.get(currency, 0), currency) for currency in amounts],
    }


def _beside(call: Call, account: str, part: str) -> dict[str, int]:
    """A part of the platform's balance by currency; connected accounts have none."""
    query = select(balances.c.currency, balances.c.available).where(balances.c.account == part).order_by(balances.c.currency)
    return {row.currency: row.available for row in call.connection.execute(query)} if account == PLATFORM else {}


def _amount(amount: int, currency: str, from_banks: int = 0) -> Body:
    kinds = {BANK_ACCOUNT: from_banks} if from_banks else {}
    return {"amount": amount, "currency": currency, "source_types": {"card": amount - from_banks, **kinds}}


@endpoint("GET", "/v1/balance")
def retrieve_balance(call: Call) -> Body:
    settle(call)
    return balance_of(call, call.account)


@endpoint("GET", "/v1/balance_transactions", {**PAGE, "created": RANGE, "currency": TEXT, "payout": TEXT, "source": TEXT, "type": TEXT})
def list_balance_transactions(call: Call) -> Body:
    settle(call)
    mine = [objects.c.account == call.account if call.account else objects.c.account.is_(None)]
    mine += [objects.c.hidden["payout"].astext == call.given["payout"]] if "payout" in call.given else []
    return page(call, "balance_transaction", *mine, by=("currency", "source", "type"))


@endpoint("GET", "/v1/balance_transactions/{id}")
def retrieve_balance_transaction(call: Call) -> Body:
    settle(call)
    return fetch(call, "balance_transaction", call.path["id"])
