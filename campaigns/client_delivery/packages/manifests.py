"""What goes with a delivered file: who made it, what is in it, what led to it, and by whose leave."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import any_, select
from sqlalchemy.orm import Session

from campaigns.brief.licenses import licence
from campaigns.brief.models import Brief
from campaigns.client_delivery.details import VersionDetails, version_details_of
from campaigns.client_delivery.models import ReviewDecision, Version
from campaigns.collaboration.lineage.queries import LineageRows, lineage_of
from campaigns.collaboration.models import Source
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.db import all_of
from campaigns.core.people import Brand
from campaigns.core.words import _
from campaigns.open_call.credits import Credit, credits_of, grants_of
from campaigns.open_call.models import Contribution, ContributionState, LicenceGrant

FORMAT = "callboard-package/1"


@dataclass(frozen=True, slots=True)
class Provenance:
    """An approved version with the whole lineage of its components, of which the split is computed too, and who made each contribution in
    it.

    `names` are those of whoever put it together; it and `credits` are empty where the brief asks that nobody is named.
    """

    details: VersionDetails
    decision: ReviewDecision
    campaign: Campaign
    brand: Brand
    lineage: LineageRows
    contributions: Mapping[UUID, Contribution]
    grants: Mapping[UUID, Sequence[LicenceGrant]]
    names: Mapping[UUID, str]
    credits: Mapping[UUID, Sequence[Credit]]

    @property
    def licences(self) -> list[str]:
        """The versions of the licence under which anything in here was granted."""
        return sorted({grant.version for grants in self.grants.values() for grant in grants})


def provenance_of(session: Session, version_id: UUID) -> Provenance:
    """Where an approved version comes from, in a fixed number of queries."""
    version, decision, deliverable, campaign, brand, brief = session.execute(
        select(Version, ReviewDecision, Deliverable, Campaign, Brand, Brief)
        .join(ReviewDecision, ReviewDecision.version_id == Version.id)
        .join(Deliverable, Deliverable.id == Version.deliverable_id)
        .join(Campaign, Campaign.id == Deliverable.campaign_id)
        .join(Brand, Brand.id == Campaign.brand_id)
        .join(Brief, Brief.campaign_id == Campaign.id)
        .where(Version.id == version_id)
    ).one()
    details = version_details_of(session, [version], [deliverable])[0]
    lineage = lineage_of(session, [part.contribution_id for part in details.components])
    contributions = {w.id: w for w in session.scalars(select(Contribution).where(Contribution.id == any_(all_of(lineage.contributions))))}
    names = {m.person_id: m.name for m in details.makers} if brief.credit_names else {}
    credits_ = credits_of(session, lineage.contributions, to=None) if brief.credit_names else {}
    return Provenance(
        details, decision, campaign, brand, lineage, contributions, grants_of(session, lineage.contributions), names, credits_
    )


def manifest(found: Provenance) -> str:
    """Everything that was approved and where it comes from, as JSON; `parts_sha256` is the hash of `parts` without spaces."""
    version = found.details.version
    body = {
        "format": FORMAT,
        "campaign": {"id": str(found.campaign.id), "title": found.campaign.title, "brand": found.brand.name},
        "deliverable": {
            "id": str(found.details.deliverable.id), "title": found.details.deliverable.title,
            "kind": found.details.deliverable.kind, "format": found.details.deliverable.format, "length": found.details.deliverable.length,
        },
        "version": {
            "id": str(version.id), "number": version.number, "file": found.details.file_name, "mime": version.mime, "bytes": version.bytes,
            "file_sha256": version.sha256, "parts_sha256": found.details.parts_sha256, "made_at": _moment(version.made_at),
        },
        "parts": found.details.parts,
        "approval": {
            "by": found.details.approver, "at": _moment(found.decision.decided_at),
            "file_sha256": found.decision.file_sha256, "parts_sha256": found.decision.parts_sha256,
        },
        "makers": [found.names.get(m.person_id) for m in found.details.makers],
        "components": [_contribution(found, part.contribution_id) for part in found.details.components],
        "led_to_them": [_contribution(found, contribution_id) for contribution_id in _behind(found)],
        "edges": [_edge(source) for source in found.lineage.sources],
        "outside": [{"kind": m.kind, "title": m.title, "origin": m.origin, "licence": m.licence} for m in found.details.outside],
        "ai_training": all(grant.ai_training for grants in found.grants.values() for grant in grants),
    }  # fmt: skip
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def _contribution(found: Provenance, contribution_id: UUID) -> dict[str, Any]:
    made, contribution = found.lineage.contributions[contribution_id], found.contributions[contribution_id]
    return {
        "id": str(contribution_id), "title": contribution.title, "kind": contribution.kind.value, "wrapper": made.is_wrapper,
        "taken_down_at": _moment(contribution.state_since) if contribution.state is ContributionState.WITHDRAWN else None,
        "makers": [_named(found, contribution_id, person_id) for person_id in made.makers],
        "licences": [_granted(found, grant) for grant in found.grants[contribution_id]],
    }  # fmt: skip


def _edge(source: Source) -> dict[str, Any]:
    return {"work": str(source.contribution_id), "source": str(source.source_id), "kind": source.kind.value, "weight": source.weight}


def _named(found: Provenance, contribution_id: UUID, person_id: UUID) -> str | None:
    """The name under which the person is credited with the contribution: none while they have yet to confirm it."""
    return next((credit.name for credit in found.credits.get(contribution_id, ()) if credit.person_id == person_id), None)


def _granted(found: Provenance, grant: LicenceGrant) -> dict[str, Any]:
    return {
        "by": _named(found, grant.contribution_id, grant.person_id), "version": grant.version, "text_sha256": grant.text_sha256,
        "granted_at": _moment(grant.granted_at), "ai_training": grant.ai_training,
    }  # fmt: skip


def _behind(found: Provenance) -> list[UUID]:
    """The contributions that are not in the version themselves and led to those that are."""
    return sorted(set(found.lineage.contributions) - {part.contribution_id for part in found.details.components})


def credits_text(found: Provenance) -> str:
    """The credits as they may be printed: who put the piece together, whose contributions are in it, and whose led to them."""
    details = found.details
    outside = [f"{m.title} ({m.origin}; {m.licence})" for m in details.outside]
    head = f"{details.deliverable.title}\n{found.campaign.title}\n"
    return "\n".join([head, *_artists(found), *_listed(_("Also used"), outside)])


def _artists(found: Provenance) -> list[str]:
    if not found.credits:
        return [_("Made by the artists of this campaign, who are not named.") + "\n"]
    return [
        *_listed(_("Assembled by"), [found.names[m.person_id] for m in found.details.makers]),
        *_listed(_("With contributions by"), [_credit(found, part.contribution_id) for part in found.details.components]),
        *_listed(_("Built on contributions by"), [_credit(found, contribution_id) for contribution_id in _behind(found)]),
    ]


def _listed(heading: str, lines: Sequence[str]) -> list[str]:
    return ["\n".join([heading, *(f"  {line}" for line in lines)]) + "\n"] if lines else []


def _credit(found: Provenance, contribution_id: UUID) -> str:
    contribution, makers = found.contributions[contribution_id], ", ".join(credit.name for credit in found.credits[contribution_id])
    if contribution.state is ContributionState.WITHDRAWN:
        return _("{makers}: {title} (since withdrawn by its makers)", makers=makers, title=contribution.title)
    return f"{makers}: {contribution.title}"


def licence_text(version: str) -> str:
    """The licence's sentences, one a line: its sha256 is the one that every grant names."""
    return "\n".join(licence(version).sentences)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
