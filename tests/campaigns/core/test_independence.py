"""When two people are two: who gave or confirmed whose role, as it is now."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from campaigns.core.appointing.errors import SecondPersonNeeded
from campaigns.core.appointing.models import Appointment, How
from campaigns.core.appointing.rules import looks_like, require_second_person, tied_to, ties_among, who_can_confirm
from campaigns.core.campaign import deliverables_of
from campaigns.core.people import SYSTEM, Actor, Person, Scope, person_at
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from tests.factories import NOW, filled_brief, person, someone

People = Mapping[str, Actor]
NAMES = ("Ana", "Ben", "Cleo", "Dora", "Ed")


@pytest.fixture
def people(session: Session) -> People:
    return {name: person(session, name) for name in NAMES}


def given(
    session: Session, holder: Actor, by: Actor | None, and_by: Actor | None = None, *,
    role: Role = Role.MANAGER, on: Scope | None = None, has_begun: bool = True,
) -> Appointment:  # fmt: skip
    """A role that was given, confirmed and begun, or is on its way."""
    on = on or Scope()
    made = Appointment(
        person_id=holder.person, role=role.value, brand_id=on.brand_id, campaign_id=on.campaign_id, deliverable_id=on.deliverable_id,
        how=How.MACHINE if by is None else How.TWO if and_by else How.FIRST, granted_by=by and by.person_id, granted_at=NOW,
        confirmed_by=and_by and and_by.person_id, confirmed_at=and_by and NOW, counts_from=NOW, began_at=NOW if has_begun else None,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def tied(session: Session, people: People) -> dict[str, str]:
    """To whom each is tied, by the first letters of their names."""
    names = {who.person_id: name[0] for name, who in people.items()}
    return {name: "".join(sorted(names[each] for each in tied_to(session, who.person))) for name, who in people.items()}


def test_whoever_gave_and_whoever_confirmed_a_role_are_tied_to_its_holder_and_not_to_each_other(session: Session, people: People) -> None:
    given(session, people["Ana"], people["Ben"], people["Cleo"])
    given(session, people["Dora"], people["Ana"])
    assert tied(session, people) == {"Ana": "BCD", "Ben": "A", "Cleo": "A", "Dora": "A", "Ed": ""}


def test_a_role_on_its_way_ties_nobody_and_one_that_ended_still_does(session: Session, people: People) -> None:
    given(session, people["Ana"], people["Ben"], people["Cleo"], has_begun=False)
    assert set(tied(session, people).values()) == {""}
    ended = given(session, people["Dora"], people["Ed"])
    ended.stopped_at = NOW + timedelta(days=1)
    session.flush()
    assert (tied(session, people)["Dora"], tied(session, people)["Ana"]) == ("E", "")


def test_the_same_role_given_anew_unties_who_gave_it_before(session: Session, people: People) -> None:
    given(session, people["Ana"], people["Ben"], people["Cleo"])
    given(session, people["Ana"], None)
    given(session, people["Dora"], people["Ed"])
    assert tied(session, people) == {"Ana": "", "Ben": "", "Cleo": "", "Dora": "E", "Ed": "D"}


@pytest.mark.parametrize("other", ["role", "brand", "campaign", "deliverable", "not begun", "person", "earlier"])
def test_nothing_else_given_anew_unties_them(session: Session, people: People, other: str) -> None:
    made, beside = filled_brief(session), filled_brief(session)
    here, there = deliverables_of(session, made.id)[:2]
    brand = Scope(beside.brand.id, made.id, here.id)
    campaign = Scope(made.brand.id, beside.id, here.id)
    on = {"brand": brand, "campaign": campaign, "deliverable": there.scope}.get(other, here.scope)
    if other == "earlier":
        given(session, people["Ana"], None, on=on)
    given(session, people["Ana"], people["Ben"], on=here.scope)
    if other != "earlier":
        role = Role.FINANCE if other == "role" else Role.MANAGER
        given(session, people["Ed" if other == "person" else "Ana"], None, role=role, on=on, has_begun=other != "not begun")
    assert tied(session, people)["Ana"] == "B"


def refusal(session: Session, by: Actor, *others: Actor | None, few: bool = False) -> str | None:
    try:
        require_second_person(session, [other.person_id if other else None for other in others], by=by, few=few)
    except SecondPersonNeeded as refused:
        return refused.message
    return None


def test_two_are_two_unless_they_are_the_same_or_one_gave_the_others_role(session: Session, people: People) -> None:
    ana, ben, cleo, dora = (people[name] for name in NAMES[:4])
    given(session, ana, cleo, ben)
    same = "This takes two people: another person must do it."
    tied_by = "You and {} do not count as two people here: one of you gave or confirmed the other's role. Another person must do this."
    assert [refusal(session, ana, *others) for others in ((ana,), (ben,), (cleo, ben, dora), (dora,), (None,), (), (dora, ana))] == [
        same, tied_by.format("Ben"), tied_by.format("Ben, Cleo"), None, None, None, same,
    ]  # fmt: skip
    assert [refusal(session, ana, other, few=True) for other in (ana, ben)] == [same, None]
    assert refusal(session, ben, ana) == tied_by.format("Ana")


def test_giver_and_holder_are_two_in_neither_direction(session: Session, people: People) -> None:
    ana, ben, cleo, dora, ed = (people[name] for name in NAMES)
    given(session, ana, ben, cleo)
    given(session, dora, ana)
    given(session, ana, ed, role=Role.FINANCE, has_begun=False)
    assert {name: refusal(session, ana, other) is not None for name, other in people.items()} == {
        "Ana": True, "Ben": True, "Cleo": True, "Dora": True, "Ed": False,
    }  # fmt: skip


def test_of_several_people_each_is_tied_as_by_themself(session: Session, people: People) -> None:
    given(session, people["Ana"], people["Ben"], people["Cleo"])
    given(session, people["Dora"], people["Ana"])
    given(session, people["Ben"], None)
    ties = ties_among(session, {who.person for who in people.values()})
    assert ties == {who.person: found for who in people.values() if (found := tied_to(session, who.person))}
    assert ties_among(session, {people["Ed"].person}) == {}


def test_an_installation_is_of_few_people_only_where_that_is_said(session: Session, people: People) -> None:
    ana, ben = people["Ana"], people["Ben"]
    given(session, ana, ben)
    with pytest.raises(SecondPersonNeeded):
        require_second_person(session, [ben.person], by=ana)


def test_a_role_is_confirmed_by_whoever_has_one_that_reaches_there_and_is_tied_to_nobody_concerned(session: Session) -> None:
    made, beside = filled_brief(session), filled_brief(session)
    here, there = deliverables_of(session, made.id)[:2]
    numbers = count()

    def manager(on: Scope, role: Role = Role.MANAGER) -> UUID:
        return someone(session, role, f"Someone {next(numbers)}", on=on).person

    reaching = {manager(on) for on in (Scope(), Scope(brand_id=made.brand.id), made.campaign.scope, here.scope)}
    reaching |= {manager(Scope(), role) for role in (Role.FINANCE, Role.OPERATOR)}
    reaching |= {who.person for each in (made, beside) for who in (each.manager, each.finance)}
    giver, holder, bound = (someone(session, Role.OPERATOR, name) for name in ("Giver", "Holder", "Bound"))
    for on in (Scope(brand_id=beside.brand.id), beside.campaign.scope, there.scope, Scope(made.brand.id, beside.id)):
        manager(on)
    manager(Scope(), Role.CURATOR)
    manager(made.campaign.scope, Role.LEADER)
    given(session, bound, giver)
    asked = {few: who_can_confirm(session, giver.person, holder.person, here.scope, few=few) for few in (False, True)}
    assert asked == {False: reaching, True: reaching | {bound.person}}


def test_who_looks_alike_is_found_among_those_with_a_role_or_a_hand_in_one_and_nobody_else(session: Session) -> None:
    asked = person_at(session, "M.ara+new@Example.org", "Mara")
    alike = {name: person_at(session, email, name) for name, email in {
        "Zoe": "mara@example.org", "Yan": "MARA+x@example.org", "Xim": "m.a.r.a@example.org", "Unknown": "mar.a@example.org",
    }.items()}  # fmt: skip
    for name, email in {"Other": "maria@example.org", "Elsewhere": "mara@example.com"}.items():
        grant_role(session, person_at(session, email, name).id, Role.LEADER, by=SYSTEM)
    grant_role(session, asked.id, Role.LEADER, by=SYSTEM)
    grant_role(session, alike["Zoe"].id, Role.LEADER, by=SYSTEM)
    yan, xim = (Actor(alike[name].id, name) for name in ("Yan", "Xim"))
    given(session, yan, xim, has_begun=False)
    assert [each.name for each in looks_like(session, asked)] == ["Xim", "Yan", "Zoe"]
    assert [each.name for each in looks_like(session, session.get_one(Person, alike["Unknown"].id))] == ["Mara", "Xim", "Yan", "Zoe"]
