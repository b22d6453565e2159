"""Whoever judges a campaign's contributions blind reads their makers' names in no version, whatever other role they have, until all is
chosen."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.client_delivery.packages.queries import handover
from campaigns.client_delivery.queries import credits_seen
from campaigns.client_delivery.versions.queries import makings
from campaigns.core.campaign import Deliverable
from campaigns.core.errors import NotFound
from campaigns.core.people import SYSTEM, Actor, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.core.stages import Stage
from campaigns.curation.errors import SeesNoNames
from campaigns.curation.selections.actions import publish
from campaigns.open_call.queries import contribution
from tests.factories import NOW, READER, Partnership, opened_call, someone, taking_part

LATER = NOW + timedelta(days=23)


def one_of_two_in_delivery(session: Session) -> tuple[Partnership, list[Deliverable], list[UUID]]:
    """A campaign whose first deliverable is in the making while its second is still being judged, and the contribution chosen for it."""
    made = opened_call(session, (READER, READER))
    chosen = taking_part(session, made)
    lifecycle.move_on(session, made.id, at=NOW + timedelta(days=15))
    first, second = lifecycle.move_on(session, made.id, at=NOW + timedelta(days=22))
    publish(session, first.id, first.visit, {chosen.id: "It moved us."}, {}, "Not this time.", by=made.manager, at=LATER)
    lifecycle.move_on(session, made.id, at=LATER)
    assert (first.stage, second.stage) == (Stage.CLIENT_DELIVERY, Stage.CURATION)
    return made, [first, second], [chosen.id]


def judge(session: Session, made: Partnership, deliverable: Deliverable | None) -> Actor:
    """Somebody who runs the campaign, and curates all of it or one deliverable only."""
    who = someone(session, Role.MANAGER, "Mick", on=made.campaign.scope)
    grant_role(session, who.person, Role.CURATOR, on=(deliverable or made.campaign).scope, by=SYSTEM)
    return actor_for(session, who.person)


@pytest.mark.parametrize("reach", ["the campaign", "the other deliverable"])
def test_who_judges_reads_whose_a_contribution_is_in_no_version_until_all_is_chosen(session: Session, reach: str) -> None:
    made, [first, second], contributions = one_of_two_in_delivery(session)
    by = judge(session, made, second if reach == "the other deliverable" else None)
    assert [one.credits for one in makings(session, first.id, by=by).material] == [[]]
    assert credits_seen(session, contributions, first, by=by) == {contributions[0]: []}
    with pytest.raises(SeesNoNames):
        handover(session, first.id, by=by)
    publish(session, second.id, second.visit, {contributions[0]: "It moved us."}, {}, "Not this time.", by=made.manager, at=LATER)
    lifecycle.move_on(session, made.id, at=LATER)
    assert [credit.name for credit in makings(session, first.id, by=by).material[0].credits] == ["Ana"]
    with pytest.raises(NotFound):
        handover(session, first.id, by=by)


def test_who_judges_one_deliverable_only_reads_whose_a_contribution_is_no_more_than_who_judges_all(session: Session) -> None:
    made, [_first, second], [chosen] = one_of_two_in_delivery(session)
    of_one = someone(session, Role.CURATOR, on=second.scope)
    assert (contribution(session, chosen, by=of_one).credits, len(contribution(session, chosen, by=made.manager).credits)) == ([], 1)
