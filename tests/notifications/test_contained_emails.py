"""Who is told, at once, that something in a deliverable stops it, and that the credits of a package have changed."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from campaigns.client_delivery.versions.actions import approve_internally
from campaigns.collaboration.claims import actions as claim_actions
from campaigns.core.people import Scope
from campaigns.core.permissions import Role
from campaigns.open_call.contributions.actions import withdraw
from campaigns.open_call.makers.actions import decline_part, end_namings
from campaigns.open_call.models import Maker, NamedMaker
from tests import factories
from tests.campaigns.client_delivery.test_client_delivery_contained import INFLUENCED_BY, Deep, brought
from tests.factories import DELIVERING
from tests.notifications.test_middle_emails import emails


@pytest.fixture
def deep(session: Session) -> Deep:
    return brought(session)


def told(session: Session, event: str) -> dict[UUID, tuple[str | None, dict[str, Any]]]:
    return {to: (path, said) for to, path, said in emails(session, "version_stopped", event)}


def test_manager_editor_brand_and_those_who_built_on_it_are_told_of_a_take_down_deep_in_a_presented_version(
    session: Session, deep: Deep
) -> None:
    version = factories.presented_version(session, deep.delivery)
    factories.someone(session, Role.APPROVER, on=Scope(brand_id=factories.brand(session, "Rivals").id))
    deep.withdraw(session)
    found = told(session, "open_call.contribution_withdrawn")
    what = {"title": "Lanterns", "cause": "taken_down", "inside": None}
    for reader in (deep.manager, deep.delivery.editor, deep.delivery.approver):
        assert found.pop(reader.person) == (
            f"/versions/{version.id}",
            what | {"contributions": [], "deliverables": ["Holiday reader"], "delivered": []},
        )
    for reader, contribution in ((deep.ben, deep.middle), (deep.cleo, deep.chosen)):
        assert found.pop(reader.person) == (
            f"/contributions/{contribution.id}",
            what | {"contributions": [contribution.title], "deliverables": [], "delivered": []},
        )
    assert found == {}


def test_the_brand_is_told_of_what_it_has_seen_and_not_of_a_version_that_it_has_not(session: Session, deep: Deep) -> None:
    made = factories.version(session, deep.delivery)
    deep.claim(session)
    assert deep.delivery.approver.person not in told(session, "collaboration.source_claimed")
    claim_actions.decide(
        session, deep.middle.id, deep.other.id, False, "No.", by=factories.curator(session, deep.delivery.made), at=DELIVERING
    )
    approve_internally(session, made.id, by=deep.manager, at=DELIVERING)
    deep.withdraw(session)
    assert deep.delivery.approver.person in told(session, "open_call.contribution_withdrawn")


def test_a_claim_and_its_dispute_stop_the_version_and_are_told_until_a_curator_has_decided(session: Session, deep: Deep) -> None:
    factories.presented_version(session, deep.delivery)
    deep.dispute(session)
    for event, cause in (("collaboration.source_claimed", "claimed"), ("collaboration.source_declined", "disputed")):
        found = told(session, event)
        assert {said["cause"] for _path, said in found.values()} == {cause}
        assert found[deep.delivery.approver.person][1] | {"cause": None} == {
            "title": "Doors", "cause": None, "inside": "Street", "contributions": [], "deliverables": ["Holiday reader"],
            "delivered": [],
        }  # fmt: skip
        assert found[deep.cleo.person][1]["contributions"] == ["Parade"]
    claim_actions.decide(
        session, deep.middle.id, deep.other.id, False, "No.", by=factories.curator(session, deep.delivery.made), at=DELIVERING
    )
    assert told(session, "collaboration.source_claimed") == told(session, "collaboration.source_declined") == {}


def test_an_influence_and_a_contribution_that_nobody_used_stop_nothing_and_tell_nobody(session: Session, deep: Deep) -> None:
    factories.presented_version(session, deep.delivery)
    claim_actions.claim(session, deep.middle.id, deep.other.id, INFLUENCED_BY, by=deep.dora, at=DELIVERING)
    assert told(session, "collaboration.source_claimed") == {}
    withdraw(session, deep.other.id, by=deep.dora, at=DELIVERING)
    assert told(session, "open_call.contribution_withdrawn") == {}


@pytest.mark.parametrize("who", ["they decline", "the manager"])
def test_whoever_was_named_and_whoever_named_them_learn_that_it_was_declined_or_taken_back(session: Session, deep: Deep, who: str) -> None:
    maker, person_id = {"contribution_id": deep.middle.id, "person_id": deep.dora.person}, deep.dora.person
    session.add_all([Maker(**maker, shares=1)])
    session.flush()
    session.add(NamedMaker(**maker, address="dora@elsewhere.example"))
    session.flush()
    if who == "they decline":
        decline_part(session, deep.middle.id, by=deep.dora, at=DELIVERING)
    else:
        end_namings(session, deep.middle.id, by=deep.manager, at=DELIVERING)
    found = {to: said for to, _path, said in emails(session, "naming_ended", "open_call.naming_ended")}
    has = "declined" if who == "they decline" else "taken_back"
    assert found.pop(deep.ben.person) == {"title": "Street", "has": has, "is_named": False}
    assert found == ({} if who == "they decline" else {person_id: {"title": "Street", "has": has, "is_named": True}})
