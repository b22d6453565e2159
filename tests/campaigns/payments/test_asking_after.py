"""An account becomes active although Stripe's word never comes, and no number of accounts makes us ask often."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from campaigns.core import clock, outbox
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Role
from campaigns.oversight.needs import needs
from campaigns.payments.actions import ask_after
from campaigns.payments.asking_after import enqueue_due, unanswered
from campaigns.payments.models import PayoutAccount
from flows import relay, sweep
from flows.handlers import HANDLERS
from tests.campaigns.brief.counting import statements
from tests.treasury import Treasury
from workers.gateways import by_stripe
from workers.provider.account_looks import enqueue_looks
from workers.provider.accounts import look_at_account, onboarding_link
from workers.transactions import unit_of_work

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def account(person: Actor) -> PayoutAccount:
    with unit_of_work() as session:
        return session.scalars(select(PayoutAccount).where(PayoutAccount.person_id == person.person)).one()


def due(person: Actor, by: timedelta = timedelta()) -> None:
    """The next look is due, `by` ago."""
    with unit_of_work() as session:
        mine = update(PayoutAccount).where(PayoutAccount.person_id == person.person)
        session.execute(mine.values(ask_at=clock.process_now() - by))


def asked(treasury: Treasury) -> int:
    """The sweep enqueues and the relay handles; how many accounts were asked after."""
    enqueue_looks()
    return treasury.handle(OutboxKind.ACCOUNT_LOOK)


def back(person: Actor) -> None:
    with unit_of_work() as session:
        ask_after(session, person.person, now=clock.process_now())


def test_an_account_becomes_active_without_a_word_of_stripes(treasury: Treasury) -> None:
    ana = treasury.person()
    treasury.open_account(ana)
    assert (asked(treasury), account(ana).ask_at) == (0, None), "nothing is to be heard before the form is opened"
    treasury.submit(ana)
    assert (asked(treasury), account(ana).state) == (0, "onboarding")
    due(ana)
    assert (asked(treasury), account(ana).state) == (1, "active")
    due(ana)
    assert asked(treasury) == 0


def test_an_account_that_stripe_rejected_is_not_asked_after_and_nobody_is_sent_to_a_form_that_asks_nothing(treasury: Treasury) -> None:
    ana = treasury.person()
    treasury.open_account(ana)
    treasury.submit(ana, "reject")
    due(ana)
    assert (asked(treasury), account(ana).reason) == (1, "rejected.other")
    due(ana)
    assert asked(treasury) == 0
    with unit_of_work() as session:
        session.execute(update(PayoutAccount).values(ask_at=None, asks=40))
        assert unanswered(session, ana.person) is None
        session.execute(update(PayoutAccount).values(reason="under_review"))
        assert unanswered(session, ana.person) is None
        session.execute(update(PayoutAccount).values(reason="requirements.past_due", requirements=["external_account"]))
        assert unanswered(session, ana.person) is not None


def test_the_sweep_and_the_relay_do_it() -> None:
    assert enqueue_looks in sweep.PARTS
    assert OutboxKind.ACCOUNT_LOOK in HANDLERS


def test_it_is_asked_ever_more_rarely_and_for_a_month(treasury: Treasury) -> None:
    ana = treasury.person()
    treasury.open_account(ana)
    onboarding_link(by_stripe(), ana.person)
    moment = account(ana).ask_at
    waits: list[timedelta] = []
    while moment and len(waits) < 100:
        with unit_of_work() as session:
            assert enqueue_due(session, now=moment - timedelta(seconds=1)) == 0
            assert enqueue_due(session, now=moment) == 1
        treasury.handle(OutboxKind.ACCOUNT_LOOK)
        following = account(ana).ask_at
        waits += [following - moment] if following else []
        moment = following
    assert waits[:11] == [MINUTE * 2**number for number in range(11)]
    assert set(waits[11:]) == {DAY}
    assert timedelta(days=30) <= sum(waits, timedelta()) < timedelta(days=32)


def test_after_a_month_it_waits_for_the_person_who_brings_it_on_by_opening_the_form(treasury: Treasury) -> None:
    ana = treasury.person(role=Role.ARTIST)
    treasury.open_account(ana)

    def waits() -> list[str]:
        with unit_of_work() as session:
            return [need.code for need in needs(session, by=ana, at=clock.business_now(session))]

    onboarding_link(by_stripe(), ana.person)
    assert waits() == []
    with unit_of_work() as session:
        session.execute(update(PayoutAccount).values(asked_since=clock.process_now() - 31 * DAY, ask_at=clock.process_now()))
    assert (asked(treasury), account(ana).ask_at, waits()) == (1, None, ["payout_account"])
    onboarding_link(by_stripe(), ana.person)
    assert waits() == []


def test_whoever_comes_back_again_and_again_has_it_asked_once_a_minute(treasury: Treasury) -> None:
    ana = treasury.person()
    treasury.open_account(ana)
    onboarding_link(by_stripe(), ana.person)
    with unit_of_work() as session:
        session.execute(update(PayoutAccount).values(looked_at=clock.process_now() - MINUTE))
    calls = 0
    for _time in range(5):
        back(ana)
        calls += asked(treasury)
    assert calls == 1
    soon = account(ana).ask_at
    assert soon
    assert MINUTE / 2 < soon - clock.process_now() <= MINUTE


def test_however_many_are_under_way_few_are_asked_after_at_a_time(treasury: Treasury) -> None:
    with unit_of_work() as session:
        crowd = [Person(email=f"crowd{number}@example.org", name=f"Crowd {number}", country="US") for number in range(70)]
        session.add_all(crowd)
        session.flush()
        at = clock.process_now()
        session.add_all(
            PayoutAccount(
                person_id=each.id, country="US", agreement="full", state="onboarding", provider_id=f"acct_{number}", opened_at=at,
                asked_since=at, ask_at=at - timedelta(seconds=70 - number),
            )
            for number, each in enumerate(crowd)
        )  # fmt: skip
    costs = []
    for _sweep in range(3):
        with unit_of_work() as session, statements(session) as sent:
            enqueue_due(session, now=clock.process_now())
        costs.append(len(sent))
    assert enqueued() == [f"acct_{number}" for number in range(20)]
    assert max(costs) < 6
    treasury.handle(OutboxKind.ACCOUNT_LOOK)
    enqueue_looks()
    assert enqueued() == [f"acct_{number}" for number in range(20, 40)]


def enqueued() -> list[str | None]:
    """Whose looks are open, longest due first."""
    with unit_of_work() as session:
        is_open = select(outbox.OutboxMessage).where(
            outbox.OutboxMessage.kind == OutboxKind.ACCOUNT_LOOK, outbox.OutboxMessage.done_at.is_(None)
        )
        ids = [each.body["account"] for each in session.scalars(is_open)]
        return list(session.scalars(select(PayoutAccount.provider_id).where(PayoutAccount.id.in_(ids)).order_by(PayoutAccount.person_id)))


def test_an_account_that_stripe_no_longer_has_is_not_asked_after_again(treasury: Treasury) -> None:
    ana = treasury.person()
    provider_id = treasury.open_account(ana)
    onboarding_link(by_stripe(), ana.person)
    treasury.stripe.client.v1.accounts.delete(provider_id)
    due(ana)
    assert (asked(treasury), account(ana).ask_at, account(ana).state) == (1, None, "onboarding")


def test_a_look_that_stripe_does_not_answer_stays_enqueued(treasury: Treasury) -> None:
    ana = treasury.person()
    provider_id = treasury.open_account(ana)
    treasury.submit(ana)
    due(ana)
    enqueue_looks()
    treasury.line.faults.append((f"/v1/accounts/{provider_id}", "lose the answer"))
    (claimed,) = [each for each in relay.claim(5) if each.kind == OutboxKind.ACCOUNT_LOOK]
    relay.handle(claimed)
    assert account(ana).state == "onboarding"
    assert (treasury.handle(OutboxKind.ACCOUNT_LOOK), account(ana).state) == (1, "active")


def test_a_word_that_comes_in_time_leaves_nothing_to_ask(treasury: Treasury) -> None:
    ana = treasury.person()
    provider_id = treasury.open_account(ana)
    treasury.submit(ana)
    look_at_account(by_stripe(), provider_id)
    due(ana, DAY)
    assert (account(ana).state, asked(treasury)) == ("active", 0)


@pytest.mark.parametrize("wrong", [{"asks": -1}, {"ask_at": datetime(2026, 1, 1).astimezone(), "asked_since": None}])
def test_the_database_knows_no_look_without_a_beginning(treasury: Treasury, wrong: dict[str, object]) -> None:
    treasury.open_account(treasury.person())
    with pytest.raises(Exception, match="ck_payout_account_asks"), unit_of_work() as session:
        session.execute(update(PayoutAccount).values(**wrong))


def test_an_account_of_which_stripe_says_nothing_is_asked_after_again(treasury: Treasury) -> None:
    ana = treasury.person()
    provider_id = treasury.open_account(ana)
    treasury.submit(ana)
    due(ana)
    treasury.line.faults.append((f"/v1/accounts/{provider_id}", "400"))
    assert (asked(treasury), account(ana).state, account(ana).ask_at is None) == (1, "onboarding", False)
    due(ana)
    assert (asked(treasury), account(ana).state) == (1, "active")
