"""Emails that have to be there, whatever was killed: by person and subject, from what people said and from the rows that came of it."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.brief.models import Refund
from campaigns.client_delivery.models import Version
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.emails import Email
from campaigns.core.events import Event
from campaigns.core.people import Person
from campaigns.curation.models import SelectionOutcome
from campaigns.open_call.models import Contribution
from campaigns.payments.models import PayoutAccount
from campaigns.payout.models import Comment, Proposal, ProposalLine, ProposalState
from campaigns.payout.runs.models import SENT, Payout
from tests.chaos.assignment import Assignment
from tests.chaos.company import Company
from tests.chaos.counting import Harms
from tests.chaos.recipients import brand, community
from tests.chaos.wording import money

Wanted: TypeAlias = Iterator[tuple[UUID, str]]


def never_written(session: Session, company: Company) -> Harms:
    """What nobody wrote to somebody who had to be told."""
    wanted = Counter(of_payees(session)) + Counter(
        pair for each in company.assignments for look in OF_ASSIGNMENT for pair in look(session, each)
    )
    written = session.execute(select(Email.recipient_id, Email.subject).where(Email.chunk_id.is_(None)))
    there = Counter((person, subject) for person, subject in written)
    for (person, subject), count in sorted((wanted - there).items(), key=str):
        yield f"{count} of {wanted[person, subject]} emails were never written, to {session.get_one(Person, person).name}: {subject}"


def never_announced(session: Session, company: Company) -> Harms:
    """Which artist was not written to about which call; nobody in a trial gets no announcements."""
    artists = {person for each in company.assignments for person in community(each)}
    ours = (Event.name == "brief.launched", Event.chain_id.in_([each.id for each in company.assignments]))
    launched = {
        found.id: found.title for found in session.scalars(select(Campaign).join(Event, Event.chain_id == Campaign.id).where(*ours))
    }
    copies = set(map(tuple, session.execute(select(Email.campaign_id, Email.recipient_id).where(Email.notification == "launch"))))
    for campaign, person in sorted({(campaign, person) for campaign in launched for person in artists} - copies):
        yield f"a copy of an announcement was never written, to {session.get_one(Person, person).name}: {launched[campaign]}"


def of_contributions(session: Session, assignment: Assignment) -> Wanted:
    """Whoever sent a contribution in is told that it has arrived, and that it takes part once it was let in."""
    campaign, whose = _title(session, assignment), {word.body["title"]: word.by.person for word in assignment.contributions}
    yield from ((word.by.person, f"We received “{word.body['title']}”") for word in assignment.contributions if word.is_answered)
    for contribution, word in assignment.spoken["screening"].items():
        title = session.get_one(Contribution, contribution).title
        if word.is_answered:
            yield whose[title], f"“{title}” was accepted for “{campaign}”"


def of_questions(session: Session, assignment: Assignment) -> Wanted:
    """The manager is told of each question, and whoever asked of its answer."""
    campaign, asked = _title(session, assignment), [word for word in assignment.spoken["question"].values() if word.is_answered]
    yield from ((assignment.all_.manager.person, f"A question about “{campaign}”") for _word in asked)
    for word in asked:
        answer = assignment.spoken["answer"].get(word.answer["id"])
        if answer and answer.is_answered:
            yield word.by.person, f"Your question about “{campaign}” has been answered"


def of_links(_session: Session, assignment: Assignment) -> Wanted:
    """Whoever asked for a link to sign in with gets one, which lets them in; another for each time that they asked without an answer."""
    yield from ((word.by.person, "Sign in to Callboard") for word in assignment.spoken["sign-in link"].values() if word.is_answered)


def of_choices(session: Session, assignment: Assignment) -> Wanted:
    """Whoever made what was chosen for a deliverable is told once of each selection."""
    whose = {word.body["title"]: word.by.person for word in assignment.contributions}
    chosen = select(SelectionOutcome.deliverable_id, SelectionOutcome.visit, Deliverable.title, Contribution.title).join(
        Deliverable, Deliverable.id == SelectionOutcome.deliverable_id
    )
    chosen = chosen.join(Contribution, Contribution.id == SelectionOutcome.contribution_id).where(
        Deliverable.campaign_id == assignment.id, SelectionOutcome.chosen
    )
    told = {(deliverable, visit, whose[contribution], title) for deliverable, visit, title, contribution in session.execute(chosen)}
    yield from ((person, f"Your work was chosen for “{title}”") for _deliverable, _visit, person, title in told)


def of_versions(session: Session, assignment: Assignment) -> Wanted:
    """The brand is told of each version that it has to decide on; who manages and who made it, that it is approved."""
    versions = (
        select(Version, Deliverable.title)
        .join(Deliverable, Deliverable.id == Version.deliverable_id)
        .where(Deliverable.campaign_id == assignment.id)
    )
    for version, title in session.execute(versions):
        if version.presented_at:
            yield assignment.all_.approver.person, f"Version {version.number} of “{title}” is ready for your decision"
        word = assignment.approvals.get(version.id)
        if word and word.is_answered:
            yield from ((each.person, f"“{title}” is approved") for each in (assignment.all_.manager, assignment.all_.editor))


def of_shares(session: Session, assignment: Assignment) -> Wanted:
    """Everyone whom a proposal pays is told of it, and that it is final."""
    lines = select(ProposalLine.person_id, Deliverable.title, Proposal).join(Proposal, Proposal.id == ProposalLine.proposal_id)
    lines = lines.join(Deliverable, Deliverable.id == Proposal.deliverable_id).where(
        Deliverable.campaign_id == assignment.id, ProposalLine.amount > 0
    )
    for person, title, proposal in session.execute(lines):
        new = "New proposal" if proposal.number > 1 else "Proposal"
        yield person, f"{new}: how to split the pool of “{title}”"
        if proposal.state is ProposalState.FINAL:
            yield person, f"The payout for “{title}” is final"


def of_comments(session: Session, assignment: Assignment) -> Wanted:
    """Whoever commented is told of each answer."""
    answered = [UUID(key) for key, word in assignment.spoken["disposition"].items() if word.is_answered]
    of_deliverable = select(Comment.person_id, Deliverable.title).join(Proposal, Proposal.id == Comment.proposal_id)
    commented = of_deliverable.join(Deliverable, Deliverable.id == Proposal.deliverable_id).where(Comment.id.in_(answered))
    yield from ((person, f"Your comment on “{title}” was answered") for person, title in session.execute(commented))


def of_refunds(session: Session, assignment: Assignment) -> Wanted:
    """The brand's people are told what goes back to them."""
    for refund in session.scalars(select(Refund).where(Refund.campaign_id == assignment.id, Refund.amount > 0)):
        subject = f"We are refunding {money(refund.amount, refund.currency)} for “{_title(session, assignment)}”"
        yield from ((person, subject) for person in {each.person for each in brand(assignment)})


def of_payees(session: Session) -> Wanted:
    """Whoever is paid is told that they can be, that it was sent, and that it has arrived."""
    active = session.scalars(select(PayoutAccount.person_id).where(PayoutAccount.state == "active"))
    yield from ((person, "You can now be paid") for person in active)
    for item in session.scalars(select(Payout).where(Payout.state.in_(SENT))):
        yield item.person_id, f"We sent you {money(item.amount, item.currency)}"
        if item.state == "paid":
            yield item.person_id, f"{money(item.amount, item.currency)} has arrived at your bank"


OF_ASSIGNMENT: Sequence[Callable[[Session, Assignment], Wanted]] = (
    of_contributions, of_questions, of_links, of_choices, of_versions, of_shares, of_comments, of_refunds,
)  # fmt: skip


def _title(session: Session, assignment: Assignment) -> str:
    return session.get_one(Campaign, assignment.id).title
