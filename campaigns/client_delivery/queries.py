"""What there is to see of the versions, and for whom."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from campaigns.client_delivery.details import VersionDetails, version_details_of
from campaigns.client_delivery.errors import NoSuchVersion
from campaigns.client_delivery.models import Component, ReviewDecision, Verdict, Version, VersionMaker
from campaigns.collaboration.lineage.queries import contained_in
from campaigns.core.campaign import Campaign, Deliverable, find_deliverable, visible_to
from campaigns.core.errors import NotFound
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission, Role
from campaigns.core.role_grants import holders
from campaigns.core.words import _
from campaigns.curation.queries import contributions_taking_part, judges_still
from campaigns.curation.selections.queries import chosen_contributions
from campaigns.open_call.credits import Credit, credits_of


def find_version_details(session: Session, version_id: UUID, *, by: Actor, lock: bool = False) -> VersionDetails:
    """The version, if it exists for this actor: the brand sees only what was presented to it. Raises NoSuchVersion."""
    version, deliverable = find_version(session, version_id, by=by)
    if lock:
        find_deliverable(session, deliverable.id, by=by, lock=True)
        # What was true before the wait for the lock may not be so any more.
        version, deliverable = find_version(session, version_id, by=by)
    return version_details_of(session, [version], [deliverable])[0]


def find_version(session: Session, version_id: UUID, *, by: Actor) -> tuple[Version, Deliverable]:
    """The version's own row and its deliverable's, if it exists for this actor. Raises NoSuchVersion."""
    query = (
        select(Version, Deliverable)
        .join(Deliverable, Deliverable.id == Version.deliverable_id)
        .join(Campaign, Campaign.id == Deliverable.campaign_id)
    )
    query = query.where(Version.id == version_id, visible_to(by)).execution_options(populate_existing=True)
    row = session.execute(query).one_or_none()
    if row is None or not sees_version(row[0], row[1], by):
        raise NoSuchVersion(_("There is no such version."), field="version_id")
    return row


def list_version_details(
    session: Session, deliverable_id: UUID, *, by: Actor, after: UUID | None = None, limit: int = 30
) -> list[VersionDetails]:
    """The deliverable's versions that this actor may see, newest first; raises NotFound for whoever sees none of them."""
    deliverable = find_deliverable_seen(session, deliverable_id, by=by)
    query = select(Version).where(Version.deliverable_id == deliverable.id).order_by(Version.number.desc()).limit(limit)
    query = query.where(Version.number < select(Version.number).where(Version.id == after).scalar_subquery()) if after else query
    query = query if sees_inside(by, deliverable) else query.where(Version.presented_at.is_not(None))
    return version_details_of(session, session.scalars(query).all(), [deliverable])


def find_deliverable_seen(session: Session, deliverable_id: UUID, *, by: Actor) -> Deliverable:
    """The deliverable, if the actor sees versions of it; raises NotFound."""
    deliverable = find_deliverable(session, deliverable_id, by=by)
    if not by.may(Permission.VIEW_VERSIONS, on=deliverable):
        raise NotFound(_("There is no such deliverable."))
    return deliverable


def sees_inside(by: Actor, deliverable: Deliverable) -> bool:
    """Whether the actor sees what the brand does not: versions that were not presented, and the notes of those who made them."""
    return by.may(Permission.MAKE_VERSION, on=deliverable)


def sees_version(version: Version, deliverable: Deliverable, by: Actor) -> bool:
    """Whether the actor sees this version at all."""
    return sees_inside(by, deliverable) or (version.presented_at is not None and by.may(Permission.VIEW_VERSIONS, on=deliverable))


def latest_version(session: Session, deliverable_id: UUID, *, presented: bool = False) -> Version | None:
    """The newest version of the deliverable, whatever visit it was made in; with `presented`, of those that the brand was shown."""
    those = (Version.deliverable_id == deliverable_id, *([Version.presented_at.is_not(None)] if presented else []))
    return session.scalars(select(Version).where(*those).order_by(Version.number.desc()).limit(1)).one_or_none()


def approved_version(session: Session, deliverable_id: UUID) -> Version | None:
    """The version that the brand approved last."""
    approved = and_(ReviewDecision.version_id == Version.id, ReviewDecision.verdict == Verdict.APPROVED)
    query = (
        select(Version)
        .join(ReviewDecision, approved)
        .where(Version.deliverable_id == deliverable_id)
        .order_by(Version.number.desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def may_contain(session: Session, deliverable: Deliverable) -> set[UUID]:
    """What a version may be made of: what was chosen for it and is still there, and whatever is in that, which was judged with it."""
    return contained_in(session, contributions_taking_part(session, deliverable.campaign_id, chosen_contributions(session, deliverable.id)))


def credits_seen(session: Session, contribution_ids: Collection[UUID], deliverable: Deliverable, *, by: Actor) -> dict[UUID, list[Credit]]:
    """Who made each of these contributions of the deliverable's, as the actor may read it: nobody is named to whoever still judges here."""
    if judges_still(session, [deliverable], by=by):
        return {contribution_id: [] for contribution_id in contribution_ids}
    return credits_of(session, contribution_ids, to=by.person)


def components_of(session: Session, version_id: UUID) -> list[UUID]:
    """The contributions in the version, by id."""
    return list(
        session.scalars(select(Component.contribution_id).where(Component.version_id == version_id).order_by(Component.contribution_id))
    )


def makers_of(session: Session, version_id: UUID) -> dict[UUID, int]:
    """The version's makers with their shares."""
    query = (
        select(VersionMaker.person_id, VersionMaker.shares).where(VersionMaker.version_id == version_id).order_by(VersionMaker.person_id)
    )
    return dict(session.execute(query).all())


def possible_makers(session: Session, deliverable: Deliverable, *, by: Actor) -> Sequence[Person]:
    """Who may be named as a maker of the next version: the deliverable's editors, whoever made the one before, and the actor; by name."""
    before = latest_version(session, deliverable.id)
    others = {by.person, *(makers_of(session, before.id) if before else ())}
    editors = {each.id for each in holders(session, Role.EDITOR, deliverable.scope)}
    return session.scalars(select(Person).where(Person.id.in_(editors | others)).order_by(Person.name, Person.id)).all()


def rounds_of_changes(session: Session, deliverable_id: UUID) -> int:
    """How often the brand asked for changes to this deliverable."""
    asked = select(func.count()).select_from(ReviewDecision).join(Version, Version.id == ReviewDecision.version_id)
    return session.scalars(asked.where(Version.deliverable_id == deliverable_id, ReviewDecision.verdict == Verdict.CHANGES)).one()
