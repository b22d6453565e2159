from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import event, func, select

from campaigns.core import access, clock, outbox
from campaigns.core.campaign import Campaign
from campaigns.core.emails import Email, Suppression
from campaigns.core.event_names import EventName
from campaigns.core.inbox import VerifiedEvent
from campaigns.core.outbox_kinds import OutboxKind
from notifications.suppressing import suppress
from tests.notifications.conftest import Postroom
from tests.notifications.stories import SEND, artists, campaign_of, happens, people, states, unknown
from tests.postroom import emails_to, later, listening, make_due, open_messages, receive, relay, settle, wait_for, wait_is_over
from workers.emails import sending
from workers.emails.announce import announce
from workers.transactions import engine, unit_of_work


def test_a_fact_becomes_one_email_in_the_mailbox_of_each_person_concerned(postroom: Postroom) -> None:
    happens(EventName.CAMPAIGN_PAUSED, campaign_of(people(2)))
    assert relay() == []
    wait_for(lambda: len(emails_to(postroom.beyond)) == 2)
    assert states() == [("artist0.en@example.org", "sent"), ("artist1.en@example.org", "sent")]
    (email,) = emails_to(postroom.beyond, "artist1.en@example.org")
    assert email["subject"] == "“Holiday traditions” is paused"
    assert "> The shoot has moved." in email["text"]
    assert "The shoot has moved.</blockquote>" in email["html"]


def test_a_handler_that_runs_twice_enqueues_each_email_once(postroom: Postroom) -> None:
    fact = happens(EventName.CAMPAIGN_PAUSED, campaign_of(people(3)))
    claimed = outbox.Claimed(fact, OutboxKind.EVENT, str(fact), {"event": str(fact)}, 1)
    announce(claimed)
    announce(claimed)
    with unit_of_work() as session:
        assert (session.scalar(select(func.count()).select_from(Email)), open_messages(session, OutboxKind.EMAIL)) == (3, 3)
    relay()
    assert postroom.line.count(SEND) == 3


def test_a_lost_answer_leaves_the_email_unknown_and_the_carriers_word_settles_it(postroom: Postroom) -> None:
    postroom.line.faults = [(SEND, "lose the answer")]
    happens(EventName.CAMPAIGN_PAUSED, campaign_of(people(1)))
    with listening() as posts:
        assert relay() == []
        assert states() == [("artist0.en@example.org", "unknown")]
        wait_for(lambda: posts)
    relay()
    assert states() == [("artist0.en@example.org", "sent")]
    wait_is_over()
    assert settle() == 0
    assert len(emails_to(postroom.beyond)) == 1


def test_an_email_of_unknown_fate_is_sent_again_after_two_minutes_however_the_sandboxs_clock_is_moved(postroom: Postroom) -> None:
    unknown(postroom.line, "lose the call")
    later(25 * 60)
    assert settle() == 0
    with unit_of_work() as session:
        email = session.query(Email).one()
        assert email.wait_until
        assert timedelta(seconds=115) < email.wait_until - clock.process_now() < timedelta(seconds=120)
    wait_is_over()
    assert settle() == 1
    relay()
    assert states() == [("artist0.en@example.org", "uncertain")]
    wait_for(lambda: len(emails_to(postroom.beyond)) == 1)


def test_no_email_is_sent_again_before_all_has_been_read_that_the_carrier_told_in_time(postroom: Postroom) -> None:
    with listening() as posts:
        unknown(postroom.line, "lose the answer")
        wait_for(lambda: sum(map(len, posts)) == 2)
    wait_is_over()
    assert (settle(), states()) == (0, [("artist0.en@example.org", "unknown")])
    relay()
    assert (settle(), states()) == (0, [("artist0.en@example.org", "sent")])


def test_an_email_of_which_no_word_ever_comes_is_sent_three_times_at_most_and_then_counts_as_failed(postroom: Postroom) -> None:
    postroom.line.faults = [(SEND, "lose the call")] * 9
    happens(EventName.CAMPAIGN_PAUSED, campaign_of(people(1)))
    for _ in range(5):
        relay()
        wait_is_over()
        settle()
    assert (states(), postroom.line.count(SEND)) == ([("artist0.en@example.org", "failed")], 3)


def test_a_late_word_of_an_email_that_was_given_up_says_that_it_arrived(postroom: Postroom) -> None:
    unknown(postroom.line, "lose the answer")
    with unit_of_work() as session:
        session.query(Email).update({"sends": 3})
        word = {"event": "processed", "mid": str(session.query(Email).one().id), "email": "artist0.en@example.org"}
    wait_is_over()
    settle()
    assert states() == [("artist0.en@example.org", "failed")]
    receive([VerifiedEvent("late", "processed", word)])
    relay()
    assert states() == [("artist0.en@example.org", "uncertain")]


def test_two_relays_at_once_enqueue_each_email_once(postroom: Postroom) -> None:
    fact = happens(EventName.CAMPAIGN_PAUSED, campaign_of(people(20)))
    claimed = outbox.Claimed(fact, OutboxKind.EVENT, str(fact), {"event": str(fact)}, 1)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(announce, [claimed] * 3))
    with unit_of_work() as session:
        assert (session.scalar(select(func.count()).select_from(Email)), open_messages(session, OutboxKind.EMAIL)) == (20, 20)


def test_a_death_between_intent_and_act_leaves_the_email_unknown(postroom: Postroom, monkeypatch: pytest.MonkeyPatch) -> None:
    happens(EventName.CAMPAIGN_PAUSED, campaign_of(people(1)))

    def die() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sending, "sender", die)
        with pytest.raises(KeyboardInterrupt):
            relay()
    with unit_of_work() as session:
        session.query(outbox.OutboxMessage).update({"leased_until": None})
    relay()
    assert states() == [("artist0.en@example.org", "unknown")]
    assert postroom.line.count(SEND) == 0


@pytest.mark.parametrize("fault", ["429", "400", "503"])
def test_a_refused_email_fails_a_throttled_one_waits_and_a_broken_answer_leaves_it_unknown(postroom: Postroom, fault: str) -> None:
    postroom.line.faults = [(SEND, fault)]
    happens(EventName.CAMPAIGN_PAUSED, campaign_of(people(1)))
    errors = [type(error).__name__ for error in relay()]
    outcome = {"429": ("promised", ["NotTaken"]), "400": ("failed", []), "503": ("unknown", [])}
    assert (states()[0][1], errors) == outcome[fault]
    make_due()
    relay()
    with unit_of_work() as session:
        email = session.query(Email).one()
    assert (email.state, email.reason) == {"429": ("sent", None), "400": ("failed", "planted"), "503": ("unknown", None)}[fault]


def test_emails_of_a_paused_campaign_wait_for_its_end_but_the_word_of_the_pause_does_not(postroom: Postroom) -> None:
    campaign = campaign_of(people(1))
    happens(EventName.CAMPAIGN_PAUSED, campaign)
    relay()
    with unit_of_work() as session:
        paused_at = clock.business_now(session)
    happens(EventName.CAMPAIGN_RESUMED, campaign, seconds=3 * 86400)
    with unit_of_work() as session:  # paused once more before the email went out
        session.get_one(Campaign, campaign).paused_at = paused_at
    relay()
    assert states() == [("artist0.en@example.org", "promised"), ("artist0.en@example.org", "sent")]
    happens(EventName.CAMPAIGN_RESUMED, campaign, seconds=3 * 86400)
    relay()
    # The first end of the pause was no end, so its word is dropped.
    assert states() == [("artist0.en@example.org", "dropped"), ("artist0.en@example.org", "sent"), ("artist0.en@example.org", "sent")]


def test_a_suppressed_address_is_never_written_to_but_for_signing_in(postroom: Postroom) -> None:
    people(1)
    with unit_of_work() as session:
        suppress(session, "artist0.en@example.org", "spamreport", at=clock.business_now(session))
        access.ask_for_link(session, "artist0.en@example.org", at=clock.business_now(session))
    relay()
    assert states() == [("artist0.en@example.org", "sent")]
    happens(EventName.CAMPAIGN_PAUSED, campaign_of([*people(1, name="other"), *artists()]))
    relay()
    assert states() == [
        ("artist0.en@example.org", "dropped"), ("artist0.en@example.org", "sent"), ("other0.en@example.org", "sent"),
    ]  # fmt: skip


def test_an_email_that_did_not_arrive_or_was_dropped_says_why(postroom: Postroom) -> None:
    crew = [*people(1, domain="example.net", name="bounce+"), *people(1)]
    with unit_of_work() as session:
        suppress(session, "artist0.en@example.org", "spamreport", at=clock.business_now(session))
    happens(EventName.CAMPAIGN_PAUSED, campaign_of(crew))
    with listening() as posts:
        relay()
        wait_for(lambda: sum(map(len, posts)) == 2)
    relay()
    with unit_of_work() as session:
        assert [(email.state, email.reason) for email in session.query(Email).order_by(Email.address)] == [
            ("dropped", "We must not email this address: spamreport."),
            ("failed", "550 5.1.1 The mailbox does not exist"),
        ]


def test_a_relay_that_answers_too_late_leaves_the_email_to_whoever_found_it_waiting(
    postroom: Postroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    happens(EventName.CAMPAIGN_PAUSED, campaign_of(people(1)))
    give_back = sending._give_back

    def while_another_looks(email_id: UUID) -> None:
        assert sending._taken(email_id) is None
        give_back(email_id)

    monkeypatch.setattr(sending, "_give_back", while_another_looks)
    postroom.line.faults = [(SEND, "429")]
    assert [type(error).__name__ for error in relay()] == ["NotTaken"]
    assert states() == [("artist0.en@example.org", "unknown")]
    wait_is_over()
    assert settle() == 1
    relay()
    assert states() == [("artist0.en@example.org", "uncertain")]


def test_a_bounced_address_gets_not_even_a_sign_in_link(postroom: Postroom) -> None:
    with unit_of_work() as session:
        suppress(session, "Bounce@example.net", "bounce", at=clock.business_now(session))
        suppress(session, "bounce@example.net", "unsubscribe", at=clock.business_now(session))
        access.ask_for_link(session, "bounce@example.net", at=clock.business_now(session))
    relay()
    assert states() == [("bounce@example.net", "dropped")]
    assert emails_to(postroom.beyond) == []


def test_a_sign_in_email_works_once_and_is_not_readable_in_the_database_once_sent(postroom: Postroom) -> None:
    with unit_of_work() as session:
        access.ask_for_link(session, "ada@example.org", at=clock.business_now(session))
    relay()
    wait_for(lambda: emails_to(postroom.beyond, "ada@example.org"))
    (arrived,) = emails_to(postroom.beyond, "ada@example.org")
    secret = arrived["text"].partition("/sign-in/")[2].split()[0]
    assert f"/sign-in/{secret}" in arrived["html"]
    with unit_of_work() as session:
        email = session.query(Email).one()
        assert (email.state, email.text, email.html) == ("sent", "", "")
        assert access.use_link(session, secret) == email.recipient_id


def test_events_that_come_twice_or_out_of_order_change_nothing_more(postroom: Postroom) -> None:
    crew = [*people(1, domain="example.net", name="bounce+"), *people(1)]
    happens(EventName.CAMPAIGN_PAUSED, campaign_of(crew))
    with listening() as posts:
        relay()
        wait_for(lambda: sum(map(len, posts)) == 4)
        events = [event for sending in posts for event in sending]
    assert receive([VerifiedEvent(event["sg_event_id"], event["event"], event) for event in events]) == 0
    relay()
    assert states() == [("artist0.en@example.org", "sent"), ("bounce+0.en@example.net", "failed")]
    with unit_of_work() as session:
        assert [(s.address, s.reason) for s in session.query(Suppression)] == [("bounce+0.en@example.net", "bounce")]


def test_thirty_emails_cost_as_many_queries_as_one(fresh_database: str) -> None:
    counts = []
    for number, size in enumerate((1, 30)):
        fact = happens(EventName.CAMPAIGN_PAUSED, campaign_of(people(size, name=f"crew{number}-")))
        claimed = outbox.Claimed(fact, OutboxKind.EVENT, "", {"event": str(fact)}, 1)
        counts.append(_queries_of(partial(announce, claimed)))
    assert counts[0] == counts[1]


def _queries_of(what: Callable[[], object]) -> int:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(engine(), "before_cursor_execute", note)
    try:
        what()
    finally:
        event.remove(engine(), "before_cursor_execute", note)
    return len(seen)
