"""What is looked at once it is quiet: everything has ended, and nothing was done twice or lost. Each harm is named by one sentence."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from os import environ
from typing import Any
from uuid import UUID

from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterTags
from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from campaigns.brief.models import Invoice, Payment, Receipt, RefundPart
from campaigns.brief.queries import written_brief
from campaigns.client_delivery.models import ReviewDecision
from campaigns.core import clock
from campaigns.core.campaign import Campaign, deliverables_of
from campaigns.core.events import Event
from campaigns.core.outbox import OutboxMessage
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.stages import Stage
from campaigns.ledger.accounts import held, refund_clearing
from campaigns.ledger.queries import balance
from campaigns.open_call.models import Contribution
from campaigns.payments.models import PayoutAccount
from campaigns.payout.models import Proposal, ProposalLine, ProposalState
from campaigns.payout.runs.models import SENT, Payout
from flows import engine
from flows.sweep_strays import GRACE
from tests.chaos.assignment import ARTISTS, Assignment
from tests.chaos.billing import accounts_of_stripe, invoices_of_stripe, payments_of_stripe, refunds_of_stripe
from tests.chaos.company import NOT_DONE, Company
from tests.chaos.counting import Harms, once, unequal
from tests.chaos.emails import harms_of_emails
from tests.chaos.said import harms_of_what_was_said
from tests.chaos.splits import none_over_both_kinds, splits
from tests.flows.prefects_knowledge import all_that_prefect_knows, forms_of_amounts
from workers.gateways import by_stripe
from workers.payout.reconciliation import compare
from workers.transactions import unit_of_work

# So long Stripe knows a key for the one that it has seen.
KEPT_FOR, A_MOMENT = timedelta(hours=24), timedelta(seconds=30)
OF_THE_FLOW = ("campaign.moved", "client_delivery.packaged", "payout.proposed")


def harms(company: Company) -> list[str]:
    """Everything that has gone wrong for good."""
    with unit_of_work() as session:
        of_rows = [harm for look in OF_ASSIGNMENTS for each in company.assignments for harm in look(session, each)]
        of_system = [harm for look in OF_THE_SYSTEM for harm in look(session)]
        of_splits = list(none_over_both_kinds(session, company.assignments))
        of_emails = harms_of_emails(session, company)
    return [*of_rows, *of_system, *of_splits, *of_emails, *runs_left_over(company), *told_to_prefect(), *differences(), *failed_checks()]


def deliverables_not_ended(session: Session, assignment: Assignment) -> Harms:
    for deliverable in deliverables_of(session, assignment.id):
        if deliverable.is_live:
            yield f"a deliverable has not ended: {deliverable.title} of {assignment.id} is in {deliverable.stage.value}"


def contributions_sent(session: Session, assignment: Assignment) -> Harms:
    """Each contribution that somebody sent in, once."""
    there = session.scalars(select(Contribution.title).where(Contribution.campaign_id == assignment.id))
    return once("contribution", {str(word.body["title"]): word for word in assignment.contributions}, Counter(there))


def words_on_material(session: Session, assignment: Assignment) -> Harms:
    """The word that the material is complete stands once in the visit that it was said for."""
    facts = select(Event.deliverable_id, Event.facts["visit"].as_integer()).where(
        Event.chain_id == assignment.id, Event.name == "collaboration.completed"
    )
    return once(
        "word on the material", assignment.completions, Counter((deliverable, visit) for deliverable, visit in session.execute(facts))
    )


def approvals(session: Session, assignment: Assignment) -> Harms:
    """Each approval stands once, as a decision and as a fact."""
    decided = session.scalars(select(ReviewDecision.version_id).where(ReviewDecision.version_id.in_(assignment.approvals)))
    yield from once("approval", assignment.approvals, Counter(decided))
    facts = select(Event.facts["cut"].as_string()).where(Event.chain_id == assignment.id, Event.name == "client_delivery.decided")
    yield from once("recorded approval", assignment.approvals, Counter(map(UUID, session.scalars(facts))))


def words_that_send_back(session: Session, assignment: Assignment) -> Harms:
    """Each word that sends a deliverable back has moved it once, out of the visit that it was said in."""
    back = (Event.facts["frm"].as_string() == Stage.CLIENT_DELIVERY, Event.facts["to"].as_string() == Stage.COLLABORATION)
    facts = select(Event.deliverable_id, Event.facts["visit"].as_integer() - 1).where(
        Event.chain_id == assignment.id, Event.name == "campaign.moved", *back
    )
    return once("word that sends back", assignment.returns, Counter((deliverable, visit) for deliverable, visit in session.execute(facts)))


def ended_for_good(session: Session, assignment: Assignment) -> Harms:
    return facts_after_the_end(session, assignment.id)


def facts_after_the_end(session: Session, campaign_id: UUID) -> Harms:
    """What a flow does for a campaign ends with it."""
    ends = select(func.min(Event.number)).where(Event.chain_id == campaign_id, Event.name.in_(("campaign.done", "campaign.cancelled")))
    late = select(Event.name).where(Event.chain_id == campaign_id, Event.name.in_(OF_THE_FLOW), Event.number > ends.scalar_subquery())
    yield from (f"after the end of {campaign_id}: {name}" for name in session.scalars(late))


def funding(session: Session, assignment: Assignment) -> Harms:
    """The brand has paid what the brief asks for, and what was left of it in the end has gone back."""
    campaign, written = assignment.id, written_brief(session, assignment.id)
    paid = session.scalars(select(Payment.amount).where(Payment.campaign_id == campaign)).all()
    wired = session.scalars(select(Receipt.amount).where(Receipt.campaign_id == campaign, Receipt.confirmed_at.is_not(None))).all()
    currency, total = written.brief.currency, written.budget.total
    yield from unequal("cents in, for", Counter({campaign: total}), Counter({campaign: sum(paid) + sum(wired)}))
    left = balance(session, held(campaign, currency)) + balance(session, refund_clearing(campaign, currency))
    yield from unequal("cents left, of", Counter(), Counter({campaign: left}))


def finalizations(session: Session, assignment: Assignment) -> Harms:
    """Each deliverable has one final proposal, posted once; what its lines give is looked at with the splits."""
    for deliverable in deliverables_of(session, assignment.id):
        final = session.scalars(
            select(Proposal).where(Proposal.deliverable_id == deliverable.id, Proposal.state == ProposalState.FINAL)
        ).all()
        posted = session.scalar(select(func.count()).where(Event.deliverable_id == deliverable.id, Event.name == "payout.posted"))
        if (len(final), posted) != (1, 1):
            yield f"{deliverable.title} of {assignment.id} has {len(final)} final proposals, posted {posted} times"


def payments(session: Session) -> Harms:
    """Each person was paid what the final proposals give them."""
    of_proposal = select(ProposalLine.person_id, Proposal.currency, func.sum(ProposalLine.amount)).join(Proposal)
    owed = of_proposal.where(Proposal.state == ProposalState.FINAL, ProposalLine.amount > 0).group_by(
        ProposalLine.person_id, Proposal.currency
    )
    paid = select(Payout.person_id, Payout.currency, func.sum(Payout.amount)).where(Payout.state.in_(SENT))
    return unequal("cents for", _sums(session, owed), _sums(session, paid.group_by(Payout.person_id, Payout.currency)))


def transfers(session: Session) -> Harms:
    """The provider has made one transfer for each payout that was sent, and no other."""
    paid = session.scalars(select(Payout).where(Payout.state.in_(SENT)))
    made = by_stripe().transfers_since(session.scalar(select(func.min(Event.at))) or clock.business_now(session))
    ordered = Counter((str(item.id), item.amount, item.currency, item.destination) for item in paid)
    there = Counter((t.metadata.get("payout_item"), t.amount, t.currency, t.destination) for t in made)
    return unequal("transfer", ordered, there)


def invoices(session: Session, assignment: Assignment) -> Harms:
    """Each invoice that was asked for is there once, here and at Stripe, over the same sum.

    At most once is at Stripe what it refused, and what was withdrawn because it might not have it.
    """
    rows = session.scalars(select(Invoice).where(Invoice.campaign_id == assignment.id)).all()
    asked_for = {word.body["po_number"]: word for word in assignment.invoices}
    yield from once("invoice asked for", asked_for, Counter(row.po_number for row in rows))
    doubtful = {str(row.id) for row in rows if row.id in assignment.withdrawn or row.state == "refused"}
    at_stripe = list(invoices_of_stripe(assignment.id))
    there = Counter(invoice for invoice, _amount, _currency in at_stripe)
    yield from unequal("invoice", Counter(str(row.id) for row in rows) - (Counter(doubtful) - there), there)
    sums = {(str(row.id), row.amount, row.currency) for row in rows if str(row.id) in there}
    yield from unequal("sum of invoice", Counter(_but(doubtful, sums)), Counter(_but(doubtful, set(at_stripe))))


def _but(doubtful: set[str], sums: set[tuple[str, int, str]]) -> Iterator[tuple[str, int, str]]:
    """Of what Stripe may have begun and not finished there is no sum to compare."""
    return (each for each in sums if each[0] not in doubtful)


def accounts(session: Session) -> Harms:
    """Everyone who has an account has one at Stripe.

    A further one is known to come about where the answer to the first was lost for as long as Stripe keeps its key; that one is nobody's,
    and by the transfers gets nothing.
    """
    ours = session.scalars(select(PayoutAccount.person_id).where(PayoutAccount.provider_id.is_not(None)))
    made: dict[str, list[datetime]] = {}
    for person, at in sorted(accounts_of_stripe()):
        made.setdefault(person, []).append(at)
    there = {person: 1 + sum(later - at < KEPT_FOR for at, later in pairwise(times)) for person, times in made.items()}
    return unequal("account", Counter(map(str, ours)), Counter(there))


def invoice_payments(session: Session) -> Harms:
    """Each payment that Stripe has taken on an invoice is in the books, once, and no other."""
    return unequal("payment", Counter(payments_of_stripe()), Counter(session.scalars(select(Payment.provider_id))))


def refunds(session: Session) -> Harms:
    """Stripe has made one refund for each part that went back by it, of as much, and no other."""
    by_stripe = select(RefundPart).where(RefundPart.payment_id.is_not(None), RefundPart.settled_by.is_(None))
    ordered = Counter((str(part.id), part.amount, part.currency) for part in session.scalars(by_stripe))
    return unequal("refund", ordered, Counter(refunds_of_stripe()))


def outbox_messages(session: Session) -> Harms:
    """Each message was enqueued once and is done, but for what a schedule has just enqueued; each fact has been told to the relay."""
    twice = select(OutboxMessage.kind, OutboxMessage.key).group_by(OutboxMessage.kind, OutboxMessage.key).having(func.count() > 1)
    yield from (f"enqueued twice: {kind} {key}" for kind, key in session.execute(twice))
    open_ones = session.scalars(select(OutboxMessage).where(*NOT_DONE, OutboxMessage.enqueued_at < func.now() - A_MOMENT))
    yield from (f"a message is not done: {m.kind} {m.key}, {m.last_error}" for m in open_ones)
    untold = (
        select(func.count())
        .select_from(Event)
        .where(cast(Event.id, String).not_in(select(OutboxMessage.key).where(OutboxMessage.kind == OutboxKind.EVENT)))
    )
    if count := session.scalar(untold):
        yield f"{count} facts were never told"


def runs_left_over(company: Company) -> Sequence[str]:
    """Prefect holds no run of a campaign that has ended, once the sweep has had its time to see to those whose worker died."""
    with unit_of_work() as session:
        ended = [c.number for c in (session.get_one(Campaign, each.id) for each in company.assignments) if not c.is_live]
    end = time.monotonic() + 2 * GRACE.total_seconds()
    while (left := [harm for number in sorted(ended) for harm in _runs_of(number)]) and time.monotonic() < end:
        time.sleep(1)
    return left


def _runs_of(number: int) -> Harms:
    tagged = FlowRunFilter(tags=FlowRunFilterTags(all_=[f"campaign:{number}"]))
    for run in engine.client().read_flow_runs(flow_run_filter=tagged):
        if run.state is None or not run.state.is_final():
            yield f"a run of campaign {number}, which has ended, is {run.state_name}"


def told_to_prefect() -> Harms:
    """Prefect knows ids and stages, and neither who made a contribution nor what anyone earns."""
    known = all_that_prefect_knows()
    with unit_of_work() as session:
        names = [part for name in ARTISTS for part in name.split()]
        yield from (f"Prefect knows of {word}" for word in [*names, *forms_of_amounts(session)] if word in known)


def differences() -> Harms:
    yield from (f"the ledger differs from Stripe: {each}" for each in compare(by_stripe()))


def failed_checks() -> Harms:
    """What `callboard check` says, if it does not end with 0."""
    done = subprocess.run([sys.executable, "-m", "cli.main", "check"], env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        yield f"callboard check ends with {done.returncode}: {done.stdout} {done.stderr}"


OF_ASSIGNMENTS: Sequence[Callable[[Session, Assignment], Harms]] = (
    deliverables_not_ended, contributions_sent, words_on_material, words_that_send_back, approvals, finalizations,
    ended_for_good, funding, invoices,
    splits, harms_of_what_was_said,
)  # fmt: skip
OF_THE_SYSTEM: Sequence[Callable[[Session], Harms]] = (payments, transfers, invoice_payments, refunds, accounts, outbox_messages)


def _sums(session: Session, query: Any) -> "Counter[Any]":
    return Counter({(person, currency): int(amount) for person, currency, amount in session.execute(query)})
