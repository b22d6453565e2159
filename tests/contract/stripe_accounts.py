"""Accounts, capabilities and country rules, as Stripe publishes them."""

from tests.contract.cases import stripe
from tests.contract.lines import StripeLine

BOTH = {"card_payments": {"requested": True}, "transfers": {"requested": True}}
TRANSFERS = {"transfers": {"requested": True}}
EXPRESS = {"type": "express", "country": "US"}
NO_FORM = "Only the owner fills in Stripe's form, on Stripe's own page."


def made(line: StripeLine, **asked: object) -> dict[str, object]:
    """A new account, which is gone after the case."""
    account = line.ok("POST", "/v1/accounts", {**EXPRESS, **asked})
    line.later("DELETE", f"/v1/accounts/{account['id']}")
    return account


@stripe("api/accounts/create")
def an_account_under_the_full_agreement_is_made_and_has_something_due(line: StripeLine) -> None:
    """An account that asks for card_payments and transfers is made, with both inactive and requirements that are due."""
    account = made(line, capabilities=BOTH, metadata={"person": "1"})
    assert (account["object"], account["type"], account["country"], account["details_submitted"]) == ("account", "express", "US", False)
    assert set(account["capabilities"].values()) <= {"inactive", "pending"}  # type: ignore[attr-defined]
    assert account["requirements"]["currently_due"]  # type: ignore[index]
    assert line.ok("GET", f"/v1/accounts/{account['id']}")["metadata"] == {"person": "1"}


@stripe("api/accounts/create#create_account-settings-payouts-schedule")
def an_account_is_paid_out_as_its_platform_says(line: StripeLine) -> None:
    """An account is made with the payout interval that is asked for; weekly needs its day, and an interval that is not one is refused."""

    def asked(**schedule: object) -> dict[str, object]:
        return {"capabilities": BOTH, "settings": {"payouts": {"schedule": schedule}}}

    for schedule in ({"interval": "daily"}, {"interval": "manual"}, {"interval": "weekly", "weekly_anchor": "friday"}):
        said = made(line, **asked(**schedule))["settings"]["payouts"]["schedule"]  # type: ignore[index]
        assert {name: said[name] for name in schedule} == schedule
    for wrong in ({"interval": "weekly"}, {"interval": "hourly"}, {"interval": "monthly"}):
        status, error = line.refused("POST", "/v1/accounts", {**EXPRESS, **asked(**wrong)})
        assert (status, error["type"]) == (400, "invalid_request_error")


@stripe("connect/service-agreement-types")
def an_account_across_a_border_is_made_under_the_recipient_agreement(line: StripeLine) -> None:
    """An account in a country where accounts only receive is made under the recipient agreement with transfers alone."""
    account = made(line, country="KE", capabilities=TRANSFERS, tos_acceptance={"service_agreement": "recipient"})
    assert (account["country"], account["tos_acceptance"]["service_agreement"]) == ("KE", "recipient")  # type: ignore[index]


@stripe("connect/account-capabilities")
def transfers_alone_are_refused_at_home(line: StripeLine) -> None:
    """Without Stripe's approval a platform's account cannot ask for transfers without card_payments under the full agreement."""
    status, error = line.refused("POST", "/v1/accounts", {**EXPRESS, "capabilities": TRANSFERS})
    assert (status, error["type"]) == (400, "invalid_request_error")
    assert "transfers" in error["message"]


@stripe("connect/account-capabilities")
def card_payments_alone_are_refused(line: StripeLine) -> None:
    """card_payments cannot be asked for without transfers."""
    status, error = line.refused("POST", "/v1/accounts", {**EXPRESS, "capabilities": {"card_payments": {"requested": True}}})
    assert (status, error["type"]) == (400, "invalid_request_error")


@stripe("connect/service-agreement-types")
def a_recipient_takes_no_cards(line: StripeLine) -> None:
    """Under the recipient agreement card_payments cannot be asked for."""
    asked = {**EXPRESS, "country": "KE", "capabilities": BOTH, "tos_acceptance": {"service_agreement": "recipient"}}
    assert line.refused("POST", "/v1/accounts", asked)[0] == 400


@stripe("connect/cross-border-payouts")
def there_are_no_recipients_at_home(line: StripeLine) -> None:
    """A platform in the United States makes no account there under the recipient agreement."""
    asked = {**EXPRESS, "capabilities": TRANSFERS, "tos_acceptance": {"service_agreement": "recipient"}}
    assert line.refused("POST", "/v1/accounts", asked)[0] == 400


@stripe("api/accounts/create")
def a_country_that_stripe_does_not_serve_is_refused(line: StripeLine) -> None:
    """An account in a country that Stripe does not serve is refused."""
    status, error = line.refused("POST", "/v1/accounts", {"type": "express", "country": "KP", "capabilities": BOTH})
    assert (status, error["param"]) == (400, "country")


@stripe("api/account_links/create")
def an_account_link_is_there_for_minutes(line: StripeLine) -> None:
    """A link to Stripe's form has an address of its own and an end."""
    account = made(line, capabilities=BOTH)
    asked = {
        "account": account["id"],
        "type": "account_onboarding",
        "refresh_url": "https://a.example/r",
        "return_url": "https://a.example",
    }
    link = line.ok("POST", "/v1/account_links", asked)
    assert (link["object"], link["url"].startswith("http")) == ("account_link", True)
    assert 0 < link["expires_at"] - link["created"] <= 24 * 3600


@stripe("api/account_links/create")
def a_link_to_no_account_is_refused(line: StripeLine) -> None:
    """A link for an account that is not there is refused."""
    asked = {"account": "acct_1", "type": "account_onboarding", "refresh_url": "https://a.example", "return_url": "https://a.example"}
    assert line.refused("POST", "/v1/account_links", asked)[0] in (400, 403, 404)


@stripe("error-codes#account-invalid")
def of_another_platforms_account_nothing_is_told(line: StripeLine) -> None:
    """Of an account that is not ours Stripe does not say whether it exists."""
    status, error = line.refused("GET", "/v1/accounts/acct_1032D82eZvKYlo2C")
    assert (status, error["code"]) == (403, "account_invalid")


@stripe("api/account/reject")
def a_rejected_account_says_so(line: StripeLine) -> None:
    """An account that was rejected has a reason that begins with rejected."""
    account = made(line, capabilities=BOTH)
    after = line.ok("POST", f"/v1/accounts/{account['id']}/reject", {"reason": "fraud"})
    assert after["requirements"]["disabled_reason"] == "rejected.fraud"


@stripe("connect/handling-api-verification#verification-process", only_here=NO_FORM)
def what_was_handed_in_is_pending_and_then_checked(line: StripeLine) -> None:
    """Details that are being checked are pending_verification and asked for no more; the capability is pending until they are."""
    account = made(line, capabilities=BOTH)["id"]
    line.submit(account, "check")  # type: ignore[attr-defined]
    checked = line.ok("GET", f"/v1/accounts/{account}")
    assert (checked["details_submitted"], checked["capabilities"]["transfers"]) == (True, "pending")
    asked = checked["requirements"]
    assert (asked["currently_due"], asked["past_due"], bool(asked["pending_verification"])) == ([], [], True)
    line.let_pass(1)  # type: ignore[attr-defined]
    assert line.ok("GET", f"/v1/accounts/{account}")["capabilities"]["transfers"] == "active"


@stripe("connect/handling-api-verification#determine-if-verification-is-needed", only_here=NO_FORM)
def what_is_asked_for_in_vain_is_past_due_and_ends_the_capability(line: StripeLine) -> None:
    """What is due by a day and not given is past_due after it, and the capability is inactive until it is."""
    account = made(line, capabilities=BOTH)["id"]
    line.submit(account, "complete")  # type: ignore[attr-defined]
    line.submit(account, "more")  # type: ignore[attr-defined]
    asked = line.ok("GET", f"/v1/accounts/{account}")
    due, deadline = asked["requirements"]["currently_due"], asked["requirements"]["current_deadline"]
    assert (bool(due), bool(deadline), asked["capabilities"]["transfers"]) == (True, True, "active")
    line.let_pass(15)  # type: ignore[attr-defined]
    after = line.ok("GET", f"/v1/accounts/{account}")
    assert (after["requirements"]["past_due"], after["capabilities"]["transfers"]) == (due, "inactive")
    assert after["requirements"]["disabled_reason"] == "requirements.past_due"


@stripe("api/country_specs/retrieve")
def a_country_says_where_to_it_may_be_transferred(line: StripeLine) -> None:
    """The platform's country lists the countries to which accounts may be transferred to, itself among them."""
    spec = line.ok("GET", "/v1/country_specs/US")
    assert "US" in spec["supported_transfer_countries"]
    assert line.refused("GET", "/v1/country_specs/XX")[0] == 404


@stripe("api/accounts/object")
def the_platforms_own_account_is_shown(line: StripeLine) -> None:
    """The account whose key asks says where it is, in which currency it settles and when it is paid out."""
    account = line.ok("GET", "/v1/account")
    assert {"country", "default_currency", "capabilities", "settings"} <= account.keys()
    assert account["settings"]["payouts"]["schedule"]["interval"] in ("manual", "daily", "weekly", "monthly")
