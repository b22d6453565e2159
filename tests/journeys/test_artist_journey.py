"""An artist: from reading the call as a stranger to the money on their account."""

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

from campaigns.collaboration.models import SourceKind
from campaigns.open_call.models import Contribution
from tests import factories, samples
from tests.journeys.world import API, Caller, World, only_deliverable, open_call
from workers.transactions import unit_of_work

PROFILE = {"name": "Ana Quispe", "country": "US", "locale": "en", "time_zone": "America/Lima"}
TO_THE_BRAND = (
    "call_open",
    "material_incomplete",
    "collaboration_open",
    "curators_unassigned",
    "reviews_outstanding",
    "selection_unpublished",
)
TO_PAYOUT = ("no_version", "internal_approval", "decision", "points_unassessed")


def upload(ana: Caller, file: Path, mime: str) -> str:
    """Send a file in two pieces, as any tus client does; returns the upload's id."""
    content = file.read_bytes()
    said = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in (("filename", file.name), ("filetype", mime)))
    begun = ana.ask("POST", "/uploads", **{"Tus-Resumable": "1.0.0", "Upload-Length": str(len(content)), "Upload-Metadata": said})
    place, middle = begun.headers["location"], len(content) // 2
    for offset, piece in ((0, content[:middle]), (middle, content[middle:])):
        headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        sent = ana.client.patch(place, content=piece, headers=headers | {"Authorization": f"Bearer {ana.token}"})
        assert (sent.status_code, sent.headers["upload-offset"]) == (204, str(offset + len(piece)))
    return str(place.rpartition("/")[2])


def remix_by_ben(world: World, everyone: Any, contribution: str) -> str:
    """Somebody else builds on the contribution, and is let in."""
    with unit_of_work() as session:
        source = session.get_one(Contribution, contribution)
        made = factories.remixed(
            session, everyone.made, everyone.artist, (source, SourceKind.CONTAINS), at=world.now(), title="Second lantern", words="And on."
        )
        return str(made.id)


def test_an_artist_reads_the_call_contributes_is_built_on_chosen_and_credited(world: World, tmp_path: Path) -> None:
    everyone = open_call(world)
    path = f"/campaigns/{everyone.made.id}"
    call = world.client.get(f"{API}{path}/call").json()
    assert (call["money"]["pool"], call["money"]["currency"], call["is_open"], len(call["rights"]["sentences"])) == (
        1_000_000,
        "USD",
        True,
        5,
    )
    assert world.client.post(f"{API}{path}/contributions", json={}).status_code == 401

    ana = world.sign_in("ana.quispe@example.org")
    assert ana.put("/me", **PROFILE)["roles"] == [
        {"role": "artist", "brand": None, "campaign": None, "deliverable": None, "sign_off_role": None}
    ]
    assert ana.get(f"{path}/call")["payout_route"]["is_there"] is True
    contribution = contribute(world, ana, path, tmp_path, call["rights"]["licence_version"])
    let_in(world, everyone, ana, contribution)
    is_built_on(world, everyone, ana, contribution)
    is_chosen(world, everyone, ana, contribution)
    is_paid(world, everyone, ana)


def contribute(world: World, ana: Caller, path: str, folder: Path, licence: str) -> str:
    lie = folder / "lie.png"
    lie.write_text("This is a sentence, whatever its name says.")
    refused = ana.client.post(f"{API}{path}/contributions", json={}, headers={"Authorization": f"Bearer {ana.token}"})
    assert (refused.status_code, {fault["field"] for fault in refused.json()["errors"]}) == (422, {"title", "licence_version"})
    picture = upload(ana, samples.picture(folder), "image/jpeg")
    sent = ana.post(f"{path}/contributions", title="Lantern street", upload=picture, licence_version=licence)
    assert (sent["kind"], sent["state"], [credit["person_id"] for credit in sent["credits"]]) == ("picture", "received", [ana.id])
    assert ana.refused("POST", f"{path}/contributions", title="Again", upload=picture, licence_version=licence)[0] in {400, 409}
    world.flow()
    assert ana.get(f"/me/contributions/{sent['id']}")["state"] == "ready"
    return str(sent["id"])


def let_in(world: World, everyone: Any, ana: Caller, contribution: str) -> None:
    assert ana.refused("POST", f"/contributions/{contribution}/screening", takes_part=True) == (403, "Forbidden")
    world.sign_in(everyone.curator).post(f"/contributions/{contribution}/screening", takes_part=True)
    assert ana.get(f"/me/contributions/{contribution}")["state"] == "screened_in"


def is_built_on(world: World, everyone: Any, ana: Caller, contribution: str) -> None:
    child = remix_by_ben(world, everyone, contribution)
    down = ana.get(f"/contributions/{contribution}/lineage?direction=down")
    assert [(w["generation"], w["title"]) for w in down["contributions"]] == [(0, "Lantern street"), (1, "Second lantern")]
    assert [(e["contribution_id"], e["source_id"], e["kind"]) for e in down["edges"]] == [(child, contribution, "contains")]
    assert ana.refused("GET", f"/me/contributions/{child}") == (404, "NoSuchContribution")
    assert world.emails(ana, 5) == [
        "Your work is in “Second lantern”",
        "“Lantern street” was accepted for “Holiday traditions”",
        "We received “Lantern street”",
        "A token for your account was created",
        "Sign in to Callboard",
    ]


def is_chosen(world: World, everyone: Any, ana: Caller, contribution: str) -> None:
    world.play(everyone, *TO_THE_BRAND)
    deliverable = f"/deliverables/{only_deliverable(everyone).id}"
    assert [(said["chosen"], said["reason"]) for said in ana.get(f"/contributions/{contribution}/outcome")["items"]] == [
        (True, "It moved us.")
    ]
    assert [ana.refused("GET", f"{deliverable}/{what}")[0] for what in ("versions", "reviews", "package")] == [404, 403, 404]
    world.play(everyone, *TO_PAYOUT)


def is_paid(world: World, everyone: Any, ana: Caller) -> None:
    [proposal] = ana.get(f"/deliverables/{only_deliverable(everyone).id}/proposals")["items"]
    path = f"/proposals/{proposal['id']}"
    [amount] = [line["amount"] for line in ana.get(path)["lines"] if line["person"] == ana.id]
    assert ana.get(f"{path}/lines/{ana.id}")["sentence"].startswith(f"${amount / 100:,.2f}")
    ana.post(f"{path}/comments", claim="Ben's second verse is mine too.", evidence="It is in my sketch of 3 November.")
    assert ana.refused("POST", f"{path}/finalization") == (403, "Forbidden")
    world.play(everyone, "comments_unanswered", "window_open", "finalization")
    assert [comment["disposition"] for comment in ana.get(f"{path}/comments")["items"]] == ["declined"]
    [purse] = ana.get("/me/money")["items"]
    assert (purse["balance"], purse["paid"], bool(purse["sentence"])) == (amount, 0, True)
    world.pass_time(timedelta(days=1))
    assert ana.refused("GET", "/payouts/runs") == (403, "Forbidden")
