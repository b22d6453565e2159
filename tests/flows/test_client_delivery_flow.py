"""What is shown of a version, and the package of what the brand has approved, are made by the campaign's flow, once."""

from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from sqlalchemy import select

from campaigns.client_delivery.models import Package, Showing, Version, VersionRendition
from campaigns.core.events import Event
from campaigns.core.files import storage
from flows.client_delivery import work
from tests import factories
from tests.flows.alone import alone
from workers.transactions import unit_of_work

pytestmark = pytest.mark.usefixtures("own_prefect")


def test_the_flow_hands_an_approved_version_over_and_has_nothing_to_do_the_next_time(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit_of_work() as session:
        delivery = factories.in_delivery(session)
        seen = factories.presented_version(session, delivery, words="Not this one.")
    carry = alone(work, delivery.made.id, delivery.deliverable)
    carry()
    assert _packages() == {}
    with unit_of_work() as session:
        version = factories.approved_version(session, delivery)
    carry()
    with storage().path(_packages()[version.id]).open("rb") as package:
        assert package.read(2) == b"PK"
    assert sorted(_tasks(seen.id, version.id)) == [
        *sorted(f"client_delivery: make version {each.id} showable" for each in (seen, version)),
        f"client_delivery: package version {version.id}",
    ]
    assert _shown() == {seen.id: (Showing.READY, ["text"]), version.id: (Showing.READY, ["text"])}
    for task in ("hand_over", "make_showable"):
        monkeypatch.setattr(f"flows.client_delivery.{task}", None)
    carry()
    with unit_of_work() as session:
        told = select(Event).where(Event.chain_id == delivery.made.id, Event.name == "client_delivery.packaged")
        assert [fact.facts["cut"] for fact in session.scalars(told)] == [str(version.id)]


def _shown() -> dict[UUID, tuple[Showing, list[str]]]:
    with unit_of_work() as session:
        roles = {made.version_id: [made.role] for made in session.query(VersionRendition)}
        return {version.id: (version.showing, roles[version.id]) for version in session.query(Version)}


def _packages() -> dict[UUID, str]:
    with unit_of_work() as session:
        return {package.version_id: package.sha256 for package in session.query(Package)}


def _tasks(*versions: UUID) -> list[str]:
    """Of these versions only: other tests have flows in the same Prefect."""
    with get_client(sync_client=True) as prefect:
        return [run.name for run in prefect.read_task_runs() if any(str(version) in run.name for version in versions)]
