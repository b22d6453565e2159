"""Whom a brand's people are listed, told, ended and asked for by: exactly those who speak for it, and nobody else's."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy.orm import Session

from campaigns.core import clock, events
from campaigns.core.administrators import (
    AdministratorRequest,
    NothingToConfirm,
    alike,
    ask_administrator,
    asked_by_link,
    confirm_administrator,
    end_requests,
    make_confirmation,
    open_requests,
    withdraw_request,
)
from campaigns.core.appointing.actions import begin_due, confirm
from campaigns.core.appointing.models import Appointment, State
from campaigns.core.brand_roles import NoSuchBrandRole, end_brand_role, others_of, people_of
from campaigns.core.brands import create_brand
from campaigns.core.errors import Forbidden, Invalid, NotFound
from campaigns.core.event_names import EventName
from campaigns.core.ids import new_id
from campaigns.core.membership import end_role, invite
from campaigns.core.people import SYSTEM, Actor, Person, RoleGrant, Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.core.throttle import TooMany
from tests import factories
from tests.factories import NOW, Partnership, someone


@pytest.fixture
def made(session: Session) -> Partnership:
    return factories.new_campaign(session)


@pytest.fixture
def rival(session: Session) -> Partnership:
    """Another brand's campaign, with people of its own."""
    other = factories.new_campaign(session, title="Another brand's")
    for on in (Scope(brand_id=other.brand.id), other.campaign.scope):
        someone(session, Role.APPROVER, "Rita", on=on)
    return other


def whole(made: Partnership) -> Scope:
    return Scope(brand_id=made.brand.id)


def asked(session: Session, made: Partnership, name: str = "Ada", by: Actor | None = None) -> AdministratorRequest:
    return ask_administrator(session, made.brand.id, f"{name.lower()}@zappos.example", name, by=by or made.manager, at=NOW)


def secret_of(session: Session, request: AdministratorRequest) -> str:
    secret = make_confirmation(session, request.id)
    assert secret is not None
    return secret


def the_fact(session: Session, name: EventName) -> events.Event:
    [fact] = events.recorded(session, name)
    return fact


def refused(kind: type[Exception], act: Callable[[], object]) -> str:
    with pytest.raises(kind) as refusal:
        act()
    return str(refusal.value)


# --- who they are ---


def test_a_brands_people_are_its_own_wherever_and_the_staff_of_all_of_it_newest_first(
    session: Session, made: Partnership, rival: Partnership
) -> None:
    here = someone(session, Role.APPROVER, "Noor", on=made.campaign.scope)
    someone(session, Role.CURATOR, "Cleo", on=made.campaign.scope)  # the staff of one campaign is on that campaign's list
    partner = someone(session, Role.MANAGER, "Max", on=whole(made))
    someone(session, Role.APPROVER, "Zoe", on=Scope(campaign_id=made.id))  # as rows from before say it
    listed = people_of(session, made.brand.id, after=None, limit=100, by=made.manager)
    said = [(Role(grant.role).value, person.name, where) for grant, person, where in listed]
    signers = [("signer", f"Signer for {sign_off_role}", None) for sign_off_role in made.signers]
    assert said == [
        ("approver", "Zoe", made.campaign.title),
        ("manager", "Max", None),
        ("approver", "Noor", made.campaign.title),
        *reversed(signers),
    ]
    first = people_of(session, made.brand.id, after=None, limit=1, by=made.manager)
    rest = people_of(session, made.brand.id, after=first[0][0].id, limit=100, by=made.manager)
    assert [person.id for _grant, person, _where in (*first, *rest)] == [person.id for _grant, person, _where in listed]
    assert {here.person, partner.person} <= {person.id for _grant, person, _where in listed}
    assert [person.name for _grant, person, _where in people_of(session, rival.brand.id, after=None, limit=2, by=rival.manager)] == [
        "Rita",
        "Rita",
    ]


def test_the_others_who_speak_for_a_brand_are_its_own_people_and_not_its_staff(
    session: Session, made: Partnership, rival: Partnership
) -> None:
    noor = someone(session, Role.APPROVER, "Noor", on=made.campaign.scope)
    someone(session, Role.MANAGER, "Max", on=whole(made))
    someone(session, Role.CURATOR, "Cleo", on=made.campaign.scope)
    zoe = someone(session, Role.APPROVER, "Zoe", on=Scope(campaign_id=made.id))
    legal = made.signers["legal"].person
    everyone = sorted([noor.person, zoe.person, *(who.person for who in made.signers.values())])
    assert others_of(session, made.brand.id, but=set()) == everyone
    assert others_of(session, made.brand.id, but={legal, None}) == [each for each in everyone if each != legal]


def test_whoever_appoints_a_signer_under_a_sign_off_role_that_is_not_the_brands_reads_which_are(
    session: Session, made: Partnership
) -> None:
    bare = create_brand(session, "Bare", [], None, by=made.manager, at=NOW)
    sign_off_roles = ", ".join(made.brand.sign_off_roles)
    for each, signs_as in ((bare, "none yet"), (made.brand, sign_off_roles)):
        ada, on = factories.administrator(session, each.id), Scope(brand_id=each.id)
        sign = partial(invite, session, "y@zappos.example", Role.SIGNER, on=on, sign_off_role="astrology", by=ada, at=NOW)
        assert refused(Invalid, sign) == f"Sign-off roles of {each.name}: {signs_as}. Add one to the brand first."


# --- how a role ends ---


def test_a_role_that_ends_is_gone_and_recorded_with_whose_it_was_and_where(session: Session, made: Partnership) -> None:
    ada = factories.administrator(session, made.brand.id)
    noor = invite(session, "noor@zappos.example", Role.APPROVER, on=made.campaign.scope, by=ada, at=NOW)
    assert isinstance(noor, RoleGrant)
    end_brand_role(session, made.brand.id, noor.id, by=ada, at=NOW)
    fact = the_fact(session, EventName.PEOPLE_ROLE_ENDED)
    assert (fact.actor_id, fact.campaign_id, fact.facts) == (
        ada.person, made.id, {"person": str(noor.person_id), "role": "approver", "brand": str(made.brand.id)},
    )  # fmt: skip
    assert session.get(RoleGrant, noor.id, populate_existing=True) is None
    assert "Nobody has this role" in refused(NoSuchBrandRole, lambda: end_brand_role(session, made.brand.id, noor.id, by=ada, at=NOW))


def test_a_manager_of_all_of_a_brand_who_ends_leaves_no_appointment_in_force(session: Session, made: Partnership) -> None:
    colleague = someone(session, Role.MANAGER, "Mo")
    max_ = invite(session, "max@house.example", Role.MANAGER, on=whole(made), by=made.manager, at=NOW)
    assert isinstance(max_, Appointment)
    confirm(session, max_.id, by=colleague, at=NOW)
    begin_due(session, at=NOW + timedelta(hours=72))
    [(held, _person, _where), *_signers] = people_of(session, made.brand.id, after=None, limit=10, by=made.manager)
    end_brand_role(session, made.brand.id, held.id, by=made.manager, at=NOW + timedelta(days=9))
    session.refresh(max_)
    assert (held.person_id, max_.state, max_.stopped_by) == (max_.person_id, State.STOPPED, made.manager.person)


def test_no_role_of_another_brand_or_of_a_campaigns_staff_ends_with_a_brands(
    session: Session, made: Partnership, rival: Partnership
) -> None:
    operator = someone(session, Role.OPERATOR)
    theirs = people_of(session, rival.brand.id, after=None, limit=1, by=rival.manager)[0][0]
    cleo = grant_role(session, factories.person(session, "Cleo").person, Role.CURATOR, on=made.campaign.scope, by=SYSTEM)
    for held in (theirs, cleo):
        for by in (operator, made.manager):
            with pytest.raises((NoSuchBrandRole, Forbidden)):
                end_brand_role(session, made.brand.id, held.id, by=by, at=NOW)
        assert session.get(RoleGrant, held.id, populate_existing=True) is not None


def test_an_operator_ends_a_role_of_the_brands_and_no_manager_does_whatever_it_is(session: Session, made: Partnership) -> None:
    operator = someone(session, Role.OPERATOR)
    noor = grant_role(session, factories.person(session, "Noor").person, Role.APPROVER, on=made.campaign.scope, by=SYSTEM)
    leader = grant_role(session, factories.person(session, "Lou").person, Role.LEADER, on=made.campaign.scope, by=SYSTEM)
    said = "Only an administrator of the brand or an operator can remove a role of the brand."
    assert refused(Forbidden, lambda: end_role(session, made.id, noor.id, by=made.manager, at=NOW)) == said
    not_theirs = partial(end_role, session, made.id, leader.id, by=made.signers["legal"], at=NOW)
    assert refused(Forbidden, not_theirs) == "Your role does not allow this here; ask the partnership manager."
    end_role(session, made.id, leader.id, by=made.manager, at=NOW)
    end_brand_role(session, made.brand.id, noor.id, by=operator, at=NOW)
    assert [session.get(RoleGrant, each.id, populate_existing=True) for each in (noor, leader)] == [None, None]


# --- asking for an administrator ---


def test_whoever_is_asked_for_waits_on_the_brands_page_until_confirmed_withdrawn_or_expired(
    session: Session, made: Partnership, rival: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    def waiting() -> list[str]:
        return [person.name for _request, person in open_requests(session, made.brand.id, by=made.manager)]

    asked(session, rival, "Rex", by=rival.manager)
    ada, bea, cy = (asked(session, made, name) for name in ("Ada", "Bea", "Cy"))
    assert waiting() == ["Cy", "Bea", "Ada"]
    withdraw_request(session, made.brand.id, bea.id, by=made.manager, at=NOW)
    confirm_administrator(session, secret_of(session, cy), at=NOW)
    assert waiting() == ["Ada"]
    monkeypatch.setattr(clock, "process_now", lambda: ada.expires_at)
    assert (waiting(), make_confirmation(session, ada.id)) == ([], None)
    with pytest.raises(NotFound):
        open_requests(session, made.brand.id, by=factories.person(session))


def test_a_request_and_its_withdrawal_are_recorded_with_whom_they_name(session: Session, made: Partnership) -> None:
    request = asked(session, made)
    about = {"brand": str(made.brand.id), "person": str(request.person_id)}
    fact = the_fact(session, EventName.BRAND_ADMINISTRATOR_ASKED)
    assert (fact.actor_id, fact.facts) == (made.manager.person, about | {"request": str(request.id)})
    withdraw_request(session, made.brand.id, request.id, by=made.manager, at=NOW)
    fact = the_fact(session, EventName.BRAND_ADMINISTRATOR_WITHDRAWN)
    assert (fact.actor_id, fact.facts, request.ended_at) == (made.manager.person, about, NOW)


def test_one_asks_for_ten_administrators_of_a_brand_and_then_for_one_in_six_hours(
    session: Session, made: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = clock.process_now()
    monkeypatch.setattr(clock, "process_now", lambda: start)
    for number in range(10):
        asked(session, made, f"A{number}")
    assert refused(TooMany, lambda: asked(session, made)) == "Too many requests; try again in 6 hours."
    for hours, names in ((5.9, ()), (6, ("Bea",)), (6.1, ())):
        monkeypatch.setattr(clock, "process_now", lambda hours=hours: start + timedelta(hours=hours))
        for name in names:
            asked(session, made, name)
        with pytest.raises(TooMany):
            asked(session, made, "Cy")


def test_asking_anew_for_one_person_ends_no_other_request(session: Session, made: Partnership, rival: Partnership) -> None:
    bea, elsewhere = asked(session, made, "Bea"), asked(session, rival, "Ada", by=rival.manager)
    first, second = asked(session, made), asked(session, made)
    for each in (first, second, bea, elsewhere):
        session.refresh(each)
    assert [each.ended_at for each in (first, second, bea, elsewhere)] == [NOW, None, None, None]


def test_all_requests_of_one_brand_end_at_once_and_what_ended_before_keeps_its_time(
    session: Session, made: Partnership, rival: Partnership
) -> None:
    open_one, elsewhere, withdrawn = asked(session, made), asked(session, rival, "Rex", by=rival.manager), asked(session, made, "Bea")
    withdraw_request(session, made.brand.id, withdrawn.id, by=made.manager, at=NOW)
    end_requests(session, made.brand.id, at=NOW + timedelta(days=1))
    for each in (open_one, elsewhere, withdrawn):
        session.refresh(each)
    assert [each.ended_at for each in (open_one, elsewhere, withdrawn)] == [NOW + timedelta(days=1), None, NOW]


def test_a_link_lives_for_two_weeks(session: Session, made: Partnership, monkeypatch: pytest.MonkeyPatch) -> None:
    start = clock.process_now()
    monkeypatch.setattr(clock, "process_now", lambda: start)
    request = asked(session, made)
    assert request.expires_at == start + timedelta(days=14)


def test_only_the_link_that_was_used_says_whom_it_confirmed_and_only_where_that_is_asked(session: Session, made: Partnership) -> None:
    request = asked(session, made)
    secret = secret_of(session, request)
    assert asked_by_link(session, secret) == asked_by_link(session, secret, lock=True) == (request, made.brand)
    confirm_administrator(session, secret, at=NOW)
    assert asked_by_link(session, secret, was_used=True) == (request, made.brand)
    withdrawn = asked(session, made, "Bea")
    ended = secret_of(session, withdrawn)
    withdraw_request(session, made.brand.id, withdrawn.id, by=made.manager, at=NOW)
    for act in (
        lambda: asked_by_link(session, secret), lambda: asked_by_link(session, ended, was_used=True),
        lambda: asked_by_link(session, "no such link", was_used=True),
    ):  # fmt: skip
        assert "older than two weeks" in refused(NothingToConfirm, act)
    assert make_confirmation(session, new_id()) is None


def test_a_request_is_taken_back_by_whoever_asked_any_manager_on_staff_or_the_brands_administrator(
    session: Session, made: Partnership, rival: Partnership
) -> None:
    partner = someone(session, Role.MANAGER, "Max", on=whole(made))
    colleague = someone(session, Role.MANAGER, "Mo")
    ada = factories.administrator(session, made.brand.id)
    said = "Only the person who asked or an administrator of the brand can withdraw this."
    for by in (made.manager, colleague, ada):
        request = asked(session, made, "Bea")
        assert refused(Forbidden, partial(withdraw_request, session, made.brand.id, request.id, by=partner, at=NOW)) == said
        withdraw_request(session, made.brand.id, request.id, by=by, at=NOW)
        assert request.ended_at == NOW
    mine = asked(session, made, "Bea", by=partner)
    withdraw_request(session, made.brand.id, mine.id, by=partner, at=NOW)
    gone = [(made.brand.id, mine.id), (made.brand.id, new_id()), (rival.brand.id, asked(session, made).id)]
    for brand_id, request_id in gone:
        take_back = partial(withdraw_request, session, brand_id, request_id, by=made.manager, at=NOW)
        assert refused(NotFound, take_back) == "This request no longer needs confirmation."


def test_an_address_like_the_askers_own_is_named_to_whoever_confirms_and_none_that_only_others_share(
    session: Session, made: Partnership
) -> None:
    for name in ("Lin", "lin+2"):
        session.get_one(Person, someone(session, Role.MANAGER, name).person).email = f"{name.lower()}@house.example"
    ada = factories.administrator(session, made.brand.id)
    session.get_one(Person, ada.person).email = "ada@zappos.example"
    session.flush()
    request = ask_administrator(session, made.brand.id, "a.da+1@zappos.example", by=ada, at=NOW)
    assert alike(session, request) == ["a.da+1@zappos.example", "ada@zappos.example"]


def test_confirmed_by_the_billing_email_somebody_is_recorded_as_administrator_in_its_word(session: Session, made: Partnership) -> None:
    request = asked(session, made)
    confirm_administrator(session, secret_of(session, request), at=NOW)
    fact = the_fact(session, EventName.PEOPLE_ROLE_GRANTED)
    about = {"person": str(request.person_id), "role": "brand_administrator", "brand": str(made.brand.id)}
    assert (fact.actor_id, fact.facts, request.confirmed_at) == (request.confirmer_id, about, NOW)
    assert session.get_one(Person, request.confirmer_id).email == made.brand.billing_email
    assert actor_for(session, request.person_id).holds(Role.BRAND_ADMINISTRATOR, on=whole(made))
