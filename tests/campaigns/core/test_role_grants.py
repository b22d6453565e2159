"""Who holds a role where: within its reach, and nowhere beside it."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from campaigns.core.campaign import deliverables_of
from campaigns.core.people import SYSTEM, Actor, Person, RoleGrant, Scope, person_at
from campaigns.core.permissions import Permission, Role
from campaigns.core.role_grants import PLATFORM, GiverLeft, grant_role, holders, require_still_holding, still_holding
from tests.factories import filled_brief, person, someone

Reach = Mapping[str, Scope]
WITHIN = {
    "platform": {"platform"},
    "brand": {"platform", "brand"},
    "campaign": {"platform", "brand", "campaign", "campaign alone"},
    "deliverable": {"platform", "brand", "campaign", "campaign alone", "deliverable", "deliverable alone"},
}
LEADERS = (
    "platform",
    "brand",
    "campaign",
    "campaign alone",
    "deliverable",
    "deliverable alone",
    "other brand",
    "other campaign",
    "other deliverable",
)


@pytest.fixture
def reach(session: Session) -> Reach:
    """Scopes, each within the one before it or beside it."""
    made, other = filled_brief(session), filled_brief(session)
    first, second = deliverables_of(session, made.id)[:2]
    return {
        "platform": Scope(),
        "brand": Scope(brand_id=made.brand.id),
        "campaign": made.campaign.scope,
        "campaign alone": Scope(campaign_id=made.id),
        "deliverable": first.scope,
        "deliverable alone": Scope(deliverable_id=first.id),
        "other brand": Scope(brand_id=other.brand.id),
        "other campaign": Scope(made.brand.id, other.id),
        "other deliverable": second.scope,
    }


def everyone(session: Session, reach: Reach) -> dict[UUID, str]:
    """A leader for each of these scopes, an editor beside them who counts for none."""
    someone(session, Role.EDITOR)
    return {someone(session, Role.LEADER, name, on=reach[name]).person: name for name in LEADERS}


def held_by(session: Session, leaders: Mapping[UUID, str], on: Scope) -> list[set[str]]:
    """Who holds the role there, by the two questions that there are."""
    found = [each.id for each in holders(session, Role.LEADER, on)]
    assert found == sorted(found)
    still = still_holding(session, leaders, [Role.LEADER], on)
    return [{leaders.get(each, "a stranger") for each in some} for some in (found, still)]


@pytest.mark.parametrize("asked", WITHIN)
def test_a_role_is_held_where_it_reaches_and_nowhere_else(session: Session, reach: Reach, asked: str) -> None:
    assert held_by(session, everyone(session, reach), reach[asked]) == [WITHIN[asked]] * 2


def test_of_some_people_only_those_still_count_who_hold_one_of_the_roles(session: Session) -> None:
    lea, max_, ed, nobody = someone(session, Role.LEADER), someone(session, Role.LEADER), someone(session, Role.EDITOR), person(session)
    asked = [lea.person, ed.person, nobody.person]
    assert still_holding(session, asked, [Role.LEADER], Scope()) == {lea.person}
    assert still_holding(session, asked, [Role.LEADER, Role.EDITOR], Scope()) == {lea.person, ed.person}
    assert still_holding(session, [max_.person], [Role.EDITOR], Scope()) == set()


def test_the_same_role_for_another_thing_is_a_role_of_its_own_and_for_the_same_thing_is_one(session: Session, reach: Reach) -> None:
    lea = person(session)
    given = [grant_role(session, lea.person, Role.LEADER, on=on, by=SYSTEM).id for on in reach.values()]
    again = [grant_role(session, lea.person, Role.LEADER, on=on, by=SYSTEM).id for on in reach.values()]
    assert (len(set(given)), again) == (len(reach), given)


@pytest.mark.parametrize(
    ("part", "of"), [("brand_id", "other brand"), ("campaign_id", "other campaign"), ("deliverable_id", "other deliverable")]
)
def test_a_role_that_differs_in_one_part_of_its_reach_is_another(session: Session, reach: Reach, part: str, of: str) -> None:
    lea, on = person(session), reach["deliverable"]
    there = replace(on, **{part: getattr(reach[of], part)})
    first, second = (grant_role(session, lea.person, Role.LEADER, on=each, by=SYSTEM) for each in (on, there))
    assert first.id != second.id


def test_a_signer_of_two_sign_off_roles_holds_two_roles(session: Session, reach: Reach) -> None:
    sam = person(session)
    sign_off_roles = [
        grant_role(session, sam.person, Role.SIGNER, on=reach["brand"], sign_off_role=sign_off_role, by=SYSTEM).sign_off_role
        for sign_off_role in ("legal", "marketing", "legal")
    ]
    kept = session.scalars(select(RoleGrant.sign_off_role).where(RoleGrant.person_id == sam.person).order_by(RoleGrant.sign_off_role)).all()
    assert (sign_off_roles, kept) == (["legal", "marketing", "legal"], ["legal", "marketing"])


def test_who_gave_a_role_is_kept_with_it_and_a_known_role_of_another_person_is_not_theirs(session: Session) -> None:
    mara, lea, ed = someone(session, Role.MANAGER), person(session), person(session)
    given = [grant_role(session, each.person, Role.EDITOR, by=mara) for each in (lea, ed)]
    assert [(g.person_id, g.role, g.granted_by) for g in given] == [(each.person, "editor", mara.person) for each in (lea, ed)]
    assert session.scalar(select(func.count()).select_from(RoleGrant).where(RoleGrant.role == "editor")) == 2


def test_a_word_counts_while_its_giver_holds_a_role_for_it_there(session: Session, reach: Reach) -> None:
    mara, fay = someone(session, Role.MANAGER, on=reach["campaign"]), someone(session, Role.FINANCE)

    def gone(giver: Actor, permission: Permission, on: Scope) -> str | None:
        try:
            require_still_holding(session, giver.person, permission, on, "They have left.")
        except GiverLeft as refused:
            return refused.message
        return None

    asked = [
        (mara, Permission.CANCEL, reach["campaign"]), (fay, Permission.SET_LIMITS, PLATFORM), (mara, Permission.CANCEL, PLATFORM),
        (mara, Permission.SET_LIMITS, reach["campaign"]), (mara, Permission.CANCEL, reach["other campaign"]),
    ]  # fmt: skip
    assert [gone(*each) for each in asked] == [None, None, *["They have left."] * 3]
    session.execute(delete(RoleGrant).where(RoleGrant.person_id == fay.person))
    assert gone(fay, Permission.SET_LIMITS, PLATFORM) == "They have left."


def test_whoever_is_given_a_role_is_known_from_then_on(session: Session) -> None:
    new = person_at(session, "lea@example.org")
    assert new.known_since is None
    grant_role(session, new.id, Role.LEADER, by=SYSTEM)
    session.refresh(new)
    assert session.get_one(Person, new.id).known_since is not None
