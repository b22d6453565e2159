"""The call as everyone may read it, signed in or not, the money first; what came to it, day by day, and a few of the newest
contributions."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

from babel.numbers import format_percent
from sqlalchemy import Select, func, select, true
from sqlalchemy.orm import Session

from campaigns.brief.licenses import licence
from campaigns.brief.models import Brief
from campaigns.brief.queries import WrittenBrief, written_brief, written_briefs
from campaigns.core.campaign import Campaign, find_campaign
from campaigns.core.db import given
from campaigns.core.files import FileLink, link_to
from campaigns.core.money import format_money
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.core.words import _, current_locale
from campaigns.open_call.credits import licence_hash
from campaigns.open_call.models import TAKES_PART, CallExtension, Contribution, DailyContributionCount, OpenCall, Rendition
from campaigns.open_call.queries import call_of, extensions
from campaigns.open_call.rules import moment_in, moment_of_call
from campaigns.payments.reach import reach
from campaigns.payments.routes import no_route_sentence, route_for


@dataclass(frozen=True, slots=True)
class PayoutRoute:
    """Whether the reader can be paid where they live, said before they upload anything."""

    country: str | None
    is_there: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class CallDate:
    """One date of the call, in the stated zone and in UTC."""

    name: str
    at: datetime
    written: str


@dataclass(frozen=True, slots=True)
class CallPage:
    """All that someone should know before they work for this call; `call` is None until it opens."""

    written: WrittenBrief
    call: OpenCall | None
    is_open: bool
    pool: str
    pay_rule: Sequence[str]
    rights: Sequence[str]
    licence_sha256: str
    dates: Sequence[CallDate]
    extensions: Sequence[CallExtension]
    route: PayoutRoute


def call_page(session: Session, campaign_id: UUID, country: str | None = None, *, by: Actor, at: datetime) -> CallPage:
    """The campaign's call for this reader, who lives in `country` or where their profile says; until the launch for its brief's readers."""
    campaign = find_campaign(session, campaign_id, by=by)
    if campaign.launched_at is None:
        by.require(Permission.VIEW_BRIEF, on=campaign)
    written, call = written_brief(session, campaign_id), call_of(session, campaign_id)
    brief = written.brief
    return CallPage(
        written=written,
        call=call,
        is_open=call is not None and campaign.is_live and call.is_open(moment_of_call(session, campaign, at)),
        pool=_money(written.budget.pool, brief),
        pay_rule=pay_rule_in_words(written),
        rights=[*licence(brief.licence_version).sentences],
        licence_sha256=licence_hash(brief.licence_version),
        dates=_dates(brief, call),
        extensions=extensions(session, campaign_id),
        route=route_of(session, country, brief.currency, by=by, at=at),
    )


def open_calls(session: Session, *, at: datetime, after: UUID | None = None, limit: int = 30) -> Sequence[tuple[WrittenBrief, OpenCall]]:
    """The calls that are open now, newest campaign first, in a fixed number of queries; a pause closes none."""
    live = (Campaign.cancelled_at.is_(None), Campaign.done_at.is_(None), OpenCall.opened_at <= at)
    query = select(OpenCall).join(Campaign).where(*live, OpenCall.closes_at > func.coalesce(Campaign.paused_at, at))
    query = query.where(OpenCall.campaign_id < after) if after else query
    calls = session.scalars(query.order_by(OpenCall.campaign_id.desc()).limit(limit)).all()
    written = written_briefs(session, [call.campaign_id for call in calls])
    return [(written[call.campaign_id], call) for call in calls]


def pay_rule_in_words(written: WrittenBrief) -> Sequence[str]:
    """The rule that divides the money, a sentence for each of its parts."""
    brief = written.brief
    pool = _money(written.budget.pool, brief)
    sentences = [
        _("{pool} goes to people whose work is in the deliverables or inspired them. Each price is split separately.", pool=pool),
        _("Those who edit or assemble a deliverable get {part} of its price.", part=_percent(brief.assembly)) if brief.assembly else "",
        _(
            "The rest is split among the contributions in the deliverable by points. The points are published with reasons and open to "
            "comment."
        ),
        _(
            "A contribution passes {part} of what it earns on to the contributions whose material it contains.",
            part=_percent(brief.contains),
        ),
        _("It passes {part} on to the contributions that influenced it.", part=_percent(brief.influenced_by)),
        _("Likes and followers do not count."),
    ]
    return [sentence for sentence in sentences if sentence]


def route_of(session: Session, country: str | None, currency: str, *, by: Actor, at: datetime) -> PayoutRoute:
    """Whether there is a way to pay `currency` to the reader."""
    if country is None and by.person_id is not None:
        country = session.get_one(Person, by.person_id).country
    route = route_for(reach(session), country, currency, at)
    if route is None:
        return PayoutRoute(country, False, no_route_sentence(country, currency, at))
    sentence = _("We can pay you where you live. Payments arrive about {days} days after we send them.", days=route.days)
    return PayoutRoute(country, True, sentence)


def _dates(brief: Brief, call: OpenCall | None) -> Sequence[CallDate]:
    dates = {
        "call_opened_at": call.opened_at if call else None,
        "call_closes_at": call.closes_at if call else brief.call_closes_at,
        "collaboration_closes_at": brief.collaboration_closes_at,
        "curation_due_at": brief.curation_due_at,
        "go_live_at": brief.go_live_at,
    }
    return [CallDate(name, at, moment_in(brief.time_zone, at)) for name, at in dates.items() if at is not None]


def _money(amount: int, brief: Brief) -> str:
    return format_money(amount, brief.currency, current_locale())


def _percent(fraction: Decimal) -> str:
    return str(format_percent(fraction, "#,##0.##%", locale=current_locale()))


def arrivals(session: Session, campaign_ids: Collection[UUID]) -> dict[UUID, dict[date, int]]:
    """Of each of these campaigns, the days (UTC) on which contributions came and how many, in one query."""
    found: dict[UUID, dict[date, int]] = {campaign_id: {} for campaign_id in campaign_ids}
    for campaign_id, day, contributions in session.execute(_by_day(), {"ids": list(campaign_ids)}):
        found[campaign_id][day] = contributions
    return found


@lru_cache
def _by_day() -> Select[UUID, date, int]:
    query = select(DailyContributionCount.campaign_id, DailyContributionCount.day, DailyContributionCount.contributions)
    return query.where(given(DailyContributionCount.campaign_id)).order_by(DailyContributionCount.day)


SHOWN = 4
LOOKED_AT = 40


def glimpses(session: Session, campaign_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """Links to small pictures of the newest contributions that take part in each campaign, in one query; of texts and sounds there are
    none."""
    found: dict[UUID, list[str]] = {campaign_id: [] for campaign_id in campaign_ids}
    for campaign_id, sha256, mime in session.execute(_pictured(), {"ids": list(campaign_ids)}):
        if len(found[campaign_id]) < SHOWN:
            found[campaign_id].append(link_to(FileLink(sha256=sha256, mime=mime, name="contribution.webp")))
    return found


@lru_cache
def _pictured() -> Select[UUID, str, str]:
    newest = (
        select(Contribution.id)
        .where(Contribution.campaign_id == Campaign.id, TAKES_PART)
        .order_by(Contribution.id.desc())
        .limit(LOOKED_AT)
        .correlate(Campaign)
        .lateral()
    )
    return (
        select(Campaign.id, Rendition.sha256, Rendition.mime)
        .select_from(Campaign)
        .join(newest, true())
        .join(Rendition, (Rendition.contribution_id == newest.c.id) & (Rendition.role == "thumbnail"))
        .where(given(Campaign.id))
        .order_by(newest.c.id.desc())
    )
