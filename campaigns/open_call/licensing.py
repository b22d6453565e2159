"""The licence that comes with a work, in the version that its makers have read."""

import hashlib
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.brief.terms import licence
from campaigns.open_call.models import LicenceGrant


def licence_hash(version: str) -> str:
    """The sha256, in hexadecimal, of the licence's sentences, one a line."""
    return hashlib.sha256("\n".join(licence(version).sentences).encode()).hexdigest()


def grants_of(session: Session, work_ids: Collection[UUID]) -> dict[UUID, Sequence[LicenceGrant]]:
    """What each maker of each of these works has granted."""
    granted: dict[UUID, list[LicenceGrant]] = {work_id: [] for work_id in work_ids}
    query = select(LicenceGrant).where(LicenceGrant.contribution_id.in_(work_ids)).order_by(LicenceGrant.person_id)
    for grant in session.scalars(query):
        granted[grant.contribution_id].append(grant)
    return {work_id: tuple(grants) for work_id, grants in granted.items()}
