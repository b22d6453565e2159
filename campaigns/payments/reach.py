"""Where the provider sends money from our country: looked up every day, kept with the day, and asked for wherever a payment is promised."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.event_names import EventName
from campaigns.core.people import STRIPE
from campaigns.core.settings import settings
from campaigns.core.words import _
from campaigns.payments.models import ProviderReach
from campaigns.payments.routes import SHIPPED, Reach, no_route_sentence, route_to

# A look may fail for a day or two; a list that is older says that nobody looks.
OLD_AFTER = timedelta(days=3)


# Under a real key nobody knows yet in which country the platform is, and so where it may send anything.
NOWHERE = Reach("", frozenset())


def reach(session: Session) -> Reach:
    """Where the provider sends money to, as it said last; before it was ever asked, nowhere, and in the sandbox the table that we ship."""
    row = session.scalars(select(ProviderReach).order_by(ProviderReach.fetched_at.desc()).limit(1)).one_or_none()
    return Reach(row.home, frozenset(row.countries), row.fetched_at) if row else before_it_was_asked()


def before_it_was_asked() -> Reach:
    """What is promised until the provider has said where it sends money: the simulator's platform alone is known to be in the US."""
    return SHIPPED if settings().stripe_is_played else NOWHERE


def why_nowhere(session: Session) -> str | None:
    """Why nobody is promised any payment, in a sentence to the staff; None where the provider has said where it sends money."""
    if settings().stripe_is_played or reach(session) != NOWHERE:
        return None
    return _(
        "Stripe has not said yet where it sends money, so calls promise payments nowhere. Run `callboard providers set-up --apply`, "
        "and make sure that the sweep and the relay are running."
    )


def why_unreached(session: Session, country: str | None, at: datetime) -> str | None:
    """Why nobody in this country can be paid anything; None where somebody can, or where the country is not said."""
    return None if country is None or route_to(reach(session), country, at) else no_route_sentence(country, at=at)


def is_old(known: Reach, now: datetime) -> bool:
    """Whether it was fetched too long ago, or never, at process time `now`."""
    return known.fetched_at is None or now - known.fetched_at > OLD_AFTER


def note_reach(session: Session, said: Reach, *, now: datetime, at: datetime) -> None:
    """Keep where the provider sends money as it said at process time `now`; an older answer that comes late changes nothing.

    What was added or dropped since it was last asked is an event.
    """
    new = {"home": said.home, "countries": sorted(said.countries), "fetched_at": now, "since": now}
    session.execute(insert(ProviderReach).values(new).on_conflict_do_nothing())
    row = session.get_one(ProviderReach, said.home, with_for_update=True, populate_existing=True)
    if row.fetched_at >= now:
        return
    before, row.fetched_at = frozenset(row.countries), now
    if before != said.countries:
        row.countries, row.since = sorted(said.countries), now
        added, dropped = sorted(said.countries - before), sorted(before - said.countries)
        events.record(session, EventName.PAYOUT_REACH_CHANGED, by=STRIPE, at=at, home=said.home, added=added, dropped=dropped)
