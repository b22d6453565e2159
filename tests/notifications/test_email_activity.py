"""Looking for an email in SendGrid's Email Activity: what is found there was sent, and what is not found proves nothing."""

import pytest
from sqlalchemy import insert

from campaigns.core.settings import settings
from notifications.sendgrid_sender import sender
from sandbox.sendgrid.activity import ACTIVITY, LAG
from sandbox.sendgrid.tables import add_ons
from tests.notifications.conftest import Postroom
from tests.notifications.stories import SEND, states, unknown
from tests.postroom import emails_to, later, relay, settle, wait_for, wait_is_over
from workers.transactions import unit_of_work

LAG_MINUTES = int(LAG.total_seconds() / 60)


@pytest.fixture
def asking_activity(postroom: Postroom, monkeypatch: pytest.MonkeyPatch) -> Postroom:
    """Our key may ask the carrier's activity, as far as the settings know."""
    monkeypatch.setenv("CALLBOARD_SENDGRID_ACTIVITY", "true")
    settings.cache_clear()
    sender.cache_clear()
    return postroom


@pytest.fixture
def with_activity(asking_activity: Postroom) -> Postroom:
    """The same, and it has been bought."""
    with unit_of_work() as session:
        session.execute(insert(add_ons).values(name=ACTIVITY))
    return asking_activity


def once_more() -> None:
    """The wait ends, and the email is due again."""
    wait_is_over()
    assert settle() == 1
    assert relay() == []


def asked_for_activity(postroom: Postroom) -> int:
    return sum(method == "GET" and "/v3/messages" in path for method, path in postroom.line.calls)


def test_an_email_that_the_carriers_activity_has_was_sent_and_is_not_sent_again(with_activity: Postroom) -> None:
    unknown(with_activity.line, "lose the answer")
    later(LAG_MINUTES)
    once_more()
    assert (states(), with_activity.line.count(SEND)) == ([("artist0.en@example.org", "sent")], 1)
    wait_for(lambda: len(emails_to(with_activity.beyond)) == 1)


@pytest.mark.parametrize(("fault", "copies"), [("lose the call", 1), ("lose the answer", 2)])
def test_an_email_that_the_carriers_activity_has_not_yet_may_have_been_sent_all_the_same(
    with_activity: Postroom, fault: str, copies: int
) -> None:
    unknown(with_activity.line, fault)
    once_more()
    assert (asked_for_activity(with_activity), with_activity.line.count(SEND)) == (1, 2)
    wait_for(lambda: len(emails_to(with_activity.beyond)) == copies)
    assert states() == [("artist0.en@example.org", "uncertain")]


def test_an_email_that_was_sent_twice_stays_uncertain_though_the_carriers_activity_has_one(with_activity: Postroom) -> None:
    unknown(with_activity.line, "lose the answer")
    with_activity.line.faults = [(SEND, "lose the call")]
    once_more()
    assert states() == [("artist0.en@example.org", "unknown")]
    later(LAG_MINUTES)
    once_more()
    assert (states(), with_activity.line.count(SEND)) == ([("artist0.en@example.org", "uncertain")], 2)
    wait_for(lambda: len(emails_to(with_activity.beyond)) == 1)


def test_without_the_add_on_the_activity_is_no_answer_and_the_email_goes_out_again(asking_activity: Postroom) -> None:
    unknown(asking_activity.line, "lose the call")
    once_more()
    assert (asked_for_activity(asking_activity), asking_activity.line.count(SEND)) == (1, 2)
    assert states() == [("artist0.en@example.org", "uncertain")]
