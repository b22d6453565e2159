"""The rooms of payout in a browser: what each role sees, what they must not see, and what becomes of what they send."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from api.app import make_app
from campaigns.core import clock
from campaigns.core.people import Actor, Person, Scope
from campaigns.core.permissions import Role
from campaigns.payments.models import PayoutAccount
from campaigns.payout.finalizations.actions import post_final
from campaigns.payout.models import Comment, Finalization, Points, Proposal, ProposalLine
from tests.api.caller import caller, token_of
from tests.api.visiting import PAGE, be, cells
from tests.called_off import call_off, kill_fee_proposals, settle_what_is_due
from tests.campaigns.brief.counting import statements
from tests.campaigns.payout.sharing import CLAIM, EVIDENCE, Shared, assessed, computed, confirmed, finalizers, in_payout, said_by
from tests.factories import brand, curator, person, someone
from workers.transactions import unit_of_work

SAY = {"about": "", "claim": CLAIM, "evidence": EVIDENCE}
NOW_CLOSED = timedelta(days=15)
PARTS = ("edges", "edges.csv", "changes.csv", "lines.csv", "comments", "what-if")


def browser(session: Session, who: Actor) -> TestClient:
    client = caller(token_of(session, who))
    client.headers.update(PAGE)
    client.follow_redirects = False
    return client


class Room:
    """A deliverable in payout, and everyone's browser."""

    def __init__(self) -> None:
        with unit_of_work() as session:
            self.shared: Shared = in_payout(session)
            shared, theirs = self.shared, Scope(brand_id=brand(session, "Other").id)
            roles = {"manager": shared.manager, "ana": shared.ana, "ben": shared.ben, "lea": shared.left_out, "editor": shared.editor}
            self.manager, self.ana, self.ben, self.lea, self.editor = (browser(session, who) for who in roles.values())
            self.fay, self.flo = (browser(session, who) for who in finalizers(session))
            strangers = (
                person(session, "Sly"), shared.approver, shared.made.signers["legal"], curator(session, shared.made),
                someone(session, Role.MANAGER, on=theirs), someone(session, Role.APPROVER, on=theirs),
            )  # fmt: skip
            self.strangers = [browser(session, who) for who in strangers]
        self.campaign = f"/campaigns/{shared.made.id}/payout"
        self.assessment = f"/deliverables/{shared.deliverable.id}/assessment"

    def proposed(self) -> str:
        """A proposal that is open from now on; its page."""
        with unit_of_work() as session:
            at = clock.business_now(session)
            assessed(session, self.shared, at=at)
            return f"/proposals/{computed(session, self.shared.deliverable, at=at).id}"

    def points(self, points: Any = 5, reason: str = "It carries the story.") -> dict[str, Any]:
        return {
            "visit": self.shared.deliverable.visit, "contributions.0.contribution": str(self.shared.newer.id),
            "contributions.0.points": points, "contributions.0.reason": reason,
            "_page": self.assessment,
        }  # fmt: skip


@pytest.fixture
def room(fresh_database: str) -> Room:
    return Room()


def pass_time(by: timedelta) -> None:
    with unit_of_work() as session:
        clock.move_clock(session, by)


def counted(model: type[Any]) -> int:
    with unit_of_work() as session:
        return session.scalars(select(func.count()).select_from(model)).one()


def once_of(page: httpx.Response) -> str:
    found = re.search(r'name="once" value="([0-9a-f]{32})"', page.text)
    assert found is not None
    return found[1]


def words(page: httpx.Response) -> str:
    """What a reader reads, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.text)).replace(" ,", ",")


def _id(path: str) -> UUID:
    return UUID(path.rpartition("/")[2])


def test_a_pool_goes_from_its_points_to_everyones_money_in_the_browser(room: Room) -> None:
    assert "Assign points" in room.manager.get(room.campaign).text
    given = room.manager.post(room.assessment, data=room.points())
    assert (given.status_code, given.headers["location"]) == (303, room.campaign)
    assert "Being calculated" in room.manager.get(room.campaign).text
    with unit_of_work() as session:
        path = f"/proposals/{computed(session, room.shared.deliverable, at=clock.business_now(session)).id}"
    assert f'href="{path}"' in room.ana.get(room.campaign).text

    page = room.lea.get(path)
    said = room.lea.post(f"{path}/comments", data=SAY | {"once": once_of(page), "_page": path})
    assert said.status_code == 303
    answer_page = f"/comments/{said.headers['location'].rpartition('comment-')[2]}"
    assert answer_page in room.manager.get(path).text
    answer = {"disposition": "declined", "reason": "It is not in it.", "_page": answer_page}
    answered = room.manager.post(f"{answer_page}/disposition", data=answer)
    assert (answered.status_code, "It is not in it." in room.ana.get(path).text) == (303, True)

    pass_time(NOW_CLOSED)
    assert [who.post(f"{path}/finalization", data={"_page": path}).status_code for who in (room.fay, room.flo)] == [303, 303]
    with unit_of_work() as session:
        post_final(session, _id(path), at=clock.business_now(session))
    money = words(room.ana.get("/me/money"))
    assert "$3,000.00" in money
    assert "Next step Set up payouts, and $3,000.00 will be paid in the next run." in money
    assert 'action="/me/payout-account"' in room.ana.get("/me/money").text


def test_every_line_says_why_and_all_of_them_are_the_pool(room: Room) -> None:
    path = room.proposed()
    page = words(room.ana.get(path))
    assert "total $10,000.00 equals the pool" in page
    assert "Your share $3,000.00 $3,000.00: 100% passed on from 1 contribution that contains it" in page
    opened = words(room.ben.get(f"{path}/lines/{room.shared.ana.person}"))
    for part in (
        "“Lantern street” is in the deliverable with 5 of 5 points $10,000.00", "it contains “Lanterns” and passes on 30%",
        "recorded by Ben (maker of the newer contribution)", "confirmed by its license", "Amount $3,000.00",
    ):  # fmt: skip
        assert part in opened


def test_a_sentence_of_the_rule_is_in_the_readers_own_language(room: Room) -> None:
    path = room.proposed()
    with unit_of_work() as session:
        session.get_one(Person, room.shared.ana.person).locale = "de"
    page = words(room.ana.get(path, headers={"Accept-Language": "en"}))
    assert ("3.000,00 $: 100% passed on" in page, "$3,000.00" in page) == (True, False)


def test_a_line_that_is_opened_on_the_page_is_only_its_part(room: Room) -> None:
    path = f"{room.proposed()}/lines/{room.shared.ben.person}"
    part = room.ana.get(path, headers={"HX-Request": "true"})
    assert ("<html" in part.text, "70% of it stays with “Lantern street”" in words(part), "HX-Request" in part.headers["vary"]) == (
        False,
        True,
        True,
    )
    assert "<html" in room.ana.get(path).text


def test_someone_left_out_reads_that_they_are_and_how_to_say_so(room: Room) -> None:
    page = words(room.lea.get(room.proposed()))
    assert ("None of your contributions is in it" in page, "Post comment" in page) == (True, True)


def test_the_picture_of_the_pool_says_the_same_as_its_table(room: Room) -> None:
    page = room.ana.get(room.proposed())
    assert re.search(r'<title id="flow-title">How \$10,000\.00 for Holiday story flows', page.text)
    assert "Lantern street Ben $7,000.00 Lantern street Ana $3,000.00 The pool $10,000.00" in words(page)


def test_an_edge_that_might_be_there_shows_what_it_would_move_and_is_not_stored(room: Room) -> None:
    path, shared = f"{room.proposed()}/what-if", room.shared
    edge = {"newer": str(shared.newer.id), "older": str(shared.unused.id), "kind": "influenced_by", "weight": 1, "_page": path}
    asked = room.lea.post(path, data=edge | {f"points.{shared.newer.id}": 5})
    assert asked.status_code == 303
    shown = words(room.lea.get(asked.headers["location"]))
    assert "Ben $7,000.00 $6,000.00 -$1,000.00 Lea $0.00 $1,000.00 +$1,000.00" in shown
    assert "Ben $7,000.00" not in words(room.lea.get(path))
    circle = room.lea.post(path, data=edge | {"newer": str(shared.older.id), "older": str(shared.newer.id)})
    assert (circle.status_code, "leads back to itself" in circle.text) == (400, True)
    assert {stranger.get(path).status_code for stranger in room.strangers} == {404}


def test_a_new_version_is_shown_as_a_difference(room: Room) -> None:
    path = room.proposed()
    with unit_of_work() as session:
        confirmed(session, room.shared, at=clock.business_now(session))
    assert "The lineage has changed since version 1 was calculated" in room.manager.get(path).text
    asked = room.manager.post(f"/deliverables/{room.shared.deliverable.id}/proposals", data={"reason": "Lea was left out.", "_page": path})
    assert asked.status_code == 303
    with unit_of_work() as session:
        second = f"/proposals/{computed(session, room.shared.deliverable, at=clock.business_now(session)).id}"
    page = words(room.ben.get(second))
    assert "What changed since version 1" in page
    assert "Ben $7,000.00 $6,000.00 -$1,000.00 Lea $0.00 $1,000.00 +$1,000.00" in page
    assert f'href="{second}"' in room.ben.get(path).text


def test_a_comment_sent_twice_is_made_once(room: Room) -> None:
    path = room.proposed()
    form = SAY | {"once": once_of(room.lea.get(path)), "_page": path}
    first, second = (room.lea.post(f"{path}/comments", data=form).headers["location"] for _time in range(2))
    assert (first, counted(Comment)) == (second, 1)


def test_a_refused_comment_comes_back_with_what_was_typed(room: Room) -> None:
    path = room.proposed()
    form = SAY | {"evidence": " ", "claim": "My <b>street</b>", "once": once_of(room.lea.get(path)), "_page": path}
    back = room.lea.post(f"{path}/comments", data=form)
    assert (back.status_code, 'id="evidence-fault"' in back.text, "My &lt;b&gt;street&lt;/b&gt;</textarea>" in back.text) == (
        400,
        True,
        True,
    )
    assert counted(Comment) == 0


def test_points_that_do_not_fit_are_refused_beside_their_field(room: Room) -> None:
    back = room.manager.post(room.assessment, data=room.points(0, "Some reason"))
    assert (back.status_code, 'id="contributions.0.points-fault"' in back.text, "Some reason</textarea>" in back.text) == (400, True, True)
    back = room.manager.post(room.assessment, data=room.points("many"))
    assert (back.status_code, 'value="many"' in back.text) == (422, True)
    assert counted(Points) == 0


def test_points_for_a_visit_that_is_over_change_nothing(room: Room) -> None:
    back = room.manager.post(room.assessment, data=room.points() | {"visit": 1})
    assert (back.status_code, "Reload the page" in back.text, counted(Points)) == (409, True, 0)


def test_a_comment_is_answered_once_and_with_a_reason(room: Room) -> None:
    path = room.proposed()
    with unit_of_work() as session:
        made = said_by(session, session.get_one(Proposal, _id(path)), room.shared.left_out, at=clock.business_now(session)).id
    page = f"/comments/{made}"
    form = {"disposition": "declined", "reason": " ", "_page": page}
    back = room.manager.post(f"{page}/disposition", data=form)
    assert (back.status_code, 'id="reason-fault"' in back.text) == (400, True)
    assert room.manager.post(f"{page}/disposition", data=form | {"reason": "No."}).status_code == 303
    again = room.manager.post(f"{page}/disposition", data=form | {"reason": "Yes.", "disposition": "accepted"})
    assert (again.status_code, "already been answered" in again.text) == (409, True)
    assert "Your answer" not in room.ana.get(page).text


def test_the_final_word_is_offered_to_whoever_gains_nothing_and_only_when_it_is_time(room: Room) -> None:
    path = room.proposed()
    assert "Finalize proposal" not in room.fay.get(path).text
    early = room.fay.post(f"{path}/finalization", data={"_page": path})
    assert (early.status_code, "Every contributor may comment until" in early.text, counted(Finalization)) == (409, True, 0)
    pass_time(NOW_CLOSED)
    offered = {name: "Finalize proposal" in getattr(room, name).get(path).text for name in ("fay", "manager", "ana", "editor")}
    assert offered == {"fay": True, "manager": False, "ana": False, "editor": False}
    assert "two other people must finalize it" in room.manager.get(path).text
    twice = [room.fay.post(f"{path}/finalization", data={"_page": path}).status_code for _time in range(2)]
    assert (twice, counted(Finalization)) == ([303, 303], 1)
    assert "One more person must." in room.fay.get(path).text


def test_a_cancelled_deliverables_proposals_say_what_was_closed_and_what_the_kill_fee_is(room: Room) -> None:
    before, made = room.proposed(), room.shared.made
    with unit_of_work() as session:
        at = clock.business_now(session)
        call_off(session, made.id, "The line is stopped.", by=room.shared.manager, at=at)
        settle_what_is_due(session, at=at)
        (fee,) = kill_fee_proposals(session, made.id)
        after = f"/proposals/{fee.id}"
    closed = words(room.ana.get(before))
    assert ("so this proposal is closed and pays nothing" in closed, "Add a comment" in closed) == (True, False)
    page = words(room.ana.get(after))
    assert ("How the kill fee of $10,000.00 for Holiday story is split" in page, "Add a comment" in page) == (True, True)
    assert ("every contribution in the deliverable counts equally" in page, "$3,000.00" in page) == (True, True)
    line = words(room.ana.get(f"{after}/lines/{room.shared.ana.person}"))
    assert ("passed on" in line, room.ana.get(f"{after}/edges").status_code) == (True, 200)
    pools = words(room.manager.get(room.campaign))
    assert ("grants its makers a kill fee of $10,000.00" in pools, "Open for comments" in pools, "Open proposal" in pools) == (True,) * 3
    assert "A kill fee counts every contribution equally." in words(room.ana.get(room.assessment))
    assert "The kill fees have not been paid yet." in words(room.manager.get(f"/campaigns/{made.id}"))
    pass_time(timedelta(days=15))
    for who in (room.fay, room.flo):
        assert who.post(f"{after}/finalization").status_code == 303
    with unit_of_work() as session:
        settle_what_is_due(session, at=clock.business_now(session))
    money = room.ana.get("/me/money").text
    assert (f'href="{after}#yours"' in money, "kill fee" in words(room.ana.get("/me/money"))) == (True, True)
    assert "The kill fees have not been paid yet." not in words(room.manager.get(f"/campaigns/{made.id}"))


def test_whoever_has_no_part_in_the_campaign_finds_nothing(room: Room) -> None:
    path = room.proposed()
    with unit_of_work() as session:
        comment = said_by(session, session.get_one(Proposal, _id(path)), room.shared.left_out, at=clock.business_now(session)).id
    pages = [path, *(f"{path}/{page}" for page in PARTS), f"{path}/lines/{room.shared.ana.person}", f"/comments/{comment}"]
    pages += [room.campaign, f"{room.campaign}.csv", room.assessment]
    assert {room.editor.get(page).status_code for page in pages} == {200}
    for stranger in room.strangers:
        told = [stranger.get(page) for page in pages]
        told += [stranger.post(f"{path}/finalization", data={"_page": path}), stranger.post(room.assessment, data=room.points())]
        assert {each.status_code for each in told} == {404}
        assert not any(name in each.text for each in told for name in ("Ben", "Ana", "Lea", "7,000", CLAIM))
    guest = caller()
    guest.headers.update(PAGE)
    guest.follow_redirects = False
    assert {(g.status_code, g.headers["location"]) for g in map(guest.get, pages)} == {(303, "/sign-in")}


def test_a_line_names_nobody_without_a_part_in_the_campaign(room: Room) -> None:
    path = room.proposed()
    with unit_of_work() as session:
        outsider = person(session, "Secret Sam").person
    shown = room.manager.get(f"{path}/lines/{outsider}")
    assert (shown.status_code, "Secret Sam" in shown.text) == (404, False)


def test_nobody_reads_another_persons_money(room: Room) -> None:
    path = room.proposed()
    pass_time(NOW_CLOSED)
    for who in (room.fay, room.flo):
        who.post(f"{path}/finalization")
    with unit_of_work() as session:
        post_final(session, _id(path), at=clock.business_now(session))
    pages = ("/me/money", "/me/payouts", "/me/earnings.csv", "/me/payouts.csv")
    assert not any("Holiday story" in room.lea.get(page).text or "3,000" in room.lea.get(page).text for page in pages)
    assert cells(room.ana.get("/me/earnings.csv"))[1][1:] == [
        "Holiday traditions",
        "Holiday story",
        "3000.00",
        "USD",
        "no",
    ]
    assert f'href="{path}#yours"' in room.ana.get("/me/money").text


def test_the_link_of_an_email_leads_to_ones_money(room: Room) -> None:
    answer = room.ana.get("/payout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/money")


def test_stripes_form_leads_back_to_ones_money_by_an_address_that_has_the_account_asked_after(room: Room) -> None:
    with unit_of_work() as session:
        account = PayoutAccount(
            person_id=room.shared.ana.person, country="US", agreement="full", state="onboarding", opened_at=clock.process_now()
        )
        account.provider_id = "acct_1"
        session.add(account)
    before, guest = clock.process_now(), TestClient(make_app(), base_url="https://testserver", headers=PAGE, follow_redirects=False)
    assert guest.get("/payout/onboarding/back").headers["location"].startswith("/sign-in")
    answer = be(guest, room.shared.ana).get("/payout/onboarding/back")
    assert (answer.status_code, answer.headers["location"]) == (303, "/payout")
    with unit_of_work() as session:
        asked = session.scalars(select(PayoutAccount.ask_at)).one()
    assert asked
    assert before <= asked <= clock.process_now()
    assert room.ana.get("/payout/onboarding/back").status_code == 403, "a token is not led there"


def test_a_name_that_is_a_formula_is_text_in_the_file(room: Room) -> None:
    path = room.proposed()
    with unit_of_work() as session:
        session.get_one(Person, room.shared.ana.person).name = '=cmd|"/c calc"'
    rows = cells(room.manager.get(f"{path}/lines.csv"))
    assert [row[0] for row in rows[1:]] == ["Ben", '\'=cmd|"/c calc"']


def test_thirty_lines_and_comments_cost_as_many_statements_as_one(room: Room) -> None:
    path = room.proposed()

    def cost() -> int:
        with unit_of_work() as session, statements(session) as sent:
            assert room.manager.get(path).status_code == 200
            return len(sent)

    def grow(count: int) -> None:
        with unit_of_work() as session:
            proposal = session.get_one(Proposal, _id(path))
            for number in range(count):
                someone_else = person(session, f"Maker {number}").person
                session.add(
                    ProposalLine(proposal_id=proposal.id, person_id=someone_else, amount=1, credit=1, before_staff=1, is_staff=False)
                )
                said_by(session, proposal, room.shared.left_out, at=clock.business_now(session))
            session.execute(text("update proposal set closes_at = closes_at"))

    grow(1)
    cost()
    few = cost()
    grow(29)
    assert cost() == few
