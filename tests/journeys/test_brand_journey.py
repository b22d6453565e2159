"""A brand's people: legal signs the brief that they have read, the approver decides on the version that they have seen."""

from campaigns.core.people import Actor
from tests import factories
from tests.everyone import cast
from tests.factories import NOW, READER
from tests.journeys.world import Caller, World, only_deliverable, open_call
from workers.transactions import unit_of_work

TO_THE_BRAND = (
    "call_open", "collaboration_open", "material_incomplete", "curators_unassigned", "reviews_outstanding", "selection_unpublished",
    "no_version", "internal_approval",
)  # fmt: skip


def test_a_signer_signs_what_they_have_read_and_sees_what_has_changed_since(world: World) -> None:
    with unit_of_work() as session:
        made = factories.filled_brief(session, (READER,), at=world.now())
        other = factories.filled_brief(session, (READER,), at=world.now())
        mara, legal = made.manager, made.signers["legal"]
    path, yuki = f"/campaigns/{made.id}", world.sign_in(legal)
    seen = yuki.get(f"{path}/brief")["hash"]
    assert yuki.post(f"{path}/signatures", sign_off_role="legal", hash=seen)["holds"] is True
    assert yuki.refused("POST", f"{path}/signatures", sign_off_role="marketing", hash=seen)[0] == 403

    world.sign_in(mara).patch(f"{path}/brief", story="Families everywhere keep a holiday in their own manner. We want to hear how.")
    assert yuki.get(f"{path}/signatures")["missing"] == ["marketing", "legal"]
    [change] = yuki.get(f"{path}/signatures/legal/difference")["changes"]
    words = [(run["fate"], run["text"].strip()) for run in change["words"] if run["fate"] != "kept"]
    assert (change["field"], words) == ("story", [("removed", "way."), ("added", "manner.")])
    assert yuki.refused("POST", f"{path}/signatures", sign_off_role="legal", hash=seen) == (409, "BriefChanged")
    yuki.post(f"{path}/signatures", sign_off_role="legal", hash=yuki.get(f"{path}/brief")["hash"])
    assert yuki.get(f"{path}/signatures")["missing"] == ["marketing"]

    assert yuki.refused("PATCH", f"{path}/brief", story="Ours.") == (403, "Forbidden")
    assert yuki.refused("POST", f"{path}/launch") == (403, "Forbidden")
    assert yuki.refused("GET", f"/campaigns/{other.id}/brief") == (404, "NotFound")
    assert [campaign["id"] for campaign in yuki.get("/campaigns")["items"]] == [str(made.id)]


def test_an_approver_asks_for_changes_and_approves_the_version_that_they_have_seen(world: World) -> None:
    everyone = open_call(world)
    with unit_of_work() as session:
        factories.taking_part(session, everyone.made, everyone.artist, at=world.now())
    noor = world.sign_in(everyone.approver)
    world.play(everyone, *TO_THE_BRAND)
    deliverable = f"/deliverables/{only_deliverable(everyone).id}"
    [first] = noor.get(f"{deliverable}/versions")["items"]
    assert (first["number"], "note" in first, "made_by" in first) == (1, False, False)
    assert decided(noor, first, "changes", note="Let the lanterns stay longer.")["decision"]["verdict"] == "changes"

    world.play(everyone, "changes_asked", "internal_approval")
    second = noor.get(f"{deliverable}/versions")["items"][0]
    assert (second["number"], noor.refused("POST", f"/versions/{first['id']}/decision", **naming(first))) == (2, (409, "OldVersion"))
    other_parts = naming(second) | {"parts_sha256": "0" * 64}
    assert noor.refused("POST", f"/versions/{second['id']}/decision", **other_parts) == (409, "AnotherFile")
    stranger = world.sign_in(another_brands_approver(world))
    assert stranger.refused("POST", f"/versions/{second['id']}/decision", **naming(second))[0] in {403, 404}
    decided(noor, second, "approved")
    world.flow()

    package = noor.get(f"{deliverable}/package")
    assert (package["deliverable"], len(package["sha256"])) == (str(only_deliverable(everyone).id), 64)
    assert world.client.get(package["url"]).status_code == 200
    assert noor.refused("GET", f"{deliverable}/proposals")[0] == 404
    assert noor.refused("POST", f"{deliverable}/send-back", to="curation", visit=1, reason="Again.") == (403, "Forbidden")


def naming(version: dict[str, str], verdict: str = "approved") -> dict[str, str]:
    return {"verdict": verdict, "file_sha256": version["file_sha256"], "parts_sha256": version["parts_sha256"]}


def decided(noor: Caller, version: dict[str, str], verdict: str, note: str = "") -> dict[str, dict[str, str]]:
    noor.post(f"/versions/{version['id']}/decision", **naming(version, verdict), note=note)
    return noor.get(f"/versions/{version['id']}")  # type: ignore[no-any-return]


def another_brands_approver(world: World) -> Actor:
    with unit_of_work() as session:
        return cast(session, factories.filled_brief(session, (READER,), at=world.now()), at=NOW).approver
