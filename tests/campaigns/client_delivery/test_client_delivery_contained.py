"""Whatever is in a version, however deep, and is taken down, disputed or unconfirmed stops it, its approval and its package."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.client_delivery.models import OutsideKind, OutsideMaterial, Package, ReviewDecision, Showing, Verdict, Version
from campaigns.client_delivery.packages import actions as package_actions
from campaigns.client_delivery.packages.actions import build, contents_of
from campaigns.client_delivery.packages.queries import unpackaged, work_waiting
from campaigns.client_delivery.queries import find_version_details
from campaigns.client_delivery.versions.actions import approve_internally, decide, make_version
from campaigns.client_delivery.versions.queries import makings
from campaigns.collaboration.claims import actions as claim_actions
from campaigns.collaboration.claims.queries import open_claims
from campaigns.collaboration.lineage.obstacles import Obstacle, obstacles_in
from campaigns.collaboration.models import SourceKind
from campaigns.core.people import SYSTEM, Actor
from campaigns.open_call import uploads
from campaigns.open_call.contributions.actions import withdraw
from campaigns.open_call.makers.actions import confirm_part
from campaigns.open_call.models import Contribution, ContributionState, NamedMaker
from flows import client_delivery
from flows.pulse import Carried
from tests import factories
from tests.campaigns.client_delivery.test_client_delivery_versions import codes, refusal_of, upload
from tests.factories import DELIVERING, NOW, Delivery
from workers.transactions import unit_of_work

CONTAINS, INFLUENCED_BY = SourceKind.CONTAINS, SourceKind.INFLUENCED_BY


@dataclass
class Deep:
    """Cleo's work is chosen alone; it contains Ben's, which contains Ana's. Dora's takes part, and is in none of them."""

    delivery: Delivery
    ana: Actor
    ben: Actor
    cleo: Actor
    dora: Actor
    deepest: Contribution
    middle: Contribution
    chosen: Contribution
    other: Contribution

    @property
    def manager(self) -> Actor:
        return self.delivery.made.manager

    def withdraw(self, session: Session) -> None:
        withdraw(session, self.deepest.id, by=self.ana, at=DELIVERING)

    def claim(self, session: Session) -> None:
        """Dora says that her work is in Ben's."""
        claim_actions.claim(session, self.middle.id, self.other.id, CONTAINS, by=self.dora, at=DELIVERING)

    def dispute(self, session: Session) -> None:
        self.claim(session)
        claim_actions.decline(session, self.middle.id, self.other.id, "It is not.", by=self.ben, at=DELIVERING)

    def name_without_asking(self, session: Session) -> None:
        """Ana was named as a maker by somebody who knows her address, and has not answered."""
        session.add(NamedMaker(contribution_id=self.deepest.id, person_id=self.ana.person, address="ana@elsewhere.example"))
        session.flush()


def brought(session: Session) -> Deep:
    made = factories.opened_call(session, (factories.READER,))
    ana, ben, cleo, dora = (factories.person(session, name) for name in ("Ana", "Ben", "Cleo", "Dora"))
    deepest, other = (factories.taking_part(session, made, by, title) for by, title in ((ana, "Lanterns"), (dora, "Doors")))
    middle = factories.remixed(session, made, ben, (deepest, CONTAINS), title="Street")
    chosen = factories.remixed(session, made, cleo, (middle, CONTAINS), title="Parade")
    return Deep(factories.delivered_from(session, made, [chosen]), ana, ben, cleo, dora, deepest, middle, chosen, other)


@pytest.fixture
def deep(session: Session) -> Deep:
    return brought(session)


def approved(session: Session, deep: Deep, version: Version) -> None:
    seen = find_version_details(session, version.id, by=deep.delivery.approver)
    decide(session, version.id, Verdict.APPROVED, version.sha256, seen.parts_sha256, by=deep.delivery.approver, at=DELIVERING)


UNCONFIRMED = "component_unconfirmed"
CASES = [
    (Deep.withdraw, "ComponentTakenDown", ("nothing_chosen", "manager"), ("component_taken_down", "manager"), "Lanterns"),
    (Deep.claim, "ComponentUnsettled", ("component_unsettled", "curator"), ("component_unsettled", "curator"), "Doors"),
    (Deep.dispute, "ComponentUnsettled", ("component_unsettled", "curator"), ("component_unsettled", "curator"), "Doors"),
    (Deep.name_without_asking, "ComponentUnconfirmed", (UNCONFIRMED, "editor"), (UNCONFIRMED, "manager"), "Lanterns"),
]  # fmt: skip


@pytest.mark.parametrize(("happen", "code", "gate", "after", "title"), CASES)
def test_a_version_is_not_presented_or_approved_while_something_deep_in_it_is_gone_or_unsettled(
    session: Session, deep: Deep, happen: Callable[[Deep, Session], None], code: str, gate: tuple[str, str], after: object, title: str
) -> None:
    made = factories.version(session, deep.delivery)
    presented = approve_internally(session, made.id, by=deep.manager, at=DELIVERING)
    happen(deep, session)
    refusal = refusal_of(session, lambda: approved(session, deep, presented))
    assert (refusal.code, title in refusal.message) == (code, True)
    assert codes(session, deep.delivery) == [gate]


@pytest.mark.parametrize(("happen", "code", "gate", "after", "title"), CASES)
def test_no_version_is_made_of_what_holds_something_that_is_gone_or_unsettled(
    session: Session, deep: Deep, happen: Callable[[Deep, Session], None], code: str, gate: tuple[str, str], after: object, title: str
) -> None:
    ready, editor = upload(session, deep.delivery).id, deep.delivery.editor
    happen(deep, session)
    refusal = refusal_of(
        session,
        lambda: make_version(session, deep.delivery.deliverable.id, ready, [deep.chosen.id], {editor.person: 1}, by=editor, at=DELIVERING),
    )
    assert (refusal.code, refusal.field, title in refusal.message) == (code, "components", True)
    assert gate in codes(session, deep.delivery)


@pytest.mark.parametrize(("happen", "code", "gate", "after", "title"), CASES)
def test_the_package_of_an_approved_version_waits_while_something_deep_in_it_is_gone_or_unsettled(
    session: Session, deep: Deep, happen: Callable[[Deep, Session], None], code: str, gate: object, after: tuple[str, str], title: str
) -> None:
    version = factories.approved_version(session, deep.delivery)
    version.showing = Showing.READY
    built = build(contents_of(session, version.id))
    happen(deep, session)
    refusal = refusal_of(session, lambda: package_actions.record(session, version.id, built, at=DELIVERING))
    assert (refusal.code, session.get(Package, version.id)) == (code, None)
    assert (unpackaged(session, [deep.delivery.deliverable.id]), work_waiting(session, [deep.delivery.made.id])) == ([], set())
    assert codes(session, deep.delivery) == [after]


def unlicensed(deep: Deep, session: Session) -> None:
    """The version has material from outside of which nobody says under which licence."""
    version_id = session.scalars(select(Version.id).where(Version.deliverable_id == deep.delivery.deliverable.id)).one()
    session.add(OutsideMaterial(version_id=version_id, kind=OutsideKind.FONT, title="Inter", origin="rsms.me"))
    session.flush()


@pytest.mark.parametrize("happen", [Deep.withdraw, Deep.claim, Deep.dispute, Deep.name_without_asking, unlicensed])
def test_the_database_itself_refuses_to_present_approve_and_pack_what_not_everybody_has_given_leave_for(
    session: Session, deep: Deep, happen: Callable[[Deep, Session], None]
) -> None:
    version, editor = factories.version(session, deep.delivery), deep.delivery.editor.person
    approval = {"verdict": "approved", "file_sha256": version.sha256, "parts_sha256": "0" * 64, "decided_by": editor, "decided_at": NOW}
    writes = (
        update(Version).values(presented_by=editor, presented_at=NOW),
        insert(ReviewDecision).values(version_id=version.id, **approval),
        insert(Package).values(version_id=version.id, sha256="0" * 64, bytes=1, made_at=NOW),
    )
    happen(deep, session)
    for write in writes:
        with pytest.raises(IntegrityError, match=r"taken down, disputed or unconfirmed|has no licence"), session.begin_nested():
            session.execute(write)


def test_a_claim_that_a_curator_has_decided_stops_nothing_and_the_package_is_made(session: Session, deep: Deep) -> None:
    version = factories.approved_version(session, deep.delivery)
    deep.dispute(session)
    judge = factories.curator(session, deep.delivery.made)
    claim_actions.decide(session, deep.middle.id, deep.other.id, False, "It is another door.", by=judge, at=DELIVERING)
    assert unpackaged(session, [deep.delivery.deliverable.id]) == [version.id]
    claim_actions.decide(session, deep.middle.id, deep.other.id, True, "It is that door after all.", by=judge, at=DELIVERING)
    assert unpackaged(session, [deep.delivery.deliverable.id]) == [version.id]
    withdraw(session, deep.other.id, by=deep.dora, at=DELIVERING)
    assert unpackaged(session, [deep.delivery.deliverable.id]) == []


def test_a_disputed_claim_that_stops_a_version_is_among_those_that_its_curators_decide(session: Session, deep: Deep) -> None:
    judge = factories.curator(session, deep.delivery.made)
    deep.dispute(session)
    (claim,) = open_claims(session, deep.delivery.made.id, by=judge)
    assert (claim.contribution.id, claim.older.id) == (deep.middle.id, deep.other.id)
    claim_actions.decide(session, deep.middle.id, deep.other.id, False, "It is another door.", by=judge, at=DELIVERING)
    assert open_claims(session, deep.delivery.made.id, by=judge) == []


def test_once_its_maker_has_confirmed_it_a_contribution_stops_nothing(session: Session, deep: Deep) -> None:
    deep.name_without_asking(session)
    assert [o.cause for o in obstacles_in(session, [deep.chosen.id])[deep.chosen.id]] == ["maker_unconfirmed"]
    confirm_part(session, deep.deepest.id, by=deep.ana, at=DELIVERING)
    assert obstacles_in(session, [deep.chosen.id]) == {deep.chosen.id: []}


def test_an_influence_that_is_gone_or_open_stops_nothing_and_is_marked_in_the_credits_and_the_manifest(session: Session) -> None:
    made = factories.opened_call(session, (factories.READER,))
    ana, ben = factories.person(session, "Ana"), factories.person(session, "Ben")
    muse, door = (factories.taking_part(session, made, ana, title) for title in ("Muse", "Door"))
    contribution = factories.remixed(session, made, ben, (muse, CONTAINS), title="Street")
    delivery = factories.delivered_from(session, made, [contribution])
    claim_actions.claim(session, contribution.id, door.id, INFLUENCED_BY, by=ana, at=DELIVERING)
    claim_actions.confirm(session, contribution.id, door.id, by=ben, at=DELIVERING)
    withdraw(session, door.id, by=ana, at=DELIVERING)
    version = factories.approved_version(session, delivery)
    texts = contents_of(session, version.id).texts
    assert "  Ana: Door (since withdrawn by its makers)\n" in texts["CREDITS.txt"].decode()
    led = {each["title"]: each["taken_down_at"] for each in json.loads(texts["MANIFEST.json"])["led_to_them"]}
    assert led == {"Muse": None, "Door": DELIVERING.isoformat()}
    assert isinstance(package_actions.record(session, version.id, build(contents_of(session, version.id)), at=DELIVERING), Package)


def test_where_another_contribution_is_left_the_editor_makes_the_next_version_of_that(session: Session) -> None:
    made = factories.opened_call(session, (factories.READER,))
    ana, ben = factories.person(session, "Ana"), factories.person(session, "Ben")
    older, free = factories.taking_part(session, made, ana, "Lanterns"), factories.taking_part(session, made, ben, "Doors")
    newer = factories.remixed(session, made, ben, (older, CONTAINS), title="Street")
    delivery = factories.delivered_from(session, made, [newer, free])
    factories.presented_version(session, delivery)
    withdraw(session, older.id, by=ana, at=DELIVERING)
    assert codes(session, delivery) == [("component_taken_down", "editor")]
    found = {
        one.contribution.title: [o.cause.value for o in one.obstacles]
        for one in makings(session, delivery.deliverable.id, by=delivery.editor).material
    }
    assert found == {"Street": ["taken_down"], "Doors": []}
    file = uploads.take_text(session, "Without it.", "text/markdown", by=delivery.editor).id
    make_version(session, delivery.deliverable.id, file, [free.id], {delivery.editor.person: 1}, by=delivery.editor, at=DELIVERING)
    assert codes(session, delivery) == [("internal_approval", "manager")]


def test_whoever_sees_the_version_reads_what_stands_in_its_way(session: Session, deep: Deep) -> None:
    version = factories.presented_version(session, deep.delivery)
    deep.withdraw(session)
    for by in (deep.delivery.approver, deep.delivery.editor, deep.manager):
        assert find_version_details(session, version.id, by=by).obstacles == [Obstacle(deep.deepest.id, "Lanterns", "taken_down")]  # type: ignore[arg-type]


def test_the_flow_builds_no_package_of_what_was_taken_down_while_it_was_building(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit_of_work() as session:
        deep = brought(session)
        version = factories.approved_version(session, deep.delivery)
    real = package_actions.build

    def taken_down_meanwhile(contents: package_actions.Contents) -> package_actions.Built:
        with unit_of_work() as session:
            if session.get_one(Contribution, deep.deepest.id).state is ContributionState.SCREENED_IN:
                deep.withdraw(session)
        return real(contents)

    monkeypatch.setattr(package_actions, "build", taken_down_meanwhile)
    client_delivery.hand_over.fn(Carried(deep.delivery.made.id, deep.delivery.made.campaign.generation), version.id)
    with unit_of_work() as session:
        assert session.get(Package, version.id) is None
        assert find_version_details(session, version.id, by=SYSTEM).version.package_problem is None


def test_a_package_built_from_a_lineage_that_has_changed_since_is_not_recorded(session: Session, deep: Deep) -> None:
    version = factories.approved_version(session, deep.delivery)
    built = build(contents_of(session, version.id))
    claim_actions.claim(session, deep.chosen.id, deep.other.id, INFLUENCED_BY, by=deep.dora, at=NOW)
    claim_actions.confirm(session, deep.chosen.id, deep.other.id, by=deep.cleo, at=NOW)
    assert package_actions.record(session, version.id, built, at=DELIVERING) is None
    again = contents_of(session, version.id)
    assert b"Dora: Doors" in again.texts["CREDITS.txt"]
    package = package_actions.record(session, version.id, build(again), at=DELIVERING)
    assert package is not None
    assert (package.lineage_sha256, package.edition) == (again.lineage_sha256, 1)
