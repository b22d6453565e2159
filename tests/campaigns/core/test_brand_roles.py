"""Whose word a brand's is: its own people's, whom nobody of the staff appoints or is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.core import clock, events
from campaigns.core.administrators import (
    AdministratorAlready,
    AdministratorRequest,
    NoBillingEmail,
    NothingToConfirm,
    ask_administrator,
    confirm_administrator,
    make_confirmation,
    withdraw_request,
)
from campaigns.core.brand_roles import end_brand_role, people_of
from campaigns.core.errors import Forbidden, Invalid, NotFound
from campaigns.core.event_names import EventName
from campaigns.core.ids import new_id
from campaigns.core.membership import end_role, invite
from campaigns.core.people import SYSTEM, Actor, Person, RoleGrant, Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.core.sides import OnBothSides
from campaigns.installation.checks import broken
from tests import factories
from tests.factories import NOW, Partnership, someone

STAFF = (Role.MANAGER, Role.CURATOR, Role.LEADER, Role.EDITOR, Role.FINANCE, Role.OPERATOR)
BRANDS = ((Role.SIGNER, "legal"), (Role.APPROVER, None), (Role.BRAND_ADMINISTRATOR, None))


@pytest.fixture
def made(session: Session) -> Partnership:
    return factories.new_campaign(session)


def address(session: Session, who: Actor) -> str:
    return session.get_one(Person, who.person).email


def reach(made: Partnership, role: Role) -> Scope:
    """Where this role is held in the campaign."""
    if role in (Role.FINANCE, Role.OPERATOR):
        return Scope()
    return Scope(brand_id=made.brand.id) if role is Role.BRAND_ADMINISTRATOR else made.campaign.scope


def administrator(session: Session, made: Partnership, name: str = "Ada") -> Actor:
    """Somebody who appoints for the brand, confirmed by its billing address."""
    asked = ask_administrator(session, made.brand.id, f"{name.lower()}@zappos.example", name, by=made.manager, at=NOW)
    secret = make_confirmation(session, asked.id)
    assert secret is not None
    confirm_administrator(session, secret, at=NOW)
    return actor_for(session, asked.person_id)


def kept_by_the_database(session: Session, grant: dict[str, Any], rule: str) -> None:
    """The row is refused by this rule of the database's, whoever writes it."""
    with session.begin_nested() as savepoint:
        session.add(RoleGrant(**grant))
        with pytest.raises(IntegrityError, match=rule):
            session.flush()
        savepoint.rollback()


@pytest.mark.parametrize(("role", "sign_off_role"), BRANDS)
@pytest.mark.parametrize("staff", STAFF)
def test_whoever_holds_a_role_of_the_staff_gets_none_of_the_brand_s(
    session: Session, made: Partnership, staff: Role, role: Role, sign_off_role: str | None
) -> None:
    who = someone(session, staff, on=reach(made, staff))
    on = reach(made, role)
    with pytest.raises(OnBothSides):
        grant_role(session, who.person, role, on=on, sign_off_role=sign_off_role, by=SYSTEM)
    row = {
        "person_id": who.person,
        "role": role.value,
        "sign_off_role": sign_off_role,
        "brand_id": on.brand_id,
        "campaign_id": on.campaign_id,
    }
    kept_by_the_database(session, row, "nobody holds a role of the staff and one of the brand")


@pytest.mark.parametrize(("role", "sign_off_role"), BRANDS)
@pytest.mark.parametrize("staff", STAFF)
def test_whoever_speaks_for_a_brand_gets_no_role_of_the_staff(
    session: Session, made: Partnership, staff: Role, role: Role, sign_off_role: str | None
) -> None:
    who = someone(session, role, on=reach(made, role), sign_off_role=sign_off_role)
    on = reach(made, staff)
    with pytest.raises(OnBothSides):
        grant_role(session, who.person, staff, on=on, by=SYSTEM)
    row = {"person_id": who.person, "role": staff.value, "brand_id": on.brand_id, "campaign_id": on.campaign_id}
    kept_by_the_database(session, row, "nobody holds a role of the staff and one of the brand")


def test_a_client_s_person_runs_and_judges_no_other_campaign_but_may_make_in_one(session: Session, made: Partnership) -> None:
    other = factories.new_campaign(session)
    client = someone(session, Role.APPROVER, on=Scope(brand_id=made.brand.id))
    for role in (Role.MANAGER, Role.CURATOR):
        with pytest.raises(OnBothSides):
            invite(session, address(session, client), role, on=other.campaign.scope, by=other.manager, at=NOW)
    held = invite(session, address(session, client), Role.EDITOR, on=other.campaign.scope, by=other.manager, at=NOW)
    assert (held.role, held.campaign_id) == ("editor", other.id)


def test_a_reach_without_its_brand_counts_as_its_campaign_s(session: Session, made: Partnership) -> None:
    who = someone(session, Role.EDITOR, on=Scope(campaign_id=made.id))
    with pytest.raises(OnBothSides):
        grant_role(session, who.person, Role.APPROVER, on=Scope(brand_id=made.brand.id), by=SYSTEM)


@pytest.mark.parametrize(("role", "sign_off_role"), BRANDS[:2])
def test_a_manager_appoints_nobody_who_signs_or_approves_for_the_brand(
    session: Session, made: Partnership, role: Role, sign_off_role: str | None
) -> None:
    operator = someone(session, Role.OPERATOR)
    for on in (Scope(brand_id=made.brand.id), made.campaign.scope):
        for by in (made.manager, operator, made.signers["legal"]):
            with pytest.raises(Forbidden, match="Only an administrator of the brand"):
                invite(session, "friend@example.org", role, on=on, sign_off_role=sign_off_role, by=by, at=NOW)
    friend = factories.person(session)
    row = {
        "person_id": friend.person,
        "role": role.value,
        "sign_off_role": sign_off_role,
        "brand_id": made.brand.id,
        "granted_by": made.manager.person,
    }
    kept_by_the_database(session, row, "only the brand's own people appoint for it")


def test_nobody_signs_or_approves_for_every_brand(session: Session, made: Partnership) -> None:
    operator = someone(session, Role.OPERATOR)
    with pytest.raises(Invalid, match="for one brand"):
        invite(session, "friend@example.org", Role.APPROVER, on=Scope(), by=operator, at=NOW)
    kept_by_the_database(session, {"person_id": factories.person(session).person, "role": "approver"}, "ck_role_grant_whose")


def test_an_administrator_appoints_signers_and_approvers_and_ends_their_roles(session: Session, made: Partnership) -> None:
    ada = administrator(session, made)
    of_brand = Scope(brand_id=made.brand.id)
    legal = invite(session, "yuki@zappos.example", Role.SIGNER, on=of_brand, sign_off_role="legal", by=ada, at=NOW)
    noor = invite(session, "noor@zappos.example", Role.APPROVER, on=made.campaign.scope, by=ada, at=NOW)
    assert [(held.granted_by, held.brand_id, held.campaign_id) for held in (legal, noor)] == [
        (ada.person, made.brand.id, None), (ada.person, made.brand.id, made.id),
    ]  # fmt: skip
    with pytest.raises(Forbidden):
        end_brand_role(session, made.brand.id, legal.id, by=made.manager, at=NOW)
    with pytest.raises(Forbidden):
        end_role(session, made.id, noor.id, by=made.manager, at=NOW)
    end_brand_role(session, made.brand.id, legal.id, by=ada, at=NOW)
    end_role(session, made.id, noor.id, by=ada, at=NOW)
    held = {grant.id for grant, _person, _where in people_of(session, made.brand.id, after=None, limit=100, by=ada)}
    assert {legal.id, noor.id} & held == set()


def test_an_administrator_gives_no_role_of_the_staff(session: Session, made: Partnership) -> None:
    ada = administrator(session, made)
    for role in STAFF:
        with pytest.raises(Forbidden):
            invite(session, "friend@example.org", role, on=reach(made, role), by=ada, at=NOW)


def test_another_brand_s_administrator_appoints_nobody_here(session: Session, made: Partnership) -> None:
    rival = administrator(session, factories.new_campaign(session), "Rita")
    with pytest.raises(Forbidden):
        invite(session, "friend@example.org", Role.APPROVER, on=Scope(brand_id=made.brand.id), by=rival, at=NOW)
    with pytest.raises(NotFound):
        people_of(session, made.brand.id, after=None, limit=10, by=rival)


@pytest.mark.parametrize(
    ("role", "sign_off_role", "rule"),
    [
        (Role.SIGNER, "astrology", "no such sign-off role"),
        (Role.SIGNER, None, "no such sign-off role"),
        (Role.APPROVER, "legal", "ck_role_grant_sign_off_role"),
    ],
)
def test_a_sign_off_role_is_one_of_the_brand_s_own_and_a_signer_s(
    session: Session, made: Partnership, role: Role, sign_off_role: str | None, rule: str
) -> None:
    ada = administrator(session, made)
    with pytest.raises(Invalid) as refused:
        invite(session, "yuki@zappos.example", role, on=Scope(brand_id=made.brand.id), sign_off_role=sign_off_role, by=ada, at=NOW)
    assert refused.value.field == "sign_off_role"
    friend = factories.person(session)
    kept_by_the_database(
        session, {"person_id": friend.person, "role": role.value, "sign_off_role": sign_off_role, "brand_id": made.brand.id}, rule
    )


def test_an_administrator_is_one_only_once_the_billing_address_has_said_so(session: Session, made: Partnership) -> None:
    asked = ask_administrator(session, made.brand.id, "ada@zappos.example", "Ada", by=made.manager, at=NOW)
    ada = actor_for(session, asked.person_id)
    with pytest.raises(Forbidden):
        invite(session, "yuki@zappos.example", Role.APPROVER, on=Scope(brand_id=made.brand.id), by=ada, at=NOW)
    row = {"person_id": ada.person, "role": "brand_administrator", "brand_id": made.brand.id, "granted_by": made.manager.person}
    kept_by_the_database(session, row, "only the brand's own people appoint for it")
    with pytest.raises(Invalid, match="The brand's billing email confirms"):
        invite(session, "ada@zappos.example", Role.BRAND_ADMINISTRATOR, on=Scope(brand_id=made.brand.id), by=made.manager, at=NOW)
    secret = make_confirmation(session, asked.id)
    assert secret is not None
    confirm_administrator(session, secret, at=NOW)
    assert actor_for(session, ada.person).holds(Role.BRAND_ADMINISTRATOR, on=Scope(brand_id=made.brand.id))
    [granted] = [fact for fact in events.recorded(session, EventName.PEOPLE_ROLE_GRANTED) if fact.facts["role"] == "brand_administrator"]
    assert granted.actor_id == session.get_one(AdministratorRequest, asked.id).confirmer_id


def test_a_link_confirms_once_and_only_the_newest_and_none_that_was_taken_back(session: Session, made: Partnership) -> None:
    def ask() -> UUID:
        return ask_administrator(session, made.brand.id, "ada@zappos.example", by=made.manager, at=NOW).id

    def refused(secret: str | None) -> None:
        with pytest.raises(match="has been used"):
            confirm_administrator(session, secret or "", at=NOW)

    first = make_confirmation(session, ask())
    second_id = ask()
    second = make_confirmation(session, second_id)
    refused(first)
    withdraw_request(session, made.brand.id, second_id, by=made.manager, at=NOW)
    refused(second)
    third = make_confirmation(session, ask())
    confirm_administrator(session, third or "", at=NOW)
    refused(third)
    with pytest.raises(AdministratorAlready):
        ask()
    assert make_confirmation(session, second_id) is None


def test_a_link_ends_after_two_weeks(session: Session, made: Partnership, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = make_confirmation(session, ask_administrator(session, made.brand.id, "ada@zappos.example", by=made.manager, at=NOW).id)
    later = clock.process_now() + timedelta(days=15)
    monkeypatch.setattr(clock, "process_now", lambda: later)
    with pytest.raises(NothingToConfirm):
        confirm_administrator(session, secret or "", at=NOW)


def test_a_manager_s_own_address_confirms_nobody(session: Session, made: Partnership) -> None:
    made.brand.billing_email = address(session, made.manager).upper()
    with pytest.raises(Invalid) as refused:
        ask_administrator(session, made.brand.id, "ada@zappos.example", by=made.manager, at=NOW)
    made.brand.billing_email = None
    with pytest.raises(NoBillingEmail):
        ask_administrator(session, made.brand.id, "ada@zappos.example", by=made.manager, at=NOW)
    assert refused.value.field == "billing_email"


def test_a_manager_is_no_administrator_and_asks_for_none_of_another_s_brand(session: Session, made: Partnership) -> None:
    with pytest.raises(OnBothSides):
        ask_administrator(session, made.brand.id, address(session, made.manager), by=made.manager, at=NOW)
    stranger = someone(session, Role.MANAGER, on=Scope(brand_id=factories.brand(session, "Rivals").id))
    ask: Callable[[], object] = lambda: ask_administrator(session, made.brand.id, "ada@zappos.example", by=stranger, at=NOW)  # noqa: E731
    with pytest.raises(NotFound):
        ask()


def test_two_grants_at_once_do_not_put_somebody_on_both_sides(fresh_database: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from workers.transactions import unit_of_work

    with unit_of_work() as session:
        made, who = factories.new_campaign(session), factories.person(session)

    def give(role: Role) -> bool:
        try:
            with unit_of_work() as session:
                session.execute(text("insert into role_grant (id, person_id, role, brand_id) values (gen_random_uuid(), :p, :r, :b)"),
                                {"p": who.person, "r": role.value, "b": made.brand.id})  # fmt: skip
                session.execute(text("select pg_sleep(0.3)"))
        except IntegrityError:
            return False
        return True

    with ThreadPoolExecutor(2) as two:
        assert sorted(two.map(give, (Role.EDITOR, Role.APPROVER))) == [False, True]


def test_the_check_names_whoever_was_on_both_sides_before_there_was_a_rule(session: Session, made: Partnership) -> None:
    assert "nobody_is_on_both_sides" not in [fault.name for fault in broken(session)]
    session.execute(text("alter table role_grant disable trigger guarded"))
    row = {"person_id": made.manager.person, "role": "approver", "brand_id": made.brand.id}
    session.execute(insert(RoleGrant).values(id=new_id(), **row))
    [fault] = [fault for fault in broken(session) if fault.name == "nobody_is_on_both_sides"]
    assert len(fault.culprits) >= 2
