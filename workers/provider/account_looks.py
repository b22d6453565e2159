"""Looks at accounts under way: enqueued when due, and done."""

import logging
from uuid import UUID

from campaigns.core import clock, outbox
from campaigns.payments.asking_after import enqueue_due
from campaigns.payments.models import PayoutAccount
from campaigns.payments.money_out import MoneyOut
from campaigns.payments.provider_errors import MISSING, Definite
from workers.provider.accounts import look_at_account
from workers.transactions import unit_of_work

log = logging.getLogger("callboard.payments")


def enqueue_looks() -> int:
    """The sweep's part: enqueue a look at each account that is due, as many as may be open at a time; returns how many."""
    with unit_of_work() as session:
        return enqueue_due(session, now=clock.process_now())


def look_at_due_account(money_out: MoneyOut, claimed: outbox.Claimed) -> None:
    """Handler of `account_look`: look at one account; one that the provider no longer has is not asked after again."""
    with unit_of_work() as session:
        account = session.get_one(PayoutAccount, UUID(claimed.body["account"]))
        provider_id, state = account.provider_id, account.state
    if provider_id is None or state not in ("onboarding", "active"):
        return
    try:
        look_at_account(money_out, provider_id)
    except Definite as refused:
        if refused.code not in MISSING:
            # As to a wrong key of ours. When it is asked next is noted already: to hold on to this look would keep others waiting.
            log.warning("%s was not looked at: %s", provider_id, refused)
            return
        with unit_of_work() as session:
            session.get_one(PayoutAccount, account.id, with_for_update=True).ask_at = None
