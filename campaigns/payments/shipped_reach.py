"""Where Stripe sends money, as published on the day that stands here: what counts until Stripe has been asked for the first time."""

from datetime import UTC, datetime

# `supported_transfer_countries` of the United States in the published example (https://docs.stripe.com/api/country_specs/object).
PUBLISHED_AT = datetime(2025, 6, 30, tzinfo=UTC)
FROM_US = frozenset(
    """
    US AE AG AL AM AR AT AU BA BE BG BH BO CA CH CI CL CO CR CY CZ DE DK DO EC EE EG ES ET FI FR GB GH GM GR GT GY HK HR HU ID IE IL IS
    IT JM JO JP KE KH KR KW LC LI LK LT LU LV MA MD MG MK MN MO MT MU MX MY NA NG NL NO NZ OM PA PE PH PL PT PY QA RO RS RW SA SE SG SI
    SK SN SV TH TN TR TT TZ UY UZ VN ZA BD BJ MC NE SM AZ BN BT AO DZ TW BS BW GA LA MZ KZ PK
    """.split()  # noqa: SIM905  # a country on each line would take all the file
)
