"""What a bank takes back from a brand's payment is not paid out: what is still held first, then what was earned and not paid."""

from campaigns.core import clock
from campaigns.core.people import Actor
from campaigns.core.permissions import Role
from campaigns.ledger.accounts import Entry, held, payee
from campaigns.ledger.actions import post
from campaigns.payout.balances.queries import payable, standings_of
from campaigns.payout.earnings.next_steps import next_step
from campaigns.payout.earnings.queries import my_money
from tests.campaigns.brief.billing import TOTAL, billed, pay
from tests.campaigns.brief.disputes.disputing import paid, question
from tests.campaigns.payout.runs.bureau import all_is_well, items, quote, release, released, send
from tests.factories import Partnership
from tests.treasury import Treasury, now, told
from workers.brief.disputes import look_at_dispute
from workers.gateways import by_stripe
from workers.transactions import unit_of_work


def earn(made: Partnership, *shares: tuple[Actor, int]) -> None:
    """The shares of a final proposal of the campaign."""
    with unit_of_work() as session:
        entries = [Entry(held(made.id, "USD"), payee(person.person, "USD"), amount) for person, amount in shares]
        post(session, "payout.final", f"proposal:{clock.process_now()}", entries, at=now())


def payees(treasury: Treasury, count: int) -> list[Actor]:
    people = [treasury.person() for _each in range(count)]
    for person in people:
        treasury.onboard(person)
    return people


def standing(person: Actor) -> tuple[int, int, str | None]:
    """A person's balance, what of it is withheld, and why it is not payable."""
    with unit_of_work() as session:
        [found] = standings_of(session, person.person, now())
        return found.amount, found.withheld, found.reason


def sentence(person: Actor) -> str:
    """What a person reads under My money."""
    with unit_of_work() as session:
        step = next_step(session, my_money(session, by=person, at=now()), by=person, at=now())
        assert step
        return step.sentence


def dispute(treasury: Treasury, made: Partnership) -> str:
    provider_id = question(treasury, made)
    look_at_dispute(by_stripe(), provider_id)
    return provider_id


def decide(treasury: Treasury, provider_id: str, deed: str) -> None:
    treasury.stripe.at_the_bank(provider_id, deed)
    look_at_dispute(by_stripe(), provider_id)


def test_what_is_still_held_is_short_first_and_what_was_earned_is_paid(treasury: Treasury) -> None:
    [ana] = payees(treasury, 1)
    made = paid(TOTAL - 1_000_000, 1_000_000)
    earn(made, (ana, 50_000))
    dispute(treasury, made)
    assert standing(ana) == (50_000, 0, None)


def test_what_was_earned_waits_in_proportion_and_goes_on_by_itself_once_it_is_won(treasury: Treasury) -> None:
    ana, ben, cleo = payees(treasury, 3)
    made = paid(TOTAL - 1_000_000, 1_000_000)
    earn(made, (ana, 3_000_000), (ben, 4_300_000))
    treasury.fund(20_000)
    treasury.earn(cleo.person, 10_000)
    provider_id = dispute(treasury, made)  # 100,000 are still held, so 900,000 are short of 7,300,000
    assert [standing(person) for person in (ana, ben, cleo)] == [
        (3_000_000, 369_864, None), (4_300_000, 530_137, None), (10_000, 0, None),
    ]  # fmt: skip
    assert sentence(ana) == (
        "$26,301.36 will be paid in the next run. $3,698.64 is on hold because the brand's payment that funds it is in dispute. "
        "It is paid automatically once that is settled."
    )
    run_id = quote()
    assert run_id
    assert items(run_id) == [(10_000, "ready", 1), (2_630_136, "ready", 1), (3_769_863, "ready", 1)]
    decide(treasury, provider_id, "win")
    treasury.stripe.fund(20_000_000)
    release(treasury, run_id)
    send(run_id)
    assert (standing(ana), standing(ben), all_is_well()) == ((369_864, 0, None), (530_137, 0, None), [])


def test_what_nobody_covers_any_more_waits_whole_with_a_plain_sentence(treasury: Treasury) -> None:
    [ana] = payees(treasury, 1)
    made = paid(TOTAL)
    earn(made, (ana, 50_000))
    provider_id = dispute(treasury, made)
    assert (standing(ana), quote()) == ((50_000, 50_000, "uncovered"), None)
    assert sentence(ana) == (
        "$500.00 is on hold because the brand's payment that funds it is in dispute. It is paid automatically once that is settled."
    )
    [email] = told("payout.cannot_pay")
    assert (email["code"], email["withheld"]) == ("uncovered", 50_000)
    decide(treasury, provider_id, "lose")
    assert standing(ana) == (50_000, 50_000, "uncovered")
    pay(billed(made))
    assert standing(ana) == (50_000, 0, None)


def test_a_dispute_stops_a_payment_that_was_quoted_before_it(treasury: Treasury) -> None:
    treasury.stripe.fund(20_000_000)
    ana, ben = payees(treasury, 2)
    made = paid(TOTAL)
    earn(made, (ana, 50_000))
    treasury.fund(20_000)
    treasury.earn(ben.person, 10_000)
    run_id = released(treasury)
    dispute(treasury, made)
    send(run_id)
    assert items(run_id) == [(10_000, "sent", 1), (50_000, "failed", 1)]
    assert (standing(ana), all_is_well()) == ((50_000, 50_000, "uncovered"), [])


def test_what_was_paid_stays_paid_and_what_came_from_elsewhere_since_is_not_touched(treasury: Treasury) -> None:
    treasury.stripe.fund(20_000_000)
    [ana] = payees(treasury, 1)
    made = paid(TOTAL)
    earn(made, (ana, 50_000))
    send(released(treasury))
    treasury.fund(20_000)
    treasury.earn(ana.person, 7_000)
    dispute(treasury, made)
    assert standing(ana) == (7_000, 0, None)
    assert len(treasury.transfers()) == 1


def test_what_can_be_paid_now_is_told_anew_once_a_bank_takes_something(treasury: Treasury) -> None:
    [ana] = payees(treasury, 1)
    made = paid(TOTAL - 1_000_000, 1_000_000)
    earn(made, (ana, TOTAL))
    finance = treasury.person(role=Role.FINANCE)

    def shown() -> list[tuple[int, int]]:
        with unit_of_work() as session:
            return [(each.amount, each.most) for each in payable(session, now(), by=finance)]

    before = shown()
    dispute(treasury, made)
    assert (before, shown()) == ([(TOTAL, TOTAL)], [(TOTAL - 1_000_000, TOTAL - 1_000_000)])
