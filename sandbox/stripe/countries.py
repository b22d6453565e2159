"""Where Stripe lets a platform have accounts, and where to it sends money, by the platform's country and the service agreement.

https://docs.stripe.com/connect/cross-border-payouts: platforms of some countries send to any of these under the full agreement. From the
United States `country_specs.supported_transfer_countries` names further ones; those are reached under the recipient agreement alone, which
no other platform may use. Elsewhere money stays at home: such a platform may make accounts abroad, and its transfers to them are refused.
"""

from sandbox.stripe.errors import StripeError


def _codes(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


CURRENCY = {
    **dict.fromkeys(_codes("AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK"), "eur"),
    **dict.fromkeys(_codes("CH LI"), "chf"),
    "AE": "aed",
    "AU": "aud",
    "BR": "brl",
    "CA": "cad",
    "CZ": "czk",
    "DK": "dkk",
    "GB": "gbp",
    "HK": "hkd",
    "HU": "huf",
    "IN": "inr",
    "JP": "jpy",
    "MX": "mxn",
    "NO": "nok",
    "NZ": "nzd",
    "PL": "pln",
    "RO": "ron",
    "SE": "sek",
    "SG": "sgd",
    "TH": "thb",
    "US": "usd",
}

# Where the platform is, unless a test has put it elsewhere.
HOME = "US"

# From and to each of which money goes under the full agreement.
SELF_SERVE = _codes("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LI LT LU LV MT NL NO PL PT RO SE SI SK CA CH GB US")

# Accounts that take cards and payouts: where Stripe does business.
FULL = frozenset(CURRENCY)

# Accounts that only receive: Stripe's cross-border payouts.
RECIPIENT = FULL - {"BR", "IN", HOME} | _codes(
    "AG AL AM AO AR AZ BA BD BH BJ BN BO BS BT BW CI CL CO CR DO DZ EC EG ET GA GH GM GT GY ID IL IS JM JO KE KH KR KW KZ LA LC LK "
    "MA MC MD MG MK MN MO MU MY MZ NA NE NG OM PA PE PH PK PY QA RS RW SA SM SN SV TN TR TT TW TZ UY UZ VN ZA"
)


def reached_from(home: str) -> frozenset[str]:
    """Where a platform in this country may send money: its `supported_transfer_countries`."""
    if home == "US":
        return (FULL - {"BR", "IN"}) | RECIPIENT
    return SELF_SERVE if home in SELF_SERVE else frozenset({home})


def require_reached(home: str, country: str, agreement: str) -> None:
    """Raise StripeError for a transfer to an account that money may not be sent to, though it could be made."""
    if home == country or {home, country} <= SELF_SERVE:
        return
    if country not in reached_from(home):
        raise StripeError(
            f"Funds can't be sent to accounts located in {country} because it's restricted outside of your platform's region."
        )
    if agreement == "full":
        raise StripeError(
            f"Funds can't be sent to accounts located in {country} when the account is under the `full` service agreement. "
            "To learn more, see https://stripe.com/docs/connect/service-agreement-types."
        )


def require_country(country: str, agreement: str, home: str) -> str:
    """The country when accounts there can be paid under the agreement; raises country_unsupported."""
    if len(country) != 2 or not country.isalpha() or not country.isupper():
        raise StripeError(
            f"Country '{country}' is unknown. Try using a 2-character alphanumeric country code instead, such as 'US', 'EG', or 'GB'.",
            param="country",
        )
    if country == "IN" != home:
        raise StripeError(f"Connected accounts in IN cannot be created by platforms in {home}", param="country")
    if country not in (RECIPIENT if agreement == "recipient" else FULL):
        raise StripeError(f"{country} is not currently supported by Stripe.", code="country_unsupported", param="country")
    return country
