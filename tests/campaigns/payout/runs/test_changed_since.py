"""What changed between a quote and its payment: nobody is paid who could not be quoted now."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from campaigns.core import clock
from campaigns.core.errors import ReasonMissing
from campaigns.core.people import SYSTEM, Actor, Person, actor_for
from campaigns.core.permissions import Role
from campaigns.ledger.accounts import payee, payout_clearing
from campaigns.payments.countries import change_profile, open_change
from campaigns.payments.models import PayoutAccount
from campaigns.payout.balances.queries import standings_of
from campaigns.payout.errors import NoCountryChange, NoWayThere, OwnCountry
from campaigns.payout.holds.actions import confirm_country, hold_payments, lift_hold
from campaigns.payout.runs.actions import approve_run, discard_run
from campaigns.payout.runs.exclusions import changes_of
from campaigns.payout.runs.models import Payout, PayoutRun
from campaigns.payout.runs.queries import find_run
from tests.campaigns.payout.runs.bureau import all_is_well, close, due_now, items, quote, release, released, run_state, send
from tests.treasury import Treasury, held_on, now, told
from workers.payout import sending
from workers.transactions import unit_of_work


def hold(person: Actor) -> None:
    with unit_of_work() as session:
        hold_payments(session, person.person, "A court order.", by=SYSTEM, at=now())


def move_to(person: Actor, country: str | None) -> None:
    with unit_of_work() as session:
        change_profile(session, "Ana", country, "en", "UTC", by=person, at=now())


def reason_of(person: Actor) -> str | None:
    with unit_of_work() as session:
        return standings_of(session, person.person, now())[0].reason


def lease_over(run_id: UUID) -> None:
    with unit_of_work() as session:
        for item in session.scalars(select(Payout).where(Payout.run_id == run_id)):
            item.due_at, item.leased_until = None, item.leased_until and clock.process_now() - timedelta(seconds=1)


def failures(run_id: UUID) -> list[tuple[str, str | None]]:
    with unit_of_work() as session:
        return list(session.execute(select(Payout.state, Payout.failure).where(Payout.run_id == run_id).order_by(Payout.amount)).all())


def test_somebody_held_after_the_quote_is_not_paid_though_two_people_release_the_run(treasury: Treasury) -> None:
    treasury.fund(50_000)
    ana, ben = treasury.payee(5_000), treasury.payee(6_000)
    run_id = quote()
    assert run_id
    hold(ana)
    release(treasury, run_id)
    send(run_id)
    assert (close(run_id), failures(run_id)) == (True, [("failed", "held"), ("sent", None)])
    assert ([amount for _to, amount in treasury.transfers()], held_on(payee(ana.person, "USD"))) == ([6_000], 5_000)
    assert told("payout.items_left_out") == [{"run": str(run_id), "items": 1, "amount": 5_000, "reasons": ["held"]}]
    assert (held_on(payee(ben.person, "USD")), all_is_well()) == (0, [])


def test_somebody_held_after_the_release_is_not_paid(treasury: Treasury) -> None:
    treasury.fund(50_000)
    ana, _ben = treasury.payee(5_000), treasury.payee(6_000)
    run_id = released(treasury)
    hold(ana)
    send(run_id)
    assert (failures(run_id), [amount for _to, amount in treasury.transfers()]) == ([("failed", "held"), ("sent", None)], [6_000])
    assert (held_on(payee(ana.person, "USD")), held_on(payout_clearing("USD")), all_is_well()) == (5_000, 0, [])


def test_somebody_held_between_the_claim_and_the_request_is_not_paid(treasury: Treasury, monkeypatch: pytest.MonkeyPatch) -> None:
    treasury.fund(50_000)
    ana = treasury.payee(5_000)
    run_id = released(treasury)
    waited: list[int] = []

    def meanwhile(_pace: sending.Pace) -> None:
        if not waited:
            waited.append(1)
            hold(ana)

    monkeypatch.setattr(sending.Pace, "wait", meanwhile)
    send(run_id)
    assert (treasury.transfers(), items(run_id)) == ([], [(5_000, "sending", 1)])
    for _look in range(3):
        lease_over(run_id)
        send(run_id)
    assert (treasury.transfers(), failures(run_id), all_is_well()) == ([], [("failed", "held")], [])


def test_what_may_have_been_sent_before_the_hold_is_looked_up_and_not_sent_again(treasury: Treasury) -> None:
    treasury.fund(50_000)
    ana = treasury.payee(5_000)
    run_id = released(treasury)
    treasury.line.faults.append(("/v1/transfers", "lose the answer"))
    send(run_id)
    assert items(run_id) == [(5_000, "unknown", 1)]
    hold(ana)
    for _look in range(2):
        due_now(run_id)
        send(run_id)
    assert (items(run_id), len(treasury.transfers()), all_is_well()) == ([(5_000, "sent", 1)], 1, [])


def test_whoever_approves_sees_what_changed_since_the_quote(treasury: Treasury) -> None:
    ana, ben, finance = treasury.payee(5_000), treasury.payee(6_000), treasury.person(role=Role.FINANCE)
    run_id = quote()
    assert run_id
    hold(ana)
    move_to(ben, "DE")
    with unit_of_work() as session:
        found = changes_of(session, find_run(session, run_id, by=finance), by=finance, at=now())
    said = {(change.person_id, change.amount, change.reason.value) for change in found.first}
    assert said == {(ana.person, 5_000, "held"), (ben.person, 6_000, "country_changed")}
    assert (found.payments, found.amount) == (2, 11_000)


def test_what_was_left_out_at_the_first_approval_stays_out_and_a_run_that_is_given_up_returns_the_rest(treasury: Treasury) -> None:
    ana, ben, finance = treasury.payee(5_000), treasury.payee(6_000), treasury.person(role=Role.FINANCE)
    run_id = quote()
    assert run_id
    hold(ana)
    with unit_of_work() as session:
        approve_run(session, run_id, by=finance, at=now())
        lift_hold(session, ana.person, by=SYSTEM, at=now())
        discard_run(session, run_id, "Tomorrow.", by=finance, at=now())
    assert failures(run_id) == [("failed", "held"), ("discarded", None)]
    assert ([held_on(payee(p.person, "USD")) for p in (ana, ben)], all_is_well()) == ([5_000, 6_000], [])


def test_an_account_that_is_another_one_since_the_quote_is_not_paid(treasury: Treasury) -> None:
    treasury.fund(50_000)
    ana = treasury.payee(5_000)
    run_id = quote()
    assert run_id
    with unit_of_work() as session:
        session.scalars(select(PayoutAccount).where(PayoutAccount.person_id == ana.person)).one().provider_id = "acct_other"
    release(treasury, run_id)
    send(run_id)
    assert (treasury.transfers(), failures(run_id)) == ([], [("failed", "account_changed")])


def test_a_country_changed_to_an_embargoed_one_closes_the_route_at_once(treasury: Treasury) -> None:
    treasury.fund(50_000)
    ana = treasury.payee(5_000)
    run_id = released(treasury)
    move_to(ana, "IR")
    send(run_id)
    assert (treasury.transfers(), failures(run_id), reason_of(ana)) == ([], [("failed", "no_route")], "no_route")
    assert (close(run_id), quote("again"), all_is_well()) == (True, None, [])
    assert told("payout.country_changed") == [{"person": str(ana.person), "before": "US", "after": "IR"}]


def test_a_country_that_changed_and_changed_back_stays_closed_until_finance_has_looked(treasury: Treasury) -> None:
    ana, finance = treasury.payee(5_000), treasury.person(role=Role.FINANCE)
    move_to(ana, "IR")
    with unit_of_work() as session, pytest.raises(NoWayThere):
        confirm_country(session, ana.person, "They say so.", by=finance, at=now())
    move_to(ana, "US")
    assert (reason_of(ana), quote()) == ("country_changed", None)
    with unit_of_work() as session, pytest.raises(ReasonMissing):
        confirm_country(session, ana.person, " ", by=finance, at=now())
    with unit_of_work() as session:
        confirm_country(session, ana.person, "A holiday; the passport is American.", by=finance, at=now())
    assert (reason_of(ana), quote() is not None) == (None, True)
    assert told("payout.country_confirmed") == [{"person": str(ana.person), "country": "US"}]
    with unit_of_work() as session, pytest.raises(NoCountryChange):
        confirm_country(session, ana.person, "Again.", by=finance, at=now())


def test_nobody_in_finance_opens_the_way_to_themselves(treasury: Treasury) -> None:
    finance = treasury.person(role=Role.FINANCE)
    treasury.onboard(finance)
    move_to(finance, "DE")
    with unit_of_work() as session, pytest.raises(OwnCountry):
        confirm_country(session, finance.person, "I moved.", by=actor_for(session, finance.person), at=now())


def test_a_country_that_is_written_past_the_door_closes_the_route_too(treasury: Treasury) -> None:
    ana, far = treasury.payee(5_000), treasury.person("FR")
    with unit_of_work() as session:
        session.get_one(Person, ana.person).country = "DE"
        session.get_one(Person, far.person).country = "DE"
    with unit_of_work() as session:
        assert (open_change(session, far.person), reason_of(ana)) == (None, "country_changed")


def test_a_run_of_which_nothing_is_left_closes_by_itself(treasury: Treasury) -> None:
    ana = treasury.payee(5_000)
    run_id = quote()
    assert run_id
    hold(ana)
    release(treasury, run_id)
    send(run_id)
    assert (close(run_id), run_state(run_id)[0], all_is_well()) == (True, "closed", [])
    with unit_of_work() as session:
        assert session.get_one(PayoutRun, run_id).released_at is not None
