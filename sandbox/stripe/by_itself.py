"""What Stripe does by itself: events go out, accounts are checked, money becomes available, refunds are paid or come back."""

import logging
from threading import Event, Thread
from types import TracebackType
from typing import Self

import httpx
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from campaigns.core.clock import business_now
from sandbox.stripe import balance, bank_refunds, dispute_life, payouts, refunds, test_clocks, topups, verification
from sandbox.stripe.deliveries import deliver_due
from sandbox.stripe.endpoints import Call

log = logging.getLogger(__name__)
EVERY = 0.25
AFTER_A_FAULT = 2.0


class ByItself:
    """A loop beside the web server; all that it knows is in the database, so it may be killed at any time."""

    def __init__(self, engine: Engine):
        self._engine = engine
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="stripe-by-itself", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        with httpx.Client() as client:
            while not self._stopped.wait(EVERY):
                try:
                    self._once(client)
                except SQLAlchemyError as fault:
                    log.warning("The database did not answer; trying again: %s", fault)
                    self._stopped.wait(AFTER_A_FAULT)

    def _once(self, client: httpx.Client) -> None:
        with self._engine.begin() as connection:
            settle(Call(connection, int(business_now(connection).timestamp())))
        while deliver_due(self._engine, client) and not self._stopped.is_set():
            continue


def settle(call: Call) -> None:
    """Take each step that Stripe takes by itself, where it has become due."""
    verification.check_due(call)
    payouts.take_steps(call)
    topups.arrive(call)
    balance.settle(call)
    dispute_life.end_unanswered(call)
    refunds.fail_undeliverable(call)
    refunds.pay_out_pending(call)
    bank_refunds.go_on(call)
    test_clocks.settle(call)
