"""Someone else decided meanwhile: the page shows what they did, and what the reader meant to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from campaigns import lifecycle
from campaigns.brief.actions import edit_brief
from campaigns.brief.terms.checks import BriefChanges
from campaigns.core import clock
from campaigns.core.campaign import Deliverable, deliverables_of
from campaigns.core.ids import new_id
from campaigns.core.people import SYSTEM, Actor
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage
from campaigns.curation.assignments.actions import assign
from campaigns.curation.models import ReviewAssignment
from campaigns.curation.selections.actions import publish, select_for
from campaigns.ledger.accounts import Entry, held, payee
from campaigns.ledger.actions import post
from campaigns.open_call.contributions.actions import withdraw
from campaigns.open_call.models import Contribution
from campaigns.payments.models import PayoutAccount
from campaigns.payout.models import Disposition
from campaigns.payout.proposals.actions import comment, dispose
from campaigns.payout.queries import standing_proposal
from campaigns.payout.runs.actions import discard_run, quote_run
from tests.browser.town import Town, within
from tests.factories import READER, Partnership, curator, filled_brief, opened_call, person, someone, taking_part
from workers.transactions import unit_of_work


@dataclass
class Desk:
    """Someone's browser in the town."""

    town: Town
    browser: Browser

    def at_page(self, who: Actor, path: str) -> Page:
        return self.town.at_page(self.browser, who, path)


@pytest.fixture
def desk(busy_town: Town, browser: Browser) -> Iterator[Desk]:
    with within(busy_town.environment):
        yield Desk(busy_town, browser)
    for context in browser.contexts:
        context.close()


@dataclass
class Judging:
    """A campaign of two contributions in curation, and the moment."""

    made: Partnership
    deliverable: Deliverable
    contributions: list[Contribution]
    maker: Actor
    at: datetime


@pytest.fixture
def judging(desk: Desk) -> Judging:
    with unit_of_work() as session:
        now = clock.business_now(session)
        made, maker = opened_call(session, (READER,), at=now), person(session, "Ana")
        contributions = [taking_part(session, made, maker, title, at=now) for title in ("Lantern street", "First foot")]
        lifecycle.move_on(session, made.id, at=now + timedelta(days=15))
        lifecycle.move_on(session, made.id, at=now + timedelta(days=22))
        [deliverable] = deliverables_of(session, made.id)
        return Judging(made, deliverable, contributions, maker, now)


def test_a_brief_that_changed_before_it_was_signed_shows_what_is_different_since_it_was_read(desk: Desk) -> None:
    with unit_of_work() as session:
        made = filled_brief(session, at=clock.business_now(session))
    page = desk.at_page(made.signers["legal"], f"/campaigns/{made.id}/brief/sign")
    with unit_of_work() as session:
        changes = BriefChanges(asked_for="Stories and songs about a tradition of yours.")
        edit_brief(session, made.id, changes, by=made.manager, at=clock.business_now(session))
    page.get_by_role("button", name="Sign for legal").click()
    expect(page.get_by_role("alert")).to_contain_text("The brief has changed since you read it")
    since = page.get_by_role("region", name="What has changed since you read it")
    expect(since.locator("del").first).to_contain_text("pictures")
    expect(since.locator("ins")).to_contain_text("Stories and")
    page.get_by_role("button", name="Sign for legal").click()
    expect(page.get_by_text("Signed for legal.")).to_be_visible()


def test_a_selection_that_another_published_meanwhile_stands_beside_what_one_meant_to_choose(desk: Desk, judging: Judging) -> None:
    manager, other = judging.made.manager, _another(Role.MANAGER)
    first, second = judging.contributions
    with unit_of_work() as session:
        select_for(session, judging.deliverable.id, first.id, True, "It walks.", by=manager, at=judging.at)
    page = desk.at_page(manager, f"/deliverables/{judging.deliverable.id}/selection")
    page.get_by_label("Why the others were not chosen").fill("Only one of them walks with us.")
    with unit_of_work() as session:
        publish(
            session, judging.deliverable.id, judging.deliverable.visit, {second.id: "It knocks."}, {}, "Not now.", by=other, at=judging.at
        )
    page.get_by_text("Publish 1 chosen contribution").click()
    page.get_by_role("button", name="Publish selection").click()
    expect(page.get_by_role("alert")).to_be_visible()
    for said in ("You wanted to choose: Lantern street", "You wrote: Only one of them walks with us.", "It knocks."):
        expect(page.get_by_role("main")).to_contain_text(said)


def test_what_another_selected_meanwhile_stands_beside_what_one_meant_to_publish(desk: Desk, judging: Judging) -> None:
    manager, other = judging.made.manager, _another(Role.MANAGER)
    first, second = judging.contributions
    with unit_of_work() as session:
        select_for(session, judging.deliverable.id, first.id, True, "It walks.", by=manager, at=judging.at)
    page = desk.at_page(manager, f"/deliverables/{judging.deliverable.id}/selection")
    page.get_by_label("Why the others were not chosen").fill("Only one of them walks with us.")
    with unit_of_work() as session:
        select_for(session, judging.deliverable.id, second.id, True, "It knocks.", by=other, at=judging.at)
    page.get_by_text("Publish 1 chosen contribution").click()
    page.get_by_role("button", name="Publish selection").click()
    expect(page.get_by_role("alert")).to_contain_text("Someone else has changed the selection since you opened it.")
    expect(page.get_by_role("main")).to_contain_text("You wanted to choose: Lantern street")
    expect(page.get_by_role("region", name="Draft selection")).to_contain_text("It knocks.")
    expect(page.get_by_label("Why the others were not chosen")).to_have_value("Only one of them walks with us.")


def test_a_contribution_taken_down_while_it_was_judged_says_so_and_keeps_the_judgement(desk: Desk, judging: Judging) -> None:
    with unit_of_work() as session:
        who = curator(session, judging.made, "Cleo")
        assign(session, judging.deliverable.id, [who.person], 1, by=judging.made.manager, at=judging.at)
        of_first = ReviewAssignment.contribution_id == judging.contributions[0].id
        assignment_id = session.scalars(select(ReviewAssignment.id).where(of_first)).one()
    page = desk.at_page(who, f"/desk/{assignment_id}")
    for each in page.locator(".criterion").all():
        each.locator("input[value='4']").check()
    page.get_by_label("Why").fill("It has a voice of its own.")
    with unit_of_work() as session:
        withdraw(session, judging.contributions[0].id, by=judging.maker, at=judging.at)
    page.locator("#judgement button[type=submit]").click()
    expect(page.get_by_role("main")).to_contain_text("This contribution has been withdrawn or is no longer accepted")
    expect(page.get_by_role("region", name="You wrote")).to_contain_text("It has a voice of its own.")


def test_a_run_that_a_colleague_gave_up_is_not_released_and_says_why(desk: Desk) -> None:
    fay, flo = _another(Role.FINANCE), _another(Role.FINANCE)
    with unit_of_work() as session:
        now, artist = clock.business_now(session), person(session, "Ana").person
        known = {"state": "active", "provider_id": f"acct_{artist.hex}", "opened_at": now}
        session.add(PayoutAccount(person_id=artist, country="US", agreement="full", **known))
        earned = Entry(held(desk.town.casts[Stage.PAYOUT].made.id, "USD"), payee(artist, "USD"), 125_00)
        post(session, "proposal.final", str(new_id()), [earned], at=now)
        run = quote_run(session, "USD", "stripe_connect", str(new_id()), by=SYSTEM, at=now)
    assert run is not None
    page = desk.at_page(fay, f"/runs/{run.id}")
    with unit_of_work() as session:
        discard_run(session, run.id, "Wrong day.", by=flo, at=now)
    page.get_by_text("Approve", exact=True).first.click()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("alert")).to_contain_text("This run is no longer waiting for approval.")
    expect(page.get_by_role("region", name="Approval")).to_contain_text("Discarded: Wrong day.")


def test_a_comment_that_another_answered_meanwhile_shows_their_answer_and_keeps_ones_own(desk: Desk) -> None:
    cast, other = desk.town.casts[Stage.PAYOUT], _another(Role.MANAGER)
    with unit_of_work() as session:
        now, proposal = clock.business_now(session), standing_proposal(session, cast.deliverables(session)[0].id)
        assert proposal is not None
        said = comment(session, proposal.id, None, "A drum is mine.", "At 0:12.", by=cast.other_artist, at=now)
    page = desk.at_page(cast.manager, f"/comments/{said.id}")
    page.get_by_label("Accepted").check()
    page.get_by_label("Why").fill("The drum is theirs indeed.")
    with unit_of_work() as session:
        dispose(session, said.id, Disposition.DECLINED, "It is a recording of 1912.", by=other, at=now)
    page.get_by_role("button", name="Publish answer").click()
    expect(page.get_by_role("alert")).to_contain_text("This comment has already been answered")
    for words in ("It is a recording of 1912.", "You wrote: The drum is theirs indeed."):
        expect(page.get_by_role("main")).to_contain_text(words)


def _another(role: Role) -> Actor:
    with unit_of_work() as session:
        return someone(session, role, f"Another {role.value}")
