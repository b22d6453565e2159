"""Connected accounts: whom the platform can pay, once they have been through Stripe's onboarding."""

from sandbox.stripe import balance, events
from sandbox.stripe.capabilities import asked_for, require_agreement, require_allowed
from sandbox.stripe.countries import CURRENCY, require_country
from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body, StripeError, no_access
from sandbox.stripe.parameters import CLEARABLE, FLAG, METADATA, PAGE, RANGE, TEXT, one_of, shape
from sandbox.stripe.payout_settings import SETTINGS, changed
from sandbox.stripe.platform import home_of
from sandbox.stripe.store import delete, fetch, keep, merged, new_id, page, save
from sandbox.stripe.verification import needs_check, new_capability, requirements

REQUESTED = shape(requested=FLAG)
EDITABLE = {
    "email": CLEARABLE,
    "business_type": one_of("company", "government_entity", "individual", "non_profit"),
    "capabilities": shape(transfers=REQUESTED, card_payments=REQUESTED),
    "metadata": METADATA,
    "settings": SETTINGS,
}
NEW = {
    **EDITABLE,
    "type": one_of("custom", "express", "standard"),
    "country": TEXT,
    "tos_acceptance": shape(service_agreement=one_of("full", "recipient")),
}
DUE = ["external_account", "tos_acceptance.date", "tos_acceptance.ip"]


@endpoint("POST", "/v1/accounts", NEW)
def create_account(call: Call) -> Body:
    agreement = call.get("tos_acceptance", {}).get("service_agreement", "full")
    home = home_of(call)
    country = call.get("country", home)
    require_agreement(country, agreement, home)
    require_country(country, agreement, home)
    require_allowed(asked_for(call), agreement)
    body = _account(call, country, agreement)
    body["settings"] = changed(call, body)
    keep(call, body)
    events.record(call, "account.updated", body, account=body["id"])
    return body


def _account(call: Call, country: str, agreement: str) -> Body:
    kind = call.get("type", "standard")
    return {
        "id": new_id("acct"),
        "object": "account",
        "business_profile": None,
        "business_type": call.get("business_type"),
        "capabilities": dict.fromkeys(asked_for(call), "inactive"),
        "charges_enabled": False,
        "controller": _controller(kind),
        "country": country,
        "created": call.now,
        "default_currency": CURRENCY.get(country, "usd"),
        "details_submitted": False,
        "email": call.get("email"),
        "external_accounts": {"object": "list", "data": [], "has_more": False, "url": "/v1/accounts/external_accounts"},
        "future_requirements": requirements(),
        "metadata": merged({}, call.get("metadata", {})),
        "payouts_enabled": False,
        "requirements": requirements(DUE, reason="requirements.past_due"),
        "settings": _settings(),
        "tos_acceptance": {"date": None, "ip": None, "service_agreement": agreement, "user_agent": None},
        "type": kind,
    }


def _controller(kind: str) -> Body:
    dashboard = {"express": "express", "standard": "full", "custom": "none"}[kind]
    return {
        "type": "application",
        "is_controller": True,
        "fees": {"payer": "account" if kind == "standard" else f"application_{kind}"},
        "losses": {"payments": "stripe" if kind == "standard" else "application"},
        "requirement_collection": "application" if kind == "custom" else "stripe",
        "stripe_dashboard": {"type": dashboard},
    }


def _settings() -> Body:
    return {
        "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
        "card_payments": {"decline_on": {"avs_failure": False, "cvc_failure": False}, "statement_descriptor_prefix": None},
        "dashboard": {"display_name": None, "timezone": "Etc/UTC"},
        "payments": {"statement_descriptor": None, "statement_descriptor_kana": None, "statement_descriptor_kanji": None},
        "payouts": {"debit_negative_balances": False, "schedule": {"delay_days": 2, "interval": "daily"}, "statement_descriptor": None},
    }


@endpoint("POST", "/v1/accounts/{account}", EDITABLE)
def update_account(call: Call) -> Body:
    before = fetch(call, "account", call.path["account"], param="account", lock=True)
    given = call.only("email", "business_type")
    asked = asked_for(call, before["capabilities"])
    require_allowed(asked, before["tos_acceptance"]["service_agreement"])
    given["capabilities"] = {name: before["capabilities"].get(name, new_capability(before)) for name in asked}
    given["settings"] = changed(call, before)
    check = {"checked_at": call.now} if needs_check(before, given["capabilities"]) else {}
    body = save(call, {**before, **given, "metadata": merged(before["metadata"], call.get("metadata", {}))}, **check)
    events.record(call, "account.updated", body, before, account=body["id"])
    return body


@endpoint("DELETE", "/v1/accounts/{account}")
def delete_account(call: Call) -> Body:
    account = fetch(call, "account", call.path["account"], param="account", lock=True)
    held = balance.balance_of(call, account["id"])
    if any(amount["amount"] for amount in held["available"] + held["pending"]):
        raise StripeError("This account cannot be deleted because its balance is not zero.")
    return delete(call, account)


@endpoint("GET", "/v1/accounts/{account}")
def retrieve_account(call: Call) -> Body:
    """One of ours; of any other Stripe does not say whether it exists."""
    try:
        return fetch(call, "account", call.path["account"])
    except StripeError:
        raise no_access(call.path["account"]) from None


@endpoint("GET", "/v1/accounts", {**PAGE, "created": RANGE})
def list_accounts(call: Call) -> Body:
    return page(call, "account")
