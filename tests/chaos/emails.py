"""What became of every email: how often it arrived, at whom, with which words, why others were dropped, and which were never written."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from campaigns.core.emails import Email, Suppression
from campaigns.core.events import Event
from campaigns.core.people import Person
from notifications.registry import NOTIFICATIONS
from notifications.sender import RESPECTED, EmailKind
from notifications.suppressing import DROPPED
from tests.chaos.company import ON_ITS_WAY, Company
from tests.chaos.counting import Harms
from tests.chaos.expected import never_announced, never_written
from tests.chaos.mailboxes import Arrived, arrived
from tests.chaos.recipients import About, wrong_reader
from tests.chaos.untruth import had_become_untrue
from tests.chaos.wording import copied, own_words

# A larger part of a sort may not stay uncertain, where there are enough to say so.
MOST_UNCERTAIN, ENOUGH = 0.05, 60
UNTRUE = "It was no longer true when it was due to be sent."
UNWANTED = "We must not email this address: "
NO_ANNOUNCEMENTS = "The address gets no announcements."
REFUSED = text("select exists (select from sendgrid_sandbox.suppression where email = :address)")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Of so many emails of a sort: how many stayed uncertain, and how many of those arrived more than once."""

    written: int
    uncertain: int
    twice: int

    @classmethod
    def of(cls, emails: Iterable[Email], copies: Mapping[UUID, Sequence[Arrived]]) -> "Doubt":
        those = list(emails)
        uncertain = [email for email in those if email.state == "uncertain"]
        return cls(len(those), len(uncertain), sum(len(copies.get(email.id, ())) > 1 for email in uncertain))

    @property
    def percent(self) -> float:
        return round(100 * self.uncertain / max(self.written, 1), 1)

    @property
    def is_too_much(self) -> bool:
        return self.written >= ENOUGH and self.uncertain > MOST_UNCERTAIN * self.written


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the single emails and of the copies of announcements, each sort by itself.

    `sent` of the single ones arrived once; `found_out` of them had no answer, and the carrier's word settled them.
    """

    single: Doubt
    announced: Doubt
    sent: int
    found_out: int
    dropped: Mapping[str, int]

    def lines(self) -> Iterator[str]:
        """The figures as they are printed."""
        yield f"{self.single.written:>6}  single emails"
        yield f"{self.sent:>6}  arrived once, {self.found_out} of them after no answer had come and SendGrid's events told"
        yield self._line_of(self.single)
        for reason, count in sorted(self.dropped.items()):
            yield f"{count:>6}  dropped: {reason}"
        yield f"{self.announced.written:>6}  copies of announcements besides"
        yield self._line_of(self.announced)

    @staticmethod
    def _line_of(doubt: Doubt) -> str:
        return f"{doubt.uncertain:>6}  uncertain ({doubt.percent} %), {doubt.twice} of them arrived more than once"

    def harms(self) -> Harms:
        """Of which sort too many stayed uncertain."""
        for doubt, what in ((self.single, "single emails"), (self.announced, "copies of announcements")):
            if doubt.is_too_much:
                yield f"{doubt.uncertain} of {doubt.written} {what} are uncertain"


def tally(session: Session) -> Tally:
    """The totals over all emails."""
    emails, copies = session.scalars(select(Email)).all(), arrived(session)
    single = [email for email in emails if email.chunk_id is None]
    sent = [email for email in single if email.state == "sent"]
    return Tally(
        single=Doubt.of(single, copies),
        announced=Doubt.of((email for email in emails if email.chunk_id is not None), copies),
        sent=len(sent),
        found_out=sum(email.wait_until is not None for email in sent),
        dropped=Counter(email.reason or "no reason" for email in single if email.state == "dropped"),
    )


def harms_of_emails(session: Session, company: Company) -> Sequence[str]:
    """Whatever is wrong with any email."""
    of_email, found = arrived(session), [*written_twice(session), *never_written(session, company), *never_announced(session, company)]
    emails = session.scalars(select(Email)).all()
    found += [f"an email arrived that nobody wrote: {mid}" for mid in of_email.keys() - {email.id for email in emails}]
    assignments = {each.id: each for each in company.assignments}
    for email in emails:
        copies, fact = of_email.get(email.id, []), session.get_one(Event, email.event_id)
        about = About(session, company, assignments.get(email.campaign_id) if email.campaign_id else None, fact)
        harms = (*counted(session, email, copies), *worded(about, email, copies), *wrong_reader(about, email))
        found += [f"{harm}: {email.notification} {email.id}" for harm in harms]
    return [*found, *tally(session).harms()]


def written_twice(session: Session) -> Harms:
    twice = (
        select(Email.event_id, Email.notification).group_by(Email.event_id, Email.recipient_id, Email.notification).having(func.count() > 1)
    )
    yield from (f"an email is written twice: {notification} about {event}" for event, notification in session.execute(twice))


def counted(session: Session, email: Email, copies: Sequence[Arrived]) -> Harms:
    """Sent: once; uncertain: at least once, and at most as often as it was sent; dropped: never, for a reason that holds."""
    count = len(copies)
    if email.state in ON_ITS_WAY or (email.state == "failed" and not refused_there(session, email)):
        yield f"an email is lost, it is {email.state} ({email.reason})"
    elif email.state == "sent" and count != 1:
        yield f"an email that counts as sent arrived {count} times"
    elif email.state == "uncertain" and not 1 <= count <= email.sends:
        yield f"an email that is uncertain and was sent {email.sends} times arrived {count} times"
    elif email.state == "dropped" and count:
        yield "an email that was dropped arrived"
    elif email.state == "dropped" and not holds(session, email):
        yield f"an email was dropped for no reason that holds ({email.reason})"


def refused_there(session: Session, email: Email) -> bool:
    """Whether SendGrid dropped it because the address is on its lists, before it had told us of that."""
    return email.reason in DROPPED and bool(session.scalar(REFUSED, {"address": email.address.lower()}))


def holds(session: Session, email: Email) -> bool:
    """Whether the reason for which an email was dropped was so: by SendGrid's lists and ours, or by what had happened when it was."""
    reason, address = email.reason or "", email.address.lower()
    ours = set(session.scalars(select(Suppression.reason).where(Suppression.address == address)))
    if reason == UNTRUE:
        return email.settled_at is not None and had_become_untrue(
            session, email.notification, session.get_one(Event, email.event_id), email.settled_at
        )
    if reason == NO_ANNOUNCEMENTS:
        return bool(ours & RESPECTED[EmailKind.ANNOUNCEMENT])
    if reason.startswith(UNWANTED):
        named = reason.removeprefix(UNWANTED).removesuffix(".")
        return named in ours and bool(session.scalar(REFUSED, {"address": address}))
    return False


def worded(about: About, email: Email, copies: Sequence[Arrived]) -> Harms:
    """Whether it went to its reader's address, under the right template, with the words that were written and its own amounts."""
    person = about.session.get_one(Person, email.recipient_id)
    if any(copy.address != (person.email or "").lower() for copy in copies):
        yield f"an email went to another address than {person.name}'s"
    if about.fact.name not in NOTIFICATIONS[email.notification].on:
        yield f"an email tells of {about.fact.name}"
    for copy in copies:
        yield from copied(about.session, email, copy)
    yield from own_words(about, email, copies)
