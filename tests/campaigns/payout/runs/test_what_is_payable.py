"""What a run would pay now: the same sums as long as nothing changes, and never an old one."""

from campaigns.core.people import SYSTEM, Actor
from campaigns.core.permissions import Role
from campaigns.payout.balances.queries import blocked, payable, unpayable
from campaigns.payout.holds.actions import hold_payments, lift_hold
from campaigns.payout.runs.actions import discard_run
from tests.campaigns.brief.counting import statements
from tests.campaigns.payout.runs.bureau import quote, released, send
from tests.treasury import Treasury, now
from workers.gateways import by_stripe
from workers.provider.accounts import look_at_account
from workers.transactions import unit_of_work


def seen(by: Actor) -> list[tuple[str, int, int, int]]:
    """Currency, people, sum and the largest payment of what is payable."""
    with unit_of_work() as session:
        return [(each.currency, each.people, each.amount, each.most) for each in payable(session, now(), by=by)]


def test_what_is_payable_is_right_after_each_deed_that_changes_it(treasury: Treasury) -> None:
    finance, ana = treasury.person(role=Role.FINANCE), treasury.payee(5_000)
    assert seen(finance) == [("USD", 1, 5_000, 5_000)]
    treasury.earn(ana.person, 1_000)
    assert seen(finance) == [("USD", 1, 6_000, 6_000)]

    ben = treasury.person()
    provider_id = treasury.open_account(ben)
    treasury.earn(ben.person, 2_000)
    assert seen(finance) == [("USD", 1, 6_000, 6_000)]
    treasury.submit(ben)
    look_at_account(by_stripe(), provider_id)
    assert seen(finance) == [("USD", 2, 8_000, 6_000)]

    with unit_of_work() as session:
        hold_payments(session, ana.person, "Two names.", by=finance, at=now())
    assert seen(finance) == [("USD", 1, 2_000, 2_000)]
    with unit_of_work() as session:
        lift_hold(session, ana.person, by=finance, at=now())
    assert seen(finance) == [("USD", 2, 8_000, 6_000)]

    run_id = quote()
    assert run_id
    treasury.earn(ana.person, 500)
    assert seen(finance) == []
    with unit_of_work() as session:
        discard_run(session, run_id, "Too early.", by=finance, at=now())
    assert seen(finance) == [("USD", 2, 8_500, 6_500)]


def test_where_nothing_has_changed_nothing_is_summed_up_anew(treasury: Treasury) -> None:
    finance, _ana = treasury.person(role=Role.FINANCE), treasury.payee(5_000)
    at = now()
    with unit_of_work() as session:
        first = payable(session, at, by=finance)
        with statements(session) as sent:
            again = payable(session, at, by=finance)
    assert (again, len(sent)) == (first, 3)


def test_what_came_since_is_payable_once_the_payment_before_it_has_arrived(treasury: Treasury) -> None:
    finance, ana = treasury.person(role=Role.FINANCE), treasury.payee(5_000)
    run_id = released(treasury)
    treasury.earn(ana.person, 700)
    assert seen(finance) == []
    send(run_id)
    assert seen(finance) == [("USD", 1, 700, 700)]


def test_what_stays_is_counted_from_the_rows_that_the_list_shows_whenever_something_changes(treasury: Treasury) -> None:
    def agreed() -> dict[str, int]:
        with unit_of_work() as session:
            counted = {each.reason.value: each.people for each in unpayable(session, now())}
            listed = [standing.reason for _name, standing in blocked(session, "USD", now(), by=SYSTEM)]
        assert {str(reason): listed.count(reason) for reason in listed} == counted
        return counted

    ana, new = treasury.payee(5_000), treasury.person()
    assert agreed() == {}
    treasury.earn(new.person, 2_000)
    assert agreed() == {"no_account": 1}
    with unit_of_work() as session:
        hold_payments(session, ana.person, "A question.", by=SYSTEM, at=now())
    assert agreed() == {"held": 1, "no_account": 1}
