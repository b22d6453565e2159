"""Files of the evidence: what a bank opens is taken, handed in once with the words, and kept as it was."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from campaigns.brief.disputes import files
from campaigns.brief.disputes.errors import (
    AnsweredAlready,
    DisputeOver,
    EvidenceTooLarge,
    NoSuchDispute,
    NoSuchFile,
    NotEvidence,
    TooManyPages,
)
from campaigns.brief.disputes.models import DisputeFile
from campaigns.core import outbox
from campaigns.core.errors import Forbidden, Invalid
from campaigns.core.files import storage
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import Actor
from campaigns.core.permissions import Role
from campaigns.open_call.media.faults import Damaged
from campaigns.payments.provider_errors import Unknown
from tests.campaigns.brief.billing import facts
from tests.campaigns.brief.disputes.disputing import WORDS, disputed_campaign, hand_in, row
from tests.evidence import attach, paper, picture
from tests.treasury import Treasury, now
from workers import housekeeping
from workers.brief.dispute_answers import answer_dispute
from workers.gateways import by_stripe
from workers.transactions import unit_of_work


def attached(provider_id: str) -> list[DisputeFile]:
    with unit_of_work() as session:
        return list(files.files_of(session, row(provider_id).id))


def at_stripe(treasury: Treasury) -> list[str]:
    """The files that Stripe has, newest first."""
    return [each.id for each in treasury.stripe.client.v1.files.list({"limit": 100}).data]


def submissions(treasury: Treasury, provider_id: str) -> int:
    return treasury.stripe.client.v1.disputes.retrieve(provider_id).evidence_details.submission_count


def test_files_reach_the_bank_under_their_fields_together_with_the_words(treasury: Treasury, finance: Actor) -> None:
    _made, provider_id = disputed_campaign(treasury)
    attach(row(provider_id).id, paper(2), finance)
    attach(row(provider_id).id, picture(), finance, "receipt", "receipt.png")
    attach(row(provider_id).id, picture(".jpg"), finance, "uncategorized_file", "photo")
    assert at_stripe(treasury) == []
    hand_in(provider_id, finance, WORDS)
    assert treasury.handle(OutboxKind.DISPUTE_ANSWER) == 1
    said = treasury.stripe.client.v1.disputes.retrieve(provider_id)
    named = {file.field: file.provider_id for file in attached(provider_id)}
    assert {name: said.evidence[name] for name in (*named, "uncategorized_text")} == {**named, **WORDS}
    assert sorted(at_stripe(treasury)) == sorted(map(str, named.values()))
    sizes = {each.filename: each.size for each in treasury.stripe.client.v1.files.list().data}
    assert sizes == {
        "customer_signature.pdf": len(paper(2)), "receipt.png": len(picture()), "uncategorized_file.jpg": len(picture(".jpg")),
    }  # fmt: skip


def test_a_file_alone_is_evidence(treasury: Treasury, finance: Actor) -> None:
    _made, provider_id = disputed_campaign(treasury)
    attach(row(provider_id).id, paper(), finance)
    hand_in(provider_id, finance)
    treasury.handle(OutboxKind.DISPUTE_ANSWER)
    assert (row(provider_id).status, submissions(treasury, provider_id)) == ("under_review", 1)


@pytest.mark.parametrize("fault", ["lose the call", "lose the answer", "503"])
def test_a_file_of_which_nobody_knows_whether_it_arrived_is_sent_until_it_has(treasury: Treasury, finance: Actor, fault: str) -> None:
    _made, provider_id = disputed_campaign(treasury)
    attach(row(provider_id).id, paper(), finance)
    hand_in(provider_id, finance, WORDS)
    treasury.line.faults.append(("/v1/files", fault))
    with pytest.raises(Unknown):
        treasury.handle(OutboxKind.DISPUTE_ANSWER)
    assert (submissions(treasury, provider_id), row(provider_id).refusal) == (0, None)
    assert treasury.handle(OutboxKind.DISPUTE_ANSWER) == 1
    assert (len(at_stripe(treasury)), submissions(treasury, provider_id)) == (1, 1)


@pytest.mark.parametrize("fault", ["lose the call", "lose the answer", "503"])
def test_what_was_sent_before_the_process_died_is_not_sent_again(treasury: Treasury, finance: Actor, fault: str) -> None:
    _made, provider_id = disputed_campaign(treasury)
    attach(row(provider_id).id, paper(), finance)
    attach(row(provider_id).id, picture(), finance, "receipt", "receipt.png")
    hand_in(provider_id, finance, WORDS)
    # After the look, at the answer itself: both files have gone by then.
    treasury.line.faults += [("/v1/disputes/", "pass"), ("/v1/disputes/", fault)]
    with pytest.raises(Unknown):
        treasury.handle(OutboxKind.DISPUTE_ANSWER)
    assert all(file.provider_id for file in attached(provider_id))
    assert treasury.handle(OutboxKind.DISPUTE_ANSWER) == 1
    assert treasury.handle(OutboxKind.DISPUTE_ANSWER) == 0
    assert (treasury.line.count("/v1/files"), submissions(treasury, provider_id)) == (2, 1)


def test_of_two_who_hand_in_at_once_the_bank_reads_one(treasury: Treasury, finance: Actor) -> None:
    _made, provider_id = disputed_campaign(treasury)
    attach(row(provider_id).id, paper(), finance)
    hand_in(provider_id, finance, WORDS)
    with unit_of_work() as session:
        message = session.query(outbox.OutboxMessage).filter_by(kind="dispute_answer").one()
        claimed = outbox.Claimed(message.id, message.kind, message.key, message.body, 1)

    def answer(_one: int) -> None:
        with suppress(Unknown):  # the other has the key just now
            answer_dispute(by_stripe(), claimed)

    with ThreadPoolExecutor(2) as both:
        list(both.map(answer, range(2)))
    answer(3)
    assert (row(provider_id).status, row(provider_id).refusal) == ("under_review", None)
    assert (len(at_stripe(treasury)), submissions(treasury, provider_id)) == (1, 1)


def test_a_file_that_stripe_does_not_take_refuses_the_answer_by_its_name_and_can_be_replaced(treasury: Treasury, finance: Actor) -> None:
    made, provider_id = disputed_campaign(treasury)
    attach(row(provider_id).id, paper(), finance, name="contract.pdf")
    hand_in(provider_id, finance, WORDS)
    treasury.line.faults.append(("/v1/files", "400"))
    treasury.handle(OutboxKind.DISPUTE_ANSWER)
    refused = row(provider_id)
    assert (refused.is_answerable, submissions(treasury, provider_id)) == (True, 0)
    assert str(refused.refusal).startswith("“contract.pdf”: ")
    assert len(facts(made, "brief.dispute_answer_refused")) == 1
    attach(refused.id, paper(3), finance, name="contract-2.pdf")
    treasury.pass_time(timedelta(minutes=1))
    hand_in(provider_id, finance)
    treasury.handle(OutboxKind.DISPUTE_ANSWER)
    assert (row(provider_id).status, [file.name for file in attached(provider_id)]) == ("under_review", ["contract-2.pdf"])


def test_files_of_an_answer_that_stripe_does_not_take_are_sent_anew_with_the_next(treasury: Treasury, finance: Actor) -> None:
    _made, provider_id = disputed_campaign(treasury)
    attach(row(provider_id).id, paper(), finance)
    hand_in(provider_id, finance, WORDS)
    treasury.line.faults += [("/v1/disputes/", "pass"), ("/v1/disputes/", "400")]
    treasury.handle(OutboxKind.DISPUTE_ANSWER)
    assert [file.provider_id for file in attached(provider_id)] == [None]
    treasury.pass_time(timedelta(minutes=1))
    hand_in(provider_id, finance)
    treasury.handle(OutboxKind.DISPUTE_ANSWER)
    assert (row(provider_id).status, len(at_stripe(treasury))) == ("under_review", 2)


def test_a_file_whose_bytes_are_gone_refuses_the_answer_instead_of_waiting_for_them(treasury: Treasury, finance: Actor) -> None:
    _made, provider_id = disputed_campaign(treasury)
    file = attach(row(provider_id).id, paper(), finance)
    hand_in(provider_id, finance, WORDS)
    storage().path(file.sha256).unlink()
    treasury.handle(OutboxKind.DISPUTE_ANSWER)
    assert row(provider_id).refusal == "“signed.pdf”: This file no longer exists."


def test_a_file_is_what_its_bytes_say_and_not_what_it_is_called(treasury: Treasury, finance: Actor) -> None:
    _made, provider_id = disputed_campaign(treasury)
    kept = attach(row(provider_id).id, picture(".jpg"), finance, name="../signed\u202e.pdf")
    assert (kept.name, kept.mime, kept.pages, kept.bytes) == ("signed.pdf", "image/jpeg", 1, len(picture(".jpg")))


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"<html>signed</html>", NotEvidence),
        (b"GIF89a" + bytes(40), NotEvidence),
        (b"", NotEvidence),
        (paper(password="secret"), NotEvidence),
        (b"%PDF-1.7\nnothing of the kind", Damaged),
        (picture()[:-30], Damaged),
        (paper(50), TooManyPages),
        (b"%PDF-1.7\n".ljust(4_500_001), EvidenceTooLarge),
    ],
    ids=["html", "gif", "nothing", "locked", "no paper", "half a picture", "too many pages", "too large"],
)
def test_what_a_bank_could_not_read_is_refused_at_its_field_and_kept_nowhere(
    treasury: Treasury, finance: Actor, content: bytes, refusal: type[Invalid]
) -> None:
    _made, provider_id = disputed_campaign(treasury)
    with pytest.raises(refusal) as refused:
        attach(row(provider_id).id, content, finance, "receipt")
    assert (refused.value.field, attached(provider_id)) == ("receipt", [])


def test_files_have_a_size_and_pages_that_they_share(treasury: Treasury, finance: Actor) -> None:
    _made, provider_id = disputed_campaign(treasury)
    dispute = row(provider_id).id
    attach(dispute, paper(40), finance)
    attach(dispute, paper(9), finance, "receipt")
    with pytest.raises(TooManyPages):
        attach(dispute, picture(), finance, "refund_policy")
    attach(dispute, paper(8), finance, "receipt")
    attach(dispute, picture(), finance, "refund_policy")
    large = paper(bytes_=3_000_000)
    attach(dispute, large, finance, "receipt")
    with pytest.raises(EvidenceTooLarge):
        attach(dispute, large, finance, "uncategorized_file")
    assert len(attached(provider_id)) == 3


def test_a_field_has_one_file_which_is_replaced_and_removed(treasury: Treasury, finance: Actor) -> None:
    _made, provider_id = disputed_campaign(treasury)
    dispute = row(provider_id).id
    first, again = (attach(dispute, paper(), finance).id for _twice in range(2))
    other = attach(dispute, paper(2), finance)
    assert first == again
    assert [(each.id, each.pages) for each in attached(provider_id)] == [(other.id, 2)]
    with unit_of_work() as session:
        files.remove(session, dispute, "customer_signature", by=finance, at=now())
    with pytest.raises(NoSuchFile), unit_of_work() as session:
        files.remove(session, dispute, "customer_signature", by=finance, at=now())
    with pytest.raises(Invalid):
        attach(dispute, paper(), finance, "shoe_size")
    assert attached(provider_id) == []


CHANGES = (
    "delete from dispute_file",
    "update dispute_file set sha256 = repeat('0', 64)",
    """
    insert into dispute_file
    select gen_random_uuid(), dispute_id, 'receipt', name, mime, sha256, bytes, pages, added_by, added_at, null, 0 from dispute_file
    """,
)


def test_what_was_handed_in_stays_as_it_was(treasury: Treasury, finance: Actor) -> None:
    _made, provider_id = disputed_campaign(treasury)
    dispute = row(provider_id).id
    attach(dispute, paper(), finance)
    hand_in(provider_id, finance, WORDS)
    with pytest.raises(AnsweredAlready):
        attach(dispute, paper(2), finance)
    with pytest.raises(AnsweredAlready), unit_of_work() as session:
        files.remove(session, dispute, "customer_signature", by=finance, at=now())
    for change in CHANGES:
        with pytest.raises(IntegrityError, match="handed in"), unit_of_work() as session:
            session.execute(text(change))
    treasury.handle(OutboxKind.DISPUTE_ANSWER)
    with unit_of_work() as session:
        assert {file.sha256 for file in attached(provider_id)} <= housekeeping.named_files(session)


def test_only_finance_attaches_and_only_in_time(treasury: Treasury, finance: Actor) -> None:
    made, provider_id = disputed_campaign(treasury)
    for who, refusal in ((made.manager, NoSuchDispute), (treasury.person(role=Role.OPERATOR), (Forbidden, NoSuchDispute))):
        with pytest.raises(refusal):
            attach(row(provider_id).id, paper(), who)
    treasury.pass_time(timedelta(days=10))
    with pytest.raises(DisputeOver):
        attach(row(provider_id).id, paper(), finance)
    assert attached(provider_id) == []
