"""Whether Stripe is as this installation needs it before it is opened: each thing that is not, as a sentence that says what to do."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from sqlalchemy import case, func, select

from campaigns.core import clock
from campaigns.core.inbox import Received
from campaigns.core.installing import Finding
from campaigns.core.money import format_money
from campaigns.core.settings import settings
from campaigns.core.words import _, current_locale
from campaigns.payments.bank_transfers import not_ready
from campaigns.payments.conversions import unpayable_in_own_currency
from campaigns.payments.models import PayoutAccount
from campaigns.payments.provider_errors import Definite
from campaigns.payments.reach import NOWHERE, is_old, reach
from campaigns.payments.routes import Reach, payable_currencies, route_to
from campaigns.payments.shipped_reach import PUBLISHED_AT
from campaigns.payments.stripe_gateway import API_VERSION, MOST_NAMES, StripeGateway
from workers.provider import endpoints, key_permissions
from workers.provider.endpoints import WebhookEndpoint, address
from workers.provider.event_origins import EventOrigin
from workers.provider.reach import fetch_reach
from workers.provider_events import HEARD
from workers.transactions import unit_of_work

ON_ITS_WAY = timedelta(minutes=5)
DAY, KEPT = timedelta(days=1), timedelta(days=29)
PUT_RIGHT = "`callboard providers set-up --apply`"
NEEDED = ("card_payments", "transfers")
# So many accounts are tried before nothing is said of their events: each takes a question.
NEWEST = 5


def findings(stripe: StripeGateway) -> Iterator[Finding]:
    """All that is wrong at Stripe or in the settings about it; raises a GatewayError where Stripe cannot be asked."""
    yield from _of_settings()
    account = stripe.ask(lambda client: client.v1.accounts.retrieve_current())
    yield from _of_account(account)
    yield from key_permissions.findings(stripe)
    yield from _of_reach(stripe)
    yield from _of_agreements()
    yield from _of_conversions()
    everything = endpoints.there(stripe)
    for side in EventOrigin:
        yield from _of_endpoints(side, [each for each in everything if each.url == address(side)])
    yield from _of_deliveries(stripe)
    yield from _of_what_came()
    yield from _of_mode()


def _of_settings() -> Iterator[Finding]:
    key = settings().stripe_api_key.get_secret_value()
    if key and not key.startswith(("sk_", "rk_")):
        yield Finding("stripe_key", _("STRIPE_API_KEY is not a secret key (sk_… or rk_…). Set your platform's secret key."))
    if len(set(settings().stripe_webhook_secrets)) < len(EventOrigin):
        yield Finding(
            "stripe_secrets",
            _(
                "STRIPE_WEBHOOK_SECRET must hold the secrets of both endpoints, separated by a comma. "
                "Stripe shows a secret only once: if one is lost, run callboard providers set-up --new-secret platform (or connect)."
            ),
        )


def _of_account(account: Any) -> Iterator[Finding]:
    """About the platform's own account: what it may do, when it is paid out, in which currency and country it is."""
    lacking = [name for name in NEEDED if getattr(account.capabilities, name, None) != "active"]
    if lacking or not account.charges_enabled:
        names = ", ".join(lacking or ["charges"])
        yield Finding("capabilities", _("The platform account cannot use {names} yet. Complete it under Settings → Account.", names=names))
    if not account.payouts_enabled:
        yield Finding("payouts", _("Stripe cannot pay out to your bank. Complete the requirements under Settings → Account."))
    interval = account.settings.payouts.schedule.interval
    if interval != "manual":
        sentence = _(
            "Stripe pays out the platform's balance {interval}, including money owed to artists. Set Settings → Payouts to manual.",
            interval=interval,
        )
        yield Finding("schedule", sentence)
    currency, payable = account.default_currency.upper(), payable_currencies(clock.process_now())
    if currency not in payable:
        sentence = _(
            "The platform settles in {currency}, in which nobody can be paid. Add a bank account in one of these currencies: {payable}.",
            currency=currency, payable=", ".join(payable),
        )  # fmt: skip
        yield Finding("currency", sentence)
    yield from _of_currencies(account)
    if currencies := not_ready(account.capabilities, payable):
        sentence = _("Brands cannot pay by bank transfer in {currencies} yet, only by card.", currencies=", ".join(currencies))
        yield Finding("bank_transfers", sentence + " " + _("Complete bank transfers under Settings → Payment methods."))


def _of_currencies(account: Any) -> Iterator[Finding]:
    """Whether there is a bank account for each currency that campaigns may be in; where it was said which, that is believed."""
    banks = getattr(account, "external_accounts", None)
    there = {account.default_currency.upper(), *(each.currency.upper() for each in (banks.data if banks else ()))}
    lacking = sorted(set(payable_currencies(clock.process_now())) - there)
    if lacking and not settings().currencies:
        sentence = _(
            "Campaigns may be in {lacking}, and Stripe names no bank account of yours for that: what brands pay is converted, and artists "
            "wait. Add the bank account at Stripe, or set CALLBOARD_CURRENCIES to the currencies that you have one for.",
            lacking=", ".join(lacking),
        )
        yield Finding("currencies", sentence)


def _of_reach(stripe: StripeGateway) -> Iterator[Finding]:
    """Whether what we know of where Stripe sends money is of these days, and whether it is anywhere; it is looked up on the way."""
    now = clock.process_now()
    with unit_of_work() as session:
        before = reach(session)
    known = fetch_reach(stripe)
    if is_old(before, now):
        yield Finding("countries", _outdated(before))
    payees = {country for country in known.countries if route_to(known, country, now)}
    if not payees - {known.home}:
        sentence = _(
            "The platform is in {country}. Callboard does not support paying artists in other countries from there: see docs/stripe.md.",
            country=known.home,
        )
        yield Finding("country", sentence)


def _of_agreements() -> Iterator[Finding]:
    """Whether each account is under the agreement by which its country is paid: Stripe refuses transfers to it, and changes none."""
    now = clock.process_now()
    accounts = select(PayoutAccount.country, func.count()).where(PayoutAccount.state == "active", PayoutAccount.agreement == "full")
    with unit_of_work() as session:
        known, found = reach(session), session.execute(accounts.group_by(PayoutAccount.country)).all()
    counts = {country: count for country, count in found if (route := route_to(known, country, now)) and route.agreement != "full"}
    if counts:
        sentence = _(
            "Stripe pays people in {countries} only under the recipient agreement. Accounts there under the full "
            "agreement: {count}. Stripe refuses transfers to them and never changes an agreement. Contact their "
            "owners and Stripe before the next run.",
            countries=", ".join(sorted(counts)), count=sum(counts.values()),
        )  # fmt: skip
        yield Finding("agreement", sentence)


def _of_conversions() -> Iterator[Finding]:
    """Whether what brands paid is there in the currency that artists are promised: what was converted cannot be paid out in its own."""
    with unit_of_work() as session:
        missing = unpayable_in_own_currency(session)
    for currency, total in sorted(missing.items()):
        sentence = _(
            "{amount} that brands paid was converted because the platform has no bank account in {currency}. Payouts "
            "in {currency} wait until you add one in Stripe and top up your balance.",
            amount=format_money(total, currency, current_locale()), currency=currency,
        )  # fmt: skip
        yield Finding(f"converted_{currency.lower()}", sentence)


def _outdated(before: Reach) -> str:
    if before == NOWHERE:
        return _(
            "Stripe had never been asked where it sends money, so calls promised payments nowhere. Stripe has now "
            "been asked. Make sure that the sweep and the relay, which ask every day, are running."
        )
    if before.fetched_at is None:
        return _(
            "Stripe had never been asked where it sends money, so calls used the table of {day} that ships with "
            "Callboard. Stripe has now been asked. Make sure that the sweep and the relay, which ask every day, are "
            "running.",
            day=f"{PUBLISHED_AT:%Y-%m-%d}",
        )
    return _(
        "Stripe was last asked on {day} where it sends money, and calls used that answer. Stripe has now been "
        "asked. Make sure that the sweep and the relay, which ask every day, are running.",
        day=f"{before.fetched_at:%Y-%m-%d}",
    )


def _of_endpoints(side: EventOrigin, found: Sequence[WebhookEndpoint]) -> Iterator[Finding]:
    url = address(side)
    if not found:
        yield Finding(
            f"endpoint_missing_{side}",
            _("Stripe has no endpoint at {url}. Create it with `callboard providers set-up --apply`.", url=url),
        )
        return
    if len(found) > 1:
        yield Finding(
            f"endpoint_twice_{side}", _("{count} endpoints post to {url}: delete all but one in the dashboard.", count=len(found), url=url)
        )
    for each in found:
        yield from _of_endpoint(side, each)


def _of_endpoint(side: EventOrigin, found: WebhookEndpoint) -> Iterator[Finding]:
    url, put_right = found.url, PUT_RIGHT
    if not found.is_enabled:
        yield Finding(
            f"endpoint_disabled_{side}", _("The endpoint at {url} is disabled: enable it with {command}.", url=url, command=put_right)
        )
    if missed := found.misses(side):
        sentence = _(
            "The endpoint at {url} is not subscribed to {events}. Fix it with {command}.",
            url=url,
            events=", ".join(missed),
            command=put_right,
        )
        yield Finding(f"endpoint_events_{side}", sentence)
    if found.version not in (None, API_VERSION):
        sentence = _(
            "The endpoint at {url} uses version {theirs} of Stripe's API, but Callboard uses {ours}. Replace it with {command}.",
            url=url, theirs=found.version, ours=API_VERSION, command=put_right,
        )  # fmt: skip
        yield Finding(f"endpoint_version_{side}", sentence)
    if found.marked not in (None, side.value):
        sentence = _("The endpoint at {url} gets the other type of Stripe events. Delete it and run {command}.", url=url, command=put_right)
        yield Finding(f"endpoint_side_{side}", sentence)


def _of_deliveries(stripe: StripeGateway) -> Iterator[Finding]:
    """Whether the latest event of each side that we listen for has come to us: it did, or it is still on its way, or there was none."""
    for side, latest in ((EventOrigin.PLATFORM, _latest(stripe, EventOrigin.PLATFORM)), (EventOrigin.CONNECT, _latest_of_accounts(stripe))):
        if latest is None or _has_come(latest["id"]):
            continue
        if clock.process_now().timestamp() - latest["created"] > ON_ITS_WAY.total_seconds():
            sentence = _(
                "Stripe event {id} ({name}) was not accepted at {url}. Check the endpoint's response in the Stripe dashboard.",
                id=latest["id"], name=latest["type"], url=address(side),
            )  # fmt: skip
            yield Finding(f"delivery_{side}", sentence)


def _of_what_came() -> Iterator[Finding]:
    """Of the last day's events, by side: in which version they came, and how many came only because we asked for them."""
    side = case((Received.body["account"].astext.is_not(None), EventOrigin.CONNECT.value), else_=EventOrigin.PLATFORM.value)
    version = Received.body["api_version"].astext
    lately = clock.process_now() - DAY, clock.process_now() - ON_ITS_WAY
    of_the_day = Received.provider == "stripe", Received.received_at > lately[0]
    versions = select(side, func.max(version)).where(*of_the_day, ~Received.is_fetched, version != API_VERSION).group_by(side)
    fetched = select(side, func.count()).where(*of_the_day, Received.is_fetched, Received.received_at < lately[1]).group_by(side)
    with unit_of_work() as session:
        others, missed = session.execute(versions).all(), session.execute(fetched).all()
    for each, theirs in others:
        sentence = _(
            "Events arrived at {url} in version {theirs} of Stripe's API, but Callboard uses {ours}. Nothing is "
            "lost, because Callboard fetches the data in its own version. Delete the endpoint and create it again "
            "with {command}.",
            url=address(EventOrigin(each)), theirs=theirs, ours=API_VERSION, command=PUT_RIGHT,
        )  # fmt: skip
        yield Finding(f"event_version_{each}", sentence)
    for each, count in missed:
        sentence = _(
            "{count} events in the last day did not arrive at {url} and were fetched. Check the endpoint's responses in Stripe.",
            count=count, url=address(EventOrigin(each)),
        )  # fmt: skip
        yield Finding(f"fetched_{each}", sentence)


def _of_mode() -> Iterator[Finding]:
    """Whether what came last about the platform is of the same mode as the key.

    An endpoint for the accounts of a live platform hears their test events, too; those are passed over.
    """
    ours = Received.provider == "stripe", Received.body["account"].astext.is_(None)
    latest = select(Received.body["livemode"]).where(*ours).order_by(Received.received_at.desc())
    with unit_of_work() as session:
        is_live = session.scalar(latest.limit(1))
    if is_live is not None and is_live != settings().moves_real_money:
        sentence = _("The latest event is not in STRIPE_API_KEY's mode. The key and the webhook secrets must all be test or all live.")
        yield Finding("mode", sentence)


def _latest_of_accounts(stripe: StripeGateway) -> Mapping[str, Any] | None:
    """The latest event of the newest account that Stripe shows us; one that has left the platform is passed over."""
    newest = select(PayoutAccount.provider_id).where(PayoutAccount.provider_id.is_not(None)).order_by(PayoutAccount.id.desc())
    with unit_of_work() as session:
        accounts = session.scalars(newest.limit(NEWEST)).all()
    for account in accounts:
        with suppress(Definite):
            return _latest(stripe, EventOrigin.CONNECT, account or "")
    return None


def _latest(stripe: StripeGateway, side: EventOrigin, account: str = "") -> Mapping[str, Any] | None:
    since, names = clock.process_now() - KEPT, HEARD[side]
    some = [names[first : first + MOST_NAMES] for first in range(0, len(names), MOST_NAMES)]
    newest = [next(stripe.events_since(since, account=account, names=each), None) for each in some]
    return max(filter(None, newest), key=lambda event: event["created"], default=None)


def _has_come(event_id: str) -> bool:
    """Whether a webhook brought it: that it was fetched says nothing of webhooks."""
    with unit_of_work() as session:
        found = session.get(Received, ("stripe", event_id))
        return found is not None and not found.is_fetched
