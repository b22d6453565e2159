"""What no webhook brought is asked for at Stripe, which keeps an event for 30 days and no longer."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from time import sleep
from typing import Any

import pytest
from sqlalchemy import select, update

from campaigns.core import outbox
from campaigns.core.ids import new_id
from campaigns.core.inbox import InboxMark, Received, receive
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.permissions import Role
from campaigns.payments.models import PayoutAccount, TopUp
from campaigns.payments.provider_errors import Definite, RateLimited
from campaigns.payments.stripe_gateway import StripeGateway
from campaigns.payments.top_ups import ask_top_up
from flows import sweep
from flows.handlers import HANDLERS
from tests.campaigns.brief.billing import billed, signed
from tests.installation import wait_for
from tests.treasury import Treasury, now
from workers.gateways import by_stripe
from workers.payout.catching_up import look_again
from workers.provider import missed_events
from workers.provider.event_origins import EventOrigin
from workers.provider_events import HEARD, PROVIDER_EVENTS
from workers.transactions import unit_of_work

DAY = timedelta(days=1)


def ask(treasury: Treasury) -> int:
    """Once what is due is asked for, until nothing is; returns how many questions were put."""
    asked = 0
    while missed_events.enqueue_questions():
        asked += treasury.handle(OutboxKind.MISSED_EVENTS, fetch_patiently)
    treasury.handle(OutboxKind.STRIPE_EVENT)
    return asked


def fetch_patiently(claimed: outbox.Claimed) -> None:
    """As the relay does, which asks again where Stripe says that it was asked too fast."""
    while True:
        with suppress(RateLimited):
            return missed_events.fetch_missed(by_stripe(), by_stripe(), claimed)
        sleep(0.1)


def begin(treasury: Treasury) -> None:
    """From now on whatever happens at Stripe is missed, for no endpoint listens."""
    assert missed_events.enqueue_questions() == 0


def fetched() -> list[str]:
    with unit_of_work() as session:
        return sorted(session.scalars(select(Received.name).where(Received.is_fetched)))


def waiting_top_up(treasury: Treasury) -> TopUp:
    """A top-up that is on its way, and will have arrived in a few days."""
    with unit_of_work() as session:
        asked = ask_top_up(session, "USD", 5_000, by=treasury.person(role=Role.FINANCE), at=now())
    treasury.handle(OutboxKind.TOP_UP)
    return asked


def state(asked: TopUp) -> str:
    with unit_of_work() as session:
        return session.get_one(TopUp, asked.id).state


def test_the_sweep_asks_and_the_relay_looks_into_what_was_missed() -> None:
    assert missed_events.enqueue_questions in sweep.PARTS
    assert OutboxKind.MISSED_EVENTS in HANDLERS


def test_an_event_that_no_webhook_brought_is_fetched_within_the_hour_and_looked_into(treasury: Treasury) -> None:
    begin(treasury)
    asked = waiting_top_up(treasury)
    treasury.pass_time(8 * DAY)
    arrive(treasury)
    assert ask(treasury) >= 7
    assert (state(asked), "topup.succeeded" in fetched()) == ("succeeded", True)
    assert ask(treasury) == 0


def arrive(treasury: Treasury) -> None:
    wait_for(lambda: treasury.stripe.client.v1.topups.list().data[0].status == "succeeded")


def test_what_is_older_than_the_provider_keeps_is_seen_at_the_objects_themselves(treasury: Treasury) -> None:
    begin(treasury)
    asked = waiting_top_up(treasury)
    treasury.pass_time(8 * DAY)
    arrive(treasury)
    treasury.pass_time(60 * DAY)
    ask(treasury)
    assert (state(asked), fetched()) == ("succeeded", [])


def test_each_accounts_events_are_asked_for_with_its_name_once_a_day(treasury: Treasury) -> None:
    begin(treasury)
    ana = treasury.person()
    account = treasury.open_account(ana)
    treasury.submit(ana)
    treasury.pass_time(DAY + timedelta(hours=1))
    ask(treasury)
    with unit_of_work() as session:
        row = session.scalars(select(PayoutAccount)).one()
        of_account = session.scalars(select(Received.body["account"].astext).where(Received.name == "account.updated")).all()
    assert (row.state, set(of_account)) == ("active", {account})
    assert ask(treasury) == 0


def test_an_event_with_a_decimal_in_it_is_kept_as_it_came(treasury: Treasury) -> None:
    begin(treasury)
    billed(signed())
    treasury.pass_time(timedelta(hours=2))
    ask(treasury)
    assert "invoice.finalized" in fetched()


def test_an_account_of_longer_ago_is_looked_at_itself(treasury: Treasury) -> None:
    begin(treasury)
    ana = treasury.person()
    treasury.open_account(ana)
    treasury.submit(ana)
    treasury.pass_time(40 * DAY)
    ask(treasury)
    with unit_of_work() as session:
        assert session.scalars(select(PayoutAccount.state)).one() == "active"
    assert fetched() == []


def test_an_account_that_is_no_longer_ours_ends_its_question(treasury: Treasury) -> None:
    begin(treasury)
    treasury.open_account(treasury.person())
    with unit_of_work() as session:
        session.scalars(select(PayoutAccount)).one().provider_id = "acct_gone"
    treasury.pass_time(2 * DAY)
    assert ask(treasury) >= 2
    with unit_of_work() as session:
        assert session.scalars(select(PayoutAccount.heard_until)).one() > now() - timedelta(hours=1)


def test_an_event_that_comes_after_it_was_fetched_counts_as_brought_and_is_looked_into_once(treasury: Treasury) -> None:
    told = {"id": "evt_1", "type": "topup.succeeded"}
    with unit_of_work() as session:
        came = [receive(session, "stripe", "evt_1", "topup.succeeded", told, is_fetched=it) for it in (True, True)]
        fetched_first = session.get_one(Received, ("stripe", "evt_1")).is_fetched
        came.append(receive(session, "stripe", "evt_1", "topup.succeeded", told))
        session.expire_all()
        row = session.get_one(Received, ("stripe", "evt_1"))
        enqueued = session.scalars(select(outbox.OutboxMessage).where(outbox.OutboxMessage.kind == OutboxKind.STRIPE_EVENT)).all()
    assert (came, fetched_first, row.is_fetched, len(enqueued)) == ([True, False, False], True, False, 1)


def test_what_happened_before_the_installation_was_there_is_not_asked_for(treasury: Treasury) -> None:
    treasury.stripe.customer()
    begin(treasury)
    treasury.pass_time(timedelta(hours=2))
    assert (ask(treasury), fetched()) == (1, [])


def test_a_question_that_is_open_is_not_put_a_second_time_and_no_mark_goes_back(treasury: Treasury) -> None:
    begin(treasury)
    treasury.pass_time(timedelta(hours=2))
    assert [missed_events.enqueue_questions() for _each in range(2)] == [1, 0]
    with unit_of_work() as session:
        mark = session.get_one(InboxMark, "stripe").until
        missed_events._set_mark(session, "platform", mark - DAY)
        session.expire_all()
        assert session.get_one(InboxMark, "stripe").until == mark


def test_of_whatever_we_look_at_on_the_platforms_side_it_is_known_what_is_open() -> None:
    compared_each_day = {"transfer"}
    asked_after = {kind for kind, events in PROVIDER_EVENTS[EventOrigin.PLATFORM].items() if events.still_open}
    assert set(PROVIDER_EVENTS[EventOrigin.PLATFORM]) == asked_after | compared_each_day


def test_a_backup_older_than_the_provider_keeps_events_is_caught_up_on_by_the_objects(treasury: Treasury) -> None:
    asked = waiting_top_up(treasury)
    treasury.pass_time(8 * DAY)
    arrive(treasury)
    treasury.pass_time(60 * DAY)
    look_again(by_stripe(), by_stripe(), now() - 68 * DAY)
    assert state(asked) == "succeeded"


def account_asked_for(treasury: Treasury, *, after: timedelta) -> outbox.Claimed:
    """An account whose events are to be asked for, and the message that asks for them."""
    account = treasury.open_account(treasury.person())
    treasury.pass_time(after)
    return outbox.Claimed(new_id(), OutboxKind.MISSED_EVENTS, account, {"account": account}, 1)


def heard_until() -> datetime:
    with unit_of_work() as session:
        return session.scalars(select(PayoutAccount.heard_until)).one()


@pytest.mark.parametrize(("after", "refused"), [(2 * DAY, "/v1/events"), (40 * DAY, "/v1/accounts/")])
def test_a_refusal_that_does_not_say_that_an_account_is_gone_forgets_none_of_its_events(
    treasury: Treasury, after: timedelta, refused: str
) -> None:
    begin(treasury)
    message = account_asked_for(treasury, after=after)
    before = heard_until()
    treasury.line.faults.append((refused, "400"))
    with pytest.raises(Definite):
        missed_events.fetch_missed(by_stripe(), by_stripe(), message)
    assert heard_until() == before
    missed_events.fetch_missed(by_stripe(), by_stripe(), message)
    assert heard_until() > before + after - timedelta(hours=1)


def test_accounts_whose_question_is_refused_keep_no_others_waiting(treasury: Treasury) -> None:
    begin(treasury)
    for number in range(12):
        with unit_of_work() as session:
            about = {"country": "US", "agreement": "full", "state": "onboarding", "opened_at": now()}
            person = treasury.person().person
            session.add(PayoutAccount(person_id=person, provider_id=f"acct_{number}", heard_until=now() - 2 * DAY, **about))
    assert [missed_events.enqueue_questions() for _twice in range(2)] == [5, 0]
    with unit_of_work() as session:
        session.execute(
            update(outbox.OutboxMessage).where(outbox.OutboxMessage.kind == OutboxKind.MISSED_EVENTS).values(last_error="Definite: 403")
        )
    assert [missed_events.enqueue_questions() for _twice in range(2)] == [5, 0]


def test_a_backup_is_caught_up_on_by_no_events_but_those_that_are_listened_to(treasury: Treasury, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def heard(_gateway: StripeGateway, _since: datetime, *, names: Sequence[str] = ()) -> Iterator[Mapping[str, Any]]:
        asked.append(names)
        return iter(())

    monkeypatch.setattr(StripeGateway, "events_since", heard)
    look_again(by_stripe(), by_stripe(), now() - DAY)
    assert asked == [HEARD[EventOrigin.PLATFORM]]


def test_an_account_that_is_gone_does_not_keep_a_backup_from_being_caught_up_on(treasury: Treasury) -> None:
    treasury.open_account(treasury.person())
    with unit_of_work() as session:
        session.scalars(select(PayoutAccount)).one().provider_id = "acct_gone"
    look_again(by_stripe(), by_stripe(), now() - DAY)
    with unit_of_work() as session:
        looked_at = session.scalars(select(PayoutAccount.looked_at)).one()
    assert looked_at is not None
    assert looked_at < now()
