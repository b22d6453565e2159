"""Where Stripe pays accounts of a platform in the United States, by service agreement."""

from api.sandbox.stripe.errors import StripeError


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

# Where the platform is.
HOME = "US"

# Accounts that take cards and payouts: where Stripe does business.
FULL = frozenset(CURRENCY)

# Accounts that only receive: Stripe's cross-border payouts.
RECIPIENT = FULL - {"BR", "IN", HOME} | _codes(
    "AG AL AM AO AR AZ BA BD BH BJ BN BO BS BT BW CI CL CO CR DO DZ EC EG ET GA GH GM GT GY ID IL IS JM JO KE KH KR KW KZ LA LC LK "
    "MA MC MD MG MK MN MO MU MY MZ NA NE NG OM PA PE PH PK PY QA RS RW SA SM SN SV TN TR TT TW TZ UY UZ VN ZA"
)


def require_country(country: str, agreement: str) -> str:
    """The country when accounts there can be paid under the agreement; raises country_unsupported."""
    if len(country) != 2 or not country.isalpha() or not country.isupper():
        raise StripeError(
            f"Country '{country}' is unknown. Try using a 2-character alphanumeric country code instead, such as 'US', 'EG', or 'GB'.",
            param="country",
        )
    if country == "IN":
        raise StripeError(f"Connected accounts in IN cannot be created by platforms in {HOME}", param="country")
    if country not in (RECIPIENT if agreement == "recipient" else FULL):
        raise StripeError(f"{country} is not currently supported by Stripe.", code="country_unsupported", param="country")
    return country
