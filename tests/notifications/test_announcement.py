from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.core import clock, outbox
from campaigns.core.campaign import Campaign
from campaigns.core.emails import REASONS, Email, EmailChunk
from campaigns.core.event_names import EventName
from campaigns.core.events import Event
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import Person, person_at
from campaigns.core.settings import settings
from notifications.notification import COMMUNITY, NOTIFICATIONS, EmailDraft, Notification
from notifications.render import environment
from notifications.sendgrid_sender import sender
from notifications.suppressing import suppress
from notifications.unsubscribing import unsubscribe
from tests.notifications.conftest import Postroom
from tests.notifications.stories import artists, campaign_of, happens, people, states
from tests.postroom import emails_to, later, listening, make_due, relay, settle, wait_for, wait_is_over
from workers.emails import chunks, community
from workers.emails.announce import announce
from workers.transactions import unit_of_work

SEND, CANCEL = "/v3/mail/send", "/v3/user/scheduled_sends"
FILES = {
    "brief/season/subject.txt": "{% trans title=campaign.title %}An open call: {{ title }}{% endtrans %}",
    "brief/season/body.txt": "{% extends 'base.txt' %}{% block happened %}A call is open.{% endblock %}"
    "{% block action %}Read it{% endblock %}{% block because %}You are an artist here.{% endblock %}",
    "brief/season/body.html": "{% extends 'base.html' %}{% block happened %}<p>A call is open.</p>{% endblock %}"
    "{% block action %}Read it{% endblock %}{% block because %}You are an artist here.{% endblock %}",
}


@pytest.fixture(autouse=True)
def _season(monkeypatch: pytest.MonkeyPatch) -> None:
    """An announcement of the tests' own, in chunks of three."""

    def season(_session: Session, fact: Event) -> Iterable[EmailDraft]:
        yield EmailDraft(COMMUNITY, path=f"/campaigns/{fact.campaign_id}")

    told = Notification("season", "brief", frozenset({EventName.CAMPAIGN_DONE}), season, {}, announcement=True, still_true=_is_still_true)
    monkeypatch.setitem(NOTIFICATIONS, "season", told)
    monkeypatch.setattr(environment(), "loader", ChoiceLoader([DictLoader(FILES), environment().loader or DictLoader({})]))
    monkeypatch.setattr(community, "CHUNK", 3)


def _is_still_true(_session: Session, fact: Event) -> bool:
    return not fact.facts.get("over", False)


def chunk_states() -> list[str]:
    with unit_of_work() as session:
        return [chunk.state for chunk in session.query(EmailChunk).order_by(EmailChunk.number)]


def test_the_whole_community_is_written_to_once_in_chunks_of_one_language_after_twenty_minutes(postroom: Postroom) -> None:
    crew = people(4)
    people(2, locale="de")
    with unit_of_work() as session:
        suppress(session, "artist3.en@example.org", "group_unsubscribe", at=clock.business_now(session))
    happens(EventName.CAMPAIGN_DONE, campaign_of(crew))
    assert relay() == []
    with unit_of_work() as session:
        assert [(c.number, c.locale, c.state, c.attempts) for c in session.query(EmailChunk).order_by(EmailChunk.number)] == [
            (1, "de", "sent", 1), (2, "en", "sent", 1),
        ]  # fmt: skip
    assert states() == [(f"artist{who}@example.org", "sent") for who in ("0.de", "0.en", "1.de", "1.en", "2.en")]
    later(19)
    assert emails_to(postroom.beyond) == []
    later(1)
    wait_for(lambda: len(emails_to(postroom.beyond)) == 5)


def test_an_announcement_can_be_ended_by_one_click(postroom: Postroom) -> None:
    happens(EventName.CAMPAIGN_DONE, campaign_of(people(1)))
    relay()
    later(20)
    wait_for(lambda: emails_to(postroom.beyond))
    (email,) = emails_to(postroom.beyond)
    url = email["headers"]["List-Unsubscribe"].strip("<>")
    assert email["headers"] == {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    assert url in email["text"].split()
    assert f'href="{url}"' in email["html"]
    with unit_of_work() as session:
        token = url.removeprefix(f"{settings().public_url}/unsubscribe/")
        assert unsubscribe(session, token, at=clock.business_now(session)) == "artist0.en@example.org"
    happens(EventName.CAMPAIGN_DONE, campaign_of(people(1, name="other")))
    happens(EventName.CAMPAIGN_PAUSED, campaign_of([*people(1, name="third"), *artists()]))
    relay()
    with unit_of_work() as session:
        told = session.execute(select(Email.notification).where(Email.address == "artist0.en@example.org").order_by(Email.notification))
        assert list(told.scalars()) == ["paused", "season"]


def written(*addresses: str) -> None:
    """Leave the announcement's emails, but for sending it."""
    with unit_of_work() as session:
        claimed = [each for each in outbox.claim(session) if each.kind == OutboxKind.EVENT]
    for each in claimed:
        announce(each)
        with unit_of_work() as session:
            outbox.mark_done(session, each.id)
    with unit_of_work() as session:
        session.query(outbox.OutboxMessage).update({"leased_until": None})
        for address in addresses:
            suppress(session, address, "group_unsubscribe", at=clock.business_now(session))


def test_whoever_leaves_between_the_writing_of_an_announcement_and_its_sending_does_not_get_it(postroom: Postroom) -> None:
    happens(EventName.CAMPAIGN_DONE, campaign_of(people(3)))
    written("artist1.en@example.org")
    assert states() == [(f"artist{n}.en@example.org", "promised") for n in range(3)]
    relay()
    assert states() == [("artist0.en@example.org", "sent"), ("artist1.en@example.org", "dropped"), ("artist2.en@example.org", "sent")]
    later(20)
    wait_for(lambda: len(emails_to(postroom.beyond)) == 2)
    assert emails_to(postroom.beyond, "artist1.en@example.org") == []


@pytest.mark.parametrize("reason", REASONS)
def test_an_announcement_is_not_even_written_to_whoever_has_left_or_cannot_be_reached(postroom: Postroom, reason: str) -> None:
    crew = people(2)
    with unit_of_work() as session:
        suppress(session, "Artist1.EN@example.org", reason, at=clock.business_now(session))
    happens(EventName.CAMPAIGN_DONE, campaign_of(crew))
    written()
    heard_of_it = 1 if reason == "digest_unsubscribe" else 0  # that one was about another email
    assert len(states()) == 1 + heard_of_it


def test_an_announcement_does_not_go_to_whom_others_only_have_named(postroom: Postroom) -> None:
    with unit_of_work() as session:
        person_at(session, "never.asked@example.org")
    happens(EventName.CAMPAIGN_DONE, campaign_of(people(1)))
    written()
    assert states() == [("artist0.en@example.org", "promised")]


@pytest.mark.parametrize("fault", ["lose the call", "lose the answer"])
def test_a_chunk_of_unknown_fate_is_called_back_and_sent_once_under_a_new_batch(postroom: Postroom, fault: str) -> None:
    postroom.line.faults = [(SEND, fault)]
    happens(EventName.CAMPAIGN_DONE, campaign_of(people(3)))
    assert [type(error).__name__ for error in relay()] == ["FateUnknown"]
    assert chunk_states() == ["unknown"]
    make_due()
    assert relay() == []
    assert chunk_states() == ["sent"]
    assert postroom.line.count(SEND) == 2
    assert ("POST", CANCEL) in postroom.line.calls
    later(60)
    wait_for(lambda: len(emails_to(postroom.beyond)) >= 3)
    assert sorted(email["address"] for email in emails_to(postroom.beyond)) == [f"artist{n}.en@example.org" for n in range(3)]


def test_a_chunk_that_can_no_longer_be_called_back_is_sent_once_more_when_no_word_comes(postroom: Postroom) -> None:
    unheard_chunk(postroom, faults=1)
    assert (chunk_states(), postroom.line.count(SEND)) == (["sent"], 2)
    assert states() == [("artist0.en@example.org", "uncertain"), ("artist1.en@example.org", "uncertain")]


def test_a_chunk_is_not_sent_a_third_time_and_has_failed_when_again_no_word_comes(postroom: Postroom) -> None:
    unheard_chunk(postroom, faults=2)
    assert chunk_states() == ["unknown"]
    later(31)
    make_due()
    relay()
    settle()
    wait_is_over()
    assert settle() == 1
    make_due()
    relay()
    assert (chunk_states(), postroom.line.count(SEND)) == (["failed"], 2)
    assert states() == [("artist0.en@example.org", "failed"), ("artist1.en@example.org", "failed")]


def unheard_chunk(postroom: Postroom, *, faults: int) -> None:
    """A chunk whose first call was lost, and so many calls in all; the wait for the carrier's word on the first is over."""
    postroom.line.faults = [(SEND, "lose the call")] * faults
    happens(EventName.CAMPAIGN_DONE, campaign_of(people(2)))
    relay()
    later(11)
    make_due()
    assert relay() == []
    later(9)
    assert (settle(), waiting_chunks()) == (0, 0)
    later(10)
    assert (settle(), waiting_chunks()) == (0, 1)  # its time has come by a jump of the clock: the carrier's word takes its seconds
    wait_is_over()
    assert settle() == 1
    make_due()
    relay()


def waiting_chunks() -> int:
    """How many chunks wait for the carrier's word."""
    with unit_of_work() as session:
        return session.query(EmailChunk).filter(EmailChunk.wait_until.is_not(None)).count()


def test_a_chunk_that_the_carrier_speaks_of_has_been_sent(postroom: Postroom) -> None:
    postroom.line.faults = [(SEND, "lose the answer")]
    happens(EventName.CAMPAIGN_DONE, campaign_of(people(2)))
    relay()
    later(11)
    make_due()
    relay()
    with listening() as posts:
        later(9)
        wait_for(lambda: sum(map(len, posts)) == 4)
    relay()
    later(10)
    settle()
    wait_is_over()
    assert settle() == 1
    assert (chunk_states(), postroom.line.count(SEND)) == (["sent"], 1)


def test_a_call_to_cancel_whose_answer_is_lost_is_asked_for_before_it_is_repeated(postroom: Postroom) -> None:
    postroom.line.faults = [(SEND, "lose the answer")]
    happens(EventName.CAMPAIGN_DONE, campaign_of(people(1)))
    relay()
    postroom.line.faults = [(f"{CANCEL}/", "503")]
    make_due()
    assert [type(error).__name__ for error in relay()] == ["NotTaken"]
    make_due()
    assert relay() == []
    assert (chunk_states(), postroom.line.count(CANCEL)) == (["sent"], 1)


def test_a_death_before_the_call_costs_a_batch_and_nothing_else(postroom: Postroom, monkeypatch: pytest.MonkeyPatch) -> None:
    happens(EventName.CAMPAIGN_DONE, campaign_of(people(1)))
    taken = chunks._taken

    def die(*chunk: object) -> None:
        taken(*chunk)  # type: ignore[arg-type]  # whatever it is given
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(chunks, "_taken", die)
        with pytest.raises(KeyboardInterrupt):
            relay()
    with unit_of_work() as session:
        session.query(outbox.OutboxMessage).update({"leased_until": None})
    relay()
    later(20)
    wait_for(lambda: emails_to(postroom.beyond))
    assert (chunk_states(), len(emails_to(postroom.beyond))) == (["sent"], 1)


def test_an_announcement_of_a_paused_campaign_waits_and_one_that_is_over_is_dropped(postroom: Postroom) -> None:
    (artist,) = people(1)
    campaign = campaign_of([artist])
    happens(EventName.CAMPAIGN_PAUSED, campaign)
    happens(EventName.CAMPAIGN_DONE, campaign)
    happens(EventName.CAMPAIGN_DONE, campaign_of([artist]), over=True)
    relay()
    assert sorted(chunk_states()) == ["dropped", "promised"]
    happens(EventName.CAMPAIGN_RESUMED, campaign, seconds=60)
    relay()
    assert sorted(chunk_states()) == ["dropped", "sent"]


def test_chunks_are_written_on_from_where_a_relay_died(postroom: Postroom, monkeypatch: pytest.MonkeyPatch) -> None:
    fact = happens(EventName.CAMPAIGN_DONE, campaign_of(people(8)))
    claimed, write = outbox.Claimed(fact, OutboxKind.EVENT, str(fact), {"event": str(fact)}, 1), community._write_chunk

    def die_at_the_second(session: Session, notification: Notification, of: Event, number: int, *rest: object) -> None:
        if number == 2:
            raise KeyboardInterrupt
        write(session, notification, of, number, *rest)  # type: ignore[arg-type]  # passed on as they came

    with monkeypatch.context() as patch:
        patch.setattr(community, "_write_chunk", die_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            announce(claimed)
    announce(claimed)
    announce(claimed)
    with unit_of_work() as session:
        sizes = select(func.count()).select_from(Email).join(EmailChunk, EmailChunk.id == Email.chunk_id).group_by(EmailChunk.number)
        assert list(session.scalars(sizes.order_by(EmailChunk.number))) == [3, 3, 2]


def test_two_relays_at_once_write_every_email_once(postroom: Postroom) -> None:
    fact = happens(EventName.CAMPAIGN_DONE, campaign_of(people(20)))
    claimed = outbox.Claimed(fact, OutboxKind.EVENT, str(fact), {"event": str(fact)}, 1)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(announce, [claimed] * 3))
    with unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(Email)) == 20
        assert [chunk.number for chunk in session.query(EmailChunk).order_by(EmailChunk.number)] == list(range(1, 8))


def test_where_no_more_batches_can_be_called_back_the_chunk_waits_for_the_carriers_word(postroom: Postroom) -> None:
    for _ in range(10):
        sender().cancel(sender().new_batch())
    postroom.line.faults = [(SEND, "lose the call")]
    happens(EventName.CAMPAIGN_DONE, campaign_of(people(1)))
    relay()
    make_due()
    assert relay() == []
    later(30)
    settle()
    wait_is_over()
    assert settle() == 1
    assert chunk_states() == ["promised"]


def test_an_announcement_that_still_lies_with_the_carrier_is_called_back_by_a_pause_and_goes_out_once_after_it(postroom: Postroom) -> None:
    campaign = campaign_of(people(2))
    happens(EventName.CAMPAIGN_DONE, campaign)
    relay()
    assert chunk_states() == ["sent"]
    happens(EventName.CAMPAIGN_PAUSED, campaign)
    relay()
    assert chunk_states() == ["promised"]
    later(60)
    happens(EventName.CAMPAIGN_RESUMED, campaign, seconds=3600)
    relay()
    later(20)
    wait_for(lambda: len([email for email in emails_to(postroom.beyond) if "An open call" in email["subject"]]) == 2)
    assert chunk_states() == ["sent"]


def test_an_announcement_no_longer_true_is_called_back_and_reaches_nobody(postroom: Postroom, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = campaign_of(people(1))
    happens(EventName.CAMPAIGN_DONE, campaign)
    relay()
    monkeypatch.setitem(NOTIFICATIONS, "season", replace(NOTIFICATIONS["season"], still_true=lambda _session, _fact: False))
    happens(EventName.CAMPAIGN_CANCELLED, campaign)
    relay()
    later(60)
    wait_for(lambda: emails_to(postroom.beyond))
    assert (chunk_states(), [email["subject"] for email in emails_to(postroom.beyond)]) == (
        ["dropped"],
        ["“Holiday traditions” has been canceled: what is left to do"],
    )


def test_a_batch_whose_time_is_over_makes_room_for_another_call(postroom: Postroom) -> None:
    postroom.line.faults = [(SEND, "lose the call")]
    happens(EventName.CAMPAIGN_DONE, campaign_of(people(1)))
    relay()
    make_due()
    relay()
    with unit_of_work() as session:
        over = session.query(outbox.OutboxMessage).filter_by(kind="batch_over").one()
        assert timedelta(minutes=79) < over.due_at - clock.process_now() < timedelta(minutes=81)
    make_due()
    relay()
    assert ("DELETE", f"{CANCEL}/{over.key}") in postroom.line.calls
    make_due()
    assert relay() == []


def test_one_bad_address_costs_its_own_email_and_nobody_elses(postroom: Postroom) -> None:
    crew = people(3)
    with unit_of_work() as session:
        session.get_one(Person, crew[1]).email = "nobody@localhost"
    happens(EventName.CAMPAIGN_DONE, campaign_of(crew))
    assert [type(error).__name__ for error in relay()] == ["NotTaken"]
    make_due()
    assert relay() == []
    assert states() == [("artist0.en@example.org", "sent"), ("artist2.en@example.org", "sent"), ("nobody@localhost", "failed")]
    with unit_of_work() as session:
        refused = session.scalars(select(Email.reason).where(Email.state == "failed")).one()
    assert refused == "personalizations.1.to.0.email: Does not contain a valid address."


def test_an_announcement_that_lay_through_a_pause_is_written_anew(postroom: Postroom, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = campaign_of(people(1))
    happens(EventName.CAMPAIGN_DONE, campaign)
    relay()
    happens(EventName.CAMPAIGN_PAUSED, campaign)
    relay()
    with unit_of_work() as session:
        session.get_one(Campaign, campaign).title = "A tradition of yours"
    happens(EventName.CAMPAIGN_RESUMED, campaign, seconds=60)
    relay()
    later(20)
    wait_for(lambda: any("An open call" in email["subject"] for email in emails_to(postroom.beyond)))
    with unit_of_work() as session:
        assert session.query(EmailChunk).one().subject == "An open call: A tradition of yours"
