"""Who judges a campaign blind sees no names in it until all is chosen, and who does not sees them."""

from sqlalchemy.orm import Session

from campaigns.core.campaign import deliverables_of
from campaigns.core.people import Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage
from campaigns.curation.queries import judges_still
from tests import factories
from tests.factories import someone


def test_whoever_curates_one_deliverable_is_blind_in_its_campaign_until_the_last_is_chosen_and_nobody_else_is(session: Session) -> None:
    made = factories.opened_call(session)
    first, *others = deliverables_of(session, made.id)
    elsewhere = factories.opened_call(session)
    judge = someone(session, Role.CURATOR, on=first.scope)
    readers = (judge, made.manager, someone(session, Role.CURATOR, on=elsewhere.campaign.scope))

    def blind() -> list[bool]:
        session.flush()
        return [judges_still(session, deliverables_of(session, made.id), by=actor_for(session, who.person)) for who in readers]

    assert blind() == [True, False, False]
    for deliverable in others:
        deliverable.stage = Stage.CLIENT_DELIVERY
    assert blind() == [True, False, False]
    first.stage = Stage.PAYOUT
    assert blind() == [False, False, False]
    everywhere = someone(session, Role.CURATOR, on=Scope())
    assert not judges_still(session, deliverables_of(session, made.id), by=everywhere)
    assert judges_still(session, deliverables_of(session, elsewhere.id), by=everywhere)
