"""Files that mean harm: refused with the rule and the bytes, or served so that nothing of them runs; their names stay unseen."""

from pathlib import Path

import pytest

from tests import samples
from tests.api.call_stage import Stage, stage
from tests.api.test_upload_routes import BYTES, begin
from tests.journeys.world import work

__all__ = ["stage"]

SCRIPT = b"<script>alert(document.cookie)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + SCRIPT + b"</svg>"
KINDS = "md, markdown, txt, jpg, jpeg, png, webp, gif, tif, tiff, mp3, m4a, wav, flac, ogg, oga, opus, mp4, m4v, mov, webm, mkv"
ODD = "“{}” is not in an accepted format: it begins with the bytes {}. Accepted formats: " + KINDS + "."
NAMES = (
    "../../lantern<script>.png",
    "lantern\u202egnp.png",
    "lan\r\ntern\x00.png",
    '"><img src=x onerror=alert(1)>.png',
    "L" * 300 + ".png",
)


def sent(stage: Stage, content: bytes, name: str, mime: str = "") -> tuple[str, str | None]:
    """The upload's address, and the sentence with which it was refused, if it was."""
    address = begin(stage.ana, len(content), name, mime)
    stage.ana.patch(address, content=content, headers=BYTES | {"Upload-Offset": "0"})
    return address, stage.ana.get(address).json()["refusal"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("lantern.svg", SVG, ODD.format("lantern.svg", "3c 73 76 67 20 78 6d 6c")),
        ("lantern.png", b"<!doctype html>" + SCRIPT, ODD.format("lantern.png", "3c 21 64 6f 63 74 79 70")),
        ("lantern.html", SCRIPT, ODD.format("lantern.html", "3c 73 63 72 69 70 74 3e")),
        ("lantern.txt", b"Look: " + SVG, "“lantern.txt” contains HTML that could run in a browser: “<svg” at byte 6. Remove it."),
        (
            "lantern.gif",
            b"GIF89a/*" + SCRIPT + b"*/",
            "“lantern.gif” is incomplete or damaged. Export it again and upload the whole file.",
        ),
        ("lantern.jpg", b"\x89PNG\r\n\x1a\n" + SCRIPT, "“lantern.jpg” is not what its name or type says: it looks like image/png."),
    ],
)
def test_a_file_that_could_run_is_refused_with_the_rule_and_its_bytes(stage: Stage, name: str, content: bytes, sentence: str) -> None:
    address, refusal = sent(stage, content, name)
    assert (refusal, stage.ana.get(address).json()["state"]) == (sentence, "refused")
    answer = stage.send(stage.ana, upload_id=address.rpartition("/")[2], text=None)
    assert (answer.status_code, stage.guest.get(address).status_code, stage.ben.get(address).status_code) == (400, 401, 404)


def test_a_picture_that_is_a_page_as_well_is_shown_as_a_picture_only(stage: Stage, tmp_path: Path) -> None:
    content = samples.picture(tmp_path, "png").read_bytes() + b"<html>" + SCRIPT
    address, refusal = sent(stage, content, "lantern.png", "text/html")
    assert refusal is None
    for rendition in shown(stage, address)["renditions"]:
        answer = stage.judge.get(rendition["url"])
        safe = (answer.headers["X-Content-Type-Options"], answer.headers["Content-Security-Policy"])
        assert safe == ("nosniff", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox")
        assert (answer.headers["Content-Type"].partition("/")[0], SCRIPT in answer.content) == ("image", False)


@pytest.mark.parametrize("name", NAMES)
def test_a_files_name_is_shown_to_nobody_else_and_leads_nowhere(stage: Stage, name: str, tmp_path: Path) -> None:
    address, refusal = sent(stage, samples.picture(tmp_path, "png").read_bytes(), name, "image/png")
    assert refusal is None
    own = stage.ana.get(stage.path("/contribute")).text
    assert [harm for harm in ("<script>", "<img src=x", "\u202e", "../..", "\x00") if harm in own] == []
    shown(stage, address)
    for page in (stage.desk(), f"{stage.desk()}.csv", f"/api/v1/campaigns/{stage.id}/screening"):
        assert [part for part in ("lantern", "L" * 200, "\u202e", "onerror") if part in stage.judge.get(page).text] == []


def shown(stage: Stage, address: str) -> dict[str, list[dict[str, str]]]:
    """The upload as a contribution under a plain title, as those who screen it see it."""
    assert stage.send(stage.ana, upload_id=address.rpartition("/")[2], text=None, title="Above the roof").status_code == 303
    work(stage.id)
    [item] = stage.judge.get(f"/api/v1/campaigns/{stage.id}/screening").json()["items"]
    return item  # type: ignore[no-any-return]
