"""Customers and connected accounts, and the way through Stripe's onboarding."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
import stripe
from stripe.params import CustomerCreateParams

from tests.sandbox.stripe.stage import ASKED, GIVEN_UP, WANTED, Simulator, plain

DOCUMENT = ["individual.verification.document"]
BACK, AGAIN = "http://ours.example/back", "http://ours.example/again"


def standing(account: stripe.Account) -> tuple[object, ...]:
    return getattr(account.capabilities, "transfers", None), account.payouts_enabled, account.details_submitted


def test_an_account_is_payable_once_its_owner_has_been_through_onboarding(simulator: Simulator) -> None:
    account = simulator.account("GB", "recipient", metadata={"artist": "42"}, email="a@example.org")
    assert (account.type, account.country, account.default_currency, plain(account.metadata)) == (
        "express",
        "GB",
        "gbp",
        {"artist": "42"},
    )
    assert account.tos_acceptance
    assert account.tos_acceptance.service_agreement == "recipient"
    assert standing(account) == ("inactive", False, False)
    link = simulator.link(account.id)
    page = httpx.get(link.url)
    assert (page.status_code, "<form" in page.text, "<script" in page.text) == (200, True, False)
    done = httpx.post(link.url)
    assert (done.status_code, done.headers["location"]) == (303, BACK)
    simulator.settle()
    after = simulator.client.v1.accounts.retrieve(account.id)
    assert standing(after) == ("active", True, True)
    assert after.requirements
    assert after.requirements.currently_due == []
    told = simulator.client.v1.events.list({"limit": 100}, {"stripe_account": account.id}).data[::-1]
    stood = [(each.type, each.data.object["capabilities"]["transfers"], each.data.object["payouts_enabled"]) for each in told]
    assert stood == [("account.updated", "inactive", False), ("account.updated", "pending", False), ("account.updated", "active", True)]


def test_a_link_works_once_and_then_leads_to_where_a_new_one_is_made(simulator: Simulator) -> None:
    link = simulator.link(simulator.account().id)
    httpx.post(link.url)
    assert [answer.headers["location"] for answer in (httpx.post(link.url), httpx.get(link.url))] == [AGAIN, AGAIN]


def test_a_link_lives_for_five_minutes(simulator: Simulator) -> None:
    account = simulator.account().id
    link = simulator.link(account)
    assert link.expires_at == link.created + 300
    simulator.pass_time(timedelta(seconds=301))
    assert httpx.post(link.url).headers["location"] == AGAIN
    assert standing(simulator.client.v1.accounts.retrieve(account)) == ("inactive", False, False)


def test_coming_back_does_not_mean_that_everything_was_handed_in(simulator: Simulator) -> None:
    account = simulator.account().id
    assert httpx.post(simulator.link(account).url, data={"outcome": "later"}).headers["location"] == BACK
    assert standing(simulator.client.v1.accounts.retrieve(account)) == ("inactive", False, False)
    assert httpx.post(f"{simulator.url}/sandbox/onboarding/nothing").status_code == 404


def checked(account: stripe.Account) -> tuple[object, ...]:
    assert account.requirements
    asked = account.requirements
    return standing(account)[0], account.payouts_enabled, asked.currently_due, asked.past_due, asked.disabled_reason


def test_what_was_handed_in_is_pending_until_it_has_been_checked(simulator: Simulator) -> None:
    account = simulator.account().id
    simulator.submit(account, "check")
    pending = simulator.client.v1.accounts.retrieve(account)
    assert (checked(pending), pending.details_submitted) == (("pending", False, [], [], "requirements.pending_verification"), True)
    simulator.pass_time(timedelta(minutes=59))
    simulator.settle()
    assert simulator.client.v1.accounts.retrieve(account) == pending
    simulator.pass_time(timedelta(minutes=1))
    simulator.settle()
    assert checked(simulator.client.v1.accounts.retrieve(account)) == ("active", True, [], [], None)


def test_what_is_asked_for_in_vain_is_past_due_after_its_deadline_and_switches_the_account_off_until_it_is_there(
    simulator: Simulator,
) -> None:
    account, other = simulator.payable(), simulator.payable()
    simulator.submit(account, "more")
    asked = simulator.client.v1.accounts.retrieve(account)
    assert checked(asked) == ("active", True, DOCUMENT, [], None)
    assert asked.requirements
    assert asked.requirements.current_deadline
    simulator.pass_time(timedelta(days=14))
    simulator.settle()
    states = [checked(simulator.client.v1.accounts.retrieve(each)) for each in (account, other)]
    assert states == [("inactive", False, DOCUMENT, DOCUMENT, "requirements.past_due"), ("active", True, [], [], None)]
    simulator.submit(account)
    assert checked(simulator.client.v1.accounts.retrieve(account)) == ("active", True, [], [], None)


def test_what_is_handed_in_of_an_active_account_is_checked_while_it_goes_on(simulator: Simulator) -> None:
    account = simulator.payable()
    simulator.submit(account, "more")
    simulator.submit(account, "check")
    pending = simulator.client.v1.accounts.retrieve(account)
    assert pending.requirements
    assert (checked(pending), pending.requirements.pending_verification) == (("active", True, [], [], None), DOCUMENT)
    simulator.pass_time(timedelta(hours=1))
    simulator.settle()
    after = simulator.client.v1.accounts.retrieve(account)
    assert after.requirements
    assert (checked(after), after.requirements.pending_verification) == (("active", True, [], [], None), [])


def announced(account: stripe.Account) -> tuple[list[str] | None, int | None]:
    assert account.future_requirements
    return account.future_requirements.currently_due, account.future_requirements.current_deadline


def test_what_is_announced_is_asked_from_its_day_on_unless_a_form_that_asks_ahead_has_got_it(simulator: Simulator) -> None:
    early, late = simulator.payable(), simulator.payable()
    begins = [announced(simulator.client.v1.accounts.retrieve(simulator.submit(each, "announce"))) for each in (early, late)]
    assert [due for due, _ in begins] == [DOCUMENT, DOCUMENT]
    simulator.submit(late)
    addresses = {"refresh_url": AGAIN, "return_url": BACK}
    asked = {"account": early, "type": "account_onboarding", "collection_options": {"future_requirements": "include"}, **addresses}
    httpx.post(simulator.client.v1.account_links.create(asked).url)  # type: ignore[arg-type]
    found = [simulator.client.v1.accounts.retrieve(each) for each in (early, late)]
    assert [(checked(each), announced(each)) for each in found] == [
        (("active", True, [], [], None), ([], None)), (("active", True, [], [], None), begins[1]),
    ]  # fmt: skip
    simulator.pass_time(timedelta(days=30))
    simulator.settle()
    found = [simulator.client.v1.accounts.retrieve(each) for each in (early, late)]
    assert [(checked(each), announced(each)) for each in found] == [
        (("active", True, [], [], None), ([], None)), (("active", True, DOCUMENT, [], None), ([], None)),
    ]  # fmt: skip


def test_a_rejected_account_can_do_nothing_any_more(simulator: Simulator) -> None:
    account = simulator.payable()
    rejected = simulator.client.v1.accounts.reject(account, {"reason": "fraud"})
    assert checked(rejected) == ("inactive", False, [], [], "rejected.fraud")
    simulator.fund(10_000)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        simulator.transfer(account, 500)
    assert refused.value.code == "insufficient_capabilities_for_transfer"
    assert checked(simulator.client.v1.accounts.retrieve(simulator.submit(account))) == ("inactive", False, [], [], "rejected.fraud")


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
def test_a_country_that_stripe_does_not_pay_is_refused(simulator: Simulator, country: str, agreement: str, code: str | None) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        simulator.account(country, agreement)
    assert (refused.value.param, refused.value.code) == ("country", code)
    assert simulator.client.v1.accounts.list().data == []


@pytest.mark.parametrize(
    ("agreement", "names", "said"),
    [
        ("full", ["transfers"], "Your platform needs approval"),
        ("full", ["card_payments"], "do not currently support `card_payments` without `transfers`"),
        ("recipient", ["card_payments", "transfers"], "cannot request the `card_payments` capability"),
    ],
)
def test_capabilities_that_stripe_does_not_grant_together_are_refused(
    simulator: Simulator, agreement: str, names: list[str], said: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=said):
        simulator.account("GB", agreement, capabilities=dict.fromkeys(names, WANTED))
    account = simulator.account("GB", agreement, capabilities=ASKED[agreement])
    given_up: Any = {"capabilities": {name: {"requested": name in names} for name in ("card_payments", "transfers")}}
    with pytest.raises(stripe.InvalidRequestError, match=said):
        simulator.client.v1.accounts.update(account.id, given_up)


def test_a_recipient_lives_in_another_country_than_the_platform(simulator: Simulator) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="not supported for platforms in US creating accounts in US") as refused:
        simulator.account("US", "recipient")
    assert refused.value.param == "tos_acceptance[service_agreement]"


def test_a_country_without_business_of_its_own_is_paid_as_a_recipient(simulator: Simulator) -> None:
    artist = simulator.payable("KE", agreement="recipient")
    simulator.fund(10_000)
    assert simulator.transfer(artist, 500).destination == artist


def test_an_account_can_be_changed_and_asked_for_capabilities_later(simulator: Simulator) -> None:
    account = simulator.client.v1.accounts.create({"type": "express", "country": "US"})
    assert standing(account)[0] is None
    simulator.submit(account.id)
    asked: Any = {"email": "b@example.org", "metadata": {"artist": "7"}, "capabilities": ASKED["full"]}
    changed = simulator.client.v1.accounts.update(account.id, asked)
    assert (changed.email, plain(changed.metadata), standing(changed)[0]) == ("b@example.org", {"artist": "7"}, "pending")
    simulator.settle()
    assert standing(simulator.client.v1.accounts.retrieve(account.id))[0] == "active"
    given_up: Any = {"capabilities": dict.fromkeys(ASKED["full"], GIVEN_UP)}
    assert standing(simulator.client.v1.accounts.update(account.id, given_up))[0] is None


def test_an_account_is_deleted_only_when_nothing_is_on_it(simulator: Simulator) -> None:
    simulator.fund(10_000)
    empty, rich = simulator.payable(), simulator.payable()
    simulator.transfer(rich, 500)
    assert simulator.client.v1.accounts.delete(empty).deleted
    with pytest.raises(stripe.InvalidRequestError):
        simulator.client.v1.accounts.delete(rich)
    assert [each.id for each in simulator.client.v1.accounts.list().data] == [rich]


def test_a_link_needs_an_account_that_exists(simulator: Simulator) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        simulator.link("acct_none")
    assert (refused.value.http_status, refused.value.code, refused.value.param) == (400, "resource_missing", "account")


def test_an_action_in_the_name_of_an_account_is_refused(simulator: Simulator) -> None:
    account = simulator.payable()
    with pytest.raises(stripe.InvalidRequestError):
        simulator.client.v1.customers.create({"name": "Zappos"}, {"stripe_account": account})
    assert simulator.client.v1.customers.list().data == []


def test_a_customer_is_kept_changed_found_and_deleted(simulator: Simulator) -> None:
    client = simulator.client.v1.customers
    asked: CustomerCreateParams = {
        "name": "Zappos", "email": "a@zappos.example", "address": {"line1": "1 Main St", "city": "Las Vegas", "country": "US"},
        "metadata": {"brand": "1"},
    }  # fmt: skip
    made = client.create(asked)
    assert client.retrieve(made.id) == made
    assert made.address
    assert (made.address.city, made.address.state) == ("Las Vegas", None)
    changed = client.update(made.id, {"email": "b@zappos.example", "metadata": {"brand": "2"}, "description": ""})
    assert (changed.name, changed.email, plain(changed.metadata)) == ("Zappos", "b@zappos.example", {"brand": "2"})
    assert client.list({"email": "b@zappos.example"}).data == [changed]
    assert client.list({"email": "a@zappos.example"}).data == []
    assert client.delete(made.id).deleted
    assert client.retrieve(made.id).to_dict() == {"id": made.id, "object": "customer", "deleted": True}
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        client.update(made.id, {"email": "c@zappos.example"})
    assert simulator.happened() == ["customer.created", "customer.updated", "customer.deleted"]
