"""What becomes of the details that an account's owner hands in: checked at once or in a while, found wanting later, or rejected."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from sandbox.stripe import events
from sandbox.stripe.banks import bank_account
from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body
from sandbox.stripe.money import DAY
from sandbox.stripe.parameters import one_of
from sandbox.stripe.schedules import pay_out_later
from sandbox.stripe.store import fetch, save
from sandbox.stripe.tables import balances, hidden_moment, objects

DUE_WITHIN, ANNOUNCED_BEFORE = 14 * DAY, 30 * DAY
PAST_DUE, PENDING, DOCUMENT = "requirements.past_due", "requirements.pending_verification", "individual.verification.document"


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


def hand_in(call: Call, account_id: str, *, ahead: bool = False, another: bool = False, last4: str = "6789", takes: int = 0) -> Body:
    """The account's owner has handed in everything: it is pending until Stripe has checked it, which `takes` seconds, and then active.

    What was active stays so meanwhile, and what was rejected stays rejected. What is only announced is in it where the form asked `ahead`.
    `another` bank account, ending in `last4`, takes the place of the one that is there, as one does of one that sent a payout back.
    """
    before = fetch(call, "account", account_id, lock=True)
    asked = before["requirements"]
    if (asked["disabled_reason"] or "").startswith("rejected."):
        return before
    submitted = _submitted(call, before, another=another, last4=last4)
    if ahead:
        submitted["future_requirements"] = requirements()
    is_active = _is_active(before)
    to_check = [DOCUMENT] if not is_active or DOCUMENT in asked["currently_due"] else []
    pending = requirements(pending=to_check, reason=None if is_active else PENDING)
    after = _standing(submitted, "active" if is_active else "pending", pending)
    moments = {"due_at": after["future_requirements"]["current_deadline"], "checked_at": call.now + takes if to_check else None}
    return _changed(call, before, after, **moments)


def _submitted(call: Call, before: Body, *, another: bool, last4: str) -> Body:
    """The account with its details and a bank account that works; what lies on it goes out to that."""
    banks = [] if another else [each for each in before["external_accounts"]["data"] if each["status"] != "errored"]
    if before["details_submitted"] and not banks:
        _pay_out_what_is_there(call, before["id"])
    banks = banks or [bank_account(before["id"], before["country"], before["default_currency"], last4)]
    return {
        **before,
        "details_submitted": True,
        "external_accounts": {**before["external_accounts"], "data": banks},
        "tos_acceptance": {**before["tos_acceptance"], "date": call.now, "ip": "127.0.0.1"},
    }


def _is_active(account: Body) -> bool:
    return account["details_submitted"] and {*account["capabilities"].values()} == {"active"}


def _pay_out_what_is_there(call: Call, account_id: str) -> None:
    held = select(balances.c.currency).where(balances.c.account == account_id, balances.c.available > 0).order_by(balances.c.currency)
    for currency in call.connection.execute(held).scalars().all():
        pay_out_later(call, account_id, currency, call.now)


def new_capability(account: Body) -> str:
    """How a capability stands that the account asks for only now: Stripe checks it by itself once the owner's details are there."""
    reason = account["requirements"]["disabled_reason"]
    return "pending" if account["details_submitted"] and reason in (None, PENDING) else "inactive"


def needs_check(before: Body, capabilities: Mapping[str, str]) -> bool:
    """Whether something is pending now that no check under way covers."""
    return (
        "pending" in {state for name, state in capabilities.items() if name not in before["capabilities"]}
        and not (before["requirements"]["pending_verification"])
    )


def check_due(call: Call) -> None:
    """What has been handed in is checked by now, what was announced is asked, and what was asked in vain switches the account off."""
    for account in _due(call, "checked_at"):
        still = {**account["requirements"], "pending_verification": [], "disabled_reason": None}
        _changed(call, account, _standing(account, "active", still), checked_at=None)
    for account in _due(call, "due_at"):
        if announced := account["future_requirements"]["currently_due"]:
            _ask(call, {**account, "future_requirements": requirements()}, announced, account)
            continue
        asked = account["requirements"]["currently_due"]
        _changed(call, account, _standing(account, "inactive", requirements(asked, reason=PAST_DUE)), due_at=None)


def _due(call: Call, name: str) -> list[Body]:
    """The accounts of which this moment has come, locked."""
    query = select(objects.c.body).where(hidden_moment(name) <= call.now, objects.c.kind == "account", ~objects.c.deleted)
    return list(call.connection.execute(query.order_by(objects.c.id).with_for_update()).scalars())


def ask_for_more(call: Call, account_id: str) -> Body:
    """Stripe needs a document of an account that goes on meanwhile; without it the account is switched off in two weeks."""
    before = fetch(call, "account", account_id, lock=True)
    return _ask(call, before, [DOCUMENT], before)


def _ask(call: Call, account: Body, due: Sequence[str], before: Body) -> Body:
    deadline = call.now + DUE_WITHIN
    return _changed(call, before, {**account, "requirements": requirements(due, deadline=deadline)}, due_at=deadline)


def announce(call: Call, account_id: str) -> Body:
    """Stripe will need a document from a day on; until then nothing is due, and the account goes on."""
    before = fetch(call, "account", account_id, lock=True)
    begins = call.now + ANNOUNCED_BEFORE
    return _changed(call, before, {**before, "future_requirements": requirements([DOCUMENT], deadline=begins)}, due_at=begins)


def switch_off(call: Call, account_id: str, reason: str) -> Body:
    """The account is off although nothing is asked of its owner: Stripe reviews it, or the platform has paused it in the dashboard."""
    before = fetch(call, "account", account_id, lock=True)
    return _changed(call, before, _standing(before, "inactive", requirements(reason=reason)), due_at=None, checked_at=None)


def reject(call: Call, account_id: str, reason: str) -> Body:
    """Stripe does no business with the account's owner any more."""
    before = fetch(call, "account", account_id, param="account", lock=True)
    return _changed(call, before, _standing(before, "inactive", requirements(reason=f"rejected.{reason}")), due_at=None, checked_at=None)


@endpoint("POST", "/v1/accounts/{account}/reject", {"reason": one_of("fraud", "terms_of_service", "other").must()})
def reject_account(call: Call) -> Body:
    return reject(call, call.path["account"], call.given["reason"])


def _standing(account: Body, state: str, asked: Body) -> Body:
    is_active = state == "active"
    return {
        **account,
        "capabilities": dict.fromkeys(account["capabilities"], state),
        "charges_enabled": is_active and "card_payments" in account["capabilities"],
        "payouts_enabled": is_active and "external_account" not in asked["currently_due"],
        "requirements": asked,
    }


def _changed(call: Call, before: Body, after: Body, **hidden: int | None) -> Body:
    body = save(call, after, **hidden)
    events.record(call, "account.updated", body, before, account=body["id"])
    return body
