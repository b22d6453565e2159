"""Events, and their way to whoever listens: signed, repeated until received, never lost."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any, Unpack

import pytest
import stripe
from sqlalchemy import text
from stripe.params import EventListParams

from sandbox.stripe.deliveries import signature, wait_after
from sandbox.stripe.published import API_VERSIONS, EVENT_TYPES
from tests.installation import wait_for
from tests.sandbox.stripe import dahlia
from tests.sandbox.stripe.listening import Listener, listening
from tests.sandbox.stripe.stage import Simulator, plain


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


def endpoint(simulator: Simulator, listener: Listener, *kinds: str, **more: Any) -> stripe.WebhookEndpoint:
    asked: Any = {"url": listener.url, "enabled_events": list(kinds) or ["*"], **more}
    return simulator.client.v1.webhook_endpoints.create(asked)


def deliveries(simulator: Simulator) -> list[Any]:
    with simulator.engine.begin() as connection:
        return list(connection.execute(text("select attempts, due_at, delivered_at from stripe_sandbox.delivery order by id")).all())


def test_an_event_says_what_happened_to_what_and_by_which_request(simulator: Simulator) -> None:
    made = simulator.client.v1.customers.create({"name": "Zappos"}, {"idempotency_key": "brand:1"})
    simulator.client.v1.customers.update(made.id, {"name": "Zappos Inc"})
    updated, created = simulator.client.v1.events.list().data
    assert (created.type, stripe.StripeObject.to_dict(created.data.object), created.request and created.request.idempotency_key) == (
        "customer.created",
        made.to_dict(),
        "brand:1",
    )
    assert created.request
    assert made.last_response
    assert created.request.id == made.last_response.request_id
    assert (updated.type, updated.data.object["name"]) == ("customer.updated", "Zappos Inc")
    assert updated.data.to_dict()["previous_attributes"] == {"name": "Zappos"}
    assert simulator.client.v1.events.retrieve(created.id) == created


def test_a_refused_request_leaves_no_event(simulator: Simulator) -> None:
    artist = simulator.payable()
    before = simulator.happened()
    with pytest.raises(stripe.InvalidRequestError):
        simulator.transfer(artist, 1_000)
    assert simulator.happened() == before


def test_events_are_found_by_type_time_and_delivery(simulator: Simulator, listener: Listener) -> None:
    listener.status = 500
    endpoint(simulator, listener, "customer.created")
    customer = simulator.customer()
    simulator.pass_time(timedelta(hours=1))
    simulator.client.v1.customers.update(customer, {"name": "Zappos Inc"})
    simulator.fund(1_000)

    def kinds(**query: Unpack[EventListParams]) -> list[str]:
        return [each.type for each in simulator.client.v1.events.list(query).data]

    everything = ["payment_intent.succeeded", "charge.succeeded", "payment_intent.created", "customer.updated", "customer.created"]
    assert kinds() == everything
    assert kinds(type="customer.updated") == ["customer.updated"]
    assert kinds(types=["customer.updated", "customer.created"]) == everything[3:]
    latest = simulator.client.v1.events.list({"limit": 1}).data[0]
    assert kinds(created={"gte": latest.created - 60}) == everything[:4]
    assert (kinds(delivery_success=False), kinds(delivery_success=True)) == (["customer.created"], everything[:4])
    listener.status = 200
    simulator.hurry()
    wait_for(lambda: kinds(delivery_success=False) == [])
    assert [each.pending_webhooks for each in simulator.client.v1.events.list().data] == [0] * 5


def test_an_event_arrives_signed_as_stripes_own_client_checks_it(simulator: Simulator, listener: Listener) -> None:
    secret = str(endpoint(simulator, listener).secret)
    simulator.customer()
    listener.wait_for(1)
    kept = simulator.client.v1.events.list().data[0]
    arrived = listener.verified(secret)[0]
    assert (arrived.id, arrived.type, arrived.data.object, arrived.pending_webhooks) == (kept.id, kept.type, kept.data.object, 1)
    with pytest.raises(stripe.SignatureVerificationError):
        listener.verified("whsec_of_somebody_else")


def test_a_signature_may_be_made_with_several_secrets() -> None:
    payload, at = b'{"object": "event"}', datetime.now(UTC)
    mark = signature(payload, at, "whsec_new", "whsec_old")
    for secret in ("whsec_new", "whsec_old"):
        stripe.Webhook.construct_event(payload, mark, secret)
    assert mark.count("v1=") == 2


def tried(simulator: Simulator, listener: Listener, attempts: int) -> bool:
    return len(listener.arrived) == attempts and deliveries(simulator)[0].attempts == attempts


def test_an_event_is_sent_again_later_and_later_until_it_is_received(simulator: Simulator, listener: Listener) -> None:
    listener.status = 503
    secret = str(endpoint(simulator, listener).secret)
    simulator.customer()
    waits = []
    for attempt in (1, 2, 3):
        wait_for(partial(tried, simulator, listener, attempt))
        wait_for(lambda: deliveries(simulator)[0].due_at - datetime.now(UTC) < timedelta(seconds=30))
        waits.append(deliveries(simulator)[0].due_at - datetime.now(UTC))
        if attempt == 3:
            listener.status = 200
        simulator.hurry()
    wait_for(lambda: deliveries(simulator)[0].delivered_at)
    assert all(earlier < later for earlier, later in pairwise(waits))
    assert len({event.id for event in listener.verified(secret)}) == 1
    assert simulator.client.v1.events.list().data[0].pending_webhooks == 0


def test_an_event_counts_the_endpoints_that_still_wait_for_it(simulator: Simulator, listener: Listener) -> None:
    with listening() as deaf:
        deaf.status = 500
        for each in (listener, listener, listener, deaf):
            endpoint(simulator, each)
        simulator.customer()
        wait_for(lambda: len(listener.arrived) == 3 and deaf.arrived)
        wait_for(lambda: simulator.client.v1.events.list().data[0].pending_webhooks == 1)


def test_an_endpoint_that_nobody_answers_at_loses_nothing(simulator: Simulator) -> None:
    with listening() as gone:
        endpoint(simulator, gone)
    simulator.customer()
    wait_for(lambda: deliveries(simulator)[0].attempts)
    assert deliveries(simulator)[0].delivered_at is None
    with listening(int(gone.url.split(":")[2].split("/")[0])) as back:

        def arrived() -> list[tuple[bytes, str]]:
            simulator.hurry()
            return back.arrived

        wait_for(arrived)


def test_a_sender_that_dies_after_claiming_leaves_the_event_to_be_sent_again(simulator: Simulator, listener: Listener) -> None:
    secret = str(endpoint(simulator, listener).secret)
    simulator.customer()
    wait_for(lambda: deliveries(simulator)[0].delivered_at)
    with simulator.engine.begin() as connection:
        connection.execute(text("update stripe_sandbox.delivery set delivered_at = null, due_at = now() - interval '1 second'"))
    listener.wait_for(2)
    first, second = listener.verified(secret)
    assert (second.id, second.data.object) == (first.id, first.data.object)


def test_each_endpoint_hears_only_what_it_asked_for(simulator: Simulator, listener: Listener) -> None:
    client = simulator.client.v1.webhook_endpoints
    asked = endpoint(simulator, listener, "customer.updated", "account.updated")
    disabled = client.update(endpoint(simulator, listener).id, {"disabled": True})
    deleted = endpoint(simulator, listener)
    client.delete(deleted.id)
    connected = endpoint(simulator, listener, connect=True)
    customer = simulator.customer()
    simulator.client.v1.customers.update(customer, {"name": "Zappos Inc"})
    account = simulator.account().id
    listener.wait_for(2)
    wait_for(lambda: all(row.delivered_at for row in deliveries(simulator)))
    arrived = {mark.split("v1=")[1]: body for body, mark in listener.arrived}
    heard = []
    for each in (asked, connected):
        for body, mark in listener.arrived:
            try:
                event = stripe.Webhook.construct_event(body, mark, str(each.secret))
            except stripe.SignatureVerificationError:
                continue
            heard.append((each.id, event.type, getattr(event, "account", None)))
    assert (disabled.status, len(arrived)) == ("disabled", 2)
    assert heard == [(asked.id, "customer.updated", None), (connected.id, "account.updated", account)]


def test_an_endpoint_shows_its_secret_once(simulator: Simulator, listener: Listener) -> None:
    client = simulator.client.v1.webhook_endpoints
    made = endpoint(simulator, listener, "customer.created", description="Ours", metadata={"for": "tests"})
    assert str(made.secret).startswith("whsec_")
    found = client.retrieve(made.id)
    assert ("secret" in found.to_dict(), found.enabled_events, plain(found.metadata)) == (False, ["customer.created"], {"for": "tests"})
    assert client.list().data == [found]
    changed = client.update(made.id, {"enabled_events": ["*"], "url": "https://other.example/hook"})
    assert (changed.enabled_events, changed.url) == (["*"], "https://other.example/hook")
    for url in ("ftp://other.example", "https://", "http://[", "other.example"):
        with pytest.raises(stripe.InvalidRequestError, match="Invalid URL"):
            client.create({"url": url, "enabled_events": ["*"]})
        with pytest.raises(stripe.InvalidRequestError, match="Invalid URL"):
            client.update(made.id, {"url": url})
    assert client.list().data == [changed]


def test_an_account_and_the_platform_each_list_their_own_events(simulator: Simulator) -> None:
    account = simulator.payable()
    simulator.customer()
    assert (simulator.happened(), simulator.happened(account)) == (["customer.created"], ["account.updated"] * 3)


def test_an_endpoint_hears_one_side_and_never_both_and_shows_nobody_which(simulator: Simulator, listener: Listener) -> None:
    platform, connect = endpoint(simulator, listener), endpoint(simulator, listener, connect=True)
    account = simulator.account().id
    simulator.customer()
    listener.wait_for(2)
    wait_for(lambda: all(row.delivered_at for row in deliveries(simulator)))
    heard: dict[str, list[tuple[str, str | None]]] = {}
    for body, mark in listener.arrived:
        for each in (platform, connect):
            with suppress(stripe.SignatureVerificationError):
                event = stripe.Webhook.construct_event(body, mark, str(each.secret))
                heard[each.id] = [*heard.get(each.id, []), (event.type, getattr(event, "account", None))]
    assert heard == {platform.id: [("customer.created", None)], connect.id: [("account.updated", account)]}
    assert platform.secret != connect.secret
    assert {"connect", "secret"}.isdisjoint(simulator.client.v1.webhook_endpoints.retrieve(connect.id).to_dict())


def test_an_endpoint_hears_in_the_version_that_it_was_made_for(simulator: Simulator, listener: Listener) -> None:
    made = endpoint(simulator, listener, api_version="2026-10-28.endive")
    assert (made.api_version, endpoint(simulator, listener, "customer.deleted").api_version) == ("2026-10-28.endive", None)
    simulator.customer()
    listener.wait_for(1)
    assert listener.verified(str(made.secret))[0].api_version == "2026-10-28.endive"
    assert simulator.client.v1.events.list().data[0].api_version == "2026-05-27.dahlia"


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"enabled_events": ["account.changed"]}, "enabled_events[0]"),
        ({"enabled_events": "*"}, "enabled_events"),
        ({"enabled_events": ""}, "enabled_events"),
        ({"enabled_events": None}, "enabled_events"),
        ({"url": None}, "url"),
        ({"url": "nowhere"}, "url"),
        ({"api_version": "2026-10-29.endive"}, "api_version"),
        ({"connect": "both"}, "connect"),
        ({"metadata": {"for": "x" * 501}}, "metadata[for]"),
        ({"status": "enabled"}, "status"),
    ],
    ids=lambda given: ", ".join(f"{name} {value}"[:40] for name, value in given.items()) if isinstance(given, dict) else "",
)
def test_an_endpoint_is_made_only_as_stripe_makes_one(simulator: Simulator, listener: Listener, wrong: dict[str, Any], param: str) -> None:
    asked: Any = {name: value for name, value in ({"url": listener.url, "enabled_events": ["*"]} | wrong).items() if value is not None}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        simulator.client.v1.webhook_endpoints.create(asked)
    assert refused.value.param == param
    assert simulator.client.v1.webhook_endpoints.list().data == []


def test_what_an_endpoint_hears_for_good_cannot_be_changed(simulator: Simulator, listener: Listener) -> None:
    made = endpoint(simulator, listener)
    wrong: tuple[Any, ...] = ({"connect": True}, {"api_version": "2026-10-28.endive"}, {"enabled_events": ""}, {"enabled_events": ["x"]})
    for change in wrong:
        with pytest.raises(stripe.InvalidRequestError):
            simulator.client.v1.webhook_endpoints.update(made.id, change)
    assert simulator.client.v1.webhook_endpoints.update(made.id, {"disabled": False}).status == "enabled"


def test_there_are_at_most_sixteen_endpoints(simulator: Simulator, listener: Listener) -> None:
    made = [endpoint(simulator, listener) for _each in range(16)]
    with pytest.raises(stripe.InvalidRequestError, match="maximum of 16"):
        endpoint(simulator, listener)
    simulator.client.v1.webhook_endpoints.delete(made[0].id)
    endpoint(simulator, listener)


def test_the_events_and_versions_are_those_that_stripe_publishes() -> None:
    path = dahlia.description()["paths"]["/v1/webhook_endpoints"]["post"]
    asked = path["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]["properties"]
    assert list(EVENT_TYPES) == asked["enabled_events"]["items"]["enum"]
    assert set(API_VERSIONS) - set(asked["api_version"]["enum"]) == {
        version for version in API_VERSIONS if version > asked["api_version"]["enum"][-1]
    }
    assert API_VERSIONS[-1] == stripe.api_version


def test_an_event_is_kept_for_thirty_days_and_no_longer(simulator: Simulator) -> None:
    simulator.customer()
    account = simulator.account().id
    events = simulator.client.v1.events
    (of_platform,), (of_account,) = events.list().data, events.list(options={"stripe_account": account}).data
    simulator.pass_time(timedelta(days=29, hours=23))
    assert (events.retrieve(of_platform.id).id, len(events.list().data)) == (of_platform.id, 1)
    simulator.pass_time(timedelta(hours=2))
    assert (events.list().data, events.list(options={"stripe_account": account}).data) == ([], [])
    for event, options in ((of_platform, {}), (of_account, {"stripe_account": account})):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            events.retrieve(event.id, options=options)  # type: ignore[arg-type]
        assert (refused.value.code, refused.value.http_status) == ("resource_missing", 404)


def test_an_account_and_the_platform_each_fetch_their_own_events_alone(simulator: Simulator) -> None:
    account = simulator.account().id
    simulator.customer()
    events = simulator.client.v1.events
    (of_platform,), (of_account,) = events.list().data, events.list(options={"stripe_account": account}).data
    assert events.retrieve(of_account.id, options={"stripe_account": account}) == of_account
    for event, options in ((of_account, {}), (of_platform, {"stripe_account": account})):
        with pytest.raises(stripe.InvalidRequestError, match="No such event"):
            events.retrieve(event.id, options=options)  # type: ignore[arg-type]


def test_events_are_asked_for_by_at_most_twenty_types_and_in_one_way(simulator: Simulator) -> None:
    events = simulator.client.v1.events
    assert events.list({"types": list(EVENT_TYPES[1:21])}).data == []
    for wrong in ({"types": list(EVENT_TYPES[1:22])}, {"types": ["customer.created"], "type": "customer.created"}):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            events.list(wrong)  # type: ignore[arg-type]
        assert refused.value.param == "types"


def test_an_event_that_nobody_takes_for_three_days_is_sent_no_more_and_its_endpoint_stays_enabled(
    simulator: Simulator, listener: Listener
) -> None:
    listener.status = 500
    made = endpoint(simulator, listener)
    simulator.customer()
    wait_for(lambda: deliveries(simulator)[0].attempts)
    with simulator.engine.begin() as connection:
        connection.execute(text("update stripe_sandbox.delivery set promised_at = now() - interval '3 days 1 second', due_at = now()"))
    wait_for(lambda: deliveries(simulator)[0].due_at is None)
    assert simulator.client.v1.webhook_endpoints.retrieve(made.id).status == "enabled"
    (event,) = simulator.client.v1.events.list({"delivery_success": False}).data
    assert (event.pending_webhooks, deliveries(simulator)[0].delivered_at) == (1, None)


def test_a_retry_waits_longer_each_time_until_it_is_hours() -> None:
    waits = [wait_after(attempt) for attempt in range(1, 40)]
    assert (waits[0], waits[-1]) == (timedelta(seconds=1), timedelta(hours=3))
    assert waits == sorted(waits)
    assert sum(waits, timedelta()) > timedelta(days=3)
