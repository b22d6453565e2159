"""What became of every letter: how often it arrived, at whom, with which words, and why the others were dropped."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from campaigns.core.campaign import Campaign
from campaigns.core.events import Event
from campaigns.core.mail import Mail, Suppression
from campaigns.core.people import Person, RoleGrant
from campaigns.payout.models import Line
from notifications.notices import NOTICES
from notifications.sender import RESPECTED, Kind
from tests.chaos.assignment import TITLE
from tests.chaos.company import ON_ITS_WAY, Company
from tests.chaos.counting import Harms

# More than these of a hundred may not stay uncertain, where there are enough to say so.
MOST_UNCERTAIN, ENOUGH = 0.05, 60
# What has arrived in mailboxes, by the letter that each names, as SendGrid's own rows tell it.
ARRIVED = text("""
    select one.value -> 'custom_args' ->> 'mid' as mid, l.address, l.subject, l.text, l.html from sendgrid_sandbox.letter l
    join sendgrid_sandbox.message m on m.id = l.message_id
    cross join lateral jsonb_array_elements(m.body -> 'personalizations') one
    where lower(one.value -> 'to' -> 0 ->> 'email') = l.address
""")
UNTRUE = "It was no longer true when it was due to be sent."
UNWANTED = "We must not email this address: "
NO_ANNOUNCEMENTS = "The address gets no announcements."
REFUSED = text("select exists (select from sendgrid_sandbox.suppression where email = :address)")


@dataclass(frozen=True, slots=True)
class Arrived:
    """One copy in a mailbox."""

    address: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many letters there were and what became of them; `found_out` had no answer, and the carrier's word settled them."""

    letters: int
    sent: int
    found_out: int
    uncertain: int
    twice: int
    dropped: Mapping[str, int]

    def lines(self) -> Iterator[str]:
        """The figures as they are printed."""
        part = 100 * self.uncertain / max(self.letters, 1)
        yield f"{self.letters:>6}  letters"
        yield f"{self.sent:>6}  arrived once, {self.found_out} of them after no answer had come and SendGrid's events told"
        yield f"{self.uncertain:>6}  uncertain ({part:.1f} %), {self.twice} of them arrived more than once"
        for reason, count in sorted(self.dropped.items()):
            yield f"{count:>6}  dropped: {reason}"


def tally(session: Session) -> Tally:
    """The totals over all letters."""
    mails, copies = session.scalars(select(Mail)).all(), {mid: len(each) for mid, each in arrived(session).items()}
    states = Counter(mail.state for mail in mails)
    found_out = sum(mail.state == "sent" and mail.wait_until is not None for mail in mails)
    twice = sum(copies.get(mail.id, 0) > 1 for mail in mails)
    dropped = Counter(mail.reason or "no reason" for mail in mails if mail.state == "dropped")
    return Tally(len(mails), states["sent"], found_out, states["uncertain"], twice, dropped)


def harms_of_letters(session: Session, company: Company) -> Sequence[str]:
    """Whatever is wrong with any letter."""
    of_mail, found = arrived(session), list(written_twice(session))
    mails = session.scalars(select(Mail)).all()
    found += [f"a letter arrived that nobody wrote: {mid}" for mid in of_mail.keys() - {mail.id for mail in mails}]
    whom = allowed(session, company)
    for mail in mails:
        copies = of_mail.get(mail.id, [])
        found += [f"{harm}: {mail.notice} {mail.id}" for harm in [*counted(session, mail, copies), *worded(session, mail, copies, whom)]]
    total = tally(session)
    if total.letters >= ENOUGH and total.uncertain > MOST_UNCERTAIN * total.letters:
        found.append(f"{total.uncertain} of {total.letters} letters are uncertain")
    return found


def arrived(session: Session) -> Mapping[UUID, list[Arrived]]:
    """Every copy in a mailbox, by its letter; one that names none counts under no letter's id."""
    copies: dict[UUID, list[Arrived]] = {}
    for mid, *copy in session.execute(ARRIVED):
        copies.setdefault(UUID(mid) if mid else UUID(int=0), []).append(Arrived(*copy))
    return copies


def written_twice(session: Session) -> Harms:
    twice = select(Mail.event_id, Mail.notice).group_by(Mail.event_id, Mail.recipient_id, Mail.notice).having(func.count() > 1)
    yield from (f"a letter is written twice: {notice} about {event}" for event, notice in session.execute(twice))


def counted(session: Session, mail: Mail, copies: Sequence[Arrived]) -> Harms:
    """Sent: once; uncertain: at least once, and at most as often as it was sent; dropped: never, for a reason that holds."""
    count = len(copies)
    if mail.state in ON_ITS_WAY or mail.state == "failed":
        yield f"a letter is lost, it is {mail.state} ({mail.reason})"
    elif mail.state == "sent" and count != 1:
        yield f"a letter that counts as sent arrived {count} times"
    elif mail.state == "uncertain" and not 1 <= count <= mail.sends:
        yield f"a letter that is uncertain and was sent {mail.sends} times arrived {count} times"
    elif mail.state == "dropped" and count:
        yield "a letter that was dropped arrived"
    elif mail.state == "dropped" and not holds(session, mail):
        yield f"a letter was dropped for no reason that holds ({mail.reason})"


def holds(session: Session, mail: Mail) -> bool:
    """Whether the reason for which a letter was dropped is so: by SendGrid's lists and ours, or by what has happened since."""
    reason, address = mail.reason or "", mail.address.lower()
    ours = set(session.scalars(select(Suppression.reason).where(Suppression.address == address)))
    if reason == UNTRUE:
        said, fact = NOTICES[mail.notice].still_true, session.get(Event, mail.event_id)
        return said is not None and fact is not None and not said(session, fact)
    if reason == NO_ANNOUNCEMENTS:
        return bool(ours & RESPECTED[Kind.ANNOUNCEMENT])
    if reason.startswith(UNWANTED):
        named = reason.removeprefix(UNWANTED).removesuffix(".")
        return named in ours and bool(session.scalar(REFUSED, {"address": address}))
    return False


def worded(session: Session, mail: Mail, copies: Sequence[Arrived], whom: Mapping[UUID, set[UUID]]) -> Harms:
    """Whether it went to who is concerned, under the right template, with the words that were written and its own amounts."""
    person, fact = session.get_one(Person, mail.recipient_id), session.get(Event, mail.event_id)
    if any(copy.address != (person.email or "").lower() for copy in copies):
        yield f"a letter went to another address than {person.name}'s"
    if mail.campaign_id and mail.chunk_id is None and mail.recipient_id not in whom.get(mail.campaign_id, set()):
        yield f"a letter went to a stranger, {person.name}"
    if fact is not None and fact.name not in NOTICES[mail.notice].on:
        yield f"a letter tells of {fact.name}"
    if mail.chunk_id is None and not NOTICES[mail.notice].secret:
        if any((copy.subject, copy.text, copy.html) != (mail.subject, mail.text, mail.html) for copy in copies):
            yield "a letter arrived with other words than were written"
        yield from own_words(session, mail, fact)


def own_words(session: Session, mail: Mail, fact: Event | None) -> Harms:
    """Whether it names no other campaign, and the amount that is this person's."""
    words = f"{mail.subject}\n{mail.text}".replace("\n", " ")
    own = session.get(Campaign, mail.campaign_id) if mail.campaign_id else None
    named = {words[at : at + len(TITLE) + 4] for at in range(len(words)) if words.startswith(TITLE, at)}
    if own is not None and named - {own.title}:
        yield f"a letter about {own.title} names {', '.join(sorted(named - {own.title}))}"
    for amount in amounts(session, mail, fact):
        if amount not in words:
            yield f"a letter does not name {amount}"


def amounts(session: Session, mail: Mail, fact: Event | None) -> list[str]:
    """What a letter about one's money has to name."""
    facts: Mapping[str, Any] = fact.facts if fact else {}
    if mail.notice == "paid":
        return [f"{facts['amount'] / 100:,.2f}"] if facts["person"] == str(mail.recipient_id) else ["another person's amount"]
    if mail.notice in ("proposal", "final"):
        line = session.get(Line, (UUID(facts["proposal"]), mail.recipient_id))
        return [f"{line.amount / 100:,.2f}"] if line and line.amount else []
    return []


def allowed(session: Session, company: Company) -> Mapping[UUID, set[UUID]]:
    """Who has to do with each campaign: its own people, and whoever has a role in the whole house."""
    everywhere = (RoleGrant.brand_id.is_(None), RoleGrant.campaign_id.is_(None), RoleGrant.track_id.is_(None))
    house = set(session.scalars(select(RoleGrant.person_id).where(*everywhere)))
    return {each.id: house | each.concerned for each in company.assignments}
