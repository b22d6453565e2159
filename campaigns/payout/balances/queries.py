"""Who can be paid what, why a balance is not paid out, and how many are not."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from babel.dates import format_datetime
from sqlalchemy import text
from sqlalchemy.orm import Session

from campaigns.core.money import format_money
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.remembered import Remembered
from campaigns.core.words import _, current_locale
from campaigns.payments.own_rules import minimums_to
from campaigns.payments.reach import reach
from campaigns.payments.routes import SHIPPED, Route, dropped_sentence, no_route_sentence, routes_for
from campaigns.payout.balances.reasons import STANDINGS, Reason

PAGE = 50


OF_PERSON = text(f"with {STANDINGS} select * from standing where person_id = :person order by currency")  # nosec B608  # noqa: S608 - constant
# What is noted of every balance that stays: only those whose reason is new since it was last looked at come back.
CHANGED_BLOCKED = text(f"""
    with {STANDINGS}, blocked as materialized (
        select * from standing where currency = :currency and reason is not null and reason <> all(:quiet)
    ), gone as (
        delete from blocked_payout s where s.currency = :currency and not exists (select from blocked where blocked.person_id = s.person_id)
    ), noted as (
        insert into blocked_payout as s (person_id, currency, reason, since) select person_id, currency, reason, :at from blocked
        on conflict (person_id, currency) do update set reason = excluded.reason, since = excluded.since where s.reason <> excluded.reason
        returning person_id
    )
    select blocked.* from blocked join noted using (person_id) order by person_id
""")  # nosec B608  # noqa: S608 - constant
BLOCKED = text(f"""
    with {STANDINGS} select standing.*, person.name from standing join person on person.id = person_id
    where currency = :currency and reason is not null and (cast(:after as uuid) is null or person_id > :after)
    order by person_id limit :limit
""")  # nosec B608  # noqa: S608 - constant
AMONG = text(f"with {STANDINGS} select * from standing where currency = :currency and person_id = any(:people)")  # nosec B608  # noqa: S608 - constant
PAYABLE = text(f"""
    with {STANDINGS} select currency, route, count(*) as people, sum(amount - withheld) as amount, max(amount - withheld) as most
    from standing where reason is null group by currency, route order by currency, route
""")  # nosec B608  # noqa: S608 - constant
# What PAYABLE is summed up from, but for the routes in force: the payees' balances and what covers them, which any posting moves in a sum,
# the payments that are on their way, whose account and hold count, whose country has changed, and whose destination is new.
BASIS = text("""
    select (select jsonb_agg(jsonb_build_array(kind, currency, debits, credits) order by kind, currency)::text from kind_total
            where kind in ('payee', 'disputed', 'unrecovered') or kind = 'held' and exists (
                select from kind_total taken where taken.kind in ('disputed', 'unrecovered') and taken.debits <> taken.credits
            )),
        (select count(*) from payout where state in ('ready', 'sending', 'unknown')),
        (select sum(uuid_hash(person_id)) from payout_account where state = 'active' and pays_out),
        (select sum(uuid_hash(person_id)) from payout_hold where lifted_at is null),
        (select sum(uuid_hash(person_id)) from country_change where looked_at is null),
        (select sum(uuid_hash(person_id)) from payout_account where cools_until > :at)
""")
# From each currency on to the next: they are few, and the accounts are many.
PAYEE_CURRENCIES = text("""
    with recursive known as (
        (select currency from account where kind = 'payee' order by currency limit 1)
        union all
        select (select a.currency from account a where a.kind = 'payee' and a.currency > known.currency order by a.currency limit 1)
        from known where known.currency is not null
    )
    select currency from known where currency is not null
""")


@dataclass(frozen=True, slots=True)
class PayeeBalance:
    """A balance of a payee in minor units; `reason` says why it is not payable, None that it is; `until` when a new destination counts.

    `is_dropped`: their account is in a country where money can no longer be sent.
    `withheld` is what of it waits for a brand's payment that its bank has taken back.
    """

    person_id: UUID
    currency: str
    amount: int
    country: str | None
    minimum: int | None
    reason: Reason | None
    until: datetime | None = None
    is_dropped: bool = False
    withheld: int = 0

    @property
    def sentence(self) -> str:
        """The reason in words, with what the person can do about it."""
        if self.reason:
            return SENTENCES[self.reason](self)
        return _partly(self) if self.withheld else _("This will be in the next payout run.")

    @property
    def money(self) -> str:
        return format_money(abs(self.amount), self.currency, current_locale())


@dataclass(frozen=True, slots=True)
class Payable:
    """What a run in a currency by a route would pay now, in minor units; `most` is its largest payment."""

    currency: str
    route: str
    people: int
    amount: int
    most: int


def standing_told(facts: Mapping[str, Any]) -> PayeeBalance:
    """The standing that a `payout.cannot_pay` event told of, to say its sentence again."""
    told = {name: facts[name] for name in ("currency", "amount", "country", "minimum")}
    until = facts.get("until")
    told |= {"until": datetime.fromisoformat(until) if until else None, "is_dropped": facts.get("is_dropped", False)}
    return PayeeBalance(UUID(facts["person"]), reason=Reason(facts["code"]), withheld=facts.get("withheld", 0), **told)


def standings_of(session: Session, person_id: UUID, at: datetime) -> Sequence[PayeeBalance]:
    """The person's balances by currency."""
    rows = session.execute(OF_PERSON, {"person": person_id, **columns_of_routes(session, payee_currencies(session), at)})
    return [_standing(row, at) for row in rows]


def changed_blocked(session: Session, currency: str, at: datetime, *, but: Collection[str]) -> Sequence[PayeeBalance]:
    """Note why each balance in a currency stays where it is, `but` for some reasons; those whose reason is new, by their owners' ids."""
    rows = session.execute(
        CHANGED_BLOCKED, {"currency": currency, "at": at, "quiet": sorted(but), **columns_of_routes(session, [currency], at)}
    )
    return [_standing(row, at) for row in rows]


def standings_among(session: Session, currency: str, people: Sequence[UUID], at: datetime) -> Mapping[UUID, PayeeBalance]:
    """The balances of some people in one currency, by their ids."""
    rows = session.execute(AMONG, {"currency": currency, "people": list(people), **columns_of_routes(session, [currency], at)})
    return {row.person_id: _standing(row, at) for row in rows}


def payable(session: Session, at: datetime, *, by: Actor) -> Sequence[Payable]:
    """What can be paid now, by currency and route."""
    by.require(Permission.VIEW_MONEY)
    routes = columns_of_routes(session, payee_currencies(session), at)
    ways = tuple(tuple(column) for name, column in routes.items() if name != "at")
    basis = (tuple(session.execute(BASIS, {"at": at}).one()), ways)  # where the same stands as before, it is not summed up anew
    return _payable.get(basis, lambda: _sums(session, routes))


_payable = Remembered[Sequence[Payable]](1)


def _sums(session: Session, routes: Mapping[str, Any]) -> Sequence[Payable]:
    rows = session.execute(PAYABLE, routes)
    return [Payable(row.currency, row.route, row.people, int(row.amount), int(row.most)) for row in rows]


def blocked(
    session: Session, currency: str, at: datetime, *, by: Actor, after: UUID | None = None, limit: int = PAGE
) -> Sequence[tuple[str, PayeeBalance]]:
    """Each balance in a currency that stays where it is, with its owner's name, by their ids from the one after `after` on."""
    by.require(Permission.VIEW_MONEY)
    rows = session.execute(BLOCKED, {"currency": currency, "after": after, "limit": limit, **columns_of_routes(session, [currency], at)})
    return [(row.name, _standing(row, at)) for row in rows]


def why_not_payable(session: Session, person_id: UUID, at: datetime) -> Sequence[PayeeBalance]:
    """The person's balances that stay where they are, each with its reason and sentence."""
    return [standing for standing in standings_of(session, person_id, at) if standing.reason]


def payee_currencies(session: Session) -> Sequence[str]:
    """The currencies in which anybody has earned."""
    return session.scalars(PAYEE_CURRENCIES).all()


def columns_of_routes(session: Session, currencies: Sequence[str], at: datetime) -> dict[str, Any]:
    """The routes in force at `at`, as the parameters that STANDINGS takes."""
    known = reach(session) if currencies else SHIPPED
    found: list[tuple[str, Route]] = [(currency, route) for currency in currencies for route in routes_for(known, currency, at)]
    return {
        "currencies": [currency for currency, _route in found],
        "countries": [route.country for _currency, route in found],
        "routes": [route.name for _currency, route in found],
        "minimums": [route.minimums[currency] for currency, route in found],
        "at": at,
    }


def _standing(row: Any, at: datetime) -> PayeeBalance:
    reason = Reason(row.reason) if row.reason else None
    is_dropped = reason is Reason.NO_ROUTE and row.account_country == row.country and row.currency in minimums_to(None, at)
    amount, withheld = int(row.amount), int(row.withheld)
    return PayeeBalance(row.person_id, row.currency, amount, row.country, row.minimum, reason, row.until, is_dropped, withheld)


def _day(until: datetime | None) -> str:
    return format_datetime(until, "long", tzinfo=UTC, locale=current_locale()) if until else ""


def _partly(s: PayeeBalance) -> str:
    """What goes out, and what waits for the brand's money."""
    waits, goes = (format_money(each, s.currency, current_locale()) for each in (s.withheld, s.amount - s.withheld))
    return _(
        "{goes} will be paid in the next run. {waits} is on hold because the brand's "
        "payment that funds it is in dispute. It is paid automatically once that is settled.", goes=goes, waits=waits,
    )  # fmt: skip


SENTENCES: Mapping[Reason, Callable[[PayeeBalance], str]] = {
    Reason.NEGATIVE: lambda s: _("You were overpaid by {money}. We deduct it from your next earnings.", money=s.money),
    Reason.HELD: lambda _s: _("Payments to you are on hold. Contact us to find out how to lift the hold."),
    Reason.ON_ITS_WAY: lambda _s: _("A payment to you is on its way. Newer earnings will be in the next one."),
    Reason.NO_ROUTE: lambda s: dropped_sentence(s.country or "") if s.is_dropped else no_route_sentence(s.country, s.currency),
    Reason.BELOW_MINIMUM: lambda s: _(
        "The minimum payment is {minimum}. Your {money} is carried forward until you reach it.",
        money=s.money, minimum=format_money(s.minimum or 0, s.currency, current_locale()),
    ),
    Reason.NO_ACCOUNT: lambda s: _("Set up payouts, and {money} will be paid in the next run.", money=s.money),
    Reason.ACCOUNT_REFUSED: lambda _s: _("Stripe has declined your account. Contact us, and we will look for another way to pay you."),
    Reason.COUNTRY_CHANGED: lambda s: _(
        "You changed your country after your account was opened. Our finance team must review this before we pay {money}.", money=s.money
    ),
    Reason.ACCOUNT_PAUSED: lambda _s: _(
        "We have paused your Stripe account, so nothing is paid to you. Contact us, and we will tell you what is needed."
    ),
    Reason.ACCOUNT_CHECKED: lambda s: _(
        "Stripe is checking your details. There is nothing for you to do: {money} will be paid in the first run after that.", money=s.money
    ),
    Reason.NOT_ONBOARDED: lambda s: _(
        "Stripe still needs information from you. Complete your details there, and we will pay {money}.", money=s.money
    ),
    Reason.BANK_NEEDED: lambda s: _(
        "Stripe cannot pay out to your bank account. Give Stripe another one, and we will pay {money}.", money=s.money
    ),
    Reason.ACCOUNT_CHANGED: lambda s: _(
        "Your account changed after the payment was prepared. {money} will be paid in the next run.", money=s.money
    ),
    Reason.COOLING: lambda s: _(
        "Your payout account was changed. Payments resume on {day}. If you did not change it, contact us before then.", day=_day(s.until)
    ),
    Reason.UNCOVERED: lambda s: _(
        "{waits} is on hold because the brand's payment that funds it is in dispute. It is paid "
        "automatically once that is settled.",
        waits=format_money(s.withheld, s.currency, current_locale()),
    ),
}  # fmt: skip


COUNTED = text(f"""
    with {STANDINGS} select currency, reason, count(*) as people from standing
    where reason is not null group by currency, reason order by currency, reason
""")  # nosec B608  # noqa: S608 - constant


@dataclass(frozen=True, slots=True)
class Unpayable:
    """How many people have a balance in a currency that stays where it is for one reason."""

    currency: str
    reason: Reason
    people: int


def unpayable(session: Session, at: datetime) -> Sequence[Unpayable]:
    """How many balances stay now, by currency and reason."""
    rows = session.execute(COUNTED, columns_of_routes(session, payee_currencies(session), at))
    return [Unpayable(row.currency, Reason(row.reason), row.people) for row in rows]
