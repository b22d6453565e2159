"""The platform's own account: what it may do, where it is, when it is paid out, and where to it may transfer."""

from sqlalchemy import insert, select

from sandbox.stripe.banks import bank_account
from sandbox.stripe.countries import CURRENCY, reached_from
from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body, missing
from sandbox.stripe.store import hidden_of, new_id
from sandbox.stripe.tables import objects

KIND = "platform"
BANKED = {"usd": "US", "eur": "DE", "gbp": "GB"}
NOTHING_DUE = ("alternatives", "currently_due", "errors", "eventually_due", "past_due", "pending_verification")
CAPABILITIES = "card_payments gb_bank_transfer_payments sepa_bank_transfer_payments transfers us_bank_transfer_payments"


@endpoint("GET", "/v1/account")
def retrieve_own_account(call: Call) -> Body:
    """The account whose key asks: at first one that is ready in every way."""
    query = select(objects.c.body).where(objects.c.kind == KIND).order_by(objects.c.sequence).limit(1)
    found: Body | None = call.connection.execute(query).scalar_one_or_none()
    return found or _made(call)


def _made(call: Call) -> Body:
    body = _ready(call)
    call.connection.execute(insert(objects).values(id=body["id"], kind=KIND, account=None, body=body, hidden={}))
    return body


def home_of(call: Call) -> str:
    """The country that the platform is in."""
    return str(retrieve_own_account(call)["country"])


def _ready(call: Call) -> Body:
    account_id = new_id("acct")
    return {
        "id": account_id,
        "object": "account",
        "business_profile": None,
        "business_type": "company",
        "capabilities": dict.fromkeys(CAPABILITIES.split(), "active"),
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": "US",
        "created": call.now,
        "default_currency": "usd",
        "details_submitted": True,
        "email": "platform@example.org",
        "external_accounts": _banks(account_id),
        "metadata": {},
        "payouts_enabled": True,
        "requirements": {"current_deadline": None, "disabled_reason": None, **{name: [] for name in NOTHING_DUE}},
        "settings": _settings(),
        "tos_acceptance": {"date": call.now},
        "type": "standard",
    }


def _banks(account_id: str) -> Body:
    """A bank account for each currency that settles as it is."""
    banks = [bank_account(account_id, country, currency) for currency, country in BANKED.items()]
    return {"object": "list", "data": banks, "has_more": False, "url": "/v1/accounts/external_accounts"}


def _settings() -> Body:
    return {
        "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
        "card_payments": {"statement_descriptor_prefix": None},
        "dashboard": {"display_name": "Callboard", "timezone": "Etc/UTC"},
        "payments": {"statement_descriptor": None, "statement_descriptor_kana": None, "statement_descriptor_kanji": None},
        "payouts": {"debit_negative_balances": True, "schedule": {"delay_days": 2, "interval": "manual"}, "statement_descriptor": None},
    }


@endpoint("GET", "/v1/country_specs/{country}")
def retrieve_country_spec(call: Call) -> Body:
    """What a platform of this country can do; of those that are not ours only the currency is known here."""
    country = call.path["country"]
    if country not in CURRENCY:
        raise missing("country_spec", country, "country")
    currency = CURRENCY[country]
    return {
        "id": country,
        "object": "country_spec",
        "default_currency": currency,
        "supported_bank_account_currencies": {currency: [country]},
        "supported_payment_currencies": sorted({currency, "eur", "usd"}),
        "supported_payment_methods": ["card", "stripe"],
        "supported_transfer_countries": _reached(call, country),
        "verification_fields": {kind: {"additional": [], "minimum": []} for kind in ("company", "individual")},
    }


def _reached(call: Call, country: str) -> list[str]:
    """Where money may be sent from a country; what a test has planted for the platform's own says otherwise."""
    platform = retrieve_own_account(call)
    planted = hidden_of(call, platform["id"]).get("supported_transfer_countries")
    if planted and country == platform["country"]:
        return list(planted)
    return sorted(reached_from(country))
