"""Where money is real, whoever decides who speaks for a brand proves who they are, whichever door they take."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from campaigns.administration import cancellations
from campaigns.administration.brands import BrandChanges, edit_brand, merge_brands
from campaigns.core.administrators import ask_administrator, withdraw_request
from campaigns.core.brand_roles import end_brand_role
from campaigns.core.errors import ProofNeeded, Refusal
from campaigns.core.membership import end_role, invite
from campaigns.core.people import SYSTEM, Actor, Brand, Scope
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.core.settings import settings
from tests import factories
from tests.factories import NOW, Partnership, someone


@dataclass
class World:
    """A brand with its people, a campaign that somebody wants to cancel, and the operator."""

    session: Session
    made: Partnership
    operator: Actor
    administrator: Actor

    @property
    def brand(self) -> Brand:
        return self.made.brand

    @property
    def on(self) -> Scope:
        return Scope(brand_id=self.brand.id)


@pytest.fixture
def world(session: Session) -> World:
    made = factories.launched_campaign(session)
    cancellations.cancel(session, made.id, "The brand stops.", by=made.manager, at=NOW)
    administrator = someone(session, Role.BRAND_ADMINISTRATOR, "Ada", on=Scope(brand_id=made.brand.id))
    return World(session, made, someone(session, Role.OPERATOR, "Odile"), administrator)


@contextmanager
def live_key() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STRIPE_API_KEY", "sk_live_1234")
        settings.cache_clear()
        yield
    settings.cache_clear()


def approver(world: World, on: Scope | None = None) -> UUID:
    who = factories.person(world.session)
    return grant_role(world.session, who.person, Role.APPROVER, on=on or world.on, by=SYSTEM).id


def other_brand(world: World) -> Brand:
    brand = Brand(name="Another", sign_off_roles=[])
    world.session.add(brand)
    world.session.flush()
    return brand


def request_of(world: World) -> object:
    return ask_administrator(world.session, world.brand.id, "nell@zappos.example", by=world.made.manager, at=NOW).id


Deed = Callable[[Actor, object], object]
# Who does it, what must be there before, and what they do.
DEEDS: Mapping[str, Callable[[World], tuple[Actor, object, Deed]]] = {
    "an operator ends a role for the brand": lambda w: (
        w.operator, approver(w), lambda by, role: end_brand_role(w.session, w.brand.id, role, by=by, at=NOW),
    ),
    "an administrator ends a role for the brand": lambda w: (
        w.administrator, approver(w), lambda by, role: end_brand_role(w.session, w.brand.id, role, by=by, at=NOW),
    ),
    "an operator ends a role of the brand's in a campaign": lambda w: (
        w.operator, approver(w, w.made.campaign.scope), lambda by, role: end_role(w.session, w.made.id, role, by=by, at=NOW),
    ),
    "an administrator appoints a signer": lambda w: (
        w.administrator, None,
        lambda by, _none: invite(w.session, "new@zappos.example", Role.APPROVER, on=w.on, by=by, at=NOW),
    ),
    "a manager asks for an administrator": lambda w: (
        w.made.manager, None, lambda by, _none: ask_administrator(w.session, w.brand.id, "nell@zappos.example", by=by, at=NOW),
    ),
    "a manager takes the request back": lambda w: (
        w.made.manager, request_of(w), lambda by, asked: withdraw_request(w.session, w.brand.id, asked, by=by, at=NOW),
    ),
    "an administrator changes the billing email": lambda w: (
        w.administrator, None,
        lambda by, _none: edit_brand(w.session, w.brand.id, BrandChanges(billing_email="new@zappos.example"), by=by, at=NOW),
    ),
    "a manager makes one brand part of another": lambda w: (
        w.made.manager, other_brand(w), lambda by, old: merge_brands(w.session, old.id, w.brand.id, by=by, at=NOW),
    ),
    "a manager keeps a campaign that somebody asked to cancel": lambda w: (
        w.made.manager, None, lambda by, _none: cancellations.keep_campaign(w.session, w.made.id, by=by, at=NOW),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", DEEDS)
def test_under_a_live_key_it_takes_a_proof_that(world: World, what: str) -> None:
    by, there, deed = DEEDS[what](world)
    with live_key():
        with pytest.raises(ProofNeeded):
            deed(by, there)
        deed(replace(by, is_proven=True), there)


def test_a_brands_other_fields_and_the_same_billing_email_ask_for_none(world: World) -> None:
    same = world.brand.billing_email
    assert same
    with live_key():
        edit_brand(world.session, world.brand.id, BrandChanges(name="Zappos Ltd", billing_email=same), by=world.administrator, at=NOW)
    assert (world.brand.name, world.brand.billing_email) == ("Zappos Ltd", same)


def test_whoever_may_do_none_of_it_is_told_so_and_not_asked_for_a_proof(world: World) -> None:
    curator, role = someone(world.session, Role.CURATOR), approver(world)
    with live_key(), pytest.raises(Refusal) as refused:
        end_brand_role(world.session, world.brand.id, role, by=curator, at=NOW)
    assert (refused.value.status, type(refused.value) is ProofNeeded) == (403, False)
