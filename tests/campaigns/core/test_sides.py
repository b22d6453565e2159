"""Nobody is on both sides of a partnership, and whoever asks for it is told which one the person is on."""

import pytest
from sqlalchemy.orm import Session

from campaigns.core.people import Actor, Scope
from campaigns.core.permissions import Role
from campaigns.core.sides import OnBothSides, require_one_side
from tests.factories import Partnership, new_campaign, person, someone

OF_STAFF = "This person works for Callboard, so they cannot have a role of the brand: name someone from the brand."
OF_BRAND = "This person speaks for a brand, so they cannot have a staff role here: name someone else."
ASKED = (Role.MANAGER, Role.FINANCE, Role.LEADER, Role.APPROVER, Role.SIGNER)


def refusal(session: Session, who: Actor, role: Role, made: Partnership) -> str | None:
    on = Scope() if role is Role.FINANCE else made.campaign.scope
    try:
        require_one_side(session, who.person, role, on.brand_id, on.campaign_id)
    except OnBothSides as refused:
        return refused.message if refused.field == "email" else None
    return None


@pytest.mark.parametrize("elsewhere", [False, True])
def test_whoever_is_on_one_side_is_refused_the_other_with_its_sentence(session: Session, elsewhere: bool) -> None:
    made, other = new_campaign(session), new_campaign(session)
    on = (other if elsewhere else made).campaign.scope
    staff, leader, approver = (someone(session, role, on=on) for role in (Role.MANAGER, Role.LEADER, Role.APPROVER))
    told = {name: [refusal(session, who, role, made) for role in ASKED] for name, who in (
        ("a manager", staff), ("a leader", leader), ("an approver", approver), ("somebody new", person(session)),
    )}  # fmt: skip
    assert told == {
        "a manager": [None, None, None, OF_STAFF, OF_STAFF],
        "a leader": [None, None, None, *([None] * 2 if elsewhere else [OF_STAFF] * 2)],
        "an approver": [OF_BRAND, OF_BRAND, None if elsewhere else OF_BRAND, None, None],
        "somebody new": [None] * 5,
    }
