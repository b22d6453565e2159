"""Links to sign in with: artists ask for them over HTTP, the verdict opens them, and names those that never came."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from campaigns.core.people import Person
from tests.chaos import acts
from tests.chaos.answers import counts
from tests.chaos.judged import Judged, plant
from tests.chaos.wording import SIGN_IN
from workers.transactions import unit_of_work


@pytest.fixture
def asked(judged: Judged, at_hand: TestClient) -> Judged:
    """Both artists have asked for a link, and it has come."""
    acts.ask_for_links(judged.assignment)
    judged.carry(2)
    return judged


def test_each_artist_asks_once_and_is_let_in_by_the_link_that_comes(asked: Judged, at_hand: TestClient) -> None:
    acts.ask_for_links(asked.assignment)
    count = counts([asked.assignment])["sign-in link"]
    assert ((count.said, count.answered), asked.harms()) == ((2, 2), [])
    for artist in asked.assignment.artists:
        with unit_of_work() as session:
            address = str(session.get_one(Person, artist.person).email).lower()
            link = text("select text from sendgrid_sandbox.email where address = :address and subject like 'Sign in%'")
            [secret] = SIGN_IN.findall(str(session.scalar(link, {"address": address})))
        token = at_hand.post("/api/v1/sign-in/token", json={"secret": secret}).json()["secret"]
        me = at_hand.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert me.json()["id"] == str(artist.person)


def test_a_link_that_was_asked_for_and_never_written_is_named(asked: Judged) -> None:
    ana = asked.assignment.artists[0].person
    address = "(select lower(email) from person where id = :id)"
    plant(f"delete from sendgrid_sandbox.email where subject like 'Sign in%' and address = {address}", id=ana)
    plant("delete from email where notification = 'sign_in' and recipient_id = :id", id=ana)
    assert asked.harms() == ["1 of 1 emails were never written, to Ana: Sign in to Callboard"]


def test_a_link_that_lets_in_somebody_else_is_named_though_it_was_asked_for(asked: Judged) -> None:
    ana, ben = (artist.person for artist in asked.assignment.artists)
    plant("update sign_in_link set person_id = :ben where person_id = :ana", ana=ana, ben=ben)
    assert asked.harms() == ["an email lets somebody else in, or nobody: sign_in"]
