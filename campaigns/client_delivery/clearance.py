"""Whether everybody's leave is there for what is in a version: the outside material's, and that of every work in it, however deep."""

from collections.abc import Sequence

from campaigns.client_delivery.details import VersionDetails
from campaigns.client_delivery.errors import (
    ComponentTakenDown,
    ComponentUnconfirmed,
    ComponentUnsettled,
    UnlicensedMaterial,
    VersionMakerUnconfirmed,
)
from campaigns.collaboration.obstacles import UNSETTLED, Obstacle, ObstacleCause, titles
from campaigns.core.words import _


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
        sentence = _("Withdrawn since: {titles}. Make a version without it and without any work that contains it.", titles=gone)
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
