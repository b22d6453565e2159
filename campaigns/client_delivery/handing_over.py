"""What is handed over: the package of a deliverable's approved version, for those who may have it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.client_delivery.details import VersionDetails, version_details_of
from campaigns.client_delivery.models import Package
from campaigns.client_delivery.queries import approved_version, find_deliverable_seen
from campaigns.client_delivery.taken_down import TakenDown, taken_down
from campaigns.core.errors import NotFound
from campaigns.core.files import FileLink, link_to
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.curation.sighted import require_sighted


@dataclass(frozen=True, slots=True)
class Handover:
    """The package of a deliverable's approved version, and a link that fetches it within the hour.

    `taken_down` is what was taken down of all that led to the version; a package that `is_outdated` does not mark all of it.
    """

    details: VersionDetails
    package: Package
    url: str
    taken_down: Sequence[TakenDown]


def handover(session: Session, deliverable_id: UUID, *, by: Actor) -> Handover:
    """What is handed over for the deliverable, once it is made; raises NotFound."""
    deliverable = find_deliverable_seen(session, deliverable_id, by=by)
    by.require(Permission.VIEW_PACKAGE, on=deliverable)
    require_sighted(session, [deliverable], by=by)  # it names everyone
    version = approved_version(session, deliverable.id)
    details = version_details_of(session, [version], [deliverable])[0] if version else None
    if details is None or details.package is None:
        raise NotFound(_("There is no package yet: it is made once the brand has approved a version."))
    link = FileLink(sha256=details.package.sha256, mime="application/zip", name=f"{details.name}.zip")
    return Handover(details, details.package, link_to(link), taken_down(session, details.version.id))
