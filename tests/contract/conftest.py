"""The lines that the cases are put through, and what is said of those that were not."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import Engine, text

from campaigns.core.clock import process_now
from campaigns.core.settings import settings
from flows.supervise.postgres import Cluster
from sandbox.stripe.limiter import BucketLimiter
from tests.contract.cases import SENDGRID, STRIPE
from tests.contract.lines import SendgridLine, StripeLine
from tests.contract.sides import ABROAD, ADDRESS, ADDRESSES, DESTINATION, PAID_OUT, Keys
from tests.postroom import at_hand, listening
from tests.sandbox.stripe.conftest import database_of_its_own
from tests.sandbox.stripe.stage import Simulator, empty, running
from workers.transactions import unit_of_work

# Read before the tests take every such setting of the developer's machine away.
FROM_OUTSIDE = Keys.of(os.environ)


def pytest_collection_modifyitems(config: pytest.Config) -> None:
    """Whoever cannot be asked is named at the end of the run."""
    for sentence in FROM_OUTSIDE.not_asked():
        config.issue_config_time_warning(UserWarning(sentence), stacklevel=1)


@pytest.fixture(scope="session")
def contract_engine(cluster: Cluster) -> Iterator[Engine]:
    with database_of_its_own(cluster, "stripe_of_the_contract") as engine:
        yield engine


@pytest.fixture(scope="session")
def limits() -> BucketLimiter:
    return BucketLimiter(process_now)


@pytest.fixture(scope="session")
def simulator(contract_engine: Engine, limits: BucketLimiter) -> Iterator[Simulator]:
    with running(contract_engine, limits) as simulator:
        yield simulator


@pytest.fixture
def to_simulated_stripe(simulator: Simulator, limits: BucketLimiter) -> Iterator[StripeLine]:
    """A line to Stripe's simulator, which knows nothing yet."""
    empty(simulator.engine)
    limits.buckets.clear()
    simulator.bank_in("usd")
    line = _Simulated(simulator.url, settings().stripe_key)
    line.limits, line.simulator = limits, simulator
    yield line
    limits.buckets.clear()
    line.close()


@pytest.fixture
def to_stripe() -> Iterator[StripeLine]:
    """A line to Stripe itself."""
    destination, abroad, paid_out = (FROM_OUTSIDE.more[name] for name in (DESTINATION, ABROAD, PAID_OUT))
    line = StripeLine(
        ADDRESSES[STRIPE], FROM_OUTSIDE.keys[STRIPE], is_real=True, destination=destination, abroad=abroad, paid_out=paid_out
    )  # fmt: skip
    yield line
    line.close()


@pytest.fixture
def to_simulated_sendgrid(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SendgridLine]:
    """A line to SendGrid's simulator, which can be listened to."""
    with at_hand(monkeypatch) as address:
        line = _Heard(address, settings().sendgrid_key)
        yield line
        line.close()


@pytest.fixture
def to_sendgrid() -> Iterator[SendgridLine]:
    """A line to SendGrid itself."""
    whose = FROM_OUTSIDE.more[ADDRESS] or "callboard@example.org"
    line = SendgridLine(ADDRESSES[SENDGRID], FROM_OUTSIDE.keys[SENDGRID], is_real=True, address=whose)
    yield line
    line.close()


class _Simulated(StripeLine):
    """A line whose other end posts to us, and can be made to take one request a second, to let days pass and to take from an account."""

    limits: BucketLimiter
    simulator: Simulator

    def take_from(self, account: str, amount: int) -> None:
        """More is taken from a connected account than it has, as a chargeback of its own would."""
        httpx.post(f"{self.base}/sandbox/debts", data={"account": account, "amount": str(amount)})

    def send_back(self, payout: str) -> None:
        """The bank sends back what a payout brought."""
        httpx.post(f"{self.base}/sandbox/payouts", data={"payout": payout})

    def submit(self, account: str, outcome: str) -> None:
        """The owner of an account submits its form, and Stripe answers that so."""
        link = {"account": account, "type": "account_onboarding", "refresh_url": "https://a.example", "return_url": "https://a.example"}
        httpx.post(self.ok("POST", "/v1/account_links", link)["url"], data={"outcome": outcome})
        self.simulator.settle()

    def let_pass(self, days: int) -> None:
        self.simulator.pass_time(timedelta(days=days))
        self.simulator.settle()

    def paid_out_account(self) -> str:
        with self.aside():
            self.funded(20_000)
            sent = {"amount": 1_000, "currency": "usd", "destination": self.payable()}
            self.ok("POST", "/v1/transfers", sent)
            self.let_pass(1)
            self.ok("POST", "/v1/transfers", sent)  # which no payout contains yet
        return str(sent["destination"])

    @contextmanager
    def limited(self) -> Iterator[None]:
        before, self.limits.per_endpoint = self.limits.per_endpoint, 1
        self.limits.buckets.clear()
        yield
        self.limits.per_endpoint = before


class _Heard(SendgridLine):
    """A line whose other end posts to us, and can be made to post again at once."""

    listening = staticmethod(listening)

    def hurry(self) -> None:
        with unit_of_work() as session:
            session.execute(text("update sendgrid_sandbox.event set due_at = now() where attempts > 0"))
