"""Who may do what, spelled out by role; and the one question by which everything is allowed or refused."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from campaigns.core import permissions
from campaigns.core.errors import Forbidden, NotSignedIn, ProofNeeded
from campaigns.core.people import GUEST, SYSTEM, Actor, Grant, Scope
from campaigns.core.permissions import GRANTS, Permission, Role
from campaigns.core.settings import settings

MAY = {
    "member": """
        payout.receive profile.change
    """,
    "artist": """
        open_call.contribute open_call.ask collaboration.cite payout.comment
    """,
    "manager": """
        brief.create_campaign brief.view brief.edit brief.fund brief.record_receipt brief.launch brief.grant_roles brand.view brand.edit
        brand.merge brand.ask_administrator open_call.screen open_call.extend open_call.end_namings open_call.publish_contributions
        open_call.answer collaboration.close curation.assign curation.select curation.view_selection client_delivery.make_version
        client_delivery.view client_delivery.annotate client_delivery.approve_internally client_delivery.view_package
        client_delivery.send_back payout.assess payout.view payout.propose payout.dispose payout.finalize campaign.view
        campaign.view_timeline campaign.remind campaign.pause campaign.cancel campaign.confirm_cancel campaign.view_roles
        campaign.confirm_role campaign.stop_role
    """,
    "curator": """
        open_call.screen collaboration.decide_source curation.review campaign.view
    """,
    "leader": """
        collaboration.close curation.view_selection client_delivery.view client_delivery.annotate payout.view campaign.view
    """,
    "editor": """
        curation.view_selection client_delivery.make_version client_delivery.view client_delivery.annotate payout.view campaign.view
    """,
    "signer": """
        brief.view brief.sign brand.view campaign.view campaign.stop_role
    """,
    "approver": """
        brief.view brand.view curation.view_selection client_delivery.view client_delivery.annotate client_delivery.decide
        client_delivery.view_package campaign.view campaign.stop_role
    """,
    "brand_administrator": """
        brief.view brand.view brand.edit brand.ask_administrator brand.appoint campaign.view campaign.stop_role
    """,
    "finance": """
        brief.view brief.fund brief.record_receipt brief.confirm_receipt brief.approve_advance payout.view payout.finalize
        payout.view_money payout.release_run payout.answer_dispute payout.bear_loss payout.set_limits campaign.view
        campaign.view_timeline campaign.confirm_cancel campaign.confirm_role campaign.stop_role
    """,
    "operator": """
        brand.view brand.edit brand.merge campaign.view campaign.view_timeline campaign.operate campaign.view_status
        campaign.confirm_role campaign.stop_role
    """,
}
APPROVES_MONEY = {
    "brief.confirm_receipt", "brief.approve_advance", "payout.finalize", "payout.release_run", "payout.set_limits",
    "payout.bear_loss",
    "campaign.confirm_cancel",
}  # fmt: skip
HERE = Scope(UUID(int=1), UUID(int=2), UUID(int=3))
ELSEWHERE = Scope(UUID(int=4), UUID(int=5), UUID(int=6))


def holding(*grants: Grant, **more: object) -> Actor:
    return Actor(UUID(int=9), "Ana", frozenset(grants), **more)  # type: ignore[arg-type]


@pytest.fixture
def _real_money(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("STRIPE_API_KEY", "sk_live_1234")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def test_the_staff_are_those_who_work_on_campaigns_for_the_platform_and_neither_members_artists_nor_the_brand() -> None:
    assert {role.value for role in permissions.STAFF_ROLES} == {"manager", "leader", "editor", "curator", "finance", "operator"}


def test_each_role_may_do_exactly_what_stands_in_its_list() -> None:
    granted = {role.value: {permission.value for permission, roles in GRANTS.items() if role in roles} for role in Role}
    assert granted == {role: set(listed.split()) for role, listed in MAY.items()}


def test_every_permission_is_in_the_table() -> None:
    assert set(GRANTS) == set(Permission)


@pytest.mark.parametrize("role", Role)
def test_an_actor_may_and_is_required_what_their_role_lists_where_they_hold_it_and_nothing_else(role: Role) -> None:
    listed, actor = set(MAY[role.value].split()), holding(Grant(role, *_reach(HERE)))
    assert {p.value for p in Permission if actor.may(p, HERE)} == listed
    assert {p.value for p in Permission if _is_let(actor, p, HERE)} == listed
    assert [p for p in Permission if actor.may(p, ELSEWHERE) or _is_let(actor, p, ELSEWHERE)] == []
    assert [p for p in Permission if actor.may(p) or _is_let(actor, p)] == []


def _reach(scope: Scope) -> tuple[UUID | None, UUID | None, UUID | None]:
    return scope.brand_id, scope.campaign_id, scope.deliverable_id


def _is_let(actor: Actor, permission: Permission, on: Scope | None = None) -> bool:
    try:
        actor.require(permission, on)
    except Forbidden:
        return False
    return True


def test_the_sides_and_what_a_proof_is_asked_for_are_these() -> None:
    brand, money = {"signer", "approver", "brand_administrator"}, {"finance", "operator", "manager"}
    assert brand == permissions.BRAND_ROLES
    assert money == permissions.MONEY_ROLES
    assert brand | money == permissions.NO_ARTISTS_BY_THEMSELVES
    assert APPROVES_MONEY == permissions.APPROVES_MONEY
    others = {"brief.grant_roles", "campaign.operate", "campaign.cancel", "campaign.confirm_role"}
    others |= {"brand.appoint", "brand.ask_administrator", "brand.merge"}
    assert APPROVES_MONEY | others == permissions.ASKS_FOR_PROOF


@pytest.mark.parametrize(
    ("grant", "covers"),
    [
        (Grant(Role.MANAGER), {"here", "elsewhere", "brand", "platform"}),
        (Grant(Role.MANAGER, HERE.brand_id), {"here", "brand"}),
        (Grant(Role.MANAGER, None, HERE.campaign_id), {"here"}),
        (Grant(Role.MANAGER, None, None, HERE.deliverable_id), {"here"}),
        (Grant(Role.MANAGER, HERE.brand_id, ELSEWHERE.campaign_id), set()),
        (Grant(Role.MANAGER, HERE.brand_id, HERE.campaign_id, ELSEWHERE.deliverable_id), set()),
        (Grant(Role.MANAGER, ELSEWHERE.brand_id, HERE.campaign_id, HERE.deliverable_id), set()),
    ],
)
def test_a_role_reaches_what_lies_within_it_and_nothing_beside_it(grant: Grant, covers: set[str]) -> None:
    scopes = {"here": HERE, "elsewhere": ELSEWHERE, "brand": Scope(HERE.brand_id), "platform": Scope()}
    actor = holding(grant)
    assert {name for name, scope in scopes.items() if grant.covers(scope)} == covers
    assert {name for name, scope in scopes.items() if actor.may(Permission.PAUSE, scope)} == covers
    assert {name for name, scope in scopes.items() if actor.holds(Role.MANAGER, scope)} == covers


def test_a_role_is_held_under_its_sign_off_role_and_under_no_other() -> None:
    actor = holding(Grant(Role.SIGNER, *_reach(HERE), sign_off_role="legal"))
    asked = [actor.holds(Role.SIGNER, HERE, sign_off_role) for sign_off_role in (None, "legal", "marketing")]
    assert (asked, actor.holds(Role.APPROVER, HERE, "legal"), actor.holds(Role.SIGNER)) == ([True, True, False], False, False)


@pytest.mark.parametrize("permission", Permission)
def test_a_token_reaches_the_permissions_of_its_scope_and_no_others(permission: Permission) -> None:
    everything = frozenset(Grant(role) for role in Role)
    scope = permission.value.partition(".")[0]
    reached = {p for p in Permission if holding(*everything, scopes=frozenset({scope})).may(p)}
    assert reached == {p for p in Permission if p.value.startswith(f"{scope}.")}
    assert holding(*everything, scopes=frozenset()).may(permission) is False


def test_a_role_beyond_the_tokens_scopes_does_not_count_for_what_there_is_to_see() -> None:
    manager, member, artist = Grant(Role.MANAGER), Grant(Role.MEMBER), Grant(Role.ARTIST)
    narrow, wide = holding(manager, member, artist, scopes=frozenset({"profile"})), holding(manager, member, artist)
    assert (list(narrow.granting_any()), narrow.takes_part, list(narrow.given_roles())) == ([member], False, [])
    assert (set(wide.granting_any()), wide.takes_part, list(wide.given_roles())) == ({manager, member, artist}, True, [manager])
    assert (list(narrow.granting(Permission.PAUSE)), list(wide.granting(Permission.PAUSE))) == ([], [manager])


def test_a_guest_may_nothing_and_the_system_everything() -> None:
    assert [p for p in Permission if GUEST.may(p) or _is_let(GUEST, p)] == []
    assert [p for p in Permission if not (SYSTEM.may(p) and _is_let(SYSTEM, p))] == []
    with pytest.raises(NotSignedIn):
        _ = SYSTEM.person


@pytest.mark.usefixtures("_real_money")
@pytest.mark.parametrize("permission", Permission)
def test_where_money_is_real_a_proof_is_asked_for_exactly_what_rests_on_it(permission: Permission) -> None:
    everything = [Grant(role) for role in Role]
    holding(*everything, is_proven=True).require(permission)
    SYSTEM.require(permission)
    if permission not in permissions.ASKS_FOR_PROOF:
        holding(*everything).require(permission)
        return
    with pytest.raises(ProofNeeded):
        holding(*everything).require(permission)


def test_where_no_money_is_real_nobody_is_asked_for_a_proof() -> None:
    for permission in Permission:
        holding(*(Grant(role) for role in Role)).require(permission)


def test_whoever_takes_no_part_as_an_artist_is_told_how_to_and_everybody_else_whom_to_ask() -> None:
    said = []
    for actor in (holding(Grant(Role.MANAGER)), holding(Grant(Role.ARTIST), scopes=frozenset({"open_call"})), GUEST):
        for permission in (Permission.CITE, Permission.DECIDE_SOURCE):
            with pytest.raises(Forbidden) as refused:
                actor.require(permission)
            said.append(str(refused.value).startswith("Only artists can do this."))
    assert said == [True, False, False, False, False, False]


def test_a_token_reaches_these_parts_or_all_or_its_owners_account() -> None:
    of_the_contribution = {"brand", "brief", "campaign", "client_delivery", "collaboration", "curation", "open_call", "payout", "profile"}
    assert sorted(permissions.SCOPES) == sorted({"*", "account", *of_the_contribution})
