"""Top-ups asked of the provider, and looked at there."""

from datetime import datetime, timedelta
from uuid import UUID

from campaigns.core import clock, outbox
from campaigns.payments.models import TopUp
from campaigns.payments.money_out import MoneyOut, ToppedUp
from campaigns.payments.provider_errors import Definite
from campaigns.payments.top_ups import note_refused, note_top_up
from workers.transactions import unit_of_work

# Stripe may forget a key after 24 hours: what was first asked for longer ago is looked for before it is asked for again.
KEY_LASTS = timedelta(hours=23)
LEEWAY = timedelta(minutes=10)


def make_top_up(money_out: MoneyOut, claimed: outbox.Claimed) -> None:
    """Handler of `top_up`: have the provider draw the money, once."""
    with unit_of_work() as session:
        at = clock.business_now(session)
        asked = session.get_one(TopUp, UUID(claimed.body["top_up"]), with_for_update=True)
        if asked.state != "promised":
            return
        asked.tried_at = asked.tried_at or at
    try:
        said = _made_before(money_out, asked, at) or money_out.top_up(
            asked.amount, asked.currency, key=f"topup:{asked.id}", metadata={"top_up": str(asked.id)}
        )
    except Definite as refused:
        with unit_of_work() as session:
            note_refused(session, asked.id, refused.code, clock.business_now(session))
        return
    with unit_of_work() as session:
        note_top_up(session, said, at=clock.business_now(session))


def _made_before(money_out: MoneyOut, asked: TopUp, at: datetime) -> ToppedUp | None:
    """What an earlier try came to, where its key may be forgotten."""
    if asked.tried_at is None or at - asked.tried_at < KEY_LASTS:
        return None
    made = money_out.top_ups_since(asked.tried_at - LEEWAY)
    return next((each for each in made if each.metadata.get("top_up") == str(asked.id)), None)


def look_at_top_up(money_out: MoneyOut, provider_id: str) -> None:
    """Fetch a top-up and note how far it is."""
    said = money_out.fetch_top_up(provider_id)
    with unit_of_work() as session:
        note_top_up(session, said, at=clock.business_now(session))
