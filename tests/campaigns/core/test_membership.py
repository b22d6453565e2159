"""Who is given a role, is listed with it, and has it taken back: in a campaign, or on staff."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from campaigns.brief.actions import create_campaign
from campaigns.core import events
from campaigns.core.appointing.errors import LastOperator
from campaigns.core.campaign import deliverables_of
from campaigns.core.errors import Forbidden, Invalid, NotFound, NotSignedIn, Refusal
from campaigns.core.event_names import EventName
from campaigns.core.ids import new_id
from campaigns.core.membership import (
    HeldRole,
    NoSuchRole,
    RunsTheCampaign,
    cast_of,
    end_role,
    end_staff_role,
    invite,
    own_roles,
    reach_within,
    staff,
    take_part_as_artist,
)
from campaigns.core.people import GUEST, SYSTEM, Actor, Person, RoleGrant, Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from tests import factories
from tests.factories import EVERYWHERE, NOW, READER, Partnership, someone


@pytest.fixture
def made(session: Session) -> Partnership:
    return factories.filled_brief(session, (READER,))


def given(session: Session, name: str, role: Role, on: Scope) -> RoleGrant:
    return grant_role(session, factories.person(session, name).person, role, on=on, by=SYSTEM)


def is_held(session: Session, grant: RoleGrant) -> bool:
    return session.get(RoleGrant, grant.id, populate_existing=True) is not None


def test_a_role_that_is_given_is_recorded_with_whose_it_is_and_where(session: Session, made: Partnership) -> None:
    operator = someone(session, Role.OPERATOR)
    here = invite(session, "cleo@house.example", Role.CURATOR, on=made.campaign.scope, by=made.manager, at=NOW)
    everywhere = invite(session, "ed@house.example", Role.EDITOR, on=EVERYWHERE, by=operator, at=NOW)
    assert [(fact.actor_id, fact.campaign_id, fact.facts) for fact in events.recorded(session, EventName.PEOPLE_ROLE_GRANTED)] == [
        (made.manager.person, made.id, {"person": str(here.person_id), "role": "curator", "brand": str(made.brand.id)}),
        (operator.person, None, {"person": str(everywhere.person_id), "role": "editor", "brand": None}),
    ]


@pytest.mark.parametrize("role", [Role.ARTIST, Role.MEMBER])
def test_nobody_is_made_an_artist_or_a_member_by_another(session: Session, made: Partnership, role: Role) -> None:
    for on, by in ((EVERYWHERE, someone(session, Role.OPERATOR)), (made.campaign.scope, made.manager)):
        with pytest.raises(Invalid) as refused:
            invite(session, "ana@example.org", role, on=on, by=by, at=NOW)
        assert refused.value.field == "role"


@pytest.mark.parametrize("role", [Role.FINANCE, Role.OPERATOR])
def test_finance_and_operators_are_staff_everywhere_only(session: Session, made: Partnership, role: Role) -> None:
    for by in (made.manager, someone(session, Role.OPERATOR)):
        with pytest.raises(Forbidden, match="work on all campaigns"):
            invite(session, "femi@house.example", role, on=made.campaign.scope, by=by, at=NOW)


def test_a_campaigns_people_are_its_own_and_its_brands_newest_first(session: Session, made: Partnership) -> None:
    other = factories.new_campaign(session, title="Another")
    sister = create_campaign(session, made.brand.id, "The same brand's next", by=made.manager, at=NOW)
    for on in (EVERYWHERE, other.campaign.scope, Scope(brand_id=other.brand.id), sister.scope):
        given(session, "Nobody here", Role.CURATOR, on)
    given(session, "Cleo", Role.CURATOR, made.campaign.scope)
    given(session, "Max", Role.LEADER, Scope(brand_id=made.brand.id))
    listed = cast_of(session, made.campaign, after=None, limit=100, by=made.manager)
    signers = [f"Signer for {sign_off_role}" for sign_off_role in made.signers]
    assert [person.name for _grant, person in listed] == ["Max", "Cleo", "Mara", *reversed(signers)]
    assert all(grant.person_id == person.id for grant, person in listed)
    first = cast_of(session, made.campaign, after=None, limit=1, by=made.manager)
    assert [*first, *cast_of(session, made.campaign, after=first[0][0].id, limit=100, by=made.manager)] == listed
    with pytest.raises(Forbidden):
        cast_of(session, made.campaign, after=None, limit=100, by=factories.person(session))


def test_the_staff_are_those_who_hold_a_role_everywhere_newest_first(session: Session, made: Partnership) -> None:
    operator = someone(session, Role.OPERATOR, "Odile")
    given(session, "Cleo", Role.CURATOR, made.campaign.scope)
    listed = staff(session, after=None, limit=100, by=operator)
    assert [(person.name, grant.role) for grant, person in listed] == [("Odile", "operator"), ("Femi", "finance"), ("Mara", "manager")]
    assert all(grant.person_id == person.id for grant, person in listed)
    first = staff(session, after=None, limit=1, by=operator)
    assert [*first, *staff(session, after=first[0][0].id, limit=100, by=operator)] == listed
    with pytest.raises(Forbidden):
        staff(session, after=None, limit=100, by=made.manager)


def test_only_a_role_of_this_very_campaign_ends_with_it(session: Session, made: Partnership) -> None:
    other = factories.new_campaign(session, title="Another")
    elsewhere = [given(session, "Cleo", Role.CURATOR, on) for on in (EVERYWHERE, other.campaign.scope, Scope(brand_id=made.brand.id))]
    elsewhere.append(given(session, "Noor", Role.APPROVER, Scope(brand_id=made.brand.id)))
    for grant_id in (*(grant.id for grant in elsewhere), new_id()):
        with pytest.raises(NoSuchRole):
            end_role(session, made.id, grant_id, by=made.manager, at=NOW)
    assert all(is_held(session, grant) for grant in elsewhere)
    here = given(session, "Cleo", Role.CURATOR, made.campaign.scope)
    with pytest.raises(Forbidden):
        end_role(session, made.id, here.id, by=made.signers["legal"], at=NOW)
    end_role(session, made.id, here.id, by=made.manager, at=NOW)
    assert not is_held(session, here)


def test_whoever_runs_a_campaign_stays_its_manager_and_may_stop_being_anything_else(session: Session, made: Partnership) -> None:
    operator = someone(session, Role.MANAGER, "Another manager")
    own = {
        grant.role: grant
        for grant, person in cast_of(session, made.campaign, after=None, limit=100, by=made.manager)
        if person.name == "Mara"
    }
    with pytest.raises(RunsTheCampaign):
        end_role(session, made.id, own["manager"].id, by=operator, at=NOW)
    curates = grant_role(session, made.manager.person, Role.CURATOR, on=made.campaign.scope, by=SYSTEM)
    second = given(session, "Max", Role.MANAGER, made.campaign.scope)
    for grant in (curates, second):
        end_role(session, made.id, grant.id, by=operator, at=NOW)
    assert [is_held(session, grant) for grant in (own["manager"], curates, second)] == [True, False, False]


def test_a_role_on_staff_is_ended_by_an_operator_of_whom_one_stays(session: Session, made: Partnership) -> None:
    odile = someone(session, Role.OPERATOR, "Odile")
    roles = {person.name: grant for grant, person in staff(session, after=None, limit=100, by=odile)}
    here = given(session, "Cleo", Role.CURATOR, made.campaign.scope)
    for grant in (here, roles["Odile"]):
        with pytest.raises((NoSuchRole, LastOperator)):
            end_staff_role(session, grant.id, by=odile, at=NOW)
    with pytest.raises(Forbidden):
        end_staff_role(session, roles["Femi"].id, by=made.manager, at=NOW)
    end_staff_role(session, roles["Femi"].id, by=odile, at=NOW)
    assert [is_held(session, grant) for grant in (here, roles["Odile"], roles["Femi"])] == [True, True, False]


def test_whoever_says_that_they_take_part_as_an_artist_does_so_from_the_first_time_on(session: Session, made: Partnership) -> None:
    for at in (NOW, factories.DELIVERING):
        take_part_as_artist(session, by=made.manager, at=at)
    assert session.get_one(Person, made.manager.person, populate_existing=True).artist_since == NOW
    assert [(fact.actor_id, fact.facts) for fact in events.recorded(session, EventName.PEOPLE_TAKES_PART_AS_ARTIST)] == [
        (made.manager.person, {"person": str(made.manager.person)})
    ]
    token = Actor(made.manager.person_id, "Mara", scopes=frozenset({"campaign"}))
    for by, kind in ((GUEST, NotSignedIn), (token, Forbidden)):
        with pytest.raises((kind, Forbidden)):
            take_part_as_artist(session, by=by, at=NOW)


def test_ones_own_roles_are_named_with_where_they_hold_the_oldest_first(session: Session, made: Partnership) -> None:
    [deliverable] = deliverables_of(session, made.id)
    mo = factories.person(session, "Mo")
    places = [EVERYWHERE, Scope(brand_id=made.brand.id), made.campaign.scope, deliverable.scope]
    for on in places:
        grant_role(session, mo.person, Role.CURATOR, on=on, by=SYSTEM)
    titles = [None, made.brand.name, made.campaign.title, deliverable.title]
    assert own_roles(session, by=mo) == [HeldRole(Role.CURATOR, None, where) for where in titles]
    assert own_roles(session, by=made.signers["legal"]) == [HeldRole(Role.SIGNER, "legal", made.brand.name)]
    assert own_roles(session, by=actor_for(session, factories.person(session).person)) == []


def test_whoever_may_end_no_role_is_told_the_same_whatever_role_it_is(session: Session, made: Partnership) -> None:
    curator, brand = someone(session, Role.CURATOR, on=made.campaign.scope), Scope(brand_id=made.brand.id, campaign_id=made.id)
    held = [given(session, "Ed", Role.EDITOR, made.campaign.scope), given(session, "Noor", Role.APPROVER, brand)]
    assert {told(lambda: end_role(session, made.id, one, by=curator, at=NOW)) for one in (held[0].id, held[1].id, new_id())} == {  # noqa: B023
        "Your role does not allow this here; ask the partnership manager."
    }
    assert [is_held(session, each) for each in held] == [True, True]


def test_a_role_reaches_no_deliverable_but_the_campaigns_own_and_whoever_gives_none_is_not_told_which_there_are(
    session: Session, made: Partnership
) -> None:
    [own], [next_] = deliverables_of(session, made.id), deliverables_of(session, factories.filled_brief(session, (READER,)).id)
    both = someone(session, Role.MANAGER)
    assert [reach_within(session, made.id, each, by=both) for each in (None, own.id)] == [made.campaign.scope, own.scope]
    with pytest.raises(NotFound, match="no such deliverable"):
        reach_within(session, made.id, next_.id, by=both)
    curator = someone(session, Role.CURATOR, on=made.campaign.scope)
    for named in (own.id, next_.id, new_id()):
        with pytest.raises(Forbidden):
            reach_within(session, made.id, named, by=curator)


def told(deed: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as refused:
        deed()
    return refused.value.message


def test_whoever_may_begin_no_campaign_is_told_that_before_anything_of_its_title(session: Session, made: Partnership) -> None:
    with pytest.raises(Forbidden):
        create_campaign(session, made.brand.id, " ", by=someone(session, Role.APPROVER, on=Scope(brand_id=made.brand.id)), at=NOW)
