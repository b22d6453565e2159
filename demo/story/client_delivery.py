"""Client delivery: versions with their parts, an internal look, the brand's decision on one version."""

from datetime import timedelta

from demo.client import Json, RequestRefused, wait_for
from demo.story.partnership import ENDINGS, Partnership
from demo.works.versions import VERSIONS, DemoOutsideMaterial, PlannedVersion

BY_KEY = {planned.key: planned for planned in VERSIONS}
KINDS = {"stock music": "stock_music", "font": "font"}


def present(p: Partnership, key: str, *, forget_a_licence: bool = False) -> str:
    """The editor hands a version in; the manager looks at it and presents it to the brand. Returns the version's id."""
    planned = BY_KEY[key]
    version = _make(p, planned, forget_a_licence=forget_a_licence)
    if forget_a_licence:
        _declare(p, version, planned)
    p.cast.manager.post(f"/versions/{version['id']}/internal-approval")
    p.tell(f"{planned.deliverable}, version {version['number']}: {planned.note}")
    return str(version["id"])


def ask_for_changes(p: Partnership, version_id: str, note: str) -> None:
    """The brand's approver asks for changes."""
    _decide(p, version_id, "changes", note)
    p.tell(f"Denise Calloway of Zappos requests changes: {note}")


def approve(p: Partnership, version_id: str, title: str) -> None:
    """The brand's approver approves exactly this version; the package is handed over."""
    _decide(p, version_id, "approved", "")
    p.wait_until_in("payout", title)
    package = p.cast.approver.get(f"/deliverables/{p.deliverables[title]}/package")
    p.tell(f"{title} is approved; its package ({package['bytes'] // 1024} kB, sha256 {package['sha256'][:12]}…) is handed over.")


def send_back(p: Partnership, title: str, to: str, reason: str) -> None:
    """One deliverable goes back; the others go on."""
    deliverable = p.deliverable(title)
    closes_at = (p.now() + timedelta(days=2)).isoformat() if to == "collaboration" else None
    p.cast.manager.post(
        f"/deliverables/{deliverable['id']}/send-back", to=to, visit=deliverable["visit"], reason=reason, closes_at=closes_at
    )
    p.tell(f"{title} goes back to {to}: {reason}")


def _make(p: Partnership, planned: PlannedVersion, *, forget_a_licence: bool) -> Json:
    editor = p.cast.artists[next(iter(planned.makers))]
    deliverable = p.deliverables[planned.deliverable]
    for key in planned.makers:
        p.cast.manager.post(f"{p.path}/roles", email=p.cast.artists[key].email, role="editor", deliverable=deliverable)
    made: Json = editor.post(
        f"/deliverables/{deliverable}/versions",
        upload_id=editor.upload(p.files / "versions" / planned.file, ENDINGS["." + planned.file.rsplit(".", 1)[1]]),
        components=[p.contributions[key] for key in planned.components],
        makers={p.cast.artists[key].id: share for key, share in planned.makers.items()},
        outside=[_declared(m, licensed=not (forget_a_licence and m.kind == "font")) for m in planned.outside],
        note=planned.note,
    )
    for key in planned.makers:
        if p.cast.artists[key] is not editor:
            p.cast.artists[key].post(f"/versions/{made['id']}/confirmation")
    return made


def _declared(material: DemoOutsideMaterial, *, licensed: bool) -> Json:
    licence = f"{material.licence} ({material.reference})" if licensed else None
    return {"kind": KINDS[material.kind], "title": material.name, "origin": material.holder, "licence": licence}


def _declare(p: Partnership, version: Json, planned: PlannedVersion) -> None:
    try:
        p.cast.manager.post(f"/versions/{version['id']}/internal-approval")
    except RequestRefused as refused:
        p.tell(f"Refused: {refused.problem['detail']}")
    editor = p.cast.artists[next(iter(planned.makers))]
    licences = {m.name: f"{m.licence} ({m.reference})" for m in planned.outside}
    for material in version["outside"]:
        if material["licence"] is None:
            editor.put(f"/versions/{version['id']}/outside/{material['id']}/licence", licence=licences[material["title"]])


def _decide(p: Partnership, version_id: str, verdict: str, note: str) -> None:
    seen: Json = wait_for("the version to be there", lambda: p.cast.approver.get(f"/versions/{version_id}"))
    hashes = {"file_sha256": seen["file_sha256"], "parts_sha256": seen["parts_sha256"]}
    p.cast.approver.post(f"/versions/{version_id}/decision", verdict=verdict, note=note, **hashes)
