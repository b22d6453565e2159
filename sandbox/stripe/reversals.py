"""Reversals: a transfer taken back, in part or in full, as far as its destination still has the money."""

from sandbox.stripe import balance, events
from sandbox.stripe.conversions import change, rate
from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body, StripeError, missing
from sandbox.stripe.money import positive
from sandbox.stripe.parameters import INTEGER, METADATA, PAGE, TEXT
from sandbox.stripe.store import fetch, keep, merged, new_id, page, save
from sandbox.stripe.tables import field

REVERSAL = {"amount": INTEGER, "description": TEXT, "metadata": METADATA}


@endpoint("POST", "/v1/transfers/{id}/reversals", REVERSAL)
def create_reversal(call: Call) -> Body:
    transfer = fetch(call, "transfer", call.path["id"], lock=True)
    amount = _reversible(call, transfer)
    reversal_id, refund_id = new_id("trr"), new_id("pyr")
    booked = balance.move(call, "transfer_refund", amount, transfer["currency"], reversal_id)
    _take_back(call, transfer, amount, refund_id)
    body = keep(call, _reversal(call, reversal_id, transfer, amount, booked["id"], refund_id))
    after = save(call, _reversed(transfer, body))
    events.record(call, "transfer.reversed", after, transfer)
    return body


def _reversible(call: Call, transfer: Body) -> int:
    left: int = transfer["amount"] - transfer["amount_reversed"]
    if not left:
        raise StripeError(f"Transfer {transfer['id']} is already fully reversed.")
    amount = positive(call.get("amount", left))
    if amount > left:
        raise StripeError(f"Reversal amount ({amount}) is greater than unreversed amount on transfer ({left})", param="amount")
    return amount


def _take_back(call: Call, transfer: Body, amount: int, refund_id: str) -> None:
    """Take the amount from where it went, where it was converted at today's rate; which rate Stripe takes it does not publish."""
    account, before = transfer["destination"], transfer["amount_reversed"]
    payment = fetch(call, "connected_payment", transfer["destination_payment"])
    settled = fetch(call, "balance_transaction", payment["balance_transaction"])["currency"]
    by = rate(call, transfer["currency"], settled)
    taken = change(before, before + amount, by)
    if balance.available(call, settled, account) < taken:
        raise StripeError("The destination account has insufficient funds to reverse this transfer.", code="balance_insufficient")
    balance.move_connected(call, "payment_refund", -taken, settled, refund_id, account, exchange_rate=by)


def _reversal(call: Call, reversal_id: str, transfer: Body, amount: int, transaction_id: str, refund_id: str) -> Body:
    return {
        "id": reversal_id,
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": transaction_id,
        "created": call.now,
        "currency": transfer["currency"],
        "destination_payment_refund": refund_id,
        "metadata": merged({}, call.get("metadata", {})),
        "source_refund": None,
        "transfer": transfer["id"],
    }


def _reversed(transfer: Body, reversal: Body) -> Body:
    """The transfer after a reversal; it shows its ten newest."""
    total = transfer["amount_reversed"] + reversal["amount"]
    shown = [reversal, *transfer["reversals"]["data"]]
    newest = {**transfer["reversals"], "data": shown[:10], "has_more": transfer["reversals"]["has_more"] or len(shown) > 10}
    return {**transfer, "amount_reversed": total, "reversed": total == transfer["amount"], "reversals": newest}


@endpoint("GET", "/v1/transfers/{transfer}/reversals/{id}")
def retrieve_reversal(call: Call) -> Body:
    body = fetch(call, "transfer_reversal", call.path["id"])
    if body["transfer"] != call.path["transfer"]:
        raise missing("transfer_reversal", call.path["id"])
    return body


@endpoint("GET", "/v1/transfers/{id}/reversals", PAGE)
def list_reversals(call: Call) -> Body:
    transfer_id = fetch(call, "transfer", call.path["id"])["id"]
    mine = field("transfer") == transfer_id
    return page(call, "transfer_reversal", mine, url=f"/v1/transfers/{transfer_id}/reversals")
