"""A running simulator, and the steps by which Stripe's own client brings it into a state."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from threading import Thread
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import httpx
import stripe
import uvicorn
from psycopg.errors import DeadlockDetected
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from campaigns.core.clock import business_now, move_clock
from campaigns.core.settings import settings
from sandbox.stripe import balance
from sandbox.stripe.app import make_app
from sandbox.stripe.banks import bank_account
from sandbox.stripe.by_itself import settle
from sandbox.stripe.endpoints import Call
from sandbox.stripe.limiter import BucketLimiter
from sandbox.stripe.money import AVAILABLE_AFTER
from sandbox.stripe.store import new_id
from sandbox.stripe.tables import metadata
from tests.sandbox.stripe import dahlia

WANTED, GIVEN_UP = {"requested": True}, {"requested": False}
ASKED = {"full": {"card_payments": WANTED, "transfers": WANTED}, "recipient": {"transfers": WANTED}}


def paper(size: int = 0, name: str = "signed.pdf") -> BinaryIO:
    """A file that looks like a PDF, of at least this size, as Stripe's client sends one."""
    file = BytesIO(b"%PDF-1.7\n".ljust(size, b" "))
    file.name = name
    return file


def plain(told: stripe.StripeObject | None) -> dict[str, Any]:
    """What Stripe's client read, as a dict."""
    assert told is not None
    return told.to_dict()


class Checked(stripe.RequestsClient):
    """Stripe's HTTP client, which fails on any response that Stripe's description does not allow."""

    def request(  # type: ignore[override]  # as RequestsClient has it, which differs from its own base class
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        answer = super().request(method, url, headers, post_data)
        content, status, _ = answer
        assert dahlia.faults(method, urlsplit(url).path, status, json.loads(content)) == []
        return answer


@dataclass
class Simulator:
    """A simulator that answers at `url`, and what a test does to it from outside."""

    engine: Engine
    url: str
    client: stripe.StripeClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = stripe.StripeClient(
            settings().stripe_key, base_addresses={"api": self.url, "files": self.url}, max_network_retries=0, http_client=Checked()
        )

    def raw(self, method: str, path: str, form: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        """A request without Stripe's client, with the right key unless the headers say otherwise."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        signed = {"Authorization": f"Bearer {settings().stripe_key}"} | names
        return httpx.request(method, self.url + path, data=form, headers=signed, timeout=20)

    def pass_time(self, by: timedelta) -> None:
        with self.engine.begin() as connection:
            move_clock(connection, by)

    def settle(self) -> None:
        """What the simulator does by itself every moment, now."""
        with self.engine.begin() as connection:
            settle(Call(connection, int(business_now(connection).timestamp())))
        self._let_others_finish()

    def _let_others_finish(self) -> None:
        """Wait for what the simulator has begun by itself meanwhile: that was left out by the settling above."""
        for table in metadata.sorted_tables:
            with self.engine.begin() as connection:
                connection.execute(text(f"lock table {table.fullname} in share mode"))

    def bank_in(self, *currencies: str) -> None:
        """Give the platform bank accounts in these currencies, and in no other."""
        self.raw("GET", "/v1/account")
        banks = json.dumps([bank_account("acct_platform", "US", currency) for currency in currencies])
        body = "jsonb_set(body, '{external_accounts,data}', cast(:banks as jsonb))"
        change = f"update stripe_sandbox.object set body = {body} where kind = 'platform'"
        with self.engine.begin() as connection:
            connection.execute(text(change), {"banks": banks})

    def hurry(self) -> None:
        """Whatever waits for its next attempt is due now."""
        with self.engine.begin() as connection:
            connection.execute(text("update stripe_sandbox.delivery set due_at = now() where due_at is not null"))

    def balance(self, currency: str = "usd", account: str | None = None) -> tuple[int, int]:
        """What is available and what is pending."""
        found = self.client.v1.balance.retrieve(options={"stripe_account": account} if account else {})
        sums = [[each.amount for each in amounts if each.currency == currency] for amounts in (found.available, found.pending)]
        return sum(sums[0]), sum(sums[1])

    def fund(self, amount: int, currency: str = "usd") -> stripe.PaymentIntent:
        """Bring an amount into the available balance, less its fee."""
        return self.client.v1.payment_intents.create(
            {"amount": amount, "currency": currency, "payment_method": "pm_card_bypassPending", "confirm": True}
        )

    def legacy_ach(self, amount: int) -> None:
        """Have this much come by legacy ACH, which no endpoint offers: Stripe takes no new platform into it."""
        with self.engine.begin() as connection:
            call = Call(connection, int(business_now(connection).timestamp()))
            balance.move(call, "payment", amount, "usd", new_id("py"), available_on=call.now + AVAILABLE_AFTER, source_type="bank_account")

    def account(self, country: str = "US", agreement: str = "full", **more: Any) -> stripe.Account:
        """A connected account that has not been through onboarding, and asks for what Stripe grants under its agreement."""
        wanted = {"capabilities": ASKED[agreement], "tos_acceptance": {"service_agreement": agreement}}
        asked: Any = {"type": "express", "country": country, **wanted, **more}
        return self.client.v1.accounts.create(asked)

    def link(self, account: str) -> stripe.AccountLink:
        again, back = "http://ours.example/again", "http://ours.example/back"
        return self.client.v1.account_links.create(
            {"account": account, "type": "account_onboarding", "refresh_url": again, "return_url": back}
        )

    def payable(self, country: str = "US", **more: Any) -> str:
        """The id of an account that has been through onboarding."""
        return self.submit(self.account(country, **more).id)

    def submit(self, account: str, outcome: str = "complete") -> str:
        """Its owner has been through the form, and Stripe has done what it does by itself then."""
        assert httpx.post(self.link(account).url, data={"outcome": outcome}).headers["location"] == "http://ours.example/back"
        self.settle()
        return account

    def transfer(self, destination: str, amount: int, **more: Any) -> stripe.Transfer:
        options: stripe.RequestOptions = {"idempotency_key": more.pop("key")} if "key" in more else {}
        asked: Any = {"amount": amount, "currency": "usd", "destination": destination, **more}
        return self.client.v1.transfers.create(asked, options)

    def customer(self) -> str:
        return self.client.v1.customers.create({"name": "Zappos", "email": "billing@zappos.example"}).id

    def invoice(self, amount: int = 100_000, **more: Any) -> stripe.Invoice:
        """An invoice that is open, with one line."""
        terms: Any = {"customer": self.customer(), "collection_method": "send_invoice", "days_until_due": 30, **more}
        draft = self.client.v1.invoices.create(terms)
        self.client.v1.invoice_items.create({"customer": terms["customer"], "invoice": draft.id, "amount": amount, "currency": "usd"})
        return self.client.v1.invoices.finalize_invoice(draft.id)

    def happened(self, account: str | None = None) -> list[str]:
        """The types of all events, oldest first."""
        options: stripe.RequestOptions = {"stripe_account": account} if account else {}
        return [str(each.type) for each in self.client.v1.events.list({"limit": 100}, options).data][::-1]

    def at_the_bank(self, charge_or_dispute: str, deed: str) -> None:
        """What the customer's bank does with a payment, or decides of a dispute."""
        kind = "disputes" if charge_or_dispute.startswith("du_") else "payments"
        assert httpx.post(f"{self.url}/sandbox/{kind}/{charge_or_dispute}", data={"deed": deed}).status_code == 303

    def pay_on_page(self, invoice: stripe.Invoice, **form: str) -> httpx.Response:
        assert invoice.hosted_invoice_url is not None
        return httpx.post(invoice.hosted_invoice_url, data=form)


@contextmanager
def running(engine: Engine, limiter: BucketLimiter) -> Iterator[Simulator]:
    """Serve the simulator on a free port, with nothing in its memory from before."""
    server = uvicorn.Server(uvicorn.Config(make_app(engine, limiter), port=0, log_level="warning"))
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive()
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Simulator(engine, f"http://127.0.0.1:{port}")
    finally:
        server.should_exit = True
        thread.join()


def empty(engine: Engine) -> None:
    """Forget everything that the simulator knew, and set the clock right."""
    while True:
        try:
            _delete_all(engine)
        except OperationalError as error:
            if not isinstance(error.orig, DeadlockDetected):  # with what the simulator does by itself meanwhile
                raise
        else:
            return


def _delete_all(engine: Engine) -> None:
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(table.delete())
        connection.execute(text("delete from clock_move"))
