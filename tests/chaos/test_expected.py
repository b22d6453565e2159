"""The verdict knows who has to have been told of what, and names each email that nobody wrote."""

from collections import defaultdict
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from campaigns.brief.models import Refund
from campaigns.client_delivery.models import Version
from campaigns.core.emails import Email
from campaigns.core.ids import new_id
from campaigns.payments.models import PayoutAccount
from campaigns.payout.models import Disposition
from campaigns.payout.proposals.actions import dispose
from campaigns.payout.runs.models import Payout
from tests.campaigns.payout.sharing import AT, Shared, made_final, proposed, said_by
from tests.chaos.company import Company
from tests.chaos.expected import never_written
from tests.chaos.word import Word
from tests.factories import person

TITLE, STORY = "Holiday traditions", "Holiday story"


def company_of(shared: Shared, **said: Any) -> Company:
    """The campaign as an assignment on which this was said."""
    everyone = SimpleNamespace(made=shared.made, manager=shared.manager, editor=shared.editor, approver=shared.approver)
    contributions = [Word(shared.ben, "", {"title": "Lantern street"}), Word(shared.ana, "", {"title": "Lanterns"})]
    assignment = SimpleNamespace(id=shared.made.id, all_=everyone, contributions=contributions, spoken=defaultdict(dict), approvals={})
    vars(assignment).update(said)
    return cast("Company", SimpleNamespace(assignments=[assignment]))


def missing(session: Session, company: Company) -> list[str]:
    """Whom nobody has written to, and the subject, each for one email of one."""
    found = [each.partition(" emails were never written, to ") for each in never_written(session, company)]
    assert {count for count, _words, _rest in found} <= {"1 of 1"}
    return [rest for _count, _words, rest in found]


def write(session: Session, to: UUID, subject: str) -> None:
    words = {"subject": subject, "text": "", "html": "", "address": "x@example.org"}
    session.add(Email(id=new_id(), event_id=uuid4(), recipient_id=to, notification="final", enqueued_at=AT, **words))
    session.flush()


def sent_and_paid(session: Session, to: UUID) -> None:
    """Somebody whom Stripe pays: one payment has arrived, and one is on its way."""
    account = {"country": "US", "agreement": "full", "state": "active", "provider_id": "acct_1", "opened_at": AT}
    frozen = {"person_id": to, "currency": "USD", "destination": "acct_1", "transfer_group": "run", "settled_at": AT}
    paid = {"amount": 1_234, "state": "paid", "transfer_id": "tr_1", "arrived_at": AT}
    sent = {"amount": 500, "state": "sent", "transfer_id": "tr_2"}
    # Payouts have runs, which nobody here looks at.
    session.execute(text("set local session_replication_role = replica"))
    session.add(PayoutAccount(person_id=to, **account))
    session.add_all(Payout(id=new_id(), run_id=new_id(), **frozen, **each) for each in (paid, sent))
    session.flush()


def test_a_deliverable_that_was_shared_out_has_its_emails_about_choice_version_proposal_and_end(session: Session) -> None:
    shared, proposal = proposed(session, assembly="0.05")
    made_final(session, proposal)
    wanted = [
        f"Abe: Version 1 of “{STORY}” is ready for your decision",
        *(f"{name}: {subject}" for name in ("Ana", "Ben", "Eddie") for subject in (
            f"Proposal: how to split the pool of “{STORY}”", f"The payout for “{STORY}” is final",
        )),
        f"Ben: Your work was chosen for “{STORY}”",
    ]  # fmt: skip
    assert sorted(missing(session, company_of(shared))) == sorted(wanted)


def test_an_email_that_was_written_is_not_missing_and_one_to_somebody_else_does_not_stand_for_it(session: Session) -> None:
    shared, _proposal = proposed(session)
    before, subject = missing(session, company_of(shared)), f"Proposal: how to split the pool of “{STORY}”"
    write(session, shared.left_out.person, subject)
    write(session, shared.ana.person, subject)
    assert sorted(missing(session, company_of(shared))) == sorted({*before} - {f"Ana: {subject}"})


def test_a_word_that_was_answered_has_its_email_and_one_that_never_was_has_none(session: Session) -> None:
    shared, _proposal = proposed(session)
    before = {*missing(session, company_of(shared))}
    contributions = [Word(shared.ben, "", {"title": "Lantern street"}, is_answered=True), Word(shared.ana, "", {"title": "Lanterns"})]
    asked = Word(shared.ana, "", {}, answer={"id": "1"}, is_answered=True)
    spoken = defaultdict(dict, {
        "screening": {shared.newer.id: Word(shared.manager, "", {}, is_answered=True), shared.older.id: Word(shared.manager, "", {})},
        "question": {0: asked, 1: Word(shared.ben, "", {})},
        "answer": {"1": Word(shared.manager, "", {}, is_answered=True)},
    })  # fmt: skip
    found = {*missing(session, company_of(shared, contributions=contributions, spoken=spoken))}
    assert (found - before, before - found) == ({
        "Ben: We received “Lantern street”", f"Ben: “Lantern street” was accepted for “{TITLE}”",
        f"Mara: A question about “{TITLE}”", f"Ana: Your question about “{TITLE}” has been answered",
    }, set())  # fmt: skip


def test_an_approval_and_an_answer_to_a_comment_have_their_emails(session: Session) -> None:
    shared, proposal = proposed(session)
    before = {*missing(session, company_of(shared))}
    said = said_by(session, proposal, shared.left_out)
    dispose(session, said.id, Disposition.DECLINED, "It is not in it.", by=shared.manager, at=AT)
    [version_id] = session.scalars(select(Version.id).where(Version.deliverable_id == shared.deliverable.id)).all()
    spoken = defaultdict(dict, {"disposition": {str(said.id): Word(shared.manager, "", {}, is_answered=True)}})
    approvals = {version_id: Word(shared.approver, "", {}, is_answered=True)}
    found = {*missing(session, company_of(shared, spoken=spoken, approvals=approvals))}
    assert found - before == {
        f"Lea: Your comment on “{STORY}” was answered", f"Mara: “{STORY}” is approved", f"Eddie: “{STORY}” is approved",
    }  # fmt: skip


def test_what_goes_back_to_the_brand_and_what_is_paid_have_their_emails(session: Session) -> None:
    shared, _proposal = proposed(session)
    before = {*missing(session, company_of(shared))}
    session.add(Refund(campaign_id=shared.made.id, key="reserve", amount=165_000, let_go=0, currency="EUR", reason="So.", promised_at=AT))
    sent_and_paid(session, person(session, "Zoe").person)
    assert {*missing(session, company_of(shared))} - before == {
        *(f"{name}: We are refunding €1,650.00 for “{TITLE}”" for name in ("Signer for marketing", "Signer for legal", "Abe")),
        "Zoe: You can now be paid", "Zoe: We sent you $12.34", "Zoe: We sent you $5.00",
        "Zoe: $12.34 has arrived at your bank",
    }  # fmt: skip
