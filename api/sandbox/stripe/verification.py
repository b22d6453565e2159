"""What becomes of the details that an account's owner hands in: checked at once or in a while, found wanting later, or rejected."""

from collections.abc import Sequence

from sqlalchemy import select

from api.sandbox.stripe import events
from api.sandbox.stripe.banks import bank_account
from api.sandbox.stripe.endpoints import Call, endpoint
from api.sandbox.stripe.errors import Body
from api.sandbox.stripe.parameters import one_of
from api.sandbox.stripe.schedules import pay_out_later
from api.sandbox.stripe.store import fetch, save
from api.sandbox.stripe.tables import balances, objects

CHECKS_FOR, DUE_WITHIN = 3600, 14 * 86_400
PAST_DUE, DOCUMENT = "requirements.past_due", "individual.verification.document"


def requirements(due: Sequence[str] = (), *, pending: Sequence[str] = (), reason: str | None = None, deadline: int | None = None) -> Body:
    """What Stripe asks of an account; what is asked without a deadline is past due already."""
    return {
        "alternatives": [],
        "current_deadline": deadline,
        "currently_due": list(due),
        "disabled_reason": reason,
        "errors": [],
        "eventually_due": list(due),
        "past_due": [] if deadline else list(due),
        "pending_verification": list(pending),
    }


def hand_in(call: Call, account_id: str, *, another: bool = False, at_once: bool = True, last4: str = "6789") -> Body:
    """The account's owner has handed in everything: what they asked for is active, `at_once` or once it has been checked.

    `another` bank account, ending in `last4`, takes the place of the one that is there, as one does of one that sent a payout back.
    """
    before = fetch(call, "account", account_id, lock=True)
    banks = [] if another else [each for each in before["external_accounts"]["data"] if each["status"] != "errored"]
    if before["details_submitted"] and not banks:
        _pay_out_what_is_there(call, account_id)
    banks = banks or [bank_account(account_id, before["country"], before["default_currency"], last4)]
    submitted = {
        **before,
        "details_submitted": True,
        "external_accounts": {**before["external_accounts"], "data": banks},
        "tos_acceptance": {**before["tos_acceptance"], "date": call.now, "ip": "127.0.0.1"},
    }
    if at_once:
        return _changed(call, before, _standing(submitted, "active", requirements()), due_at=None)
    pending = requirements(pending=[DOCUMENT], reason="requirements.pending_verification")
    return _changed(call, before, _standing(submitted, "pending", pending), due_at=call.now + CHECKS_FOR)


def _pay_out_what_is_there(call: Call, account_id: str) -> None:
    held = select(balances.c.currency).where(balances.c.account == account_id, balances.c.available > 0).order_by(balances.c.currency)
    for currency in call.connection.execute(held).scalars().all():
        pay_out_later(call, account_id, currency, call.now)


def check_due(call: Call) -> None:
    """What has been handed in a while ago is checked by now, and what was asked for in vain switches the account off."""
    due = objects.c.hidden["due_at"].as_integer() <= call.now
    query = select(objects.c.body).where(objects.c.kind == "account", ~objects.c.deleted, due).with_for_update()
    for account in list(call.connection.execute(query).scalars()):
        asked = account["requirements"]["currently_due"]
        after = _standing(account, "inactive" if asked else "active", requirements(asked, reason=PAST_DUE if asked else None))
        _changed(call, account, after, due_at=None)


def ask_for_more(call: Call, account_id: str) -> Body:
    """Stripe needs a document of an account that goes on meanwhile; without it the account is switched off in two weeks."""
    before = fetch(call, "account", account_id, lock=True)
    deadline = call.now + DUE_WITHIN
    return _changed(call, before, {**before, "requirements": requirements([DOCUMENT], deadline=deadline)}, due_at=deadline)


def switch_off(call: Call, account_id: str, reason: str) -> Body:
    """The account is off although nothing is asked of its owner: Stripe reviews it, or the platform has paused it in the dashboard."""
    before = fetch(call, "account", account_id, lock=True)
    return _changed(call, before, _standing(before, "inactive", requirements(reason=reason)), due_at=None)


def reject(call: Call, account_id: str, reason: str) -> Body:
    """Stripe does no business with the account's owner any more."""
    before = fetch(call, "account", account_id, param="account", lock=True)
    return _changed(call, before, _standing(before, "inactive", requirements(reason=f"rejected.{reason}")), due_at=None)


@endpoint("POST", "/v1/accounts/{account}/reject", {"reason": one_of("fraud", "terms_of_service", "other").must()})
def reject_account(call: Call) -> Body:
    return reject(call, call.path["account"], call.given["reason"])


def _standing(account: Body, state: str, asked: Body) -> Body:
    is_active = state == "active"
    return {
        **account,
        "capabilities": dict.fromkeys(account["capabilities"], state),
        "charges_enabled": is_active and "card_payments" in account["capabilities"],
        "payouts_enabled": is_active,
        "requirements": asked,
    }


def _changed(call: Call, before: Body, after: Body, **hidden: int | None) -> Body:
    body = save(call, after, **hidden)
    events.record(call, "account.updated", body, before, account=body["id"])
    return body
