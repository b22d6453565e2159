"""Transfers: money moved from the platform's balance to a connected account's."""

from sqlalchemy import func, insert, select

from sandbox.stripe import balance, events
from sandbox.stripe.blanks import blank_charge
from sandbox.stripe.conversions import converted, kept_in
from sandbox.stripe.countries import require_reached
from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body, StripeError, missing
from sandbox.stripe.money import DAY, currency_of, positive
from sandbox.stripe.parameters import CLEARABLE, INTEGER, METADATA, PAGE, RANGE, TEXT, one_of
from sandbox.stripe.platform import home_of
from sandbox.stripe.store import fetch, keep, listed, merged, named, new_id, page, save
from sandbox.stripe.tables import field, objects

TRANSFER = {
    "amount": INTEGER.must(),
    "currency": TEXT.must(),
    "destination": TEXT.must(),
    "transfer_group": TEXT,
    "metadata": METADATA,
    "description": TEXT,
    "source_transaction": TEXT,
    "source_type": one_of("bank_account", "card", "fpx"),
}
EDITABLE = {"description": CLEARABLE, "metadata": METADATA}


@endpoint("POST", "/v1/transfers", TRANSFER)
def create_transfer(call: Call) -> Body:
    currency, amount = currency_of(call.given["currency"]), positive(call.given["amount"])
    account = _destination(call)
    charge = _source(call, currency, amount) if "source_transaction" in call.given else None
    kind = call.get("source_type", "card")
    if charge is None and balance.available_of(call, currency, kind) < amount:
        raise StripeError(
            "You have insufficient available funds in your Stripe account. Try adding funds directly to your available balance "
            "by creating Charges using the 4000000000000077 test card.",
            code="balance_insufficient",
        )
    transfer_id = new_id("tr")
    booked = balance.move(call, "transfer", -amount, currency, transfer_id, available_on=_available_on(call, charge), source_type=kind)
    body = keep(call, _transfer(call, transfer_id, amount, currency, booked["id"], charge))
    _arrive(call, body, account)
    events.record(call, "transfer.created", body)
    return body


def _arrive(call: Call, transfer: Body, account: Body) -> None:
    """The payment that the transfer is on the account's side, converted where the account keeps no balance in its currency.

    "On transfers, FX occurs when the balance of the platform sending the transfer is in a different currency than the balance of the
    connected account receiving it" (https://docs.stripe.com/connect/currencies). Under the recipient agreement it is available a day later (https://docs.stripe.com/connect/service-agreement-types).
    """
    later = call.now + DAY if account["tos_acceptance"]["service_agreement"] == "recipient" else 0
    amount, currency, payment_id = transfer["amount"], transfer["currency"], transfer["destination_payment"]
    into, by = kept_in(call, account, currency)
    how = {"available_on": later, "exchange_rate": by}
    booked = balance.move_connected(call, "payment", converted(amount, by), into, payment_id, account["id"], **how)
    payment = {
        **blank_charge(),
        "id": payment_id,
        **dict.fromkeys(("amount", "amount_captured"), amount),
        **dict.fromkeys(("customer", "description", "payment_intent", "payment_method", "outcome", "transfer_group")),
        "balance_transaction": booked["id"],
        "created": call.now,
        "currency": currency,
        "metadata": {},
        "payment_method_details": {"stripe_account": {}, "type": "stripe_account"},
        "source_transfer": transfer["id"],
    }
    # Of the account, not of the platform, which finds no charge of this id.
    row = {"id": payment_id, "kind": "connected_payment", "account": account["id"], "body": payment, "hidden": {}}
    call.connection.execute(insert(objects).values(row))


def _destination(call: Call) -> Body:
    """The account to be paid; it must exist and be able to receive."""
    account_id = call.given["destination"]
    query = select(objects.c.body).where(objects.c.id == account_id, objects.c.kind == "account", ~objects.c.deleted)
    account: Body | None = call.connection.execute(query).scalar_one_or_none()
    if account is None:
        raise missing("destination", account_id, "destination", 400)
    if account["capabilities"].get("transfers") != "active":
        raise StripeError(
            "Your destination account needs to have at least one of the following capabilities enabled: transfers, crypto_transfers, "
            "legacy_payments",
            code="insufficient_capabilities_for_transfer",
        )
    require_reached(home_of(call), account["country"], account["tos_acceptance"]["service_agreement"])
    return account


def _source(call: Call, currency: str, amount: int) -> Body:
    """The charge that funds the transfer, locked: of the same currency, and not promised away already."""
    charge = named(call, "charge", "source_transaction", lock=True)
    settled = fetch(call, "balance_transaction", charge["balance_transaction"])
    if settled["currency"] != currency:
        raise StripeError(
            f"The currency of source_transaction's balance transaction ({settled['currency']}) must be the same as the transfer currency "
            f"({currency})",
            param="currency",
        )
    given_back = charge["amount_refunded"] * settled["amount"] // charge["amount"]
    left = settled["amount"] - given_back - _transferred_from(call, charge["id"])
    if amount > left:
        raise StripeError(
            f"The transfer of {amount} is more than the {left} left of its source.", code="balance_insufficient", param="amount"
        )
    return charge


def _transferred_from(call: Call, charge_id: str) -> int:
    net = objects.c.body["amount"].as_integer() - objects.c.body["amount_reversed"].as_integer()
    from_charge = (objects.c.kind == "transfer", field("source_transaction") == charge_id)
    return int(call.connection.execute(select(func.coalesce(func.sum(net), 0)).where(*from_charge)).scalar_one())


def _available_on(call: Call, charge: Body | None) -> int:
    """With a source the money moves when that settles, otherwise now."""
    if charge is None:
        return call.now
    settles: int = fetch(call, "balance_transaction", charge["balance_transaction"])["available_on"]
    return settles


def _transfer(call: Call, transfer_id: str, amount: int, currency: str, transaction_id: str, charge: Body | None) -> Body:
    group = call.get("transfer_group", charge and (charge["transfer_group"] or f"group_{charge['id']}"))
    return {
        "id": transfer_id,
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": transaction_id,
        "created": call.now,
        "currency": currency,
        "description": call.get("description"),
        "destination": call.given["destination"],
        "destination_payment": new_id("py"),
        "livemode": False,
        "metadata": merged({}, call.get("metadata", {})),
        "reversals": listed([], f"/v1/transfers/{transfer_id}/reversals"),
        "reversed": False,
        "source_transaction": charge and charge["id"],
        "source_type": call.get("source_type", "card"),
        "transfer_group": group,
    }


@endpoint("GET", "/v1/transfers/{transfer}")
def retrieve_transfer(call: Call) -> Body:
    return fetch(call, "transfer", call.path["transfer"], param="transfer")


@endpoint("POST", "/v1/transfers/{transfer}", EDITABLE)
def update_transfer(call: Call) -> Body:
    before = fetch(call, "transfer", call.path["transfer"], param="transfer", lock=True)
    body = save(call, {**before, **call.only("description"), "metadata": merged(before["metadata"], call.get("metadata", {}))})
    events.record(call, "transfer.updated", body, before)
    return body


@endpoint("GET", "/v1/transfers", {**PAGE, "created": RANGE, "destination": TEXT, "transfer_group": TEXT})
def list_transfers(call: Call) -> Body:
    return page(call, "transfer", by=("destination", "transfer_group"))
