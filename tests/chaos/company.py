"""Everyone on one installation: the assignments, those who are paid, those who release it, and the clock that is moved when all wait."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from stripe import StripeError

from campaigns.brief.deliverables.actions import DeliverableOrder
from campaigns.brief.models import RefundPart
from campaigns.core import clock, outbox
from campaigns.core.emails import Email, EmailChunk
from campaigns.core.ids import new_id
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Role
from campaigns.core.settings import settings
from campaigns.core.stages import Stage
from campaigns.ledger.accounts import payee
from campaigns.ledger.queries import balance
from campaigns.payments.actions import open_payout_account
from campaigns.payments.errors import AccountNotReady
from campaigns.payments.models import PayoutAccount
from campaigns.payments.provider_errors import GatewayError
from campaigns.payout.runs.actions import approve_run, resume_run
from campaigns.payout.runs.models import PayoutRun
from notifications.sender import LAST_CANCEL
from tests import samples
from tests.chaos import billing
from tests.chaos.assignment import AWAY, ORDER, Assignment, Plot, Rest, begin, said
from tests.chaos.counting import Harms
from tests.chaos.lineages import mix_of
from tests.chaos.word import PATIENCE
from tests.factories import CARD, FILM, READER, someone
from tests.postroom import Line
from tests.sandbox.stripe.stage import Simulator
from tests.treasury import Treasury
from workers.gateways import by_stripe
from workers.provider.accounts import onboarding_link
from workers.transactions import engine, unit_of_work

MUCH = 40_000_000
A_MOMENT = timedelta(seconds=1)
A_DAY = timedelta(days=1, minutes=15)
BETWEEN_MOVES, BETWEEN_DAYS = 2.0, 20.0
BETWEEN_HURRIED_DAYS, BETWEEN_USELESS_DAYS = 4.0, 60.0
ON_ITS_WAY = ("promised", "sending", "unknown")
# What lies in the outbox until a day that may never come needs nobody; nor does what is asked again and again, as long as it goes well.
PUT_OFF = ("batch_over",)
AGAIN_AND_AGAIN = ("missed_events", "account_look", "arrivals_look", "reach_look")
GOES_WELL = outbox.OutboxMessage.kind.in_(AGAIN_AND_AGAIN) & outbox.OutboxMessage.last_error.is_(None)
NOT_DONE = (outbox.OutboxMessage.done_at.is_(None), outbox.OutboxMessage.kind.not_in(PUT_OFF), ~GOES_WELL)
# More than these somebody need not put right by hand: in one campaign, and of what is no campaign's for each of them.
MOST_IN_A_CAMPAIGN, MOST_FOR_ALL = 4, 2
CURRENCIES = ("USD", "EUR")
WANTED = (READER, FILM, CARD, READER)
LEAFLET = DeliverableOrder("Holiday leaflet", kind="text", format="Markdown", length="2 pages", price=333_333)
# Emails that a mailbox waits for, and events that we have not been told.
PROVIDERS_WORDS = (
    "sendgrid_sandbox.message where done_at is null",
    "sendgrid_sandbox.event where posted_at is null",
    "stripe_sandbox.delivery where due_at is not null",
)


@dataclass
class Company:
    """All of them; `step` is everybody's turn once."""

    assignments: list[Assignment]
    releasers: tuple[Actor, Actor]
    hurries: bool = False
    moved_at: float = 0.0
    # Between a sender's last look at its lease and its request there is a moment that no guard covers: who is frozen there and wakes a day
    # later pays again, and the reconciliation takes it back. So time stands still while somebody is frozen.
    time_stands_still: bool = False
    trouble: str = ""
    on_its_way: Sequence[str] = ()
    is_paying: bool = False
    is_being_onboarded: bool = False
    # An announcement can be called back for ten minutes, which no jump of a day leaves it.
    is_announcing: bool = False
    helped: list[str] = field(default_factory=list)

    @property
    def people(self) -> list[Actor]:
        return [person for each in self.assignments for person in each.people]

    def owed(self, session: Session) -> list[Actor]:
        """Whoever has something on their account, in any currency."""
        return [p for p in self.people if any(balance(session, payee(p.person, currency)) for currency in CURRENCIES)]

    @property
    def mended(self) -> "Counter[str]":
        """What somebody had to put right by hand, and how often."""
        return Counter([*self.helped, *(deed for each in self.assignments for deed in each.mended)])

    @property
    def progress(self) -> float:
        """How far all have come, from nearly 0 to 1; the stages count alike, and so does what is left once all have ended."""
        last = ORDER.index(Stage.DONE) + 1
        return sum(each.reached + 1 for each in self.assignments) / (last * len(self.assignments))

    def step(self) -> bool:
        """Whether all is done: every deliverable has ended, everyone is paid, no message and no email is on its way."""
        self.trouble = ""
        rests = [each.step() for each in self.assignments]
        with self.trying():
            self.be_paid()
            self.release()
            self.give_back()
            self.try_again()
            self.on_its_way = self.left()
            if self.is_over() and not self.on_its_way:
                return True
            self.pass_time(rests)
        return False

    @contextmanager
    def trying(self) -> Iterator[None]:
        try:
            yield
        except (*AWAY, GatewayError, AccountNotReady, StripeError) as error:
            self.trouble = said(error)

    def is_over(self) -> bool:
        return all(each.is_over() for each in self.assignments)

    def be_paid(self) -> None:
        """Whoever has earned something opens an account with Stripe and goes through its form."""
        with unit_of_work() as session:
            accounts = {a.person_id: a.state for a in session.scalars(select(PayoutAccount))}
            owed = self.owed(session)
        self.is_being_onboarded = any(accounts.get(person.person) != "active" for person in owed)
        for person in owed:
            with self.trying():
                if person.person not in accounts:
                    with unit_of_work() as session:
                        open_payout_account(session, by=person, at=clock.business_now(session))
                elif accounts[person.person] == "onboarding":
                    httpx.post(onboarding_link(by_stripe(), person.person), timeout=PATIENCE)

    def release(self) -> None:
        """Two people let every run go that was quoted, and go on with what is paused."""
        with unit_of_work() as session:
            waiting = session.execute(
                select(PayoutRun.id, PayoutRun.state, PayoutRun.cause).where(PayoutRun.state.in_(("quoted", "paused")))
            ).all()
        for run_id, state, cause in waiting:
            for finance in self.releasers:
                with self.trying():
                    with unit_of_work() as session:
                        deed = approve_run if state == "quoted" else resume_run
                        deed(session, run_id, by=finance, at=clock.business_now(session))
                    self.helped += [f"let a payout run go on that was paused: {cause}"] if state == "paused" else []

    def give_back(self) -> None:
        """Finance looks after the refunds that do not go back by themselves."""
        for each in self.assignments:
            with self.trying():
                billing.give_back(each)

    def try_again(self) -> None:
        """An operator has tried again what the relay has given up."""
        with unit_of_work() as session:
            given_up = [f"had a {each.kind} tried again: {reason_of(each)}" for each in outbox.failed(session)]
            if given_up:
                outbox.retry_all(session)
        self.helped += given_up

    def left(self) -> list[str]:
        """What is still on its way."""
        with unit_of_work() as session:
            owed = self.owed(session)
            runs = session.scalars(select(PayoutRun.number).where(PayoutRun.state.in_(("quoted", "released", "paused")))).all()
            refunds = session.scalar(select(func.count()).where(RefundPart.state != "settled"))
            emails = session.scalar(select(func.count()).where(Email.state.in_(ON_ITS_WAY)))
            can_be_called_back = EmailChunk.send_at > clock.business_now(session) + LAST_CANCEL
            under_way = EmailChunk.state.in_(("promised", "sending")) | ((EmailChunk.state == "unknown") & can_be_called_back)
            chunks = session.scalar(select(func.count()).where(under_way))
        self.is_announcing = bool(chunks)
        with unit_of_work() as session:
            messages = session.scalar(select(func.count()).where(*NOT_DONE))
            words = [session.scalar(text(f"select count(*) from {query}")) for query in PROVIDERS_WORDS]
        self.is_paying = bool(runs)
        found = {"people who are owed something": len(owed), "open payout runs": len(runs), "emails": emails}
        found |= {"messages": messages, "refunds": refunds}
        found["emails or words of the providers' under way"] = sum(words)
        return [f"{count} {what}" for what, count in found.items() if count]

    def pass_time(self, rests: list[Rest]) -> None:
        """Move the clock to what is due next, once nobody has anything else to do; when only money and emails are left, by a day."""
        dues = [rest.due for rest in rests if rest.due]
        if (
            self.time_stands_still
            or self.is_announcing
            or any(rest.is_astir for rest in rests)
            or time.monotonic() < self.moved_at + self.pause_before(dues)
        ):
            return
        with unit_of_work() as session:
            by = min(dues) - clock.business_now(session) + A_MOMENT if dues else A_DAY
            if by > timedelta():
                clock.move_clock(session, by)
        self.moved_at = time.monotonic()

    def pause_before(self, dues: Sequence[datetime]) -> float:
        """How long they rest before time passes; whoever hurries lets a day pass late that is likely to bring nothing."""
        if dues:
            return BETWEEN_MOVES
        if not self.hurries:
            return BETWEEN_DAYS
        return BETWEEN_HURRIED_DAYS if self.is_over() and not (self.is_paying or self.is_being_onboarded) else BETWEEN_USELESS_DAYS


def too_much_help(company: Company) -> Harms:
    """Whatever somebody had to put right by hand more often than is to be expected."""
    for each in company.assignments:
        if len(each.mended) > MOST_IN_A_CAMPAIGN:
            yield f"{len(each.mended)} things were put right by hand in {each.id}: {', '.join(sorted(set(each.mended)))}"
    if len(company.helped) > MOST_FOR_ALL * len(company.assignments):
        yield f"{len(company.helped)} things were put right by hand that are no campaign's: {', '.join(sorted(set(company.helped)))}"


def reason_of(given_up: outbox.OutboxMessage) -> str:
    """Why the relay gave it up, without what is different each time."""
    return " ".join((given_up.last_error or "").split())[:80]


def founded(count: int, home: Path, *, hurries: bool = False) -> Company:
    """So many assignments at their beginning, two people who release payouts, and money in Stripe's balance and in the books.

    One finance person takes their first email for junk, and gets no more.
    """
    with Line(settings().stripe_url, 0) as line:
        treasury = Treasury(Simulator(engine(), settings().stripe_url), line, iter(range(new_id().int % 10**9, 10**10)))
        for currency in CURRENCIES:
            treasury.fund(MUCH, currency)
    with unit_of_work() as session:
        releasers = someone(session, Role.FINANCE, "Rita"), someone(session, Role.FINANCE, "Rolf")
    assignments = [begin(plot_of(number, home), number) for number in range(count)]
    with unit_of_work() as session:
        session.get_one(Person, assignments[0].all_.second.person).email = f"spam+{new_id()}@example.net"
    return Company(assignments, releasers, hurries)


def plot_of(number: int, home: Path) -> Plot:
    """How assignments differ: text, film or picture, or two; billed by Stripe, sent back; contributions' lineage; in euros, with people
    abroad.

    Of those in dollars half pay somebody in a country where accounts only receive, and of those in euros half are billed by Stripe.
    """
    folder = home / f"files-{number}"
    folder.mkdir(parents=True, exist_ok=True)
    is_abroad = number % 4 == 3
    files = [samples.picture(folder, width=320 + number)] if number % 2 == 0 else [samples.sound(folder)]
    wanted = WANTED[number % len(WANTED)]
    return Plot(
        home=folder, wanted=(wanted, LEAFLET) if number % 3 == 2 else (wanted,), files=tuple(files), mix=mix_of(number),
        currency="EUR" if is_abroad else "USD", countries=("DE", "FR") if is_abroad else ("US", "PH" if number % 4 == 1 else "GB"),
        is_billed=number % 2 == 0 or number % 8 == 3, goes_back=number % 3 == 1,
    )  # fmt: skip
