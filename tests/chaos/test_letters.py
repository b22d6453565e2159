"""What the verdict on letters sees: each harm is planted, and must be named."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from campaigns.core.db import unit_of_work
from campaigns.core.mail import Mail
from campaigns.core.permissions import Role
from tests.chaos.company import Company
from tests.chaos.letters import harms_of_letters
from tests.factories import someone
from tests.notifications.stories import campaign_of, happens, people
from tests.postroom import at_hand, letters_to, relay, wait_for


@pytest.fixture
def company(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    """One letter that has arrived; nobody is on any assignment."""
    with at_hand(monkeypatch) as beyond:
        happens("campaign.paused", campaign_of(people(1)))
        relay()
        wait_for(lambda: letters_to(beyond))
        with unit_of_work() as session:
            session.query(Mail).update({"campaign_id": None})
            releasers = someone(session, Role.FINANCE), someone(session, Role.FINANCE)
        yield Company([], releasers)


def judged(company: Company) -> list[str]:
    with unit_of_work() as session:
        return [harm.partition(": paused")[0] for harm in harms_of_letters(session, company)]


def plant(statement: str) -> None:
    with unit_of_work() as session:
        session.execute(text(statement))


def test_nothing_is_wrong_with_a_letter_that_arrived_once(company: Company) -> None:
    assert judged(company) == []


@pytest.mark.parametrize(
    ("planted", "harm"),
    [
        ("delete from sendgrid_sandbox.letter", "a letter that counts as sent arrived 0 times"),
        (
            ("insert into sendgrid_sandbox.letter (message_id, address, subject, text, html, headers, at) "
            "select message_id, address, subject, text, html, headers, at from sendgrid_sandbox.letter"),
            "a letter that counts as sent arrived 2 times",
        ),
        ("update mail set state = 'uncertain'; delete from sendgrid_sandbox.letter",
         "a letter that is uncertain and was sent 1 times arrived 0 times"),
        ("update mail set state = 'dropped', reason = 'It was no longer true when it was due to be sent.'",
         "a letter that was dropped arrived"),
        ("update mail set state = 'dropped', reason = 'It rained.'; delete from sendgrid_sandbox.letter",
         "a letter was dropped for no reason that holds (It rained.)"),
        ("update mail set state = 'dropped', reason = 'We must not email this address: bounce.'; delete from sendgrid_sandbox.letter",
         "a letter was dropped for no reason that holds (We must not email this address: bounce.)"),
        ("update mail set state = 'unknown'", "a letter is lost, it is unknown (None)"),
        ("update mail set state = 'failed', reason = 'Gone.'", "a letter is lost, it is failed (Gone.)"),
        ("update mail set text = 'Something else.'", "a letter arrived with other words than were written"),
        ("update mail set notice = 'resumed'", "a letter tells of campaign.paused: resumed"),
        ("update person set email = id || '@example.org'", "a letter went to another address than Artist 0's"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_letter_is_named(company: Company, planted: str, harm: str) -> None:
    for statement in planted.split("; "):
        plant(statement)
    assert [each for each in judged(company) if each.startswith(harm)] != []


def test_a_letter_about_a_campaign_to_someone_who_has_nothing_to_do_with_it_went_to_a_stranger(company: Company) -> None:
    plant("update mail set campaign_id = (select id from campaign limit 1)")
    assert judged(company) == ["a letter went to a stranger, Artist 0"]
