"""The world is founded: its people, a campaign in each place, and what is of no campaign."""

from pathlib import Path

from sqlalchemy import update

from campaigns.core import clock, membership, outbox
from campaigns.core.ids import new_id
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import Scope
from campaigns.core.permissions import Role
from campaigns.payout.holds.actions import hold_payments
from campaigns.payout.runs.actions import propose_limits
from tests.factories import contributed, ready
from tests.leaks.people import between, staff
from tests.leaks.planted import planting
from tests.leaks.states import CAMPAIGNS
from tests.leaks.world import BETWEEN, CALL, IN_CAMPAIGN_OF, PAY, WAITING, World
from workers.emails.announce import announce
from workers.transactions import unit_of_work


def build(folder: Path) -> World:
    """Everyone and everything, in the database that the settings name; `folder` is for the files that they send in."""
    world = World()
    with planting(world.pen):
        with unit_of_work() as session:
            world.staff = staff(session)
            world.pen.whose = BETWEEN
            world.staff.between = between(session)
        for place, begin in CAMPAIGNS.items():
            world.pen.whose = place
            world.companies[place] = begin(world, folder)
        world.companies |= {place: world.companies[of] for place, of in IN_CAMPAIGN_OF.items()}
        world.pen.whose = WAITING
        with unit_of_work() as session:
            call = world.companies[CALL].all_
            now, statement = clock.business_now(session), "We do it in secret."
            ready(session, contributed(session, call.made, call.other_artist, "Behind the door", at=now, statement=statement))
        world.pen.whose = "staff"
        _operate(world)
        _write_emails()
    return world


def _operate(world: World) -> None:
    """What is of no campaign: limits to confirm, payments held, an outbox message that failed."""
    pay = world.companies[PAY].all_
    with unit_of_work() as session:
        now = clock.business_now(session)
        propose_limits(session, "USD", most_per_run=100_000, most_per_person=10_000, by=pay.second, at=now)
        membership.invite(session, "olga@example.org", Role.OPERATOR, on=Scope(), name="Olga Berg", by=world.staff.operator, at=now)
        hold_payments(session, pay.other_artist.person, "The address bounces.", by=pay.second, at=now)
        outbox.enqueue(session, OutboxKind.BRIEF_INVOICE, key=new_id().hex)
        given_up = {"failed_at": clock.process_now(), "attempts": 12, "last_error": "Stripe is away"}
        session.execute(update(outbox.OutboxMessage).where(outbox.OutboxMessage.kind == OutboxKind.BRIEF_INVOICE).values(**given_up))


def _write_emails() -> None:
    """The relay's part, but for sending: every email is written."""
    while True:
        with unit_of_work() as session:
            claimed = outbox.claim(session, 100)
        if not claimed:
            return
        for one in claimed:
            if one.kind == OutboxKind.EVENT:
                announce(one)
