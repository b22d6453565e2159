"""A few of a campaign's newest works to look at, small."""

from collections.abc import Collection
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Select, select, true
from sqlalchemy.orm import Session

from campaigns.core.campaign import Campaign
from campaigns.core.db import given
from campaigns.core.files import FileLink, link_to
from campaigns.open_call.models import TAKES_PART, Contribution, Rendition

SHOWN = 4
LOOKED_AT = 40


def glimpses(session: Session, campaign_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """Links to small pictures of the newest works that take part in each campaign, in one query; of texts and sounds there are none."""
    found: dict[UUID, list[str]] = {campaign_id: [] for campaign_id in campaign_ids}
    for campaign_id, sha256, mime in session.execute(_pictured(), {"ids": list(campaign_ids)}):
        if len(found[campaign_id]) < SHOWN:
            found[campaign_id].append(link_to(FileLink(sha256=sha256, mime=mime, name="work.webp")))
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
