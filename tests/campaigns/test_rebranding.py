"""A brand's name, sign-off roles and billing email change, and two entries of one brand become one."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.administration.brands import (
    BrandChanges,
    BrandsOwnToSay,
    PeopleOnBothSides,
    SignOffRoleInUse,
    TwoPeoples,
    edit_brand,
    merge_brands,
)
from campaigns.brief.actions import create_campaign
from campaigns.brief.queries import sign_offs, written_brief
from campaigns.core import events
from campaigns.core.administrators import NothingToConfirm, ask_administrator, confirm_administrator, make_confirmation
from campaigns.core.brand_roles import people_of
from campaigns.core.brands import BrandExists, brands_to_begin_for, create_brand
from campaigns.core.campaign import Campaign, deliverables_of
from campaigns.core.errors import Forbidden, Invalid, NotFound
from campaigns.core.event_names import EventName
from campaigns.core.people import SYSTEM, Brand, Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from tests import factories
from tests.factories import NOW, READER, someone


def holding(session: Session, campaign_id: UUID) -> list[str]:
    """The sign-off roles whose signature stands."""
    written = written_brief(session, campaign_id)
    return sorted(s.given.sign_off_role for s in sign_offs(session, [campaign_id]).get(campaign_id, []) if s.holds(written))


def another(session: Session, name: str, billing: str | None = None) -> Brand:
    """A brand that nobody speaks for."""
    brand = Brand(name=name, sign_off_roles=["legal", "finance"], billing_email=billing)
    session.add(brand)
    session.flush()
    return brand


def test_a_second_brand_of_one_name_is_asked_about(session: Session) -> None:
    manager = someone(session, Role.MANAGER)
    create_brand(session, "Zappos", [], by=manager, at=NOW)
    for same in ("Zappos", " zappos  ", "ZAPPOS"):
        with pytest.raises(BrandExists, match="There is already a brand named Zappos"):
            create_brand(session, same, [], by=manager, at=NOW)
    second = create_brand(session, "Zappos", [], same_name=True, by=manager, at=NOW)
    other = create_brand(session, "Lumen", [], by=manager, at=NOW)
    with pytest.raises(BrandExists):
        edit_brand(session, other.id, BrandChanges(name="zappos"), by=manager, at=NOW)
    assert edit_brand(session, second.id, BrandChanges(name="Zappos"), by=manager, at=NOW).name == "Zappos"


@pytest.mark.parametrize("sign_off_roles", [["legal", " "], ["x" * 41]])
def test_a_sign_off_role_is_a_word_or_two(session: Session, sign_off_roles: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        create_brand(session, "Zappos", sign_off_roles, by=someone(session, Role.MANAGER), at=NOW)
    assert refused.value.field == "sign_off_roles"


def test_a_new_name_voids_what_is_not_launched_and_leaves_what_is(session: Session) -> None:
    launched, open_ = factories.opened_call(session, (READER,)), factories.signed_brief(session, (READER,))
    for made in (launched, open_):
        edit_brand(session, made.brand.id, BrandChanges(name=f"{made.brand.name} Retail", same_name=True), by=made.manager, at=NOW)
    assert (holding(session, launched.id), holding(session, open_.id)) == (["legal", "marketing"], [])
    [fallen] = events.recorded(session, EventName.BRIEF_SIGNATURES_FELL)
    assert (fallen.campaign_id, [each["hat"] for each in fallen.facts["signatures"]]) == (open_.id, ["legal", "marketing"])


def test_what_speaks_in_the_brand_s_name_is_its_administrator_s_to_change(session: Session) -> None:
    made = factories.new_campaign(session)
    ada = factories.administrator(session, made.brand.id)
    for changes in (BrandChanges(billing_email="friend@example.org"), BrandChanges(sign_off_roles=["marketing"])):
        for by in (made.manager, someone(session, Role.OPERATOR)):
            with pytest.raises(BrandsOwnToSay):
                edit_brand(session, made.brand.id, changes, by=by, at=NOW)
    more = edit_brand(session, made.brand.id, BrandChanges(sign_off_roles=["marketing", "legal", "privacy"]), by=made.manager, at=NOW)
    assert more.sign_off_roles == ["marketing", "legal", "privacy"]
    with pytest.raises(SignOffRoleInUse):
        edit_brand(session, made.brand.id, BrandChanges(sign_off_roles=["marketing"]), by=ada, at=NOW)
    changed = edit_brand(session, made.brand.id, BrandChanges(None, ["marketing", "legal"], "bills@zappos.example"), by=ada, at=NOW)
    assert (changed.sign_off_roles, changed.billing_email) == (["marketing", "legal"], "bills@zappos.example")
    with pytest.raises(Forbidden):
        edit_brand(session, made.brand.id, BrandChanges(name="Ours"), by=made.signers["legal"], at=NOW)


def test_the_database_keeps_a_sign_off_role_that_somebody_signs_under(session: Session) -> None:
    made = factories.new_campaign(session)
    with pytest.raises(IntegrityError, match="would be gone"):
        session.execute(text("update brand set sign_off_roles = '[]' where id = :id"), {"id": made.brand.id})


def test_a_changed_billing_email_ends_the_links_that_went_to_the_old_one(session: Session) -> None:
    made = factories.new_campaign(session)
    secret = make_confirmation(session, ask_administrator(session, made.brand.id, "ada@zappos.example", by=made.manager, at=NOW).id)
    edit_brand(session, made.brand.id, BrandChanges(billing_email="bills@zappos.example"), by=made.manager, at=NOW)
    with pytest.raises(NothingToConfirm):
        confirm_administrator(session, secret or "", at=NOW)


def test_a_billing_email_is_nobody_s_of_the_staff(session: Session) -> None:
    made = factories.new_campaign(session)
    with pytest.raises(Invalid, match="must be the brand's own"):
        create_brand(session, "Lumen", [], factories_email(session, made.manager.person), by=made.manager, at=NOW)


def factories_email(session: Session, person_id: UUID) -> str:
    return str(session.scalar(text("select upper(email) from person where id = :id"), {"id": person_id}))


def test_a_merged_brand_s_campaigns_people_and_bills_go_over(session: Session) -> None:
    made = factories.opened_call(session, (READER,))
    contribution = factories.contributed(session, made, factories.person(session), "Lantern street", at=NOW)
    into = another(session, "Zappos Inc.")
    new = merge_brands(session, made.brand.id, into.id, by=made.manager, at=NOW)
    session.expire_all()
    assert (new.id, new.sign_off_roles, new.billing_email) == (into.id, ["legal", "finance", "marketing"], "invoices@zappos.example")
    assert {
        session.get_one(Campaign, made.id).brand_id,
        contribution.brand_id,
        *(t.brand_id for t in deliverables_of(session, made.id)),
    } == {into.id}
    held = people_of(session, into.id, after=None, limit=10, by=made.manager)
    assert {person.id for _held, person, _campaign in held} == {signer.person for signer in made.signers.values()}
    [merged] = events.recorded(session, EventName.BRAND_MERGED)
    assert merged.facts == {"brand": str(into.id), "merged": str(made.brand.id), "title": "Zappos Inc.", "was": "Zappos"}
    assert made.brand.id not in [each.id for each in brands_to_begin_for(session, by=made.manager)]
    with pytest.raises(NotFound):
        create_campaign(session, made.brand.id, "Late", by=made.manager, at=NOW)


def test_people_of_two_brands_are_not_put_together_by_a_manager_s_word(session: Session) -> None:
    made, fake = factories.new_campaign(session), another(session, "Zapos", "friend@example.org")
    someone(session, Role.APPROVER, "Friend", on=Scope(brand_id=fake.id))
    for old, new in ((fake.id, made.brand.id), (made.brand.id, fake.id)):
        with pytest.raises(TwoPeoples):
            merge_brands(session, old, new, by=made.manager, at=NOW)
    ada = factories.administrator(session, fake.id)
    edit_brand(session, fake.id, BrandChanges(billing_email="Invoices@zappos.example"), by=ada, at=NOW)
    assert merge_brands(session, fake.id, made.brand.id, by=made.manager, at=NOW + timedelta(hours=72)).id == made.brand.id


def test_nobody_comes_to_stand_on_both_sides_by_a_merge(session: Session) -> None:
    made = factories.new_campaign(session)
    approver = someone(session, Role.APPROVER, "Noor", on=Scope(brand_id=made.brand.id))
    other = another(session, "Lumen")
    campaign = create_campaign(session, other.id, "Windows", by=made.manager, at=NOW)
    grant_role(session, approver.person, Role.EDITOR, on=Scope(campaign_id=campaign.id), by=SYSTEM)
    with pytest.raises(PeopleOnBothSides, match="Noor"):
        merge_brands(session, other.id, made.brand.id, by=made.manager, at=NOW)
    with pytest.raises(IntegrityError, match="nobody holds a role of the staff and one of the brand"):
        session.execute(text("update campaign set brand_id = :brand where id = :id"), {"brand": made.brand.id, "id": campaign.id})


def test_only_whoever_manages_both_brands_or_an_operator_merges_them(session: Session) -> None:
    made, other = factories.new_campaign(session), another(session, "Zappos Inc.")
    ada = factories.administrator(session, made.brand.id)
    of_one = someone(session, Role.MANAGER, on=Scope(brand_id=made.brand.id))
    for by, refused in ((ada, NotFound), (of_one, NotFound), (made.finance, Forbidden)):
        with pytest.raises((refused, Forbidden)):
            merge_brands(session, made.brand.id, other.id, by=by, at=NOW)
    with pytest.raises(Invalid):
        merge_brands(session, other.id, other.id, by=made.manager, at=NOW)
    operator = actor_for(session, someone(session, Role.OPERATOR).person)
    assert merge_brands(session, other.id, made.brand.id, by=operator, at=NOW).id == made.brand.id


def test_the_database_begins_nothing_for_a_merged_brand(session: Session) -> None:
    made, other = factories.new_campaign(session), another(session, "Zappos Inc.")
    merge_brands(session, other.id, made.brand.id, by=made.manager, at=NOW)
    session.add(Campaign(brand_id=other.id, title="Late", owner_id=made.manager.person, created_at=NOW))
    with pytest.raises(IntegrityError, match="has been merged"):
        session.flush()
