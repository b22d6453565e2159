"""When a deliverable's client delivery ends, and whether a version may be made, approved and handed over."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from campaigns.brief.models import Brief
from campaigns.client_delivery.details import VersionDetails, latest_version_details
from campaigns.client_delivery.errors import (
    AlreadyApproved,
    ComponentTakenDown,
    ComponentUnconfirmed,
    ComponentUnsettled,
    NotInDelivery,
    UnlicensedMaterial,
    VersionMakerUnconfirmed,
)
from campaigns.client_delivery.models import ReviewDecision, Verdict
from campaigns.client_delivery.queries import approved_version
from campaigns.collaboration.lineage.obstacles import UNSETTLED, Obstacle, ObstacleCause, obstacles_in, titles
from campaigns.core.blockers import ActionCode, Blocker, BlockerCode
from campaigns.core.campaign import Deliverable
from campaigns.core.db import given
from campaigns.core.stages import Stage
from campaigns.core.words import _
from campaigns.curation.selections.queries import chosen_here


def blockers(session: Session, deliverables: Sequence[Deliverable], *, at: datetime) -> dict[UUID, list[Blocker]]:  # noqa: ARG001 - every gate is asked alike
    """What each of these deliverables still waits for in its present visit."""
    latest, found = latest_version_details(session, deliverables), _chosen_and_due(session, deliverables)
    waits = {deliverable.id: _waits(deliverable, latest.get(deliverable.id), due) for deliverable, _chosen, due in found}
    making = [each for each in found if any(wait.action == ActionCode.MAKE_VERSION for wait in waits[each[0].id])]
    stopped = (
        obstacles_in(session, {contribution_id for _deliverable, chosen, _due in making for contribution_id in chosen}) if making else {}
    )
    for deliverable, chosen, due in making:
        waits[deliverable.id] = _to_make(deliverable, [stopped[contribution_id] for contribution_id in chosen], waits[deliverable.id], due)
    return waits


def _to_make(deliverable: Deliverable, stopped: Sequence[Sequence[Obstacle]], waits: list[Blocker], due: datetime | None) -> list[Blocker]:
    """A version is made of something; where nothing is left to make it of, the manager says how it goes on."""
    left = [found for found in stopped if not titles(found, ObstacleCause.TAKEN_DOWN)]
    if not left:
        return [_nothing_left(deliverable, [each for found in stopped for each in found])]
    known = {wait.code for wait in waits}
    stops_all = stops([each for found in left for each in found], _("Everything chosen"), deliverable.entered_at, due) if all(left) else []
    return [*waits, *(wait for wait in stops_all if wait.code not in known)]


def _nothing_left(deliverable: Deliverable, gone: Sequence[Obstacle]) -> Blocker:
    message = _("Nothing is chosen for this deliverable: send it back to curation or collaboration, or cancel the campaign.")
    if gone:
        message = _(
            "Everything chosen for this deliverable contains withdrawn contributions ({titles}): send it back to curation or "
            "collaboration, or cancel the campaign.",
            titles=titles(gone, ObstacleCause.TAKEN_DOWN),
        )
    return Blocker(BlockerCode.NOTHING_CHOSEN, message, deliverable.entered_at)


def _waits(deliverable: Deliverable, details: VersionDetails | None, due: datetime | None) -> list[Blocker]:
    if details is None:
        return [Blocker(BlockerCode.NO_VERSION, _("Waiting for version 1."), deliverable.entered_at, due)]
    if details.decision is not None:
        return _after(details.decision, details, due)
    if details.obstacles:
        stopped = stops(details.obstacles, _("Version {number}", number=details.version.number), details.version.made_at, due)
        return [*stopped, *_unlicensed(details)]
    if details.version.presented_at is not None:
        message = _("Version {number} needs the brand's decision.", number=details.version.number)
        return [Blocker(BlockerCode.DECISION, message, details.version.presented_at, due)]
    return [*_unlicensed(details), _internal_approval(details, due)]


def _after(decision: ReviewDecision, details: VersionDetails, due: datetime | None) -> list[Blocker]:
    if decision.verdict is Verdict.CHANGES:
        message = _("The brand requested changes to version {number}. Waiting for the next version.", number=details.version.number)
        return [Blocker(BlockerCode.CHANGES_ASKED, message, decision.decided_at, due)]
    if details.package is None and details.obstacles:
        return stops(details.obstacles, _("Version {number}", number=details.version.number), decision.decided_at, due, approved=True)
    if details.package is None and details.version.package_problem:
        return [Blocker(BlockerCode.PACKAGE_STOPPED, details.version.package_problem, decision.decided_at)]
    if details.package is None:
        return [Blocker(BlockerCode.PACKAGE, _("The package is being prepared."), decision.decided_at)]
    return []


def stops(found: Sequence[Obstacle], what: str, since: datetime, due: datetime | None, *, approved: bool = False) -> list[Blocker]:
    """What has to be done about the contributions that stand in the way of `what`; what is approved goes back before it is made anew."""
    anew = _sent_back if approved else _made_again
    waits = []
    if gone := titles(found, ObstacleCause.TAKEN_DOWN):
        message = _("{what} contains withdrawn contributions: {titles}.", what=what, titles=gone)
        waits.append(anew(BlockerCode.COMPONENT_TAKEN_DOWN, message, since, due))
    if claimed := titles(found, *UNSETTLED):
        message = _("{what} is on hold until a curator decides whether it contains {titles}.", what=what, titles=claimed)
        waits.append(Blocker(BlockerCode.COMPONENT_UNSETTLED, message, since, due))
    if unconfirmed := titles(found, ObstacleCause.MAKER_UNCONFIRMED):
        message = _("{what} contains contributions with an unconfirmed maker: {titles}.", what=what, titles=unconfirmed)
        waits.append(anew(BlockerCode.COMPONENT_UNCONFIRMED, message, since, due))
    if any(each.cause is ObstacleCause.VERSION_MAKER_UNCONFIRMED for each in found):
        message = _("{what} names a maker who has not confirmed yet. They can confirm or decline, or they can be removed.", what=what)
        waits.append(Blocker(BlockerCode.VERSION_MAKER_UNCONFIRMED, message, since, due))
    return waits


def _made_again(code: BlockerCode, message: str, since: datetime, due: datetime | None) -> Blocker:
    return Blocker(code, message, since, due)


def _sent_back(code: BlockerCode, message: str, since: datetime, due: datetime | None) -> Blocker:
    return Blocker(code, message, since, due, instead=ActionCode.SEND_BACK)


def _unlicensed(details: VersionDetails) -> list[Blocker]:
    if not details.unlicensed:
        return []
    titles = ", ".join(m.title for m in details.unlicensed)
    message = _("Version {number} contains third-party assets without a license: {titles}.", number=details.version.number, titles=titles)
    return [Blocker(BlockerCode.LICENCE_MISSING, message, details.version.made_at)]


def _internal_approval(details: VersionDetails, due: datetime | None) -> Blocker:
    message = _("Version {number} needs internal approval before the brand sees it.", number=details.version.number)
    return Blocker(BlockerCode.INTERNAL_APPROVAL, message, details.version.made_at, due)


def _chosen_and_due(session: Session, deliverables: Sequence[Deliverable]) -> list[tuple[Deliverable, Sequence[UUID], datetime | None]]:
    """What is chosen for each of these deliverables and still takes part, and by when it is to be delivered."""
    rows = session.execute(_of_deliverables(), {"ids": [t.id for t in deliverables]})
    found = {deliverable_id: (chosen, due) for deliverable_id, chosen, due in rows}
    return [(deliverable, *found[deliverable.id]) for deliverable in deliverables]


@lru_cache
def _of_deliverables() -> Select[UUID, list[UUID], datetime | None]:
    query = select(Deliverable.id, chosen_here(), Brief.delivery_due_at).join(Brief, Brief.campaign_id == Deliverable.campaign_id)
    return query.where(given(Deliverable.id))


def require_in_delivery(deliverable: Deliverable) -> None:
    """Raise NotInDelivery unless this is the stage that the deliverable is in."""
    if deliverable.stage is not Stage.CLIENT_DELIVERY:
        raise NotInDelivery(_("This deliverable is in {stage}, not in client delivery.", stage=deliverable.stage.value))


def require_unapproved(session: Session, deliverable: Deliverable) -> None:
    """Raise AlreadyApproved once the brand has approved a version of the present visit."""
    approved = approved_version(session, deliverable.id)
    if approved is not None and approved.visit == deliverable.visit:
        raise AlreadyApproved(_("The brand has already approved version {number}.", number=approved.number))


def require_deliverable(details: VersionDetails) -> None:
    """Raise a refusal where someone's leave for what is in the version is missing."""
    if details.unlicensed:
        named = ", ".join(m.title for m in details.unlicensed)
        sentence = _("Third-party assets have no license yet: {titles}. Add the license, or remove the asset.", titles=named)
        raise UnlicensedMaterial(sentence, field="outside")
    require_free(details.obstacles)


def require_free(found: Sequence[Obstacle], *, field: str | None = None) -> None:
    """Raise the refusal of the first thing that stands in the way of a piece, where something does."""
    if gone := titles(found, ObstacleCause.TAKEN_DOWN):
        sentence = _("Withdrawn since: {titles}. Make a version without it and without any contribution that contains it.", titles=gone)
        raise ComponentTakenDown(sentence, field=field)
    if claimed := titles(found, *UNSETTLED):
        sentence = _("There is an unresolved claim that {titles} is in it. A curator has to decide the claim first.", titles=claimed)
        raise ComponentUnsettled(sentence, field=field)
    if unconfirmed := titles(found, ObstacleCause.MAKER_UNCONFIRMED):
        sentence = _("A maker of {titles} has not confirmed their part. Wait for them, or make a version without it.", titles=unconfirmed)
        raise ComponentUnconfirmed(sentence, field=field)
    if any(each.cause is ObstacleCause.VERSION_MAKER_UNCONFIRMED for each in found):
        raise VersionMakerUnconfirmed(
            _(
                "A maker named in this version has not confirmed yet. They can confirm or decline, "
                "or the person who made the version, or the manager, can remove them."
            ),
            field=field,
        )
