"""A brand's word is given by whoever reads its billing email, and by no mailbox that one of the staff puts in its place."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.administration.brands import CHANGED_BY_ONE, BrandChanges, TwoPeoples, edit_brand, merge_brands, object_to_billing
from campaigns.brief.actions import edit_brief, launch
from campaigns.core import events, throttle
from campaigns.core.administrators import (
    NothingToConfirm,
    alike,
    ask_administrator,
    asked_by_link,
    confirm_administrator,
    make_confirmation,
)
from campaigns.core.billing import NothingToObjectTo
from campaigns.core.brand_roles import administrators
from campaigns.core.brands import create_brand
from campaigns.core.errors import Invalid, Refusal
from campaigns.core.event_names import EventName
from campaigns.core.membership import invite
from campaigns.core.people import SYSTEM, Actor, Brand, Person, Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.core.sides import OnBothSides
from tests import factories
from tests.factories import NOW, READER, Partnership, someone

COOLED = NOW + timedelta(hours=72)
ACCOMPLICE = "friend@example.org"


@pytest.fixture
def made(session: Session) -> Partnership:
    return factories.new_campaign(session)


def link(session: Session, brand_id: UUID, by: Actor, email: str = ACCOMPLICE) -> str:
    """The secret that the billing email is sent for this administrator to be."""
    secret = make_confirmation(session, ask_administrator(session, brand_id, email, by=by, at=NOW).id)
    assert secret is not None
    return secret


def speakers(session: Session, brand: Brand) -> list[str]:
    return [each.email for each in administrators(session, brand.id)]


def billed_at(session: Session, brand: Brand, address: str, by: Actor) -> None:
    edit_brand(session, brand.id, BrandChanges(billing_email=address), by=by, at=NOW)


def test_a_merge_confirms_nobody_whom_another_brand_s_billing_email_was_asked_about(session: Session, made: Partnership) -> None:
    twin = create_brand(session, "Zappos 2", [], "second.mailbox@example.org", by=made.manager, at=NOW)
    secret = link(session, twin.id, made.manager)
    ada = factories.administrator(session, made.brand.id)
    with pytest.raises(TwoPeoples):
        merge_brands(session, made.brand.id, twin.id, by=made.manager, at=NOW)
    session.execute(text("update brand set billing_email = null where id = :id"), {"id": twin.id})
    session.expire_all()
    into = merge_brands(session, made.brand.id, twin.id, by=made.manager, at=NOW)
    with pytest.raises(NothingToConfirm):
        confirm_administrator(session, secret, at=NOW)
    assert [each.id for each in administrators(session, into.id)] == [ada.person]


def test_a_link_confirms_only_what_the_present_billing_email_was_asked(session: Session, made: Partnership) -> None:
    secret = link(session, made.brand.id, made.manager)
    session.execute(text("update brand set billing_email = 'other@zappos.example' where id = :id"), {"id": made.brand.id})
    session.expire_all()
    for look in (lambda: asked_by_link(session, secret), lambda: confirm_administrator(session, secret, at=NOW)):
        with pytest.raises(NothingToConfirm):
            look()


def test_the_database_takes_no_administrator_whom_the_present_billing_email_has_not_confirmed(session: Session, made: Partnership) -> None:
    asked = ask_administrator(session, made.brand.id, ACCOMPLICE, by=made.manager, at=NOW)
    asked.confirmed_at = NOW
    session.flush()
    session.execute(text("update brand set billing_email = 'other@zappos.example' where id = :id"), {"id": made.brand.id})
    row = {"person": asked.person_id, "brand": made.brand.id, "by": asked.confirmer_id}
    insert = """insert into role_grant (id, person_id, role, brand_id, granted_by)
                values (gen_random_uuid(), :person, 'brand_administrator', :brand, :by)"""
    with pytest.raises(IntegrityError, match="only the brand's own people"):
        session.execute(text(insert), row)


@pytest.mark.parametrize("is_old", [True, False])
def test_two_brands_with_different_billing_emails_are_not_merged_though_only_one_has_people(
    session: Session, made: Partnership, is_old: bool
) -> None:
    twin = create_brand(session, "Zappos 2", [], "second.mailbox@example.org", by=made.manager, at=NOW)
    confirm_administrator(session, link(session, twin.id, made.manager), at=NOW)
    real = create_brand(session, "Lumen", [], "invoices@lumen.example", by=made.manager, at=NOW)
    old, new = (real, twin) if is_old else (twin, real)
    with pytest.raises(Refusal, match="have different billing emails"):
        merge_brands(session, old.id, new.id, by=made.manager, at=NOW)


@pytest.mark.parametrize("address", ["mar.a@house.example", "Mara+zappos@house.example", "m.a.r.a+1@HOUSE.example"])
def test_a_billing_email_is_none_that_looks_like_one_of_the_staff_s(session: Session, made: Partnership, address: str) -> None:
    session.execute(text("update person set email = 'mara@house.example' where id = :id"), {"id": made.manager.person})
    with pytest.raises(Invalid, match="must be the brand's own"):
        create_brand(session, "Lumen", [], address, by=made.manager, at=NOW)
    with pytest.raises(Invalid, match="must be the brand's own"):
        billed_at(session, made.brand, address, made.manager)


def test_whoever_reads_the_billing_email_and_got_to_the_staff_meanwhile_confirms_nobody(session: Session, made: Partnership) -> None:
    secret = link(session, made.brand.id, made.manager)
    reader = session.scalar(text("select id from person where email = :email"), {"email": made.brand.billing_email})
    grant_role(session, reader, Role.OPERATOR, by=SYSTEM)
    with pytest.raises(Invalid, match="must be the brand's own"):
        confirm_administrator(session, secret, at=NOW)


def test_a_changed_billing_email_confirms_nobody_until_whoever_read_the_old_one_could_object(session: Session, made: Partnership) -> None:
    billed_at(session, made.brand, "second.mailbox@example.org", made.manager)
    secret = link(session, made.brand.id, made.manager)
    with pytest.raises(Refusal, match="takes effect on"):
        confirm_administrator(session, secret, at=COOLED - timedelta(seconds=1))
    assert speakers(session, made.brand) == []
    confirm_administrator(session, secret, at=COOLED)
    assert speakers(session, made.brand) == [ACCOMPLICE]


def test_a_billing_email_that_was_taken_away_and_given_anew_cools_as_a_changed_one(session: Session, made: Partnership) -> None:
    billed_at(session, made.brand, "", made.manager)
    billed_at(session, made.brand, "second.mailbox@example.org", made.manager)
    with pytest.raises(Refusal, match="takes effect on"):
        confirm_administrator(session, link(session, made.brand.id, made.manager), at=NOW)


def test_a_brand_s_first_billing_email_counts_at_once(session: Session, made: Partnership) -> None:
    new = create_brand(session, "Lumen", [], by=made.manager, at=NOW)
    billed_at(session, new, "invoices@lumen.example", made.manager)
    confirm_administrator(session, link(session, new.id, made.manager), at=NOW)
    assert speakers(session, new) == [ACCOMPLICE]


def test_a_brand_whose_billing_email_cools_is_not_merged(session: Session, made: Partnership) -> None:
    twin = create_brand(session, "Zappos 2", [], "second.mailbox@example.org", by=made.manager, at=NOW)
    confirm_administrator(session, link(session, twin.id, made.manager), at=NOW)
    session.execute(text("delete from role_grant where role = 'signer'"))
    for address in ("second.mailbox@example.org", ""):
        billed_at(session, made.brand, address, made.manager)
        with pytest.raises(Refusal, match="was changed"):
            merge_brands(session, made.brand.id, twin.id, by=made.manager, at=COOLED - timedelta(seconds=1))


def test_a_change_of_the_billing_email_is_told_to_whoever_read_the_old_one_known_or_not(session: Session, made: Partnership) -> None:
    billed_at(session, made.brand, "second.mailbox@example.org", made.manager)
    [changed] = events.recorded(session, EventName.BRAND_CHANGED)
    told = session.get_one(Person, UUID(changed.facts["was_billed"]))
    assert (told.email, told.known_since) == ("invoices@zappos.example", None)


def test_a_change_is_taken_back_by_whoever_read_the_billing_email_however_often_it_was_changed_since(
    session: Session, made: Partnership
) -> None:
    for address in ("second.mailbox@example.org", "", "third.mailbox@example.org"):
        billed_at(session, made.brand, address, made.manager)
    secret = link(session, made.brand.id, made.manager)
    reader = actor_for(session, made.brand.was_billed or UUID(int=7))
    for other in (made.manager, someone(session, Role.OPERATOR)):
        with pytest.raises(NothingToObjectTo):
            object_to_billing(session, made.brand.id, by=other, at=NOW)
    brand = object_to_billing(session, made.brand.id, by=reader, at=COOLED - timedelta(seconds=1))
    assert (brand.billing_email, brand.billing_counts_from) == ("invoices@zappos.example", None)
    with pytest.raises(NothingToConfirm):
        confirm_administrator(session, secret, at=COOLED)
    with pytest.raises(NothingToObjectTo):
        object_to_billing(session, made.brand.id, by=reader, at=NOW)
    confirm_administrator(session, link(session, made.brand.id, made.manager, "ada@zappos.example"), at=NOW)
    assert speakers(session, made.brand) == ["ada@zappos.example"]


def test_a_change_that_counts_is_not_taken_back(session: Session, made: Partnership) -> None:
    billed_at(session, made.brand, "bills@zappos.example", made.manager)
    reader = actor_for(session, made.brand.was_billed or UUID(int=7))
    with pytest.raises(NothingToObjectTo):
        object_to_billing(session, made.brand.id, by=reader, at=COOLED)


def test_one_person_changes_few_billing_emails_at_a_time(session: Session, made: Partnership) -> None:
    for number in range(CHANGED_BY_ONE.burst):
        billed_at(session, made.brand, f"bills{number}@zappos.example", made.manager)
    with pytest.raises(throttle.TooMany):
        billed_at(session, made.brand, "bills@zappos.example", made.manager)


def test_addresses_that_look_like_one_are_named_to_whoever_confirms(session: Session, made: Partnership) -> None:
    def named(email: str) -> list[str]:
        return alike(session, ask_administrator(session, made.brand.id, email, by=made.manager, at=NOW))

    session.execute(text("update person set email = 'mara@house.example' where id = :id"), {"id": made.manager.person})
    session.execute(text("update person set email = 'femi@house.example' where id = :id"), {"id": made.finance.person})
    factories.person(session, "Somebody else of no role")
    assert [named(email) for email in (
        "ada@zappos.example", "invoices@zappos.example", "INV.oices+2@zappos.example", "m.ara@house.example", "femi+1@house.example",
    )] == [
        [], [], ["INV.oices+2@zappos.example", "invoices@zappos.example"], ["m.ara@house.example", "mara@house.example"],
        ["femi+1@house.example", "femi@house.example"],
    ]  # fmt: skip


def staffed(session: Session) -> tuple[Partnership, Actor]:
    """A brief that names somebody without any role as staff, whose shares go to everyone else."""
    made, chidi = factories.filled_brief(session, (READER,)), factories.person(session, "Chidi")
    edit_brief(session, made.id, {"staff_ids": [chidi.person]}, by=made.manager, at=NOW)
    return made, chidi


@pytest.mark.parametrize("is_here", [True, False])
def test_whoever_a_brief_names_as_staff_gets_no_role_of_a_brand(session: Session, is_here: bool) -> None:
    made, chidi = staffed(session)
    other = made if is_here else factories.new_campaign(session)
    ada = factories.administrator(session, other.brand.id)
    email = session.get_one(Person, chidi.person).email
    for on in (Scope(brand_id=other.brand.id), other.campaign.scope):
        for role, sign_off_role in ((Role.APPROVER, None), (Role.SIGNER, "legal")):
            with pytest.raises(OnBothSides, match="works for Callboard"):
                invite(session, email, role, on=on, sign_off_role=sign_off_role, by=ada, at=NOW)
    with pytest.raises(OnBothSides):
        ask_administrator(session, other.brand.id, email, by=other.manager, at=NOW)


def test_the_database_puts_nobody_into_a_brief_s_staff_who_speaks_for_a_brand_nor_the_other_way_round(session: Session) -> None:
    made, chidi = staffed(session)
    row = {"person": chidi.person, "brand": made.brand.id, "campaign": made.id}
    given = "insert into role_grant (id, person_id, role, brand_id) values (gen_random_uuid(), :person, 'approver', :brand)"
    with pytest.raises(IntegrityError, match="nobody holds a role of the staff"), session.begin_nested():
        session.execute(text(given), row)
    row["person"] = someone(session, Role.APPROVER, on=Scope(brand_id=made.brand.id)).person
    with pytest.raises(IntegrityError, match="nobody holds a role of the staff"), session.begin_nested():
        session.execute(text("update brief set staff_ids = jsonb_build_array(cast(:person as text)) where campaign_id = :campaign"), row)


def test_a_brief_whose_staff_speaks_for_the_brand_is_not_launched(session: Session) -> None:
    made = factories.signed_brief(session, (READER,))
    approver = someone(session, Role.APPROVER, "Noor", on=Scope(brand_id=made.brand.id))
    session.execute(text("alter table brief disable trigger user"))
    row = {"person": approver.person, "campaign": made.id}
    session.execute(text("update brief set staff_ids = jsonb_build_array(cast(:person as text)) where campaign_id = :campaign"), row)
    session.expire_all()
    with pytest.raises(OnBothSides, match="Noor speaks for a brand"):
        launch(session, made.id, by=made.manager, at=NOW)


def test_staff_of_a_campaign_that_has_ended_may_speak_for_a_brand(session: Session) -> None:
    made, chidi = staffed(session)
    session.execute(text("update campaign set cancelled_at = now(), settled_at = now() where id = :id"), {"id": made.id})
    grant_role(session, chidi.person, Role.APPROVER, on=Scope(brand_id=factories.brand(session).id), by=SYSTEM)
