"""What the pages and the API say of what was taken down after the hand-over, and of whoever has yet to confirm a credit."""

import pytest

from campaigns.client_delivery.models import Verdict
from campaigns.client_delivery.versions.actions import make_version
from campaigns.core.campaign import Campaign
from campaigns.core.people import SYSTEM, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.open_call import uploads
from campaigns.open_call.contributions.actions import withdraw
from campaigns.open_call.models import Contribution, Maker, NamedMaker
from tests import factories
from tests.api.test_client_delivery_pages import Room, room, seen
from workers.transactions import unit_of_work

__all__ = ["room"]


def taken_down(room: Room) -> Contribution:
    """A contribution of the version, taken down by its maker after the package was made."""
    with unit_of_work() as session:
        contribution = session.get_one(Contribution, room.delivery.contributions[0].id)
        return withdraw(session, contribution.id, by=actor_for(session, contribution.uploaded_by), at=room.at)


@pytest.mark.parametrize("has_ended", [False, True])
def test_the_room_says_beside_the_package_what_was_taken_down_since_and_so_does_the_api(room: Room, has_ended: bool) -> None:
    version = room.version()
    room.decided(version, Verdict.APPROVED)
    room.packed(version)
    client = room.be(room.delivery.approver)
    assert "was withdrawn by its makers" not in seen(client.get(f"/versions/{version}"))
    if has_ended:
        with unit_of_work() as session:
            session.get_one(Campaign, room.delivery.made.id).done_at = room.at
    contribution = taken_down(room)
    page = seen(client.get(f"/versions/{version}"))
    assert f"“{contribution.title}” was withdrawn by its makers on" in page
    assert ("The package is being rebuilt" in page, "The campaign has ended" in page) == (not has_ended, has_ended)
    package = client.get(f"/api/v1/deliverables/{room.delivery.deliverable.id}/package").json()
    assert (package["is_outdated"], package["edition"], [each["title"] for each in package["taken_down"]]) == (
        True,
        1,
        [contribution.title],
    )


def test_whoever_is_named_as_a_maker_of_a_version_confirms_it_on_a_page_of_theirs_without_a_role(room: Room) -> None:
    with unit_of_work() as session:
        xaver, editor = factories.person(session, "Xaver"), room.delivery.editor
        grant = grant_role(session, xaver.person, Role.EDITOR, on=room.delivery.deliverable.scope, by=SYSTEM)
        files = [uploads.take_text(session, words, "text/markdown", by=editor).id for words in ("Together.", "And again.")]
        contributions, makers = [contribution.id for contribution in room.delivery.contributions], {editor.person: 1, xaver.person: 1}
        first, version = (
            make_version(session, room.delivery.deliverable.id, file, contributions, makers, by=editor, at=room.at).id for file in files
        )
        session.delete(grant)
    page = seen(room.be(room.delivery.made.manager).get(f"/versions/{version}"))
    assert ("Not confirmed by Xaver yet." in page, "A maker of this version has not confirmed yet" in page) == (True, True)
    assert "names a maker who has not confirmed." in seen(room.client.get(f"/campaigns/{room.delivery.made.id}/credits"))
    client = room.be(xaver)
    assert client.get(f"/versions/{version}").status_code == 404
    assert [f"Version {n} of Holiday reader" in seen(client.get("/me/versions?limit=1")) for n in (1, 2)] == [False, True]
    assert "Version 1 of Holiday reader" in seen(client.get(f"/me/versions?limit=1&after={version}"))
    assert client.get("/api/v1/me/versions?limit=1").json()["next"] == str(version)
    assert client.post(f"/me/versions/{first}/decline", data={"_page": "/me/versions"}).status_code == 303
    assert client.post(f"/me/versions/{version}/confirmation", data={"_page": "/me/versions"}).status_code == 303
    assert "Nothing to confirm" in seen(client.get("/me/versions"))
    assert "Not confirmed by" not in seen(room.be(room.delivery.made.manager).get(f"/versions/{version}"))


def test_a_manager_takes_back_on_the_campaigns_credits_who_has_not_confirmed_a_contribution(room: Room) -> None:
    contribution = room.delivery.contributions[0]
    with unit_of_work() as session:
        named = {"contribution_id": contribution.id, "person_id": factories.person(session, "Zoe").person}
        session.add(Maker(**named, shares=1))
        session.flush()
        session.add(NamedMaker(**named, address="zoe@elsewhere.example"))
    address = f"/campaigns/{room.delivery.made.id}/credits"
    client = room.be(room.delivery.made.manager)
    page = seen(client.get(address))
    assert ("1 unconfirmed maker" in page, "zoe@" in page, "Zoe" in page) == (True, False, False)
    assert client.post(f"{address}/{contribution.id}", data={"_page": address}).headers["location"] == address
    assert "All credits are confirmed" in seen(client.get(address))
