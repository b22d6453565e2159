"""The package: everything that was approved, with its credits, licences and hashes, the same bytes each time."""

import hashlib
import json
import tracemalloc
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.brief.models import Brief
from campaigns.client_delivery.errors import FileChanged, NothingStopped
from campaigns.client_delivery.models import OutsideKind, Package, Version
from campaigns.client_delivery.packages import actions as package_actions
from campaigns.client_delivery.packages.actions import Built, Contents, build, contents_of
from campaigns.client_delivery.packages.queries import handover, unpackaged, work_waiting
from campaigns.client_delivery.queries import find_version_details
from campaigns.client_delivery.versions import renditions
from campaigns.client_delivery.versions.actions import Outside
from campaigns.collaboration.models import SourceKind
from campaigns.core.campaign import deliverables_of
from campaigns.core.errors import Forbidden, NotFound
from campaigns.core.event_names import EventName
from campaigns.core.events import Event
from campaigns.core.files import Stored, sha256_of, storage
from campaigns.core.people import Actor, Scope
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage
from campaigns.open_call.credits import grants_of, licence_hash
from campaigns.open_call.models import Contribution
from campaigns.open_call.renditions import Prepared
from flows import client_delivery
from flows.pulse import Carried, LeaseLost
from tests import factories
from tests.campaigns.brief.counting import statements
from tests.campaigns.client_delivery.test_client_delivery_versions import codes, facts, refusal_of
from tests.factories import DELIVERING, Delivery
from workers.transactions import unit_of_work

BELLS = Outside(OutsideKind.STOCK_MUSIC, "Sleigh bells", "Northern Stock Music", "Order 4471")


@pytest.fixture
def delivery(session: Session) -> Delivery:
    return factories.in_delivery(session)


def packaged(session: Session, version: Version) -> Package:
    package = package_actions.record(session, version.id, build(contents_of(session, version.id)), at=DELIVERING)
    assert package is not None
    return package


def opened(package: Package | Stored) -> dict[str, bytes]:
    with ZipFile(storage().path(package.sha256)) as file:
        assert file.testzip() is None
        assert {(m.date_time, m.compress_type, m.create_system) for m in file.infolist()} == {((1980, 1, 1, 0, 0, 0), ZIP_STORED, 3)}
        return {name: file.read(name) for name in file.namelist()}


def test_a_package_holds_the_file_the_credits_the_licence_the_manifest_and_every_hash(session: Session, delivery: Delivery) -> None:
    version = factories.approved_version(session, delivery, words="The reader, whole.", outside=[BELLS])
    inside = opened(packaged(session, version))
    assert list(inside) == ["holiday-reader-v1.md", "CREDITS.txt", "LICENCE-2026-01.txt", "MANIFEST.json", "SHA256SUMS"]
    assert inside["holiday-reader-v1.md"] == b"The reader, whole."
    assert hashlib.sha256(inside["LICENCE-2026-01.txt"]).hexdigest() == licence_hash("2026-01")
    sums = dict(line.split("  ")[::-1] for line in inside["SHA256SUMS"].decode().splitlines())
    assert sums == {name: hashlib.sha256(held).hexdigest() for name, held in inside.items() if name != "SHA256SUMS"}


def test_the_credits_name_who_put_it_together_whose_contributions_are_in_it_and_whose_led_to_them(
    session: Session, delivery: Delivery
) -> None:
    delivery.contributions.pop(0)
    version = factories.approved_version(session, delivery, outside=[BELLS])
    assert opened(packaged(session, version))["CREDITS.txt"].decode() == (
        "Holiday reader\nHoliday traditions\n\n"
        "Assembled by\n  Edda\n\n"
        "With contributions by\n  Ben: First foot\n\n"
        "Built on contributions by\n  Ana: Lantern street\n\n"
        "Also used\n  Sleigh bells (Northern Stock Music; Order 4471)\n"
    )


def test_nobody_is_named_where_the_brief_asks_for_it(session: Session, delivery: Delivery) -> None:
    session.execute(update(Brief).where(Brief.campaign_id == delivery.made.id).values(credit_names=False))
    inside = opened(packaged(session, factories.approved_version(session, delivery)))
    words = inside["CREDITS.txt"] + inside["MANIFEST.json"]
    assert [name for name in (b"Ana", b"Ben", b"Edda") if name in words] == []
    assert b"Made by the artists of this campaign, who are not named." in words


def test_the_manifest_says_what_was_approved_by_whom_and_by_whose_leave(session: Session, delivery: Delivery) -> None:
    first, second = delivery.contributions
    delivery.contributions = [second]
    version = factories.approved_version(session, delivery, outside=[BELLS])
    body = json.loads(opened(packaged(session, version))["MANIFEST.json"])
    parts = json.dumps(body["parts"], sort_keys=True, separators=(",", ":")).encode()
    details = find_version_details(session, version.id, by=delivery.approver)
    bound = {"file_sha256": version.sha256, "parts_sha256": hashlib.sha256(parts).hexdigest()}
    assert body["version"] == {
        "id": str(version.id), "number": 1, "file": "holiday-reader-v1.md", "mime": "text/markdown", "bytes": version.bytes,
        **bound, "made_at": DELIVERING.isoformat(),
    }  # fmt: skip
    assert body["approval"] == {"by": "Noor", "at": DELIVERING.isoformat(), **bound}
    assert bound["parts_sha256"] == details.parts_sha256
    assert body["makers"] == ["Edda"]
    assert body["components"] == [of_manifest(session, second, "Ben")]
    assert body["led_to_them"] == [of_manifest(session, first, "Ana")]
    assert body["edges"] == [{"work": str(second.id), "source": str(first.id), "kind": "contains", "weight": 1}]
    assert body["outside"] == [{"kind": "stock_music", "title": "Sleigh bells", "origin": "Northern Stock Music", "licence": "Order 4471"}]
    assert body["ai_training"] is False
    assert body["deliverable"] == {
        "id": str(delivery.deliverable.id), "title": "Holiday reader", "kind": "text", "format": "Markdown", "length": "12 pages",
    }  # fmt: skip


def of_manifest(session: Session, contribution: Contribution, maker: str) -> dict[str, object]:
    (grant,) = grants_of(session, [contribution.id])[contribution.id]
    granted = {
        "by": maker, "version": "2026-01", "text_sha256": licence_hash("2026-01"), "granted_at": grant.granted_at.isoformat(),
        "ai_training": False,
    }  # fmt: skip
    return {
        "id": str(contribution.id),
        "title": contribution.title,
        "kind": "text",
        "wrapper": False,
        "taken_down_at": None,
        "makers": [maker],
        "licences": [granted],
    }


def test_a_package_built_again_is_the_same_file_to_the_last_bit(session: Session, delivery: Delivery) -> None:
    version = factories.approved_version(session, delivery)
    package = packaged(session, version)
    again = build(contents_of(session, version.id))
    assert (again.sha256, again.bytes) == (package.sha256, package.bytes)
    path = storage().path(package.sha256)
    assert (sha256_of(path), path.stat().st_size) == (package.sha256, package.bytes)


def test_a_package_is_recorded_once_and_opens_the_gate(session: Session, delivery: Delivery) -> None:
    version = factories.approved_version(session, delivery)
    assert unpackaged(session, [delivery.deliverable.id]) == [version.id]
    renditions.record(session, version.id, Prepared([]), at=DELIVERING)
    package = packaged(session, version)
    assert package_actions.record(session, version.id, Built("0" * 64, 1), at=DELIVERING) is package
    (fact,) = facts(session, EventName.CLIENT_DELIVERY_PACKAGED)
    assert (fact.deliverable_id, fact.facts) == (
        delivery.deliverable.id, {"cut": str(version.id), "number": 1, "sha256": package.sha256, "bytes": package.bytes},
    )  # fmt: skip
    assert (codes(session, delivery), work_waiting(session, [delivery.made.id])) == ([], set())
    assert unpackaged(session, [delivery.deliverable.id]) == []
    assert [t.stage for t in lifecycle.move_on(session, delivery.made.id, at=DELIVERING)] == [Stage.PAYOUT]


def test_the_package_is_for_the_brands_approvers_and_the_manager(session: Session, delivery: Delivery) -> None:
    deliverable_id = delivery.deliverable.id
    assert type(refusal_of(session, lambda: handover(session, deliverable_id, by=delivery.approver))) is NotFound
    version = factories.approved_version(session, delivery)
    refusal = refusal_of(session, lambda: handover(session, deliverable_id, by=delivery.approver))
    assert refusal.message == "There is no package yet: it is made once the brand has approved a version."
    package = packaged(session, version)
    for by in (delivery.approver, delivery.made.manager):
        handed = handover(session, deliverable_id, by=by)
        assert (handed.package, handed.details.version) == (package, version)
    rivals = factories.someone(session, Role.APPROVER, on=Scope(brand_id=factories.brand(session, "Rivals").id))
    assert type(refusal_of(session, lambda: handover(session, deliverable_id, by=rivals))) is NotFound
    assert type(refusal_of(session, lambda: handover(session, deliverable_id, by=delivery.editor))) is Forbidden


def test_a_deep_lineage_is_gathered_in_as_many_queries_as_a_shallow_one(session: Session) -> None:
    def asked(generations: int) -> int:
        made = factories.opened_call(session, (factories.READER,))
        contributions = [factories.taking_part(session, made, factories.person(session, "Ana"))]
        for _generation in range(generations):
            contributions.append(
                factories.remixed(session, made, factories.person(session, "Ben"), (contributions[-1], SourceKind.CONTAINS))
            )
        delivery = factories.delivered_from(session, made, contributions[-1:])
        version = factories.approved_version(session, delivery)
        session.expire_all()
        with statements(session) as sent:
            contents = contents_of(session, version.id)
        assert len(json.loads(contents.texts["MANIFEST.json"])["led_to_them"]) == generations
        return len(sent)

    assert asked(1) == asked(8) <= 15


def test_a_large_file_is_packed_without_being_held_in_memory(session: Session, tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    stored = storage().keep(large)
    tracemalloc.start()
    built = build(Contents("film.mp4", stored.sha256, {"CREDITS.txt": b"Nobody"}))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 * 1024 * 1024
    assert built.bytes > stored.bytes
    for kept in (stored, built):
        storage().path(kept.sha256).unlink()


def test_a_flow_killed_between_building_and_recording_builds_the_same_again_and_records_it_once(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_delivery, "hand_over", client_delivery.hand_over.fn)
    carried, version, by = approved()
    with unit_of_work() as session:
        killed = build(contents_of(session, version.id))
        (deliverable,) = deliverables_of(session, carried.campaign_id)
    for _run in range(2):
        client_delivery.work(carried, deliverable)
    client_delivery.hand_over(carried, version.id)
    with unit_of_work() as session:
        assert handover(session, version.deliverable_id, by=by).package.sha256 == killed.sha256
        packaged_once = select(func.count()).select_from(Event).where(Event.name == "client_delivery.packaged")
        assert session.scalar(packaged_once) == 1


def test_a_flow_run_that_was_superseded_records_no_package(fresh_database: str) -> None:
    carried, version, _by = approved()
    with pytest.raises(LeaseLost):
        client_delivery.hand_over.fn(Carried(carried.campaign_id, carried.generation + 1), version.id)
    with unit_of_work() as session:
        assert session.get(Package, version.id) is None


def approved() -> tuple[Carried, Version, Actor]:
    """A campaign whose one version is approved, as its flow carries it, and the approver."""
    with unit_of_work() as session:
        delivery = factories.in_delivery(session)
        version = factories.approved_version(session, delivery)
        renditions.record(session, version.id, Prepared([]), at=DELIVERING)
        return Carried(delivery.made.id, delivery.made.campaign.generation), version, delivery.approver


def test_a_file_whose_bytes_have_changed_stops_the_package_and_the_manager_has_it_made_again(session: Session, delivery: Delivery) -> None:
    version, manager = factories.approved_version(session, delivery, words="As it was approved."), delivery.made.manager
    renditions.record(session, version.id, Prepared([]), at=DELIVERING)
    place = storage().path(version.sha256)
    whole = place.read_bytes()
    place.write_bytes(whole.replace(b"approved", b"tampered"))
    with pytest.raises(FileChanged) as met:
        build(contents_of(session, version.id))
    for _again in range(2):
        package_actions.stop(session, version.id, met.value.message, at=DELIVERING)
    assert (unpackaged(session, [delivery.deliverable.id]), work_waiting(session, [delivery.made.id])) == ([], set())
    assert codes(session, delivery) == [("package_stopped", "manager")]
    assert [fact.reason for fact in facts(session, EventName.CLIENT_DELIVERY_PACKAGE_STOPPED)] == [met.value.message]
    with pytest.raises(Forbidden):
        package_actions.pack_again(session, version.id, by=delivery.editor, at=DELIVERING)
    place.write_bytes(whole)
    package_actions.pack_again(session, version.id, by=manager, at=DELIVERING)
    assert unpackaged(session, [delivery.deliverable.id]) == [version.id]
    packaged(session, version)
    with pytest.raises(NothingStopped):
        package_actions.pack_again(session, version.id, by=manager, at=DELIVERING)
