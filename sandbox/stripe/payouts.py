"""Payouts of connected accounts to their banks: made by the schedule, under way for days, and sometimes sent back by the bank.

What Stripe publishes: https://docs.stripe.com/payouts (states, a payout that was paid may still fail within days),
https://docs.stripe.com/payouts/reconciliation (what an automatic one contains), https://docs.stripe.com/connect/payouts-connected-accounts
and https://support.stripe.com/questions/managing-connect-payout-failures (the bank account is `errored`, and nothing is paid out until the
owner names another), https://docs.stripe.com/connect/testing#account-numbers (bank accounts that refuse).
"""

from sqlalchemy import ColumnElement, delete, select, update

from sandbox.stripe import balance, events, reserves
from sandbox.stripe.countries import HOME
from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body, StripeError, missing
from sandbox.stripe.money import DAY
from sandbox.stripe.parameters import PAGE, RANGE, TEXT, one_of
from sandbox.stripe.payout_settings import is_payday
from sandbox.stripe.schedules import pay_out_later, step_later
from sandbox.stripe.store import fetch, keep, new_id, page, save
from sandbox.stripe.tables import field, objects, schedule
from sandbox.stripe.verification import requirements

AT_A_TIME = 200
SUBMITTED_AFTER = 3600
ARRIVES_AFTER, ARRIVES_ABROAD_AFTER = 2 * DAY, 4 * DAY
STATES = ("pending", "in_transit", "paid", "failed", "canceled")
# By the last four digits of the published test accounts, why the bank refuses.
REFUSING = {"1116": "no_account", "1113": "account_closed", "2227": "insufficient_funds", "3335": "debit_not_authorized"}
WHY = {
    "account_closed": "The bank account has been closed.",
    "could_not_process": "The bank could not process this payout.",
    "debit_not_authorized": "Debit transactions are not approved on your bank account.",
    "insufficient_funds": "Your Stripe account has insufficient funds to cover the payout.",
    "no_account": "The bank account details on file are probably incorrect. No bank account could be located with those details.",
}


def take_steps(call: Call) -> None:
    """Make the payouts that are due by now, and take the next step of those that are under way."""
    due = select(schedule.c.key).where(schedule.c.due_at <= call.now).order_by(schedule.c.due_at).limit(AT_A_TIME)
    taken = delete(schedule).where(schedule.c.key.in_(due.with_for_update(skip_locked=True).scalar_subquery())).returning(*schedule.c)
    for row in sorted(call.connection.execute(taken).all(), key=lambda row: (row.account, row.key)):
        account = fetch(call, "account", row.account, lock=True)
        if row.key.startswith(reserves.COLLECT):
            reserves.collect(call, row.account, row.currency)
        elif row.payout:
            _go_on(call, account, fetch(call, "payout", row.payout, lock=True))
        else:
            _pay_out_if_due(call, account, row.currency)


def _pay_out_if_due(call: Call, account: Body, currency: str) -> None:
    """Pay out on a day on which the account's schedule does; on any other the next day is looked at."""
    if is_payday(account, call.now):
        _pay_out(call, account, currency)
    else:
        pay_out_later(call, account["id"], currency, call.now)


def _pay_out(call: Call, account: Body, currency: str) -> None:
    """Pay out what the account has in a currency; where it cannot be paid out, the money waits for another bank account."""
    banks = account["external_accounts"]["data"]
    amount = balance.available(call, currency, account["id"])
    if not (account["payouts_enabled"] and banks and amount > 0):
        return
    payout_id = new_id("po")
    _contain(call, account["id"], currency, payout_id)
    booked = balance.move_connected(call, "payout", -amount, currency, payout_id, account["id"])
    _contain(call, account["id"], currency, payout_id)
    arrives = call.now + (ARRIVES_AFTER if account["country"] == HOME else ARRIVES_ABROAD_AFTER)
    body = keep(call, _payout(call, payout_id, amount, currency, banks[0]["id"], booked["id"], arrives), account=account["id"])
    events.record(call, "payout.created", body, account=account["id"])
    events.record(call, "payout.reconciliation_completed", body, account=account["id"])
    step_later(call, account["id"], currency, payout_id, call.now + SUBMITTED_AFTER)


def _contain(call: Call, account: str, currency: str, payout_id: str) -> None:
    """What of the account's balance is in no payout yet is in this one."""
    free = (
        objects.c.account == account, objects.c.kind == "balance_transaction", field("currency") == currency,
        field("status") == "available", objects.c.hidden["payout"].astext.is_(None),
    )  # fmt: skip
    call.connection.execute(update(objects).where(*free).values(hidden=objects.c.hidden.concat({"payout": payout_id})))


def _payout(call: Call, payout_id: str, amount: int, currency: str, bank: str, transaction_id: str, arrives: int) -> Body:
    names = "application_fee application_fee_amount failure_balance_transaction failure_code failure_message original_payout"
    return {
        **dict.fromkeys([*names.split(), "payout_method", "reversed_by", "statement_descriptor", "trace_id"]),
        "id": payout_id,
        "object": "payout",
        "amount": amount,
        "arrival_date": arrives // DAY * DAY,
        "automatic": True,
        "balance_transaction": transaction_id,
        "created": call.now,
        "currency": currency,
        "description": "STRIPE PAYOUT",
        "destination": bank,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "reconciliation_status": "completed",
        "source_type": "card",
        "status": "pending",
        "type": "bank_account",
    }


def _go_on(call: Call, account: Body, payout: Body) -> None:
    """The payout's next step: to the bank, and there on its day; a bank that refuses says so instead."""
    if payout["status"] == "pending":
        after = save(call, {**payout, "status": "in_transit"})
        events.record(call, "payout.updated", after, payout, account=account["id"])
        step_later(call, account["id"], payout["currency"], payout["id"], max(payout["arrival_date"], call.now + 1))
    elif payout["status"] == "in_transit":
        bank = next((each for each in account["external_accounts"]["data"] if each["id"] == payout["destination"]), None)
        if bank is None or bank["last4"] in REFUSING:
            fail(call, payout["id"], REFUSING[bank["last4"]] if bank else "account_closed")
        else:
            events.record(call, "payout.paid", save(call, {**payout, "status": "paid"}), payout, account=account["id"])


def owner_of(call: Call, payout_id: str) -> str:
    """The account whose payout this is; raises resource_missing."""
    found: str | None = call.connection.execute(
        select(objects.c.account).where(objects.c.id == payout_id, objects.c.kind == "payout")
    ).scalar_one_or_none()
    if found is None:
        raise missing("payout", payout_id)
    return found


def fail(call: Call, payout_id: str, code: str) -> Body:
    """The bank sends a payout back, if need be after it was paid: its amount is on the account again, whose bank account is out of use."""
    account = fetch(call, "account", owner_of(call, payout_id), lock=True)
    before = fetch(call, "payout", payout_id, lock=True)
    if before["status"] in ("failed", "canceled"):
        raise StripeError(f"This payout is {before['status']} already.")
    back = balance.move_connected(call, "payout_failure", before["amount"], before["currency"], payout_id, account["id"])
    why = {"failure_code": code, "failure_message": WHY[code], "failure_balance_transaction": back["id"]}
    after = save(call, {**before, "status": "failed", **why})
    events.record(call, "payout.failed", after, before, account=account["id"])
    _disable(call, account, before["destination"])
    return after


def _disable(call: Call, account: Body, bank_id: str) -> None:
    """Nothing is paid out to a bank account that sent something back, until the owner names another."""
    listed = account["external_accounts"]
    bank = next((each for each in listed["data"] if each["id"] == bank_id), None)
    if bank is None or bank["status"] == "errored":
        return
    errored = {**bank, "status": "errored"}
    banks = [errored if each["id"] == bank_id else each for each in listed["data"]]
    due = sorted({*account["requirements"]["currently_due"], "external_account"})
    asked = requirements(due, reason=account["requirements"]["disabled_reason"])
    after = save(call, {**account, "external_accounts": {**listed, "data": banks}, "payouts_enabled": False, "requirements": asked})
    events.record(call, "account.external_account.updated", errored, bank, account=account["id"])
    events.record(call, "account.updated", after, account, account=account["id"])


def newest(call: Call, limit: int) -> list[tuple[str, Body]]:
    """The newest payouts of all accounts, each with whose it is."""
    query = select(objects.c.account, objects.c.body).where(objects.c.kind == "payout").order_by(objects.c.sequence.desc()).limit(limit)
    return [(row.account, row.body) for row in call.connection.execute(query)]


def _whose(call: Call) -> ColumnElement[bool]:
    return objects.c.account == call.account if call.account else objects.c.account.is_(None)


@endpoint("GET", "/v1/payouts/{payout}")
def retrieve_payout(call: Call) -> Body:
    if owner_of(call, call.path["payout"]) != call.account:
        raise missing("payout", call.path["payout"])
    return fetch(call, "payout", call.path["payout"])


@endpoint("GET", "/v1/payouts", {**PAGE, "arrival_date": RANGE, "created": RANGE, "destination": TEXT, "status": one_of(*STATES)})
def list_payouts(call: Call) -> Body:
    arrives = objects.c.body["arrival_date"].as_integer()
    bounds = call.get("arrival_date", {})
    within = [arrives.op({"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}[bound])(edge) for bound, edge in bounds.items()]
    return page(call, "payout", _whose(call), *within, by=("destination", "status"))
