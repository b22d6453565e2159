"""Stripe, through its SDK: the only importer of `stripe`.

We own every retry, because only the rows know what may be asked again: the SDK's are switched off.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Self, TypeVar

import requests
import stripe
from requests.adapters import HTTPAdapter

from campaigns.core.settings import settings
from campaigns.payments.balance_gateway import ProviderBalance, ProviderBankPayout, Shortfall
from campaigns.payments.bank_transfers import bank_transfer_for, draft_of
from campaigns.payments.gateway import BalanceMovement
from campaigns.payments.money_in import InvoiceOrder, InvoicePayment, ProviderInvoice, ProviderRefund
from campaigns.payments.money_out import ConnectedAccount, ToppedUp, Transfer, TransferOrder
from campaigns.payments.provider_errors import Definite, GatewayError, InsufficientBalance, RateLimited, Unknown
from campaigns.payments.routes import CAPABILITIES, Reach
from campaigns.payments.stripe_answers import read_account, read_invoice, read_movement, read_refund, read_top_up, read_transfer
from campaigns.payments.stripe_disputes import DisputesAtStripe
from campaigns.payments.stripe_payouts import list_payouts, read_balance, read_payout, read_shortfalls

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0
CONNECTIONS = 32
PAGE = 100
MOST_NAMES = 20  # of events that one list may be asked for
CODES_OF_A_SHORT_BALANCE = frozenset({"balance_insufficient", "insufficient_funds"})
DECISIVE_STATUSES = frozenset({400, 402, 403, 404})

# What the SDK reads: every request names it, and an endpoint is made to hear in it.
API_VERSION = stripe.api_version
REFUND_WITH = ["balance_transaction", "failure_balance_transaction"]

T = TypeVar("T")


class StripeGateway(DisputesAtStripe):
    """Connect accounts and transfers, invoices and refunds, over one pool of connections."""

    def __init__(self, api_key: str, url: str, files_url: str = "") -> None:
        session = requests.Session()
        session.max_redirects = 0  # whoever answers with another address is not followed there
        session.mount("http", HTTPAdapter(pool_connections=1, pool_maxsize=CONNECTIONS))
        client = stripe.RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS), session=session)
        bases: Any = {"api": url, "files": files_url or url}
        self._stripe = stripe.StripeClient(api_key, base_addresses=bases, max_network_retries=0, http_client=client)

    @classmethod
    def configured(cls) -> Self:
        """For the key and addresses of the settings."""
        return cls(settings().stripe_key, settings().stripe_url, settings().stripe_files_url)

    def ask(self, question: Callable[[stripe.StripeClient], T]) -> T:
        """The answer to any other question that is put to the SDK; raises a GatewayError."""
        return _ask(lambda: question(self._stripe))

    def create_customer(self, name: str, email: str, *, key: str, metadata: Mapping[str, str]) -> str:
        asked: Any = {"name": name, "email": email, "metadata": dict(metadata)}
        return _ask(lambda: self._stripe.v1.customers.create(asked, {"idempotency_key": key})).id

    def create_invoice(self, order: InvoiceOrder, *, key: str) -> ProviderInvoice:
        draft = self._drafted(order, key)
        line: Any = {"customer": order.customer, "invoice": draft.id, "amount": order.amount, "currency": order.currency.lower()}
        line["description"] = order.description
        _ask(lambda: self._stripe.v1.invoice_items.create(line, {"idempotency_key": f"{key}:line"}))
        _ask(lambda: self._stripe.v1.invoices.finalize_invoice(draft.id, {}, {"idempotency_key": f"{key}:final"}))
        return read_invoice(_ask(lambda: self._stripe.v1.invoices.send_invoice(draft.id, {}, {"idempotency_key": f"{key}:send"})))

    def _drafted(self, order: InvoiceOrder, key: str) -> Any:
        """A draft by every way in which the customer can pay; by card alone where Stripe gives this platform no such bank transfer."""
        transfer = bank_transfer_for(order.country, order.currency)
        try:
            return _ask(lambda: self._stripe.v1.invoices.create(draft_of(order, transfer), {"idempotency_key": f"{key}:draft"}))
        except Definite as refused:
            if transfer is None or not (refused.param or "").startswith("payment_settings"):
                raise
        return _ask(lambda: self._stripe.v1.invoices.create(draft_of(order, None), {"idempotency_key": f"{key}:draft:card"}))

    def fetch_invoice(self, invoice_id: str) -> ProviderInvoice:
        found = _ask(lambda: self._stripe.v1.invoices.retrieve(invoice_id))
        asked: Any = {"invoice": invoice_id, "status": "paid", "limit": PAGE}
        paid = _ask(lambda: list(self._stripe.v1.invoice_payments.list(asked).auto_paging_iter()))
        return read_invoice(found, [self._payment(each) for each in paid])

    def _payment(self, paid: Any) -> InvoicePayment:
        asked: Any = {"expand": ["latest_charge.balance_transaction"]}
        intent: Any = _ask(lambda: self._stripe.v1.payment_intents.retrieve(paid.payment.payment_intent, asked))
        charge = intent.latest_charge
        return InvoicePayment(paid.id, paid.amount_paid, charge.id, read_movement(charge.balance_transaction, charge, charge.id))

    def void_invoice(self, invoice_id: str, *, key: str) -> ProviderInvoice:
        return read_invoice(_ask(lambda: self._stripe.v1.invoices.void_invoice(invoice_id, {}, {"idempotency_key": key})))

    def credit_invoice(self, invoice_id: str, amount: int, *, key: str) -> None:
        credit: Any = {"invoice": invoice_id, "amount": amount, "reason": "order_change"}
        _ask(lambda: self._stripe.v1.credit_notes.create(credit, {"idempotency_key": key}))

    def refund(self, charge: str, amount: int, *, ask: str | None = None, key: str, metadata: Mapping[str, str]) -> ProviderRefund:
        return self._refunded({"charge": charge, "amount": amount, "metadata": dict(metadata)}, ask, key)

    def refund_cash(
        self, customer: str, amount: int, currency: str, *, ask: str | None = None, key: str, metadata: Mapping[str, str]
    ) -> ProviderRefund:
        whose = {"customer": customer, "amount": amount, "currency": currency.lower(), "origin": "customer_balance"}
        return self._refunded({**whose, "metadata": dict(metadata)}, ask, key)

    def _refunded(self, what: Mapping[str, Any], ask: str | None, key: str) -> ProviderRefund:
        asked: Any = {**what, "expand": REFUND_WITH, **({"instructions_email": ask} if ask else {})}
        return read_refund(_ask(lambda: self._stripe.v1.refunds.create(asked, {"idempotency_key": key})))

    def fetch_refund(self, refund_id: str) -> ProviderRefund:
        return read_refund(_ask(lambda: self._stripe.v1.refunds.retrieve(refund_id, {"expand": REFUND_WITH})))

    def create_account(self, country: str, email: str, agreement: str, *, key: str, metadata: Mapping[str, str]) -> ConnectedAccount:
        asked: Any = {
            "type": "express", "country": country, "email": email, "metadata": dict(metadata),
            "capabilities": {name: {"requested": True} for name in CAPABILITIES[agreement]},
            "tos_acceptance": {"service_agreement": agreement},
            # Of what is paid out by hand Stripe does not say what it contains, so nothing would ever count as arrived.
            "settings": {"payouts": {"schedule": {"interval": "daily"}}},
        }  # fmt: skip
        return read_account(_ask(lambda: self._stripe.v1.accounts.create(asked, {"idempotency_key": key})))

    def fetch_account(self, account_id: str) -> ConnectedAccount:
        return read_account(_ask(lambda: self._stripe.v1.accounts.retrieve(account_id)))

    def account_link(self, account_id: str, *, refresh_url: str, return_url: str) -> str:
        asked: Any = {
            "account": account_id, "type": "account_onboarding", "refresh_url": refresh_url, "return_url": return_url,
            "collection_options": {"future_requirements": "include"},
        }  # fmt: skip
        return _ask(lambda: self._stripe.v1.account_links.create(asked)).url

    def transfer(self, order: TransferOrder, *, key: str) -> Transfer:
        asked: Any = {
            "amount": order.amount, "currency": order.currency.lower(), "destination": order.destination,
            "transfer_group": order.group, "metadata": dict(order.metadata), "source_type": order.source_type,
        }  # fmt: skip
        return read_transfer(_ask(lambda: self._stripe.v1.transfers.create(asked, {"idempotency_key": key})))

    def fetch_transfer(self, transfer_id: str) -> Transfer:
        return read_transfer(_ask(lambda: self._stripe.v1.transfers.retrieve(transfer_id)))

    def transfers_in(self, group: str) -> Sequence[Transfer]:
        return list(self._transfers({"transfer_group": group}))

    def transfers_since(self, at: datetime) -> Iterator[Transfer]:
        return self._transfers({"created": {"gte": int(at.timestamp())}})

    def _transfers(self, which: Any) -> Iterator[Transfer]:
        asked: Any = {**which, "limit": PAGE}
        listed = _ask(lambda: self._stripe.v1.transfers.list(asked))
        return (read_transfer(each) for each in _asked_on(listed.auto_paging_iter()))

    def reverse_transfer(self, transfer_id: str, amount: int, *, key: str) -> None:
        _ask(lambda: self._stripe.v1.transfers.reversals.create(transfer_id, {"amount": amount}, {"idempotency_key": key}))

    def fetch_bank_payout(self, account_id: str, payout_id: str) -> ProviderBankPayout:
        return _ask(lambda: read_payout(self._stripe, account_id, payout_id))

    def bank_payouts_since(self, account_id: str, at: datetime) -> Sequence[str]:
        return _ask(lambda: list_payouts(self._stripe, account_id, at))

    def top_up(self, amount: int, currency: str, *, key: str, metadata: Mapping[str, str]) -> ToppedUp:
        asked: Any = {"amount": amount, "currency": currency.lower(), "metadata": dict(metadata), "description": "Payouts"}
        return read_top_up(_ask(lambda: self._stripe.v1.topups.create(asked, {"idempotency_key": key})))

    def fetch_top_up(self, top_up_id: str) -> ToppedUp:
        return read_top_up(_ask(lambda: self._stripe.v1.topups.retrieve(top_up_id)))

    def top_ups_since(self, at: datetime) -> Iterator[ToppedUp]:
        asked: Any = {"created": {"gte": int(at.timestamp())}, "limit": PAGE}
        listed = _ask(lambda: self._stripe.v1.topups.list(asked))
        return (read_top_up(each) for each in _asked_on(listed.auto_paging_iter()))

    def balance(self) -> Mapping[str, ProviderBalance]:
        return read_balance(_ask(lambda: self._stripe.v1.balance.retrieve()))

    def fetch_shortfalls(self, account_id: str) -> Sequence[Shortfall]:
        return _ask(lambda: read_shortfalls(self._stripe, account_id))

    def movements_since(self, at: datetime) -> Iterator[BalanceMovement]:
        asked: Any = {"created": {"gte": int(at.timestamp())}, "limit": PAGE}
        listed = _ask(lambda: self._stripe.v1.balance_transactions.list(asked))
        return (read_movement(each) for each in _asked_on(listed.auto_paging_iter()))

    def events_since(
        self, since: datetime, until: datetime | None = None, *, account: str = "", names: Sequence[str] = ()
    ) -> Iterator[Mapping[str, Any]]:
        when = {"gte": int(since.timestamp()), **({"lte": int(until.timestamp())} if until else {})}
        options: Any = {"stripe_account": account} if account else {}
        for some in [names[first : first + MOST_NAMES] for first in range(0, len(names), MOST_NAMES)] or [()]:
            asked: Any = {"created": when, "limit": PAGE, **({"types": list(some)} if some else {})}
            listed = _ask(lambda asked=asked: self._stripe.v1.events.list(asked, options))  # type: ignore[misc]
            yield from (each.to_dict(for_json=True) for each in _asked_on(listed.auto_paging_iter()))

    def fetch_movement(self, movement_id: str) -> BalanceMovement:
        return read_movement(_ask(lambda: self._stripe.v1.balance_transactions.retrieve(movement_id)))

    def fetch_reach(self) -> Reach:
        home = str(_ask(lambda: self._stripe.v1.accounts.retrieve_current()).country)
        spec = _ask(lambda: self._stripe.v1.country_specs.retrieve(home))
        return Reach(home, frozenset(spec.supported_transfer_countries))


def _ask(question: Callable[[], T]) -> T:
    """The answer, or the GatewayError that says what is known of the deed."""
    try:
        return question()
    except (stripe.StripeError, requests.RequestException) as error:
        raise verdict(error) from error


def _asked_on(pages: Iterator[T]) -> Iterator[T]:
    """The items of a list whose further pages are asked for on the way."""
    try:
        yield from pages
    except (stripe.StripeError, requests.RequestException) as error:
        raise verdict(error) from error


def verdict(error: Exception) -> GatewayError:
    """What an SDK's error says about the deed: refused for certain, not looked at, or nothing.

    It is read from the status and the body: the SDK's classes do not tell a conflict from a broken server. A wrong key of ours is nobody's
    refusal, and other parameters under a used key only say that something was done under it before.
    """
    status = getattr(error, "http_status", None) or 0
    body = getattr(error, "error", None)
    code = getattr(body, "code", None) or f"http_{status}"
    if status == 429:
        return RateLimited(str(error))
    if status not in DECISIVE_STATUSES or getattr(body, "type", None) == "idempotency_error":
        return Unknown(str(error), status)
    param = getattr(body, "param", None)
    return (InsufficientBalance if code in CODES_OF_A_SHORT_BALANCE else Definite)(code, str(error), param)
