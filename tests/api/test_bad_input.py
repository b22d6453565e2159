"""Every refusal that the issue names, over HTTP: its sentence, the field that it is about, and that nothing has changed."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from campaigns.collaboration.claims import actions as claim_actions
from campaigns.collaboration.models import SourceKind
from campaigns.core import clock
from campaigns.core.stages import Stage
from tests import factories, samples
from tests.api import test_client_delivery_routes as client_delivery
from tests.api import test_collaboration_routes as collaboration
from tests.api import test_payout_routes as payout
from tests.api.caller import caller, token_of
from tests.api.test_curation_routes import SCORES
from tests.api.test_upload_routes import BYTES, begin
from tests.factories import Partnership
from workers.transactions import unit_of_work

API = "/api/v1"
TEXT = {"title": "Doors", "text": "# Doors\n\nWe open them.", "licence_version": "2026-01"}
# Who asked, and how often, is noted there, refused or not.
NOTED = "('api_token', 'bucket', 'security_entry')"
LASTING = text(f"select table_name from information_schema.tables where table_schema = 'public' and table_name not in {NOTED}")
Told: TypeAlias = tuple[int, str, str | None, str]


def everything() -> dict[str, str]:
    """Each table and a hash of all that is in it, but for who asked and how often."""
    with unit_of_work() as session:
        tables = sorted(session.scalars(LASTING))
        rows = "select coalesce(md5(string_agg(row::text, '|' order by row::text)), '') from {} row"
        return {table: session.execute(text(rows.format(f'"{table}"'))).scalar_one() for table in tables}


def refusal(ask: Callable[[], Any], *, but: frozenset[str] = frozenset()) -> Told:
    """What the refused request is told; fails when it has changed anything at all, `but` for these tables."""
    before = everything()
    answer = ask()
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert {table for table, rows in everything().items() if rows != before[table]} <= but
    said = answer.json()
    return answer.status_code, said["code"], said.get("field"), said["detail"]


def managed(stage: Callable[..., Partnership], *given: Any) -> tuple[str, TestClient, Partnership]:
    """A campaign at this stage, as its manager sees it: its address, and the API in their hands."""
    with unit_of_work() as session:
        made = stage(session, *given, at=clock.business_now(session))
        return f"{API}/campaigns/{made.id}", caller(token_of(session, made.manager)), made


def an_artist() -> TestClient:
    with unit_of_work() as session:
        return caller(token_of(session, factories.person(session, "Ana")))


def test_a_brief_without_a_deliverable_is_not_launched(fresh_database: str) -> None:
    path, manager, _made = managed(factories.filled_brief, ())
    assert refusal(lambda: manager.post(f"{path}/launch")) == (
        409, "NoDeliverable", "deliverables", "The brief has no deliverables yet. Add at least one, with its price.",
    )  # fmt: skip


def test_dates_that_cross_are_refused(fresh_database: str) -> None:
    path, manager, made = managed(factories.filled_brief)
    closes_at = (made.campaign.created_at + timedelta(days=100)).isoformat()
    assert refusal(lambda: manager.patch(f"{path}/brief", json={"call_closes_at": closes_at})) == (
        400, "CrossingDates", "collaboration_closes_at", "“Collaboration closes” must be after “Call closes”.",
    )  # fmt: skip


def test_a_date_that_is_null_is_taken_out_and_nothing_else_can_be_null(fresh_database: str) -> None:
    path, manager, _made = managed(factories.filled_brief)
    assert manager.patch(f"{path}/brief", json={"curation_due_at": None}).json()["curation_due_at"] is None
    assert manager.patch(f"{path}/brief", json={"story": None}).status_code == 422


@pytest.mark.parametrize("number", [1_800_000_000, "1800000000", 1.8e12])
def test_a_date_is_written_out_and_never_a_number(fresh_database: str, number: object) -> None:
    path, manager, _made = managed(factories.filled_brief)
    answers = [
        manager.patch(f"{path}/brief", json={"go_live_at": number}),
        manager.post(f"{path}/call/extensions", json={"closes_at": number, "reason": "Later."}),
        manager.post(f"{path}/funding/receipts", json={"amount": 1, "reference": "W", "received_on": number}),
    ]
    assert [answer.status_code for answer in answers] == [422] * 3


def test_what_cannot_be_funded_is_refused_with_its_cause_alone(fresh_database: str) -> None:
    path, manager, _made = managed(factories.filled_brief, ())
    detail = manager.post(f"{path}/funding/invoices", json={}).json()["detail"]
    assert detail == "There is nothing to fund yet. Add a deliverable with its price first."


def test_a_fraction_out_of_range_is_refused(fresh_database: str) -> None:
    path, manager, _made = managed(factories.filled_brief)
    assert refusal(lambda: manager.patch(f"{path}/brief", json={"contains": "1.5"})) == (
        400, "FractionOutOfRange", "contains", "1.5 is not a fraction from 0 to below 1 with at most four decimals. Write it like 0.25.",
    )  # fmt: skip


def test_a_payment_beyond_what_an_invoice_still_asks_for_is_refused(fresh_database: str) -> None:
    path, manager, _made = managed(factories.filled_brief)
    receipt = {"amount": 7_400_001, "reference": "WIRE", "received_on": "2026-01-01"}
    assert refusal(lambda: manager.post(f"{path}/funding/receipts", json=receipt)) == (
        409, "BeyondWhatIsAsked", "amount", "$74,000.01 is more than the $74,000.00 still outstanding.",
    )  # fmt: skip


def test_a_contribution_after_the_close_is_refused(fresh_database: str) -> None:
    path, _manager, _made = managed(factories.opened_call)
    ana = an_artist()
    with unit_of_work() as session:
        clock.move_clock(session, timedelta(days=15))
    status, code, field, sentence = refusal(lambda: ana.post(f"{path}/contributions", json=TEXT))
    assert (status, code, field) == (409, "CallClosed", "campaign_id")
    assert sentence.startswith("This call closed on ")
    assert sentence.endswith(". Late submissions are possible only if it is extended for everyone.")


def sent(ana: TestClient, path: Path, name: str, mime: str) -> Told:
    """What is told about a file that was sent under this name; of an upload, the refusal is kept."""
    address, whole = begin(ana, path.stat().st_size, name, mime), path.read_bytes()
    headers = BYTES | {"Upload-Offset": "0"}
    told = refusal(lambda: ana.patch(address, content=whole, headers=headers), but=frozenset({"upload"}))
    assert (ana.get(address).json()["state"], ana.get(address).json()["refusal"]) == ("refused", told[-1])
    return told


def test_a_file_that_is_not_what_its_name_says_is_refused(fresh_database: str, tmp_path: Path) -> None:
    assert sent(an_artist(), samples.picture(tmp_path), "lantern.mp3", "audio/mpeg") == (
        400, "NotWhatItSays", "file", "“lantern.mp3” is not what its name or type says: it looks like image/jpeg.",
    )  # fmt: skip


def test_a_truncated_file_is_refused(fresh_database: str, tmp_path: Path) -> None:
    assert sent(an_artist(), samples.cut(samples.picture(tmp_path)), "lantern.jpg", "image/jpeg") == (
        400, "Damaged", "file", "“lantern.jpg” is incomplete or damaged. Export it again and upload the whole file.",
    )  # fmt: skip


def test_a_cycle_is_refused(fresh_database: str) -> None:
    scene = collaboration.Scene()
    newer = {"source": scene.own, "kind": "influenced_by"}
    scene.claimed()
    assert refusal(lambda: scene.ana.post(f"{API}/contributions/{scene.story}/sources", json=newer)) == (
        400, "NewerSource", "source", "A source must be an older contribution. This one is newer, or is the contribution itself.",
    )  # fmt: skip


def test_a_pair_cited_twice_is_refused(fresh_database: str) -> None:
    scene = collaboration.Scene()
    scene.claimed()
    again = {"source": scene.story, "kind": "contains"}
    assert refusal(lambda: scene.ben.post(f"{API}/contributions/{scene.own}/sources", json=again)) == (
        409, "PairCitedTwice", "source", "This contribution already cites that source. A source can be cited only once.",
    )  # fmt: skip
    twice = TEXT | {"sources": [{"source": scene.story, "kind": "contains"}] * 2}
    assert refusal(lambda: scene.ben.post(scene.path("remixes"), json=twice)) == (
        409, "PairCitedTwice", "sources", "A source can be cited only once.",
    )  # fmt: skip


def test_a_review_by_someone_with_a_conflict_is_refused(fresh_database: str) -> None:
    with unit_of_work() as session:
        now = clock.business_now(session)
        made = factories.opened_call(session, at=now)
        contribution = factories.taking_part(session, made, factories.person(session, "Ana"), at=now)
        judge = factories.curator(session, made)
        deliverable = factories.entered(session, made, Stage.CURATION, at=now)[0]
        own = factories.taking_part(session, made, judge, "My own", at=now)
        curator, manager = caller(token_of(session, judge)), caller(token_of(session, made.manager))
    asked = manager.post(f"{API}/deliverables/{deliverable.id}/assignments", json={"curators": [str(judge.person)], "per_contribution": 1})
    assert asked.status_code == 201, asked.text
    assignment = curator.get(f"{API}/me/reviews").json()["items"][0]["id"]
    with unit_of_work() as session:
        claim_actions.claim(session, own.id, contribution.id, SourceKind.INFLUENCED_BY, by=judge, at=now)
    review = {"scores": SCORES, "reason": "It is good."}
    assert refusal(lambda: curator.put(f"{API}/reviews/{assignment}", json=review)) == (
        403, "ConflictOfInterest", "assignment_id",
        "You made this contribution, or it is connected to yours by lineage. Declare a conflict, and another curator will review it.",
    )  # fmt: skip


def test_the_approval_of_an_old_version_is_refused(fresh_database: str) -> None:
    stage = client_delivery.Stage()
    old = stage.presented()
    stage.presented(words="Once, longer.")
    assert refusal(lambda: stage.approver.post(f"{API}/versions/{old['id']}/decision", json=client_delivery.word(old))) == (
        409, "OldVersion", "version_id", "Version 1 is no longer the latest.",
    )  # fmt: skip


def test_an_approval_by_another_brand_is_refused(fresh_database: str) -> None:
    stage = client_delivery.Stage()
    version = stage.presented()
    assert refusal(lambda: stage.rival.post(f"{API}/versions/{version['id']}/decision", json=client_delivery.word(version))) == (
        404, "NoSuchVersion", "version_id", "There is no such version.",
    )  # fmt: skip


def test_an_approval_with_an_unlicensed_outside_part_is_refused(fresh_database: str) -> None:
    stage = client_delivery.Stage()
    version = stage.version(outside=[client_delivery.BELLS])
    assert refusal(lambda: stage.manager.post(f"{API}/versions/{version['id']}/internal-approval")) == (
        409, "UnlicensedMaterial", "outside", "Third-party assets have no license yet: Sleigh bells. Add the license, or remove the asset.",
    )  # fmt: skip


def test_finalizing_ones_own_proposal_is_refused(fresh_database: str) -> None:
    stage = payout.Stage()
    path = stage.proposed()
    stage.windows_close()
    assert refusal(lambda: stage.manager.post(f"{path}/finalization")) == (
        403, "OwnProposal", "proposal_id", "You assigned the points for this proposal, so two other people must finalize it.",
    )  # fmt: skip


def test_finalizing_with_an_unanswered_comment_is_refused(fresh_database: str) -> None:
    stage = payout.Stage()
    path = stage.proposed()
    assert stage.lea.post(f"{path}/comments", json=payout.COMMENT).status_code == 201
    stage.windows_close()
    assert refusal(lambda: stage.fay.post(f"{path}/finalization")) == (
        409, "CommentsUnanswered", "proposal_id", "1 comment is unanswered; answer it first.",
    )  # fmt: skip
