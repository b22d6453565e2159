"""An editor: from what is to be made to a version that the brand approves, and the share of the pool for having made it."""

from pathlib import Path
from typing import Any

from campaigns.core.people import SYSTEM
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from tests import factories
from tests.everyone import Cast
from tests.journeys.test_artist_journey import upload
from tests.journeys.world import Caller, World, only_deliverable, open_call
from workers.transactions import unit_of_work

TITLES = ("Lantern street", "First foot", "Doors")
BELLS = {"kind": "stock_music", "title": "Sleigh bells", "origin": "Northern Stock Music"}
SO_FAR = ("Sign in to Callboard", "A token for your account was created", "New call: “Holiday traditions”, $10,000.00 for its makers")
CHANGES = "Changes requested to version 1 of “Holiday reader”"
TO_THE_VERSION = (
    "call_open", "collaboration_open", "material_incomplete", "curators_unassigned", "reviews_outstanding", "selection_unpublished",
)  # fmt: skip


def test_an_editor_makes_versions_until_the_brand_approves_one_and_has_their_share_of_the_pool(world: World, tmp_path: Path) -> None:
    everyone = open_call(world, assembly="0.1")
    with unit_of_work() as session:
        contributions = [str(factories.taking_part(session, everyone.made, everyone.artist, title, at=world.now()).id) for title in TITLES]
    edda, mara, noor = (world.sign_in(who) for who in (everyone.editor, everyone.manager, everyone.approver))
    assert needs(edda) == []
    world.play(everyone, *TO_THE_VERSION)
    chosen = find_contribution(everyone, edda)
    assert chosen == sorted(contributions)[:2]
    [left_out] = set(contributions) - set(chosen)
    first = make_first(everyone, edda, tmp_path, chosen, left_out)
    zoe = world.sign_in(everyone.other_artist)
    license_bells(edda, mara, noor, zoe, first)
    note = hear_of_changes(world, edda, noor, first)
    second = make_second(everyone, edda, tmp_path, first, note)
    confirm(zoe, second)
    see_it_approved(world, everyone, edda, noor, second)
    earn(world, everyone, edda)


def needs(edda: Caller) -> list[tuple[str, str]]:
    """What waits for her, by its code, and what she reads."""
    return [(need["code"], need["message"]) for need in edda.get("/me/needs")["items"]]


def deliverable(everyone: Cast) -> str:
    return f"/deliverables/{only_deliverable(everyone).id}"


def file(edda: Caller, folder: Path, words: str) -> str:
    """A text that she has written and sent; returns the upload's id."""
    text = folder / "reader.md"
    text.write_text(words)
    return upload(edda, text, "text/markdown")


def find_contribution(everyone: Cast, edda: Caller) -> list[str]:
    """Her list leads to the deliverable and to what was chosen for it, which is returned."""
    [need] = edda.get("/me/needs")["items"]
    assert (need["code"], need["message"], need["campaign"]) == ("no_version", "Waiting for version 1.", str(everyone.made.id))
    assert need["deliverables"] == [str(only_deliverable(everyone).id)]
    [shown] = edda.get(f"/campaigns/{need['campaign']}")["deliverables"]
    assert (shown["stage"], [(wait["code"], wait["waits_for"]) for wait in shown["waits"]]) == (
        "client_delivery",
        [("no_version", "editor")],
    )
    assert edda.get(f"{deliverable(everyone)}/versions")["items"] == []
    [selection] = edda.get(f"{deliverable(everyone)}/selection")["items"]
    assert edda.refused("GET", f"{deliverable(everyone)}/reviews") == (403, "Forbidden")
    return sorted(contribution["contribution"] for contribution in selection["chosen"])


def make_first(everyone: Cast, edda: Caller, folder: Path, chosen: list[str], left_out: str) -> dict[str, Any]:
    """Two of three contributions, two makers, and bells from outside that nobody has a licence for yet."""
    path = f"{deliverable(everyone)}/versions"
    with unit_of_work() as session:
        grant_role(session, everyone.other_artist.person, Role.EDITOR, on=only_deliverable(everyone).scope, by=SYSTEM)
    makers = {edda.id: 3, str(everyone.other_artist.person): 1}
    form = {"upload_id": file(edda, folder, "Once, in December."), "makers": makers, "outside": [BELLS], "note": "The ending is short."}
    assert edda.refused("POST", path, **form, components=[]) == (400, "NoComponents")
    assert edda.refused("POST", path, **form, components=[*chosen, left_out]) == (400, "NotChosen")
    version = edda.post(path, **form, components=chosen)
    assert (version["number"], version["note"], version["made_by"], version["presented_at"]) == (1, "The ending is short.", edda.id, None)
    assert {maker["person_id"]: maker["shares"] for maker in version["makers"]} == makers
    assert [part["contribution_id"] for part in version["components"]] == chosen
    assert [(m["title"], m["origin"], m["licence"]) for m in version["outside"]] == [("Sleigh bells", "Northern Stock Music", None)]
    assert edda.refused("POST", path, **form, components=chosen) == (400, "FileInUse")
    return dict(version)


def confirm(zoe: Caller, version: dict[str, Any]) -> None:
    """Whom she named as a maker too finds it on their list, and confirms it."""
    [asked] = zoe.get("/me/versions")["items"]
    assert (asked["version"], asked["number"], asked["shares"]) == (version["id"], version["number"], 1)
    assert ("version_namings", "1 version names you as a maker: confirm or decline it.") in needs(zoe)
    zoe.post(f"/versions/{version['id']}/confirmation")
    assert zoe.get("/me/versions")["items"] == []


def license_bells(edda: Caller, mara: Caller, noor: Caller, zoe: Caller, version: dict[str, Any]) -> None:
    """She is told what has no licence, and declares it; to present the version is the manager's, and the brand sees none before."""
    path = f"/versions/{version['id']}"
    missing = "Version 1 contains third-party assets without a license: Sleigh bells."
    assert needs(edda) == [("licence_missing", missing)]
    assert mara.refused("POST", f"{path}/internal-approval") == (409, "UnlicensedMaterial")
    [bells] = version["outside"]
    licence = {"licence": "Order 4471, all media, worldwide, 12 months"}
    assert edda.put(f"{path}/outside/{bells['id']}/licence", **licence) == bells | licence
    assert needs(edda) == []
    assert edda.refused("POST", f"{path}/internal-approval") == (403, "Forbidden")
    assert noor.refused("GET", path) == (404, "NoSuchVersion")
    assert mara.refused("POST", f"{path}/internal-approval") == (409, "VersionMakerUnconfirmed")
    confirm(zoe, version)
    mara.post(f"{path}/internal-approval")
    assert noor.get(path)["number"] == 1
    assert edda.refused("PUT", f"{path}/outside/{bells['id']}/licence", licence="Order 5") == (409, "AlreadyPresented")


def word(version: dict[str, Any], verdict: str) -> dict[str, str]:
    return {"verdict": verdict, "file_sha256": version["file_sha256"], "parts_sha256": version["parts_sha256"]}


def hear_of_changes(world: World, edda: Caller, noor: Caller, version: dict[str, Any]) -> str:
    """The brand asks for changes, which she finds in her emails, on her list and on the version; returns the note that must be done."""
    shown = edda.get(f"/versions/{version['id']}")
    assert edda.refused("POST", f"/versions/{version['id']}/decision", **word(shown, "approved")) == (403, "Forbidden")
    noor.post(f"/versions/{version['id']}/annotations", words="The logo is the old one.", weight="required")
    noor.post(f"/versions/{version['id']}/decision", **word(shown, "changes"), note="Let the lanterns stay longer.")
    assert set(world.emails(edda, 4)) == {*SO_FAR, CHANGES}
    assert needs(edda) == [("changes_asked", "The brand requested changes to version 1. Waiting for the next version.")]
    decided = edda.get(f"/versions/{version['id']}")["decision"]
    assert (decided["verdict"], decided["note"], decided["by"]) == ("changes", "Let the lanterns stay longer.", "Noor")
    [note] = edda.get(f"/deliverables/{version['deliverable']}/annotations")["items"]
    assert (note["words"], note["weight"], note["state"], note["by"], note["number"]) == (
        "The logo is the old one.", "required", "open", "Noor", 1,
    )  # fmt: skip
    return str(note["id"])


def make_second(everyone: Cast, edda: Caller, folder: Path, first: dict[str, Any], note: str) -> dict[str, Any]:
    """The next version has what was in the one before, its bells licensed, and does what the brand's note asks for."""
    form = {
        "upload_id": file(edda, folder, "Once, in a long December."),
        "components": [part["contribution_id"] for part in first["components"]],
        "makers": {maker["person_id"]: maker["shares"] for maker in first["makers"]},
        "outside": [BELLS | {"licence": "Order 4471"}],
    }
    version = edda.post(f"{deliverable(everyone)}/versions", **form)
    assert (version["number"], version["outside"][0]["licence"], needs(edda)) == (2, "Order 4471", [])
    assert edda.refused("POST", f"/annotations/{note}/done", done_in=first["id"]) == (400, "NotALaterVersion")
    done = edda.post(f"/annotations/{note}/done", done_in=version["id"])
    assert (done["state"], done["done_in"], done["settled_by"]) == ("done", 2, "Edda")
    return dict(version)


def see_it_approved(world: World, everyone: Cast, edda: Caller, noor: Caller, version: dict[str, Any]) -> None:
    """The brand approves it, she is told, and nothing is left to be made; the package is for others."""
    world.play(everyone, "internal_approval")
    noor.post(f"/versions/{version['id']}/decision", **word(version, "approved"))
    assert set(world.emails(edda, 5)) == {*SO_FAR, CHANGES, "“Holiday reader” is approved"}
    assert [(c["number"], c["decision"]["verdict"]) for c in edda.get(f"{deliverable(everyone)}/versions")["items"]] == [
        (2, "approved"), (1, "changes"),
    ]  # fmt: skip
    form = {"upload_id": version["id"], "components": [], "makers": {}}
    assert edda.refused("POST", f"{deliverable(everyone)}/versions", **form) == (409, "AlreadyApproved")
    world.flow()
    assert only_deliverable(everyone).stage == "payout"
    assert edda.refused("POST", f"{deliverable(everyone)}/versions", **form) == (409, "NotInDelivery")
    assert edda.refused("GET", f"{deliverable(everyone)}/package") == (403, "Forbidden")


def earn(world: World, everyone: Cast, edda: Caller) -> None:
    """A tenth of the pool is for the assembly, three quarters of that for her."""
    world.play(everyone, "points_unassessed")
    [proposal] = edda.get(f"{deliverable(everyone)}/proposals")["items"]
    path = f"/proposals/{proposal['id']}"
    lines = {line["name"]: line["amount"] for line in edda.get(path)["lines"]}
    assert lines == {"Ana": 900_000, "Edda": 75_000, "Ben": 25_000}
    assert edda.get(f"{path}/lines/{edda.id}")["sentence"].startswith("$750.00")
    assert edda.refused("POST", f"{path}/finalization") == (403, "Forbidden")
    world.play(everyone, "window_open", "finalization")
    [purse] = edda.get("/me/money")["items"]
    assert (purse["earned"], purse["balance"], purse["paid"], bool(purse["sentence"])) == (75_000, 75_000, 0, True)
    [earned] = edda.get("/me/earnings")["items"]
    assert (earned["deliverable"], earned["amount"], earned["is_kill_fee"]) == ("Holiday reader", 75_000, False)
    assert edda.refused("GET", "/payouts/runs") == (403, "Forbidden")
