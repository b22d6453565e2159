"""The contributions that a maker cites, as they know them: by the address of their page, or by their title."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from campaigns.core.campaign import Campaign, find_campaign
from campaigns.core.errors import UnknownContribution
from campaigns.core.people import Actor
from campaigns.core.words import _
from campaigns.open_call.credits import Credit, credits_of, makers_of
from campaigns.open_call.models import TAKES_PART, Contribution
from campaigns.open_call.queries import judges_blind, shows_contributions_to, without_names

IDENTIFIER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
WILD = re.compile(r"[\\%_]")
AT_ONCE = 12


@dataclass(frozen=True, slots=True)
class Citable:
    """A contribution that can be cited; who made it is kept from those who judge it."""

    title: str
    credits: Sequence[Credit]


def citable(session: Session, campaign_id: UUID, words: str, *, by: Actor) -> Sequence[Citable]:
    """The newest contributions that the campaign shows to the actor whose titles have these words in them."""
    campaign = find_campaign(session, campaign_id, by=by)
    by.person  # noqa: B018 - raises NotSignedIn for a guest
    query = _shown(campaign_id, by).where(Contribution.title.ilike(f"%{_plain(words)}%", escape="\\"))
    contributions = session.scalars(query.order_by(Contribution.id.desc()).limit(AT_ONCE)).all()
    ids = [contribution.id for contribution in contributions]
    if judges_blind(by, campaign):
        makers = makers_of(session, ids)
        return [Citable(without_names(contribution.title, makers[contribution.id]), []) for contribution in contributions]
    credits_ = credits_of(session, ids, to=by.person)
    return [Citable(contribution.title, credits_[contribution.id]) for contribution in contributions]


def contributions_named(session: Session, campaign_id: UUID, names: Sequence[str], *, field: str, by: Actor) -> Sequence[UUID]:
    """The contributions that are meant of those that the campaign shows to the actor, in this order.

    Raises UnknownContribution, which says which name means none or several.
    """
    meant = [UUID(address[0]) if (address := IDENTIFIER.search(name)) else name.strip().lower() for name in names]
    found = session.scalars(_shown(campaign_id, by).where(or_(*map(_means, meant)))).all() if meant else ()
    known: dict[UUID | str, list[UUID]] = {}
    for contribution in found:
        known.setdefault(contribution.id, []).append(contribution.id)
        known.setdefault(contribution.title.lower(), []).append(contribution.id)
    return [_the_one(name.strip(), known.get(key, []), field) for name, key in zip(names, meant, strict=True)]


def _means(name: UUID | str) -> ColumnElement[bool]:
    return Contribution.id == name if isinstance(name, UUID) else Contribution.title.ilike(_plain(name), escape="\\")


def _plain(words: str) -> str:
    """The words as a pattern in which none of their signs stands for another."""
    return WILD.sub(r"\\\g<0>", words.strip())


def _the_one(name: str, found: Sequence[UUID], field: str) -> UUID:
    if not found:
        sentence = _("There is no accepted contribution “{name}” here. Enter its exact title or the URL of its page.", name=name)
        raise UnknownContribution(sentence, field=field)
    if len(found) > 1:
        sentence = _("Several contributions are called “{name}”. Enter the URL of the page of the one you mean.", name=name)
        raise UnknownContribution(sentence, field=field)
    return found[0]


def _shown(campaign_id: UUID, by: Actor) -> Select[Contribution]:
    query = select(Contribution).join(Campaign, Campaign.id == Contribution.campaign_id)
    return query.where(Contribution.campaign_id == campaign_id, TAKES_PART, shows_contributions_to(by))
