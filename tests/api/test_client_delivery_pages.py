"""Deliveries, the review room and the versions, as the brand, its makers and the manager meet them in a browser."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from api.app import make_app
from api.client_delivery.timecode import NotAMoment, milliseconds
from api.deps import COOKIE
from campaigns.client_delivery.annotations.actions import annotate
from campaigns.client_delivery.annotations.queries import timecode
from campaigns.client_delivery.models import Annotation, NoteState, OutsideKind, ReviewDecision, Showing, Verdict, Version, Weight
from campaigns.client_delivery.packages import actions as package_actions
from campaigns.client_delivery.queries import find_version_details
from campaigns.client_delivery.versions import renditions
from campaigns.client_delivery.versions.actions import Outside, decide
from campaigns.core import access, clock
from campaigns.core.files import opened, storage
from campaigns.core.people import SYSTEM, Actor, Scope
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.open_call.renditions import Kept, Prepared
from tests import factories
from tests.api.visiting import statements
from workers.transactions import unit_of_work

PAGE = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
SECRET = "Only for staff."
BELLS = Outside(OutsideKind.STOCK_MUSIC, "Sleigh bells", "Northern Stock Music", "Order 4471")


@dataclass
class Room:
    """A deliverable in delivery, who is at it, and one browser for all of them."""

    client: TestClient
    delivery: factories.Delivery
    at: Any

    def be(self, who: Actor) -> TestClient:
        with unit_of_work() as session:
            self.client.cookies.set(COOKIE, access.open_session(session, who.person))
        return self.client

    def role(self, role: Role, name: str, **on: UUID) -> Actor:
        with unit_of_work() as session:
            return factories.someone(session, role, name, on=Scope(**on))

    def version(self, presented: bool = True, **more: Any) -> UUID:
        with unit_of_work() as session:
            make = factories.presented_version if presented else factories.version
            return make(session, self.delivery, at=self.at, note=SECRET, **more).id

    def note(self, version_id: UUID, by: Actor, words: str, weight: Weight = Weight.WISH, **more: Any) -> UUID:
        with unit_of_work() as session:
            return annotate(session, version_id, words, weight, by=by, at=self.at, **more).id

    def word(self, version_id: UUID, verdict: str, **more: Any) -> dict[str, Any]:
        """The decision's form as the page has it."""
        with unit_of_work() as session:
            details = find_version_details(session, version_id, by=self.delivery.approver)
            seen = {"file_sha256": details.version.sha256, "parts_sha256": details.parts_sha256}
        return {"_page": f"/versions/{version_id}", "verdict": verdict} | seen | more

    def decided(self, version_id: UUID, verdict: Verdict, note: str = "") -> None:
        form = self.word(version_id, verdict.value)
        with unit_of_work() as session:
            decide(
                session, version_id, verdict, form["file_sha256"], form["parts_sha256"], note, by=self.delivery.approver, at=self.at
            )  # fmt: skip

    def packed(self, version_id: UUID) -> None:
        with unit_of_work() as session:
            package_actions.record(session, version_id, package_actions.build(package_actions.contents_of(session, version_id)), at=self.at)


@pytest.fixture
def room(fresh_database: str) -> Iterator[Room]:
    with TestClient(make_app(), base_url="https://testserver", headers=PAGE, follow_redirects=False) as client:
        with unit_of_work() as session:
            at = clock.business_now(session)
            delivery = factories.in_delivery(session, at=at)
        yield Room(client, delivery, at)


def seen(answer: Any) -> str:
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", str(answer.text))


def once(page: str, n: int = 0) -> str:
    return str(re.findall(r'name="once" value="([0-9a-f]{32})"', page)[n])


def count(kind: Any) -> int:
    with unit_of_work() as session:
        return int(session.scalar(select(func.count()).select_from(kind)) or 0)


def test_the_brand_sees_its_version_its_credits_and_its_bar_and_nothing_of_staff(room: Room) -> None:
    version = room.version(outside=[BELLS])
    room.note(version, room.delivery.made.manager, "Mind the budget.", internal=True)
    page = seen(room.be(room.delivery.approver).get(f"/versions/{version}"))
    for there in ("Once, in December.", "Lantern street", "First foot", "Edda", "Sleigh bells", "Order 4471", "needs your decision."):
        assert there in page
    for hidden in (SECRET, "Mind the budget.", "Internal</span>", "/versions/new"):
        assert hidden not in page
    page = seen(room.be(room.delivery.editor).get(f"/versions/{version}"))
    assert (SECRET in page, "Mind the budget." in page, "Noor</b> decides on version 1" in page, "Yes, approve" in page) == (
        True, True, True, False,
    )  # fmt: skip


@pytest.mark.parametrize("rest", ["?campaign=1", "/0199a1b2", "/0199a1b2/package?x=1&y=%0d%0a"])
def test_an_address_from_an_email_that_called_a_version_a_cut_leads_to_it_for_good(room: Room, rest: str) -> None:
    answer = room.client.get(f"/cuts{rest}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (301, f"/versions{rest}")


def test_a_version_does_not_exist_for_the_brand_before_it_is_presented_nor_for_others_ever(room: Room) -> None:
    version = room.version(presented=False)
    second = room.role(Role.APPROVER, "Second", brand_id=room.delivery.made.brand.id)
    signer = room.delivery.made.signers["legal"]
    assert room.be(room.delivery.approver).get(f"/versions/{version}").status_code == 404
    answer = room.be(room.delivery.made.manager).post(f"/versions/{version}/internal-approval", data={"_page": f"/versions/{version}"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/versions/{version}")
    assert room.be(room.delivery.approver).get(f"/versions/{version}").status_code == 200
    for stranger in (signer, room.role(Role.APPROVER, "Other", brand_id=_other_brand()), room.role(Role.CURATOR, "Curator")):
        assert room.be(stranger).get(f"/versions/{version}").status_code == 404
    assert room.be(second).get(f"/versions/{version}").status_code == 200


def _other_brand() -> UUID:
    with unit_of_work() as session:
        return factories.brand(session, "Rivals").id


def test_a_note_sent_twice_is_written_once_and_a_fault_stands_beside_its_field_with_what_was_typed(room: Room) -> None:
    version = room.version()
    client = room.be(room.delivery.approver)
    form = {
        "_page": f"/versions/{version}",
        "once": once(seen(client.get(f"/versions/{version}"))),
        "words": "Warmer <b>lanterns</b>.",
        "weight": "required",
    }
    first, second = (client.post(f"/versions/{version}/notes", data=form) for _twice in range(2))
    assert (first.status_code, first.headers["location"]) == (303, second.headers["location"])
    assert count(Annotation) == 1
    page = seen(client.get(f"/versions/{version}"))
    assert "Warmer &lt;b&gt;lanterns&lt;/b&gt;." in page
    assert "1 must-fix note is open." in page
    answer = client.post(f"/versions/{version}/notes", data=form | {"words": "At the flare.", "moment": "1:04"})
    assert (answer.status_code, count(Annotation)) == (400, 1)
    assert "At the flare.</textarea>" in answer.text
    assert "Only sound and film have a timeline" in answer.text


def test_notes_are_done_let_go_and_opened_again_in_the_room(room: Room) -> None:
    first = room.version()
    note = room.note(first, room.delivery.approver, "Hold the title.", Weight.REQUIRED)
    room.decided(first, Verdict.CHANGES, "Hold the title.")
    second = room.version()
    said = {"_page": f"/versions/{second}", "room": str(second)}
    page = seen(room.be(room.delivery.editor).get(f"/versions/{second}"))
    assert "on v1" in page
    assert room.client.post(f"/notes/{note}/done", data=said).headers["location"] == f"/versions/{second}#note-{note}"
    assert "Done in v2" in seen(room.be(room.delivery.approver).get(f"/versions/{second}"))
    assert room.client.post(f"/notes/{note}/open", data=said).status_code == 303
    assert room.client.post(f"/notes/{note}/let-go", data=said).status_code == 303
    assert "1 resolved before this version" in seen(room.client.get(f"/versions/{second}"))
    answer = room.client.post(f"/notes/{note}/done", data=said)
    assert (answer.status_code, "Your role does not allow this here" in answer.text) == (403, True)


def test_an_approval_asks_what_is_to_be_let_go_and_keeps_the_ticks(room: Room) -> None:
    version = room.version()
    first = room.note(version, room.delivery.approver, "Hold the title.", Weight.REQUIRED)
    second = room.note(version, room.delivery.approver, "Warmer.", Weight.REQUIRED)
    client = room.be(room.delivery.approver)
    answer = client.post(f"/versions/{version}/decision", data=room.word(version, "approved", let_go=[str(first)]))
    assert (answer.status_code, count(ReviewDecision)) == (409, 0)
    assert "1 must-fix note is still open. Dismiss it, or request changes." in answer.text
    assert f'name="let_go" value="{first}" checked' in answer.text
    assert f'name="let_go" value="{second}">' in answer.text
    answer = client.post(f"/versions/{version}/decision", data=room.word(version, "approved", let_go=[str(first), str(second)]))
    assert answer.status_code == 303
    page = seen(client.get(f"/versions/{version}"))
    assert "Noor approved version 1." in page
    assert "The package is being prepared" in page
    assert f"/versions/{version}/notes" not in page
    room.packed(version)
    assert "Download delivery package" in seen(client.get(f"/versions/{version}"))
    fetched = client.get(client.get(f"/versions/{version}/package").headers["location"])
    assert fetched.headers["content-type"] == "application/octet-stream"


def test_changes_without_words_keep_the_sheet_open_and_a_decision_made_meanwhile_shows_both(room: Room) -> None:
    version = room.version()
    client = room.be(room.delivery.approver)
    answer = client.post(f"/versions/{version}/decision", data=room.word(version, "changes", note=" "))
    assert (answer.status_code, "Describe what should change" in answer.text) == (400, True)
    room.decided(version, Verdict.CHANGES, "Hold the title.")
    other = room.role(Role.APPROVER, "Nils", brand_id=room.delivery.made.brand.id)
    answer = room.be(other).post(f"/versions/{version}/decision", data=room.word(version, "changes", note="Make it <i>shorter</i>."))
    page = re.sub(r"\s+", " ", answer.text)
    assert answer.status_code == 409
    assert "Noor requested changes to version 1." in page
    assert "Make it &lt;i&gt;shorter&lt;/i&gt;." in page
    assert count(ReviewDecision) == 1


def test_a_decision_on_another_file_than_was_looked_at_is_refused(room: Room) -> None:
    version = room.version()
    answer = room.be(room.delivery.approver).post(
        f"/versions/{version}/decision", data=room.word(version, "approved", file_sha256="0" * 64)
    )
    assert (answer.status_code, count(ReviewDecision)) == (409, 0)
    assert "Reload it first." in answer.text


def test_two_in_the_room_learn_that_something_happened(room: Room) -> None:
    version = room.version()
    client = room.be(room.delivery.approver)
    before = client.get(f"/versions/{version}/standing").json()["standing"]
    assert f'data-standing="{before}"' in client.get(f"/versions/{version}").text
    room.note(version, room.delivery.made.manager, "Ours.", internal=True)
    assert client.get(f"/versions/{version}/standing").json()["standing"] == before
    room.note(version, room.delivery.made.manager, "The music is licensed through March.")
    assert client.get(f"/versions/{version}/standing").json()["standing"] != before


def test_what_a_version_says_is_never_run(room: Room) -> None:
    words = "# Hi\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1)) <img src=x onerror=alert(1)> \u202egpj.exe"
    version = room.version()
    with unit_of_work() as session, storage().scratch() as folder:
        # Past the proof of what arrives, which would have refused it.
        (folder / "text").write_text(words, "utf-8")
        session.get_one(Version, version).sha256 = storage().keep(folder / "text").sha256
    page = room.be(room.delivery.approver).get(f"/versions/{version}").text
    paper = page[page.index('class="paper') : page.index("</article>")]
    assert not re.search(r"<script|<img|<a |href|onerror=(?!alert\(1\)&gt;)", paper)


def test_a_licence_is_declared_before_the_brand_sees_it(room: Room) -> None:
    version = room.version(presented=False, outside=[Outside(OutsideKind.FONT, "Mistral", "Letter House")])
    client = room.be(room.delivery.made.manager)
    page = seen(client.get(f"/versions/{version}"))
    assert "1 without a license" in page
    assert "internal-approval" not in page
    action = re.findall(rf'action="(/versions/{version}/outside/[^"]+)"', page)[0]
    assert client.post(action, data={"_page": f"/versions/{version}", "licence": "Order 12"}).status_code == 303
    page = seen(client.get(f"/versions/{version}"))
    assert ("Order 12" in page, f"/versions/{version}/internal-approval" in page) == (True, True)


def test_the_editor_makes_the_next_version_with_what_the_last_one_had(room: Room) -> None:
    first = room.version(outside=[BELLS])
    wish = room.note(first, room.delivery.approver, "Warmer.")
    room.decided(first, Verdict.CHANGES, "Longer, please.")
    client, new = room.be(room.delivery.editor), f"/deliverables/{room.delivery.deliverable.id}/versions/new"
    page = seen(client.get(new))
    for there in ("Longer, please.", "Warmer.", "Sleigh bells", 'value="Order 4471"', "Lantern street", "Upload version 2"):
        assert there in page
    form = made_form(room, page, new) | {
        "settles": [str(wish)],
        "outside_title": ["Sleigh bells", "Snow"],
        "outside_licence": ["Order 4471", ""],
    }
    form |= {"outside_kind": ["stock_music", "footage"], "outside_origin": ["Northern Stock Music", ""]}
    refused = client.post(new, data=form)
    assert (refused.status_code, count(Version)) == (400, 1)
    for kept in ("Once, longer.", 'value="Snow"', "Give every third-party asset a title and a source.", "checked"):
        assert kept in refused.text
    form |= {"outside_title": ["Sleigh bells", ""]}
    answers = [client.post(new, data=form) for _twice in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert (answers[0].headers["location"], count(Version)) == (answers[1].headers["location"], 2)
    with unit_of_work() as session:
        details = find_version_details(session, UUID(answers[0].headers["location"].rpartition("/")[2]), by=room.delivery.editor)
        assert [(m.title, m.licence) for m in details.outside] == [("Sleigh bells", "Order 4471")]
        assert [(m.name, m.shares) for m in details.makers] == [("Edda", 3)]
        assert session.get_one(Annotation, wish).state is NoteState.DONE


def made_form(room: Room, page: str, new: str) -> dict[str, Any]:
    return {
        "_page": new, "once": once(page), "text": "Once, longer.",
        "components": [str(contribution.id) for contribution in room.delivery.contributions],
        "maker": [str(room.delivery.editor.person)], "shares": ["3"],
    }  # fmt: skip


def test_a_version_of_nothing_or_without_a_file_is_refused_beside_its_field(room: Room) -> None:
    client, new = room.be(room.delivery.editor), f"/deliverables/{room.delivery.deliverable.id}/versions/new"
    form = made_form(room, seen(client.get(new)), new)
    answer = client.post(new, data=form | {"text": ""})
    assert (answer.status_code, 'id="upload_id-fault"' in answer.text) == (400, True)
    answer = client.post(new, data={name: value for name, value in form.items() if name != "components"})
    assert (answer.status_code, 'id="components-fault"' in answer.text, "Once, longer." in answer.text) == (400, True, True)
    assert count(Version) == 0


def test_only_those_who_make_versions_get_the_form_for_one(room: Room) -> None:
    new = f"/deliverables/{room.delivery.deliverable.id}/versions/new"
    leader = room.role(Role.LEADER, "Tomas", campaign_id=room.delivery.made.id)
    assert [room.be(who).get(new).status_code for who in (room.delivery.approver, leader)] == [403, 403]
    assert room.be(room.delivery.made.manager).get(new).status_code == 200


def test_deliveries_put_what_waits_for_a_decision_first(room: Room) -> None:
    version = room.version()
    page = seen(room.be(room.delivery.approver).get("/deliveries"))
    assert f'href="/versions/{version}">Review and decide' in page
    rows = list(csv.reader(io.StringIO(room.client.get("/deliveries.csv").text)))
    assert [row[2:6] for row in rows[1:]] == [["Holiday reader", "client_delivery", rows[1][4], "1"]]
    room.decided(version, Verdict.CHANGES, "Longer.")
    inside = room.version(presented=False)
    page = seen(room.client.get("/deliveries"))
    assert ("changes requested" in page, str(inside) in page, "Review and decide" in page) == (True, False, False)
    assert str(inside) in seen(room.be(room.delivery.editor).get("/versions"))


def test_a_signer_sees_where_things_stand_and_no_version(room: Room) -> None:
    version = room.version()
    page = seen(room.be(room.delivery.made.signers["legal"]).get("/deliveries"))
    assert ("Holiday reader" in page, str(version) in page) == (True, False)
    rows = list(csv.reader(io.StringIO(room.client.get("/deliveries.csv").text)))
    assert rows[1][5:] == ["", "", "", "", "", ""]


def test_nobody_is_shown_the_deliverables_of_others(room: Room) -> None:
    room.version()
    rival = room.role(Role.APPROVER, "Rival", brand_id=_other_brand())
    assert "Holiday reader" not in seen(room.be(rival).get("/deliveries"))
    with unit_of_work() as session:
        artist = factories.person(session)
    assert [room.be(artist).get(path).status_code for path in ("/deliveries", "/deliveries.csv", "/versions", "/versions.csv")] == [403] * 4
    leader = room.role(Role.LEADER, "Tomas", campaign_id=room.delivery.made.id)
    assert room.be(leader).get("/versions").headers["location"] == "/deliveries"


def test_the_versions_say_what_each_waits_for_and_where_it_is_done(room: Room) -> None:
    client = room.be(room.delivery.editor)
    assert "Upload version 1" in seen(client.get("/versions"))
    room.version(presented=False)
    page = seen(room.be(room.delivery.made.manager).get(f"/versions?campaign={room.delivery.made.id}"))
    assert ("needs internal approval" in page, "Review and present" in page) == (True, True)
    assert "Review and present" not in seen(room.be(room.delivery.editor).get("/versions"))


def cost(room: Room, path: str, by: Actor) -> int:
    room.be(by)
    return statements(lambda: room.client.get(path))


def test_thirty_notes_and_deliverables_cost_as_many_statements_as_one(room: Room) -> None:
    version = room.version()
    room.note(version, room.delivery.approver, "First.")
    who = room.role(Role.APPROVER, "Many brands'", brand_id=room.delivery.made.brand.id)
    addresses = {f"/versions/{version}": room.delivery.approver, "/deliveries": who, "/versions": room.delivery.made.manager}
    before = {path: cost(room, path, by) for path, by in addresses.items()}
    for number in range(29):
        room.note(version, room.delivery.approver, f"Note {number}.")
    with unit_of_work() as session:
        for _more in range(6):
            further = factories.in_delivery(session, at=room.at)
            grant_role(session, who.person, Role.APPROVER, on=Scope(brand_id=further.made.brand.id), by=SYSTEM)
            factories.presented_version(session, further, at=room.at)
    after = {path: cost(room, path, by) for path, by in addresses.items()}
    assert after == before


@pytest.mark.parametrize(
    ("written", "ms"), [("", None), ("4", 4000), ("4.2", 4200), ("4,25", 4250), ("1:04.2", 64_200), ("1:00:00", 3_600_000)]
)
def test_a_moment_is_read_as_people_write_it(written: str, ms: int | None) -> None:
    assert milliseconds(written) == ms


@pytest.mark.parametrize("written", ["soon", "1:2:3:4", "-1", "1.2345"])
def test_what_is_no_moment_is_refused(written: str) -> None:
    with pytest.raises(NotAMoment):
        milliseconds(written)


def test_a_moment_is_written_to_the_tenth() -> None:
    assert [timecode(ms) for ms in (0, 4200, 64_249, 3_600_000)] == ["0:00", "0:04.2", "1:04.2", "1:00:00"]


def test_the_room_says_what_of_a_version_a_browser_shows_and_always_has_the_file(room: Room) -> None:
    version, client = room.version(), room.be(room.delivery.approver)

    def showing(mime: str, state: Showing, problem: str | None = None) -> str:
        with unit_of_work() as session:
            row = session.get_one(Version, version)
            row.mime, row.showing, row.show_problem = mime, state, problem
        return seen(client.get(f"/versions/{version}"))

    fetch = "Download holiday-reader-v1.mov"
    page = showing("video/quicktime", Showing.PENDING)
    assert ("A web preview is being prepared" in page, fetch in page, "<video" in page) == (True, True, False)
    page = showing("video/quicktime", Showing.FAILED, "It takes too long to open.")
    assert ("could not be created. It takes too long to open. You can download the file." in page, fetch in page) == (True, True)
    page = showing("video/mp4", Showing.PENDING)
    assert ("<video" in page, "This is the original file. A web preview is being prepared." in page) == (True, True)
    before = client.get(f"/versions/{version}/standing").json()
    with unit_of_work() as session:
        made = [Kept("film", "1" * 64, "video/mp4", 9, 960, 540), Kept("poster", "2" * 64, "image/webp", 9, 960, 540)]
        renditions.record(session, version, Prepared(made), at=room.at)
    assert client.get(f"/versions/{version}/standing").json() != before
    page = showing("video/quicktime", Showing.READY)
    film, poster = re.findall(r'(?:src|poster)="/files/([^"]+)"', page)
    assert [opened(token).sha256 for token in (film, poster)] == ["1" * 64, "2" * 64]
    assert ("Web preview. Approval applies to the original file." in page, fetch in page) == (True, True)


def test_a_package_that_is_stopped_says_why_and_its_manager_has_it_made_again(room: Room) -> None:
    version, again = room.version(), "Retry package"
    room.decided(version, Verdict.APPROVED)
    with unit_of_work() as session:
        package_actions.stop(session, version, "Its bytes have changed.", at=room.at)
    form = {"_page": f"/versions/{version}"}
    page = seen(room.be(room.delivery.approver).get(f"/versions/{version}"))
    assert ("The package could not be built." in page, "Its bytes have changed." in page, again in page) == (True, True, False)
    assert room.client.post(f"/versions/{version}/package/again", data=form).status_code == 403
    client = room.be(room.delivery.made.manager)
    assert again in seen(client.get(f"/versions/{version}"))
    assert again in seen(client.get(f"/campaigns/{room.delivery.made.id}"))
    assert client.post(f"/versions/{version}/package/again", data=form).status_code == 303
    assert "The package is being prepared" in seen(client.get(f"/versions/{version}"))
    refused = client.post(f"/api/v1/versions/{version}/package/again", headers={"Accept": "application/json"})
    assert (refused.status_code, refused.json()["code"]) == (409, "NothingStopped")
