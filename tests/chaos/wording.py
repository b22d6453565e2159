"""Whether an email has the words that were written, names no other campaign, and no other money than its reader's."""

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core.access import SignInLink
from campaigns.core.campaign import Campaign
from campaigns.core.emails import Email, EmailChunk
from campaigns.payout.models import Proposal, ProposalLine
from notifications.sender import UNSUBSCRIBE_TAG
from tests.chaos.assignment import TITLE
from tests.chaos.counting import Harms
from tests.chaos.mailboxes import Arrived
from tests.chaos.recipients import About, brand

SIGNS = {"USD": "$", "EUR": "€"}
# A whole sum: of $11,000.00 nothing is left that could be taken for another one.
SUM = re.compile(rf"[{''.join(SIGNS.values())}]\d[\d,]*(?:\.\d+)?")
# However a line is broken in it.
A_TITLE = re.compile(rf"{TITLE}\s+\w+")
OF_ALL_CAMPAIGNS = "monday"
# Whose emails name the sum of their event and no other; those about a refund may name a part of it too.
OF_ONE_SUM, OF_A_SHARE, AMONG_OTHERS = ("sent", "arrived"), ("proposal", "final"), ("refund_promised", "refund_by_hand")
SIGN_IN = re.compile(r"/sign-in/([\w-]+)")


def money(amount: int, currency: str) -> str:
    """An amount as people in the United States write it, in whose language the trial's emails are."""
    return f"{SIGNS[currency]}{amount / 100:,.2f}"


def copied(session: Session, email: Email, copy: Arrived) -> Harms:
    """Whether a copy has the words that were written: for all in an announcement, and kept nowhere in an email that lets somebody in."""
    if email.chunk_id is not None:
        chunk = session.get_one(EmailChunk, email.chunk_id)
        pairs = ((chunk.subject, copy.subject), (chunk.text, copy.text), (chunk.html, copy.html))
        if not all(announced(written, there, email.id) for written, there in pairs):
            yield "an announcement arrived with other words than were written, or somebody else's link"
    elif email.notification == "sign_in":
        if copy.subject != email.subject or let_in(session, copy) != {email.recipient_id}:
            yield "an email lets somebody else in, or nobody"
    elif (copy.subject, copy.text, copy.html) != (email.subject, email.text, email.html):
        yield "an email arrived with other words than were written"


def announced(written: str, there: str, email_id: UUID) -> bool:
    """Whether these are the words for all, with the reader's own link wherever they have the tag for it."""
    link = rf"[^\s\"<>]*/unsubscribe/{email_id.hex}[^\s\"<>]*"
    return re.fullmatch(link.join(map(re.escape, written.split(UNSUBSCRIBE_TAG))), there) is not None


def let_in(session: Session, copy: Arrived) -> set[UUID]:
    """Whom the links in both forms of an email let in."""
    found = [set(SIGN_IN.findall(form)) for form in (copy.text, copy.html)]
    digests = [sha256(secret.encode()).hexdigest() for secret in set[str]().union(*found)]
    whose = set(session.scalars(select(SignInLink.person_id).where(SignInLink.digest.in_(digests))))
    return whose if found[0] == found[1] and len(digests) == 1 else set()


def own_words(about: About, email: Email, copies: Sequence[Arrived]) -> Harms:
    """Whether it names, in any form, no campaign but its own, and of money what is this person's and nothing else."""
    may = titles_for(about, email)
    named = {" ".join(found.split()) for form in forms(about.session, email, copies) for found in A_TITLE.findall(form)}
    if named - may:
        yield f"an email about {', '.join(sorted(may)) or 'no campaign'} names {', '.join(sorted(named - may))}"
    yield from sums(about.session, email, about.fact.facts)


def titles_for(about: About, email: Email) -> set[str]:
    """The campaigns that it may name: its own, and on Mondays all in which its reader speaks for the brand."""
    whose = {email.campaign_id} - {None}
    if email.notification == OF_ALL_CAMPAIGNS:
        whose = {each.id for each in about.company.assignments if email.recipient_id in {actor.person for actor in brand(each)}}
    return set(about.session.scalars(select(Campaign.title).where(Campaign.id.in_(whose))))


def forms(session: Session, email: Email, copies: Sequence[Arrived]) -> Iterator[str]:
    """All that it says: as it was written, to one or to all, and as it arrived, which is all that is left of one with a secret."""
    chunk = session.get_one(EmailChunk, email.chunk_id) if email.chunk_id else None
    all_: list[Email | EmailChunk | Arrived] = [email, *([chunk] if chunk else []), *copies]
    for each in all_:
        yield from (each.subject, each.text, each.html)


def sums(session: Session, email: Email, facts: Mapping[str, Any]) -> Harms:
    """Whether both forms of an email about one's money name it, and no other sum where there is but one."""
    if email.notification not in (*OF_ONE_SUM, *OF_A_SHARE, *AMONG_OTHERS):
        return
    wanted = set(own_sums(session, email, facts))
    for form in (f"{email.subject} {email.text}", email.html):
        there = set(SUM.findall(form))
        if wanted - there or (there - wanted and email.notification not in AMONG_OTHERS):
            yield f"an email names {', '.join(sorted(there)) or 'no sum'} where {', '.join(sorted(wanted)) or 'no sum'} should be"


def own_sums(session: Session, email: Email, facts: Mapping[str, Any]) -> Iterator[str]:
    """What it has to name: the sum of its event, or the reader's line of its proposal."""
    if email.notification in OF_A_SHARE:
        line = session.get(ProposalLine, (UUID(facts["proposal"]), email.recipient_id))
        if line and line.amount:
            yield money(line.amount, session.get_one(Proposal, line.proposal_id).currency)
    else:
        yield money(facts["amount"], facts["currency"])
