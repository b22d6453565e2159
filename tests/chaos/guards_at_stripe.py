"""What keeps Stripe from doing twice what it was asked twice: keys of refund, invoice and account, and the look before a new key."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from uuid import UUID

from sqlalchemy import func, select

from campaigns.brief.models import Payment, RefundPart
from campaigns.core import clock
from campaigns.payments.actions import open_payout_account
from campaigns.payments.models import PayoutAccount
from tests.campaigns.brief.billing import asked, give_back, pay_at_stripe, row, signed
from tests.chaos import verdict
from tests.chaos.guards import A_DAY_AND_AN_HOUR, Ground, end_leases, is_closed, released, struck, transfers_of
from tests.factories import Partnership, person
from tests.flows.engine_room import LATE, frozen
from tests.installation import wait_for
from workers.transactions import unit_of_work

A_PART = 100_000


def killed_with_an_invoice_just_made(ground: Ground) -> list[str]:
    """The relay is killed between Stripe's invoice and our note of it, while the web is away, which would hear of it."""
    made, ids = signed(), list[UUID]()
    with frozen(*ground.up.web()):
        struck(ground, "relay.made_invoice", lambda: ids.append(asked(made)))
        wait_for(lambda: row(ids[0]).state == "open", LATE)
    return list(_made_more_than_once("invoice", ground.treasury.stripe.client.v1.invoices, ids[0]))


def killed_with_a_refund_just_made(ground: Ground) -> list[str]:
    made = paid_on_an_invoice(ground)
    with frozen(*ground.up.web()):
        struck(ground, "relay.made_refund", lambda: give_back(made, A_PART, key=str(made.id)))
        wait_for(lambda: parts_on_their_way(made) == 0, LATE)
    with unit_of_work() as session:
        parts = [str(each) for each in session.scalars(select(RefundPart.id).where(RefundPart.campaign_id == made.id))]
        return [harm for harm in verdict.refunds(session) if any(part in harm for part in parts)]


def paid_on_an_invoice(ground: Ground) -> Partnership:
    """A campaign that the brand has paid on Stripe's page, and we have heard of it."""
    ground.treasury.stripe.fund(10_000_000)
    made = signed()
    invoice = asked(made)
    wait_for(lambda: row(invoice).state == "open", LATE)
    assert pay_at_stripe(invoice).status_code < 400
    wait_for(lambda: payments_of(made), LATE)
    return made


def payments_of(made: Partnership) -> int:
    with unit_of_work() as session:
        return session.scalar(select(func.count()).where(Payment.campaign_id == made.id)) or 0


def parts_on_their_way(made: Partnership) -> int:
    with unit_of_work() as session:
        promised = (RefundPart.campaign_id == made.id, RefundPart.state == "promised")
        return session.scalar(select(func.count()).where(*promised)) or 0


def killed_with_an_account_just_made(ground: Ground) -> list[str]:
    with unit_of_work() as session:
        payee = person(session)

    def open_one() -> None:
        with unit_of_work() as session:
            open_payout_account(session, by=payee, at=clock.business_now(session))

    with frozen(*ground.up.web()):
        struck(ground, "relay.made_account", open_one)
        wait_for(lambda: account_state(payee.person) != "promised", LATE)
    return list(_made_more_than_once("account", ground.treasury.stripe.client.v1.accounts, payee.person))


def account_state(person_id: UUID) -> str:
    with unit_of_work() as session:
        return session.scalars(select(PayoutAccount.state).where(PayoutAccount.person_id == person_id)).one()


def killed_and_away_for_a_day(ground: Ground) -> list[str]:
    """Killed between Stripe's answer and our commit; when the run is carried on, Stripe has forgotten the key.

    Web and relay are away, which would hear of the transfer by an event, told or asked for.
    """
    run_ids: list[UUID] = []
    with frozen(*ground.up.web()), ExitStack() as until_the_end:
        with frozen(ground.up.pid("sweep")):
            struck(ground, "payout_run.transferred", lambda: run_ids.append(released(ground)))
            until_the_end.enter_context(frozen(ground.up.pid("relay")))
            with unit_of_work() as session:
                clock.move_clock(session, A_DAY_AND_AN_HOUR)
            end_leases(run_ids[0])
        wait_for(lambda: is_closed(run_ids[0]), LATE)
    return transfers_of(run_ids[0])


def _made_more_than_once(what: str, resource: object, about: UUID) -> Iterator[str]:
    """How often Stripe has something that names this of ours."""
    found = resource.list({"limit": 100}).auto_paging_iter()  # type: ignore[attr-defined]
    count = Counter(value for each in found for value in (each.to_dict().get("metadata") or {}).values())[str(about)]
    if count != 1:
        yield f"{what}: {count} where 1 should be"
