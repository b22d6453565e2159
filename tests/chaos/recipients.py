"""Whom each kind of email is for, by the trial's own table: a part that somebody has on an assignment, or the person whom it is about."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.collaboration.models import Source
from campaigns.core.emails import Email
from campaigns.core.events import Event
from campaigns.core.people import Actor, Person, RoleGrant
from campaigns.curation.models import SelectionOutcome
from campaigns.open_call.models import Contribution
from tests.chaos.assignment import Assignment
from tests.chaos.company import Company
from tests.chaos.counting import Harms


@dataclass(frozen=True, slots=True)
class About:
    """An email's event, and the assignment that it is about, if it is about one of the trial's."""

    session: Session
    company: Company
    assignment: Assignment | None
    fact: Event


Part: TypeAlias = Callable[[Assignment], Iterable[Actor]]
Readers: TypeAlias = Callable[[About], set[UUID]]


def playing(part: Part) -> Readers:
    """Whoever has this part on the email's assignment; nobody where it is about none."""
    return lambda about: {actor.person for actor in part(about.assignment)} if about.assignment else set()


def playing_anywhere(part: Part) -> Readers:
    """Whoever has this part on any assignment."""
    return lambda about: {actor.person for each in about.company.assignments for actor in part(each)}


def brand(assignment: Assignment) -> Iterable[Actor]:
    return (*assignment.all_.made.signers.values(), assignment.all_.approver)


def community(assignment: Assignment) -> set[UUID]:
    """Artists by what they are on an assignment, or because nothing that they are keeps them from it."""
    return {actor.person for actor in (*assignment.people, assignment.all_.curator)}


def finance(about: About) -> set[UUID]:
    """Everyone in finance: two for each assignment, and those who release payouts."""
    of_assignments = playing_anywhere(lambda each: (each.all_.made.finance, each.all_.second))
    return of_assignments(about) | {actor.person for actor in about.company.releasers}


def artists(about: About) -> set[UUID]:
    """Everyone to whom calls are announced."""
    return set[UUID]().union(*map(community, about.company.assignments))


def operators(about: About) -> set[UUID]:
    return set(about.session.scalars(select(RoleGrant.person_id).where(RoleGrant.role == "operator")))


def named(about: About) -> set[UUID]:
    """The person whom the event names."""
    return {UUID(about.fact.facts["person"])}


def everyone(about: About) -> set[UUID]:
    """Everyone in the assignment but whoever did it."""
    return about.assignment.concerned - {about.fact.actor_id or UUID(int=0)} if about.assignment else set()


def makers(about: About, contributions: Iterable[UUID]) -> set[UUID]:
    """Who sent these contributions in, and whom they named beside themselves, by what was said over HTTP."""
    titles = set(about.session.scalars(select(Contribution.title).where(Contribution.id.in_(contributions))))
    sent = [word for word in (about.assignment.contributions if about.assignment else ()) if word.body["title"] in titles]
    return {word.by.person for word in sent} | {UUID(person) for word in sent for person in word.body.get("makers", {})}


def contribution(about: About) -> UUID:
    """The contribution that the event is about."""
    return UUID(about.fact.facts.get("contribution") or about.fact.facts["work"])


def maker(about: About) -> set[UUID]:
    return makers(about, [contribution(about)])


def built_on(about: About) -> set[UUID]:
    """The makers of what the contribution was built on, or led to by."""
    return makers(about, about.session.scalars(select(Source.source_id).where(Source.contribution_id == contribution(about))).all())


def judged(chosen: bool) -> Readers:
    """The makers of the contributions that a selection has chosen, or has not."""

    def readers(about: About) -> set[UUID]:
        of_visit = (
            SelectionOutcome.deliverable_id == about.fact.deliverable_id,
            SelectionOutcome.visit == about.fact.facts["visit"],
            SelectionOutcome.chosen.is_(chosen),
        )
        return makers(about, about.session.scalars(select(SelectionOutcome.contribution_id).where(*of_visit)).all())

    return readers


def asker(about: About) -> set[UUID]:
    """Who asked the question, by the answer that they got over HTTP."""
    asked = about.assignment.spoken["question"].values() if about.assignment else ()
    return {word.by.person for word in asked if word.answer.get("id") == about.fact.facts["question"]}


ARTISTS = playing(lambda each: each.artists)
COMMENTER = playing(lambda each: each.artists[:1])
PAYEES = playing(lambda each: each.people)
SIGNERS = playing(lambda each: each.all_.made.signers.values())
APPROVER = playing(lambda each: (each.all_.approver,))
BRAND = playing(brand)
MANAGER = playing(lambda each: (each.all_.manager,))
CURATOR = playing(lambda each: (each.all_.curator,))
EDITORS = playing(lambda each: each.editors)
# What is not here nothing in a trial brings about.
WHOM: Mapping[str, tuple[Readers, ...]] = {
    "brief_ready": (SIGNERS,), "signature_fell": (SIGNERS,), "launch": (artists,), "refund_promised": (BRAND,),
    "refund_by_hand": (finance,), "contribution_received": (maker,), "screened": (maker,), "question_asked": (MANAGER,),
    "question_answered": (asker,), "your_contribution_was_used": (built_on,), "influence_claimed": (built_on,),
    "influence_decided": (ARTISTS,),
    "reviews_asked": (CURATOR,), "selected": (judged(chosen=True),), "not_selected": (judged(chosen=False),), "version_ready": (APPROVER,),
    "decision": (MANAGER, EDITORS), "version_names_you": (EDITORS,), "package_changed": (MANAGER, APPROVER),
    "proposal": (PAYEES,), "comment_answered": (COMMENTER,),
    "final": (PAYEES,), "sent": (named,), "arrived": (named,), "cannot_pay": (named,), "destination": (named,), "account_ready": (named,),
    "account_needs_more": (named,), "run_paused": (finance,), "kept_back": (finance,), "left_open": (finance, MANAGER),
    "paused": (everyone,), "resumed": (everyone,), "monday": (playing_anywhere(brand),), "anchored": (operators,),
    "anchors_broken": (operators,), "sign_in": (named,), "token_created": (named,), "factor_added": (named,), "factor_removed": (named,),
}  # fmt: skip


def wrong_reader(about: About, email: Email) -> Harms:
    """Whether an email of this kind comes about in a trial, and is for the one to whom it went."""
    if email.notification not in WHOM:
        yield "an email is of a kind that no trial brings about"
    elif email.recipient_id not in set[UUID]().union(*(readers(about) for readers in WHOM[email.notification])):
        yield f"an email went to someone whom it is not for, {about.session.get_one(Person, email.recipient_id).name}"
