"""Customers and connected accounts, and the way through Stripe's onboarding."""

from datetime import timedelta

import httpx
import pytest
import stripe

from tests.api.sandbox.stripe.stage import ASKED, GIVEN_UP, WANTED, StandIn

DOCUMENT = ["individual.verification.document"]
BACK, AGAIN = "http://ours.example/back", "http://ours.example/again"


def standing(account: stripe.Account) -> tuple[object, ...]:
    return getattr(account.capabilities, "transfers", None), account.payouts_enabled, account.details_submitted


def test_an_account_is_payable_once_its_owner_has_been_through_onboarding(stand_in: StandIn) -> None:
    account = stand_in.account("GB", "recipient", metadata={"artist": "42"}, email="a@example.org")
    assert (account.type, account.country, account.default_currency, account.metadata.to_dict()) == (
        "express",
        "GB",
        "gbp",
        {"artist": "42"},
    )
    assert account.tos_acceptance
    assert account.tos_acceptance.service_agreement == "recipient"
    assert standing(account) == ("inactive", False, False)
    link = stand_in.link(account.id)
    page = httpx.get(link.url)
    assert (page.status_code, "<form" in page.text, "<script" in page.text) == (200, True, False)
    done = httpx.post(link.url)
    assert (done.status_code, done.headers["location"]) == (303, BACK)
    stand_in.settle()
    after = stand_in.client.v1.accounts.retrieve(account.id)
    assert standing(after) == ("active", True, True)
    assert after.requirements
    assert after.requirements.currently_due == []
    told = stand_in.client.v1.events.list({"limit": 100}, {"stripe_account": account.id}).data[::-1]
    stood = [(each.type, each.data.object["capabilities"]["transfers"], each.data.object["payouts_enabled"]) for each in told]
    assert stood == [("account.updated", "inactive", False), ("account.updated", "pending", False), ("account.updated", "active", True)]


def test_a_link_works_once_and_then_leads_to_where_a_new_one_is_made(stand_in: StandIn) -> None:
    link = stand_in.link(stand_in.account().id)
    httpx.post(link.url)
    assert [answer.headers["location"] for answer in (httpx.post(link.url), httpx.get(link.url))] == [AGAIN, AGAIN]


def test_a_link_lives_for_five_minutes(stand_in: StandIn) -> None:
    account = stand_in.account().id
    link = stand_in.link(account)
    assert link.expires_at == link.created + 300
    stand_in.pass_time(timedelta(seconds=301))
    assert httpx.post(link.url).headers["location"] == AGAIN
    assert standing(stand_in.client.v1.accounts.retrieve(account)) == ("inactive", False, False)


def test_coming_back_does_not_mean_that_everything_was_handed_in(stand_in: StandIn) -> None:
    account = stand_in.account().id
    assert httpx.post(stand_in.link(account).url, data={"outcome": "later"}).headers["location"] == BACK
    assert standing(stand_in.client.v1.accounts.retrieve(account)) == ("inactive", False, False)
    assert httpx.post(f"{stand_in.url}/sandbox/onboarding/nothing").status_code == 404


def checked(account: stripe.Account) -> tuple[object, ...]:
    assert account.requirements
    asked = account.requirements
    return standing(account)[0], account.payouts_enabled, asked.currently_due, asked.past_due, asked.disabled_reason


def test_what_was_handed_in_is_pending_until_it_has_been_checked(stand_in: StandIn) -> None:
    account = stand_in.account().id
    stand_in.submit(account, "check")
    pending = stand_in.client.v1.accounts.retrieve(account)
    assert (checked(pending), pending.details_submitted) == (("pending", False, [], [], "requirements.pending_verification"), True)
    stand_in.pass_time(timedelta(minutes=59))
    stand_in.settle()
    assert stand_in.client.v1.accounts.retrieve(account) == pending
    stand_in.pass_time(timedelta(minutes=1))
    stand_in.settle()
    assert checked(stand_in.client.v1.accounts.retrieve(account)) == ("active", True, [], [], None)


def test_what_is_asked_for_in_vain_is_past_due_after_its_deadline_and_switches_the_account_off_until_it_is_there(stand_in: StandIn) -> None:
    account, other = stand_in.payable(), stand_in.payable()
    stand_in.submit(account, "more")
    asked = stand_in.client.v1.accounts.retrieve(account)
    assert checked(asked) == ("active", True, DOCUMENT, [], None)
    assert asked.requirements
    assert asked.requirements.current_deadline
    stand_in.pass_time(timedelta(days=14))
    stand_in.settle()
    states = [checked(stand_in.client.v1.accounts.retrieve(each)) for each in (account, other)]
    assert states == [("inactive", False, DOCUMENT, DOCUMENT, "requirements.past_due"), ("active", True, [], [], None)]
    stand_in.submit(account)
    assert checked(stand_in.client.v1.accounts.retrieve(account)) == ("active", True, [], [], None)


def test_what_is_handed_in_of_an_active_account_is_checked_while_it_goes_on(stand_in: StandIn) -> None:
    account = stand_in.payable()
    stand_in.submit(account, "more")
    stand_in.submit(account, "check")
    pending = stand_in.client.v1.accounts.retrieve(account)
    assert pending.requirements
    assert (checked(pending), pending.requirements.pending_verification) == (("active", True, [], [], None), DOCUMENT)
    stand_in.pass_time(timedelta(hours=1))
    stand_in.settle()
    after = stand_in.client.v1.accounts.retrieve(account)
    assert after.requirements
    assert (checked(after), after.requirements.pending_verification) == (("active", True, [], [], None), [])


def announced(account: stripe.Account) -> tuple[list[str] | None, int | None]:
    assert account.future_requirements
    return account.future_requirements.currently_due, account.future_requirements.current_deadline


def test_what_is_announced_is_asked_from_its_day_on_unless_a_form_that_asks_ahead_has_got_it(stand_in: StandIn) -> None:
    early, late = stand_in.payable(), stand_in.payable()
    begins = [announced(stand_in.client.v1.accounts.retrieve(stand_in.submit(each, "announce"))) for each in (early, late)]
    assert [due for due, _ in begins] == [DOCUMENT, DOCUMENT]
    stand_in.submit(late)
    addresses = {"refresh_url": AGAIN, "return_url": BACK}
    asked = {"account": early, "type": "account_onboarding", "collection_options": {"future_requirements": "include"}, **addresses}
    httpx.post(stand_in.client.v1.account_links.create(asked).url)  # type: ignore[arg-type]
    found = [stand_in.client.v1.accounts.retrieve(each) for each in (early, late)]
    assert [(checked(each), announced(each)) for each in found] == [
        (("active", True, [], [], None), ([], None)), (("active", True, [], [], None), begins[1]),
    ]  # fmt: skip
    stand_in.pass_time(timedelta(days=30))
    stand_in.settle()
    found = [stand_in.client.v1.accounts.retrieve(each) for each in (early, late)]
    assert [(checked(each), announced(each)) for each in found] == [
        (("active", True, [], [], None), ([], None)), (("active", True, DOCUMENT, [], None), ([], None)),
    ]  # fmt: skip


def test_a_rejected_account_can_do_nothing_any_more(stand_in: StandIn) -> None:
    account = stand_in.payable()
    rejected = stand_in.client.v1.accounts.reject(account, {"reason": "fraud"})
    assert checked(rejected) == ("inactive", False, [], [], "rejected.fraud")
    stand_in.fund(10_000)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand_in.transfer(account, 500)
    assert refused.value.code == "insufficient_capabilities_for_transfer"
    assert checked(stand_in.client.v1.accounts.retrieve(stand_in.submit(account))) == ("inactive", False, [], [], "rejected.fraud")


@pytest.mark.parametrize(
    ("country", "agreement", "code"),
    [
        ("KP", "recipient", "country_unsupported"),
        ("KE", "full", "country_unsupported"),
        ("IN", "full", None),
        ("Kenya", "full", None),
        ("us", "full", None),
    ],
)
def test_a_country_that_stripe_does_not_pay_is_refused(stand_in: StandIn, country: str, agreement: str, code: str | None) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand_in.account(country, agreement)
    assert (refused.value.param, refused.value.code) == ("country", code)
    assert stand_in.client.v1.accounts.list().data == []


@pytest.mark.parametrize(
    ("agreement", "names", "said"),
    [
        ("full", ["transfers"], "Your platform needs approval"),
        ("full", ["card_payments"], "do not currently support `card_payments` without `transfers`"),
        ("recipient", ["card_payments", "transfers"], "cannot request the `card_payments` capability"),
    ],
)
def test_capabilities_that_stripe_does_not_grant_together_are_refused(
    stand_in: StandIn, agreement: str, names: list[str], said: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=said):
        stand_in.account("GB", agreement, capabilities=dict.fromkeys(names, WANTED))
    account = stand_in.account("GB", agreement, capabilities=ASKED[agreement])
    given_up = {name: {"requested": name in names} for name in ("card_payments", "transfers")}
    with pytest.raises(stripe.InvalidRequestError, match=said):
        stand_in.client.v1.accounts.update(account.id, {"capabilities": given_up})


def test_a_recipient_lives_in_another_country_than_the_platform(stand_in: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="not supported for platforms in US creating accounts in US") as refused:
        stand_in.account("US", "recipient")
    assert refused.value.param == "tos_acceptance[service_agreement]"


def test_a_country_without_business_of_its_own_is_paid_as_a_recipient(stand_in: StandIn) -> None:
    artist = stand_in.payable("KE", agreement="recipient")
    stand_in.fund(10_000)
    assert stand_in.transfer(artist, 500).destination == artist


def test_an_account_can_be_changed_and_asked_for_capabilities_later(stand_in: StandIn) -> None:
    account = stand_in.client.v1.accounts.create({"type": "express", "country": "US"})
    assert standing(account)[0] is None
    stand_in.submit(account.id)
    changed = stand_in.client.v1.accounts.update(
        account.id, {"email": "b@example.org", "metadata": {"artist": "7"}, "capabilities": ASKED["full"]}
    )
    assert (changed.email, changed.metadata.to_dict(), standing(changed)[0]) == ("b@example.org", {"artist": "7"}, "pending")
    stand_in.settle()
    assert standing(stand_in.client.v1.accounts.retrieve(account.id))[0] == "active"
    given_up = stand_in.client.v1.accounts.update(account.id, {"capabilities": dict.fromkeys(ASKED["full"], GIVEN_UP)})
    assert standing(given_up)[0] is None


def test_an_account_is_deleted_only_when_nothing_is_on_it(stand_in: StandIn) -> None:
    stand_in.fund(10_000)
    empty, rich = stand_in.payable(), stand_in.payable()
    stand_in.transfer(rich, 500)
    assert stand_in.client.v1.accounts.delete(empty).deleted
    with pytest.raises(stripe.InvalidRequestError):
        stand_in.client.v1.accounts.delete(rich)
    assert [each.id for each in stand_in.client.v1.accounts.list().data] == [rich]


def test_a_link_needs_an_account_that_exists(stand_in: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand_in.link("acct_none")
    assert (refused.value.http_status, refused.value.code, refused.value.param) == (400, "resource_missing", "account")


def test_an_action_in_the_name_of_an_account_is_refused(stand_in: StandIn) -> None:
    account = stand_in.payable()
    with pytest.raises(stripe.InvalidRequestError):
        stand_in.client.v1.customers.create({"name": "Zappos"}, {"stripe_account": account})
    assert stand_in.client.v1.customers.list().data == []


def test_a_customer_is_kept_changed_found_and_deleted(stand_in: StandIn) -> None:
    client = stand_in.client.v1.customers
    address = {"line1": "1 Main St", "city": "Las Vegas", "country": "US"}
    made = client.create({"name": "Zappos", "email": "a@zappos.example", "address": address, "metadata": {"brand": "1"}})
    assert client.retrieve(made.id) == made
    assert made.address
    assert (made.address.city, made.address.state) == ("Las Vegas", None)
    changed = client.update(made.id, {"email": "b@zappos.example", "metadata": {"brand": "2"}, "description": ""})
    assert (changed.name, changed.email, changed.metadata.to_dict()) == ("Zappos", "b@zappos.example", {"brand": "2"})
    assert client.list({"email": "b@zappos.example"}).data == [changed]
    assert client.list({"email": "a@zappos.example"}).data == []
    assert client.delete(made.id).deleted
    assert client.retrieve(made.id).to_dict() == {"id": made.id, "object": "customer", "deleted": True}
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        client.update(made.id, {"email": "c@zappos.example"})
    assert stand_in.happened() == ["customer.created", "customer.updated", "customer.deleted"]
