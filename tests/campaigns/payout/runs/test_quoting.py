"""What is quoted, what stays, and who lets a run go."""

from hashlib import sha256
from threading import Barrier, Thread
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select, text

from campaigns.core import clock
from campaigns.core.appointing.errors import SecondPersonNeeded
from campaigns.core.errors import Forbidden, NotPaused, ReasonMissing
from campaigns.core.ids import new_id
from campaigns.core.outbox import OutboxMessage
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import SYSTEM, Actor, RoleGrant
from campaigns.core.permissions import Role
from campaigns.core.role_grants import GiverLeft
from campaigns.ledger.accounts import Entry, payee, payout_clearing, stripe_available
from campaigns.ledger.actions import post
from campaigns.payout.balances.queries import standing_told, standings_of, why_not_payable
from campaigns.payout.errors import (
    AlreadyHeld,
    LimitOutOfRange,
    NoSuchLimits,
    NoSuchRun,
    NotHeld,
    NotQuoted,
    NotReleased,
    PayeeMayNotRelease,
    UnknownRoute,
)
from campaigns.payout.holds.actions import hold_payments, lift_hold
from campaigns.payout.holds.queries import hold_on
from campaigns.payout.runs.actions import (
    approve_run,
    confirm_limits,
    discard_run,
    pause_run,
    propose_limits,
    quote_payouts,
    quote_run,
    resume_run,
)
from campaigns.payout.runs.files import file_hash, file_lines
from campaigns.payout.runs.models import Payout, PayoutRun
from campaigns.payout.runs.queries import limits_in_force
from tests.campaigns.payout.runs.bureau import all_is_well, items, quote, release, run_state
from tests.treasury import Treasury, held_on, now, told
from workers.transactions import unit_of_work


def reasons(person: Actor) -> list[tuple[str, int, str | None]]:
    with unit_of_work() as session:
        return [(s.currency, s.amount, s.reason) for s in standings_of(session, person.person, now())]


def sentence(person: Actor) -> str:
    with unit_of_work() as session:
        return why_not_payable(session, person.person, now())[0].sentence


def test_a_quote_freezes_what_is_payable_and_reserves_it(treasury: Treasury) -> None:
    ana, ben = treasury.payee(5_000), treasury.payee(7_000, "DE")
    run_id = quote()
    assert run_id
    assert items(run_id) == [(5_000, "ready", 1), (7_000, "ready", 1)]
    assert [held_on(a) for a in (payee(ana.person, "USD"), payee(ben.person, "USD"), payout_clearing("USD"))] == [0, 0, 12_000]
    assert told("payout.run_quoted") == [{"run": str(run_id), "currency": "USD", "items": 2, "amount": 12_000}]
    assert all_is_well() == []


def test_the_items_ids_are_sortable_by_age_as_all_ids_are(treasury: Treasury) -> None:
    before, _ana, run_id, after = new_id(), treasury.payee(), quote(), None
    after = new_id()
    with unit_of_work() as session:
        item = session.scalars(select(Payout).where(Payout.run_id == run_id)).one()
    assert (before < item.id < after, item.id.version, item.id.variant) == (True, 7, before.variant)


def test_a_schedule_that_fires_twice_makes_one_run(treasury: Treasury) -> None:
    treasury.payee()
    first = quote()
    assert (quote(), len(told("payout.run_quoted"))) == (first, 1)


def test_two_quotes_at_once_make_one_run(treasury: Treasury) -> None:
    treasury.payee()
    barrier, made = Barrier(3), list[UUID | None]()

    def at_once() -> None:
        barrier.wait()
        made.append(quote())

    threads = [Thread(target=at_once) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(made), len(set(made)), all_is_well()) == (3, 1, [])


def test_where_nothing_is_payable_no_run_is_left_behind(treasury: Treasury) -> None:
    treasury.payee(99)
    assert quote() is None
    with unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(PayoutRun)) == 0


def test_a_quote_that_is_refused_uses_up_no_number(treasury: Treasury) -> None:
    treasury.payee(99)
    assert (quote(), quote("again")) == (None, None)
    treasury.payee()
    first, _ben = quote("a third time"), treasury.payee()
    second = quote("a fourth")
    with unit_of_work() as session:
        assert [session.get_one(PayoutRun, run_id).number for run_id in (first, second)] == [1, 2]


def test_a_sequence_is_quoted_in_every_currency(treasury: Treasury) -> None:
    treasury.fund(100_000, "EUR")
    treasury.payee(5_000), treasury.payee(6_000, "DE", "EUR")
    with unit_of_work() as session:
        runs = quote_payouts(session, "2026-11-02", by=SYSTEM, at=now())
        assert [(run.currency, run.sequence) for run in runs] == [("EUR", "2026-11-02"), ("USD", "2026-11-02")]


def test_every_balance_that_stays_says_why_and_the_person_is_told_once_for_each_reason(treasury: Treasury) -> None:
    small, far, new, waiting, held = treasury.payee(99), treasury.person("NP"), treasury.person(), treasury.person(), treasury.payee(3_000)
    owing = treasury.payee(1_000)
    treasury.open_account(waiting)
    for person in (far, new, waiting):
        treasury.earn(person.person, 2_000)
    with unit_of_work() as session:
        hold_payments(session, held.person, "We could not verify the address.", by=SYSTEM, at=now())
        entry = Entry(payee(owing.person, "USD"), stripe_available("USD"), 1_700)
        post(session, "payout.clawed_back", "claw", [entry], at=now())
    assert (quote(), quote("again")) == (None, None)
    people = {small: "below_minimum", far: "no_route", new: "no_account", waiting: "not_onboarded", held: "held", owing: "negative"}
    assert {p.person: reasons(p)[0][2] for p in people} == {p.person: reason for p, reason in people.items()}
    assert {(e["person"], e["code"]) for e in told("payout.cannot_pay")} == {(str(p.person), reason) for p, reason in people.items()}
    assert len(told("payout.cannot_pay")) == len(people)
    assert [sentence(p) for p in people] == [
        "The minimum payment is $1.00. Your $0.99 is carried forward until you reach it.",
        "We cannot pay USD to Nepal yet. Your earnings stay in your balance until we can.",
        "Set up payouts, and $20.00 will be paid in the next run.",
        "Stripe still needs information from you. Complete your details there, and we will pay $20.00.",
        "Payments to you are on hold. Contact us to find out how to lift the hold.",
        "You were overpaid by $7.00. We deduct it from your next earnings.",
    ]
    told_again = [standing_told(facts).sentence for facts in told("payout.cannot_pay") if facts["code"] == "below_minimum"]
    assert told_again == [sentence(small)]


def test_a_reason_that_changes_is_told_anew(treasury: Treasury) -> None:
    ana = treasury.person()
    treasury.earn(ana.person, 2_000)
    quote("1"), quote("2")
    treasury.open_account(ana)
    quote("3"), quote("4")
    assert [facts["code"] for facts in told("payout.cannot_pay")] == ["no_account", "not_onboarded"]


def test_what_comes_after_the_quote_waits_for_the_next_run(treasury: Treasury) -> None:
    ana = treasury.payee(5_000)
    first = quote("1")
    treasury.earn(ana.person, 4_000)
    assert (quote("2"), reasons(ana), sentence(ana)) == (
        None, [("USD", 4_000, "on_its_way")], "A payment to you is on its way. Newer earnings will be in the next one.",
    )  # fmt: skip
    assert (first is not None, told("payout.cannot_pay")) == (True, [])


def test_a_route_that_does_not_exist_is_refused(treasury: Treasury) -> None:
    with pytest.raises(UnknownRoute) as refused, unit_of_work() as session:
        quote_run(session, "USD", "pigeon", "1", by=SYSTEM, at=now())
    assert (refused.value.status, refused.value.field) == (400, "route")


def approve(run_id: UUID, by: Actor) -> None:
    with unit_of_work() as session:
        approve_run(session, run_id, by=by, at=clock.business_now(session))


def test_it_takes_two_people_to_release_a_run_and_the_second_starts_its_flow(treasury: Treasury) -> None:
    treasury.payee()
    run_id, first = quote(), treasury.person(role=Role.FINANCE)
    assert run_id
    approve(run_id, first)
    approve(run_id, first)
    assert run_state(run_id) == ("quoted", 0)
    approve(run_id, treasury.person(role=Role.FINANCE))
    assert (run_state(run_id), len(told("payout.run_released"))) == (("released", 1), 1)
    with unit_of_work() as session:
        message = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == OutboxKind.START_FLOW)).one()
    assert (message.key, message.body["deployment"]) == (f"run-{run_id}-1", "send-payouts/send-payouts")
    assert message.body["parameters"] == {"run_id": str(run_id), "generation": 1}
    assert all_is_well() == []


def test_an_approval_counts_only_while_its_giver_is_of_finance(treasury: Treasury) -> None:
    treasury.payee()
    run_id, first = quote(), treasury.person(role=Role.FINANCE)
    assert run_id
    approve(run_id, first)
    with unit_of_work() as session:
        session.execute(delete(RoleGrant).where(RoleGrant.person_id == first.person))
    approve(run_id, treasury.person(role=Role.FINANCE))
    assert run_state(run_id) == ("quoted", 0)
    approve(run_id, treasury.person(role=Role.FINANCE))
    assert run_state(run_id) == ("released", 1)


def test_whom_a_run_pays_has_no_say_in_its_release(treasury: Treasury) -> None:
    ana = treasury.person(role=Role.FINANCE)
    treasury.onboard(ana)
    treasury.earn(ana.person, 5_000)
    run_id = quote()
    assert run_id
    with pytest.raises(PayeeMayNotRelease) as refused:
        approve(run_id, ana)
    assert (refused.value.status, run_state(run_id)) == (403, ("quoted", 0))


def test_who_may_not_see_money_does_not_see_a_run(treasury: Treasury) -> None:
    treasury.payee()
    run_id = quote()
    assert run_id
    for role in (None, Role.MANAGER, Role.CURATOR):
        with pytest.raises(NoSuchRun):
            approve(run_id, treasury.person(role=role))
    with pytest.raises(Forbidden), unit_of_work() as session:
        quote_run(session, "USD", "stripe_connect", "2", by=treasury.person(), at=now())


def test_a_discarded_run_gives_back_what_it_reserved(treasury: Treasury) -> None:
    ana, finance = treasury.payee(5_000), treasury.person(role=Role.FINANCE)
    run_id = quote("1")
    assert run_id
    with unit_of_work() as session:
        discard_run(session, run_id, "Wrong day.", by=finance, at=now())
    assert (items(run_id), held_on(payee(ana.person, "USD")), all_is_well()) == ([(5_000, "discarded", 1)], 5_000, [])
    with pytest.raises(NotQuoted):
        approve(run_id, finance)
    assert quote("2") not in (None, run_id)


def test_a_released_run_can_be_paused_and_resumed_but_not_discarded(treasury: Treasury) -> None:
    treasury.payee()
    run_id, finance = quote(), treasury.person(role=Role.FINANCE)
    assert run_id
    with pytest.raises(NotPaused), unit_of_work() as session:
        resume_run(session, run_id, by=finance, at=now())
    with pytest.raises(NotReleased), unit_of_work() as session:
        pause_run(session, run_id, "Too early.", by=finance, at=now())
    assert run_state(run_id) == ("quoted", 0)
    release(treasury, run_id)
    with pytest.raises(NotQuoted), unit_of_work() as session:
        discard_run(session, run_id, "Too late.", by=finance, at=now())
    for reason in ("The bank called.", "It called again."):
        with unit_of_work() as session:
            assert pause_run(session, run_id, reason, by=finance, at=now()).reason == "The bank called."
    assert (run_state(run_id), len(told("payout.run_paused"))) == (("paused", 1), 1)
    with unit_of_work() as session:
        resume_run(session, run_id, by=finance, at=now())
    assert (run_state(run_id), all_is_well()) == (("released", 2), [])


def test_who_stops_money_says_why(treasury: Treasury) -> None:
    payee, finance = treasury.payee(), treasury.person(role=Role.FINANCE)
    run_id = quote()
    assert run_id
    with pytest.raises(ReasonMissing) as refused, unit_of_work() as session:
        discard_run(session, run_id, " ", by=finance, at=now())
    assert (refused.value.field, run_state(run_id)) == ("reason", ("quoted", 0))
    with pytest.raises(ReasonMissing), unit_of_work() as session:
        hold_payments(session, payee.person, "", by=finance, at=now())
    with unit_of_work() as session:
        assert hold_on(session, payee.person) is None
    release(treasury, run_id)
    with pytest.raises(ReasonMissing), unit_of_work() as session:
        pause_run(session, run_id, "\n", by=finance, at=now())
    assert (run_state(run_id), all_is_well()) == (("released", 1), [])


def test_a_run_within_limits_that_two_people_set_goes_out_by_itself(treasury: Treasury) -> None:
    one, other = treasury.person(role=Role.FINANCE), treasury.person(role=Role.FINANCE)
    with unit_of_work() as session:
        limits = propose_limits(session, "USD", most_per_run=10_000, most_per_person=6_000, by=one, at=now())
    treasury.payee(5_000)
    assert run_state(quote("not in force yet") or new_id()) == ("quoted", 0)
    with pytest.raises(SecondPersonNeeded), unit_of_work() as session:
        confirm_limits(session, limits.id, by=one, at=now())
    with unit_of_work() as session:
        confirm_limits(session, limits.id, by=other, at=now())
    treasury.payee(6_000)
    assert run_state(quote("within") or new_id()) == ("released", 1)
    treasury.payee(6_001)
    assert run_state(quote("too much for one") or new_id()) == ("quoted", 0)
    treasury.payee(5_000), treasury.payee(5_001)
    assert run_state(quote("too much for a run") or new_id()) == ("quoted", 0)
    assert all_is_well() == []


def test_limits_of_whoever_has_left_are_proposed_anew_and_those_in_force_stay(treasury: Treasury) -> None:
    one, other, third = (treasury.person(role=Role.FINANCE) for _each in range(3))
    with unit_of_work() as session:
        in_force = propose_limits(session, "USD", most_per_run=10_000, most_per_person=6_000, by=one, at=now())
        confirm_limits(session, in_force.id, by=other, at=now())
        later = propose_limits(session, "USD", most_per_run=1_000_000, most_per_person=1_000_000, by=one, at=now())
        session.execute(delete(RoleGrant).where(RoleGrant.person_id == one.person))
    with pytest.raises(GiverLeft, match="Propose them again"), unit_of_work() as session:
        confirm_limits(session, later.id, by=third, at=now())
    with unit_of_work() as session:
        kept = limits_in_force(session, "USD")
        assert [kept and kept.id] == [in_force.id]
        again = propose_limits(session, "USD", most_per_run=0, most_per_person=0, by=other, at=now())
        assert confirm_limits(session, again.id, by=third, at=now()).confirmed_by == third.person


def test_limits_below_zero_and_of_nobody_are_refused(treasury: Treasury) -> None:
    finance = treasury.person(role=Role.FINANCE)
    with pytest.raises(LimitOutOfRange) as refused, unit_of_work() as session:
        propose_limits(session, "USD", most_per_run=-1, most_per_person=0, by=finance, at=now())
    assert refused.value.field == "most_per_run"
    with pytest.raises(NoSuchLimits), unit_of_work() as session:
        confirm_limits(session, new_id(), by=finance, at=now())


def test_a_hold_is_placed_once_and_lifted_once(treasury: Treasury) -> None:
    ana, finance = treasury.payee(), treasury.person(role=Role.FINANCE)
    with pytest.raises(NotHeld), unit_of_work() as session:
        lift_hold(session, ana.person, by=finance, at=now())
    with unit_of_work() as session:
        hold_payments(session, ana.person, "A question", by=finance, at=now())
    with pytest.raises(AlreadyHeld), unit_of_work() as session:
        hold_payments(session, ana.person, "Another", by=finance, at=now())
    assert quote("1") is None
    with unit_of_work() as session:
        lift_hold(session, ana.person, by=finance, at=now())
    assert quote("2") is not None


def test_at_most_a_thousand_items_share_a_transfer_group(treasury: Treasury) -> None:
    with unit_of_work() as session:
        session.execute(text(
            "insert into person (id, email, name, country, locale, time_zone) "
            "select gen_random_uuid(), 'p' || n || '@example.org', 'P', 'US', 'en', 'UTC' from generate_series(1, 1001) n"
        ))  # fmt: skip
        session.execute(text(
            "insert into payout_account (id, person_id, country, agreement, state, provider_id, requirements, opened_at) "
            "select gen_random_uuid(), id, 'US', 'full', 'active', 'acct_' || id, '[]', now() from person where name = 'P'"
        ))  # fmt: skip
        people = session.scalars(text("select id from person where name = 'P'")).all()
        earned = [Entry(stripe_available("USD"), payee(person, "USD"), 500) for person in people]
        post(session, "earned", "earned", earned, at=now())
    run_id = quote()
    with unit_of_work() as session:
        groups = (
            select(Payout.transfer_group, func.count())
            .where(Payout.run_id == run_id)
            .group_by(Payout.transfer_group)
            .order_by(Payout.transfer_group)
        )
        assert [tuple(row) for row in session.execute(groups)] == [(f"run_{run_id}_0", 1000), (f"run_{run_id}_1", 1)]


@pytest.mark.parametrize(("currency", "amounts"), [("USD", "50.00 0.07"), ("JPY", "5000 7"), ("KWD", "5.000 0.007")])
def test_the_hash_of_a_run_is_that_of_its_file(treasury: Treasury, currency: str, amounts: str) -> None:
    with unit_of_work() as session:
        run = PayoutRun(id=new_id(), currency=currency, route="stripe_connect", sequence="x", quoted_at=now())
        session.add(run)
        session.flush()
        people = [treasury.person().person for _payment in amounts.split()]
        frozen = {"run_id": run.id, "currency": currency, "destination": "acct_ü,1", "transfer_group": "x"}
        session.add_all([Payout(id=new_id(), person_id=p, amount=a, **frozen) for p, a in zip(people, (5_000, 7), strict=True)])
        session.flush()
        payments = session.scalars(select(Payout).where(Payout.run_id == run.id).order_by(Payout.id)).all()
        lines = list(file_lines(payments))
        assert [line.split(",")[2] for line in lines[1:]] == amounts.split()
        assert file_hash(session, run) == sha256("".join(lines).encode()).hexdigest()
