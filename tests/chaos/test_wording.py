"""What the verdict sees of whom emails are for and what they say: each wrong one is planted, and must be named."""

from uuid import uuid4

import pytest

from campaigns.core import clock
from campaigns.core.campaign import Campaign
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor
from tests.chaos.judged import Judged, plant
from tests.chaos.word import Word
from tests.chaos.wording import SUM
from tests.factories import contributed, opened_call
from workers.transactions import unit_of_work

A_SUM = 100_000


def sent_to(judged: Judged, payee: Actor) -> None:
    """A payee is told that a payment has gone out."""
    judged.happens(EventName.PAYOUT_SENT, emails=1, person=str(payee.person), amount=A_SUM, currency="USD", item=str(uuid4()))


def readdressed(kind: str, to: Actor) -> None:
    """All emails of a kind, to somebody else instead."""
    address = "(select lower(email) from person where id = :to)"
    plant(f"update sendgrid_sandbox.email set address = {address} where subject in (select subject from email where notification = :kind)",
          to=to.person, kind=kind)  # fmt: skip
    plant("update sendgrid_sandbox.message set body = jsonb_set(body, '{personalizations,0,to,0,email}', "
          f"to_jsonb({address})) where body ->> 'subject' in (select subject from email where notification = :kind)",
          to=to.person, kind=kind)  # fmt: skip
    first = "(select min(id::text) from email where notification = :kind)::uuid"
    plant(f"update email set recipient_id = :to where notification = :kind and id = {first}",
          to=to.person, kind=kind)  # fmt: skip


def test_an_email_about_a_payment_is_its_payees_and_names_its_sum(judged: Judged) -> None:
    sent_to(judged, judged.assignment.artists[0])
    assert judged.harms() == []


def test_an_email_without_a_campaign_to_somebody_else_is_named(judged: Judged) -> None:
    sent_to(judged, judged.assignment.artists[0])
    readdressed("sent", judged.assignment.artists[1])
    assert judged.harms() == ["an email went to someone whom it is not for, Ben: sent"]


def test_an_email_to_somebody_in_the_campaign_whose_part_it_is_not_for_is_named(judged: Judged) -> None:
    plant("delete from email where recipient_id = :one", one=judged.assignment.all_.made.signers["legal"].person)
    plant("update email set recipient_id = :curator", curator=judged.assignment.all_.curator.person)
    assert "an email went to someone whom it is not for, Cleo: brief_ready" in judged.harms()


def test_an_email_to_the_maker_of_another_contribution_is_named(judged: Judged) -> None:
    ana, ben = judged.assignment.artists
    with unit_of_work() as session:
        made = opened_call(session, at=clock.business_now(session))
        contributed(session, made, ana, "First foot", at=clock.business_now(session))
    judged.assignment.all_.made = made
    judged.assignment.contributions.append(Word(ana, "", {"title": "First foot"}, is_answered=True))
    judged.carry(1)
    written = [harm for harm in judged.harms() if "contribution_received" in harm]
    readdressed("contribution_received", ben)
    moved = [harm for harm in judged.harms() if "contribution_received" in harm]
    assert (written, moved) == ([], ["an email went to someone whom it is not for, Ben: contribution_received"])


def test_an_email_of_a_kind_that_no_trial_brings_about_is_named(judged: Judged) -> None:
    plant("update email set notification = 'reminded'")
    assert "an email is of a kind that no trial brings about: reminded" in judged.harms()


@pytest.mark.parametrize("other", ["$11,000.00", "$1,000.001", "$1,000", "€1,000.00", "nothing", "$1,000.00 and $5.00"])
def test_an_email_about_a_payment_that_names_another_sum_is_named(judged: Judged, other: str) -> None:
    sent_to(judged, judged.assignment.artists[0])
    for column in ("text", "html", "subject"):
        for table in ("email", "sendgrid_sandbox.email"):
            plant(f"update {table} set {column} = replace({column}, '$1,000.00', :other)", other=other)
    there = ", ".join(sorted(set(SUM.findall(other)))) or "no sum"
    assert judged.harms() == [f"an email names {there} where $1,000.00 should be: sent"] * 2


def test_an_announcement_arrives_with_the_words_for_all_and_its_readers_own_link(judged: Judged) -> None:
    judged.announce()
    assert judged.harms() == []


@pytest.mark.parametrize(
    "change",
    [
        "subject = 'Hello'",
        "text = replace(text, 'call', 'party')",
        "html = regexp_replace(html, 'unsubscribe/[0-9a-f]{32}', 'unsubscribe/' || repeat('0', 32))",
    ],
)
def test_a_copy_of_an_announcement_with_other_words_or_somebody_elses_link_is_named(judged: Judged, change: str) -> None:
    judged.announce()
    plant(f"update sendgrid_sandbox.email set {change} where id = (select max(id) from sendgrid_sandbox.email)")
    assert judged.harms() == ["an announcement arrived with other words than were written, or somebody else's link: launch"]


def test_an_announcement_to_whoever_is_no_artist_is_named(judged: Judged) -> None:
    judged.announce()
    plant("update email set recipient_id = :manager where chunk_id is not null and id = (select max(id::text) from email)::uuid",
          manager=judged.assignment.all_.manager.person)  # fmt: skip
    assert "an email went to someone whom it is not for, Mara: launch" in judged.harms()


OTHER = "Quillfeather 007"


@pytest.mark.parametrize("form", ["subject", "text", "html"])
@pytest.mark.parametrize("broken", [OTHER, OTHER.replace(" ", "\n  ")])
def test_an_email_that_names_another_campaign_in_any_form_is_named(judged: Judged, form: str, broken: str) -> None:
    plant(f"update email set {form} = {form} || :title", title=broken)
    plant(f"update sendgrid_sandbox.email set {form} = {form} || :title", title=broken)
    assert judged.harms() == [f"an email about Holiday traditions names {OTHER}: brief_ready"] * 2


@pytest.mark.parametrize("form", ["subject", "text", "html"])
def test_an_announcement_that_names_another_campaign_in_any_form_is_named(judged: Judged, form: str) -> None:
    judged.announce()
    plant(f"update email_chunk set {form} = {form} || ' {OTHER}'")
    plant(f"update sendgrid_sandbox.email set {form} = {form} || ' {OTHER}' where subject like '%is open%' or text like '%unsubscribe%'")
    assert judged.harms() == [f"an email about Holiday traditions names {OTHER}: launch"] * 4


@pytest.mark.parametrize("form", ["subject", "text", "html"])
def test_an_email_about_no_campaign_that_names_one_in_any_form_is_named(judged: Judged, form: str) -> None:
    sent_to(judged, judged.assignment.artists[0])
    plant(f"update email set {form} = {form} || ' {OTHER}' where notification = 'sent'")
    plant(f"update sendgrid_sandbox.email set {form} = {form} || ' {OTHER}' where subject like 'We sent you%'")
    assert judged.harms() == [f"an email about no campaign names {OTHER}: sent"]


def test_an_email_that_lets_somebody_in_and_names_a_campaign_is_named(judged: Judged) -> None:
    judged.happens(EventName.ACCESS_LINK_ASKED, emails=1, person=str(judged.assignment.artists[0].person))
    plant(f"update sendgrid_sandbox.email set text = text || ' {OTHER}' where subject like 'Sign in%'")
    assert judged.harms() == [f"an email about no campaign names {OTHER}: sign_in"]


def test_a_monday_email_names_the_campaigns_of_its_readers_brand_and_no_other(judged: Judged) -> None:
    with unit_of_work() as session:
        session.get_one(Campaign, judged.assignment.id).title = "Quillfeather 001"
    plant("update email set notification = 'monday', campaign_id = null, html = html || ' Quillfeather 001'")
    own = [harm for harm in judged.harms() if "names" in harm]
    plant(f"update email set html = html || ' {OTHER}'")
    assert (own, [harm for harm in judged.harms() if "names" in harm]) == (
        [], [f"an email about Quillfeather 001 names {OTHER}: monday"] * 2
    )  # fmt: skip


def test_an_email_that_lets_somebody_in_lets_in_its_reader(judged: Judged) -> None:
    judged.happens(EventName.ACCESS_LINK_ASKED, emails=1, person=str(judged.assignment.artists[0].person))
    assert judged.harms() == []


@pytest.mark.parametrize(
    "planted",
    [
        "update sign_in_link set person_id = :other",
        "delete from sign_in_link where :other is not null",
        "update sendgrid_sandbox.email set html = replace(html, '/sign-in/', '/sign-out/') where cast(:other as uuid) is not null",
    ],
)
def test_an_email_that_lets_in_somebody_else_or_nobody_is_named(judged: Judged, planted: str) -> None:
    ana, ben = judged.assignment.artists
    judged.happens(EventName.ACCESS_LINK_ASKED, emails=1, person=str(ana.person))
    plant(planted, other=ben.person)
    assert judged.harms() == ["an email lets somebody else in, or nobody: sign_in"]
