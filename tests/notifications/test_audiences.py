"""Nobody is left out of an email because somebody wrote roles down by hand and forgot one."""

import ast
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core.campaign import deliverables_of
from campaigns.core.events import Event
from campaigns.core.people import Scope
from campaigns.core.permissions import BRAND_ROLES, STAFF_ROLES, Role
from campaigns.open_call.questions import actions as question_actions
from notifications.audiences import brand_people, finance, makers, managers, staff
from notifications.registry import NOTIFICATIONS
from tests import factories
from tests.architecture.test_house_style import sources
from tests.factories import NOW, new_campaign, opened_call, person, someone

EVERY = sorted(BRAND_ROLES | STAFF_ROLES)
# An administrator is of a whole brand: the database refuses one of a single campaign.
PLACES = [
    (role, where) for role in EVERY for where in ("brand", "campaign", "deliverable")
    if role is not Role.BRAND_ADMINISTRATOR or where == "brand"
]  # fmt: skip


def _sets_of_roles() -> Iterator[tuple[str, frozenset[str]]]:
    """Every set, tuple or list of roles that the emails, or what asks for one, write down."""
    for name, _text, tree in sources("notifications", "campaigns"):
        if name.startswith("notifications/") or name == "campaigns/digest.py":
            for node in ast.walk(tree):
                if isinstance(node, ast.Set | ast.Tuple | ast.List):
                    each = [e for e in ast.walk(node) if isinstance(e, ast.Attribute) and ast.unparse(e.value) == "Role"]
                    yield f"{name}:{node.lineno}", frozenset(Role[e.attr] for e in each if e.attr in Role.__members__)


def test_no_email_names_some_of_the_brands_roles_by_hand() -> None:
    assert [(place, roles) for place, roles in _sets_of_roles() if len(roles & BRAND_ROLES) > 1 and not roles >= BRAND_ROLES] == []


def test_a_role_is_of_the_brand_or_of_the_staff_and_never_of_both() -> None:
    assert set() == BRAND_ROLES & STAFF_ROLES
    assert set(Role) - BRAND_ROLES - STAFF_ROLES == {Role.MEMBER, Role.ARTIST}


@pytest.mark.parametrize(("role", "where"), PLACES)
def test_whoever_holds_a_role_in_a_campaign_is_of_its_brand_or_of_its_staff(session: Session, role: Role, where: str) -> None:
    made = opened_call(session)
    deliverable = deliverables_of(session, made.id)[0]
    scopes = {"brand": Scope(brand_id=made.brand.id), "campaign": Scope(made.brand.id, made.id), "deliverable": deliverable.scope}
    who = someone(session, role, on=scopes[where], sign_off_role="legal" if role is Role.SIGNER else None).person
    told = (who in brand_people(session, made.campaign), who in staff(session, made.campaign))
    assert told == ((True, False) if role in BRAND_ROLES else (False, True))
    assert (who in managers(session, made.campaign)) == (role is Role.MANAGER)


@pytest.mark.parametrize("role", EVERY)
def test_whoever_holds_a_role_of_another_brand_is_of_neither_side_here(session: Session, role: Role) -> None:
    made, other = opened_call(session), new_campaign(session)
    who = someone(session, role, on=Scope(other.brand.id), sign_off_role="legal" if role is Role.SIGNER else None).person
    here = (brand_people(session, made.campaign), staff(session, made.campaign), managers(session, made.campaign))
    assert not any(who in people for people in here)


def test_of_those_who_have_a_role_everywhere_finance_is_told_and_the_others_once_they_have_acted_here(session: Session) -> None:
    made = opened_call(session)
    curators = [someone(session, Role.CURATOR) for _each in range(2)]
    contribution = factories.contributed(session, made, person(session, "Ana"))
    factories.screened_in(session, contribution, by=curators[0])
    session.commit()
    told = staff(session, made.campaign)
    assert [each.person in told for each in curators] == [True, False]
    assert finance(session) <= told


def test_who_made_a_contribution_or_a_version_is_a_maker_and_who_acted_otherwise_is_not(session: Session) -> None:
    delivery = factories.in_delivery(session)
    session.commit()
    before = makers(session, delivery.made.campaign)
    assert delivery.editor.person not in before
    assert delivery.made.manager.person not in before
    factories.version(session, delivery)
    assert makers(session, delivery.made.campaign) == before | {delivery.editor.person}


def test_every_manager_of_a_campaign_learns_of_a_question_and_no_manager_of_others(session: Session) -> None:
    made = opened_call(session)
    second = someone(session, Role.MANAGER, "Max", on=Scope(campaign_id=made.id))
    someone(session, Role.MANAGER, "Of every brand")
    question_actions.ask(session, made.id, "May it be in Quechua?", by=person(session, "Ana"), at=NOW)
    session.commit()
    fact = session.scalars(select(Event).where(Event.name == "open_call.question_asked")).one()
    assert {email.to for email in NOTIFICATIONS["question_asked"].build(session, fact)} == {made.manager.person, second.person}
