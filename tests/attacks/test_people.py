"""Each role that there is asks: nobody is left out of those in whose name the attacks are made."""

from campaigns.core.people import actor_for
from campaigns.core.permissions import Role
from campaigns.core.stages import ENDS, Stage
from tests.attacks.people import EVERYONE, NOBODY
from tests.browser.town import Town, within
from workers.transactions import unit_of_work


def test_those_in_whose_name_attacks_are_made_hold_every_role_in_each_stage(founded_town: Town) -> None:
    with within(founded_town.environment), unit_of_work() as session:
        people = {stage: [founded_town.person(name, stage) for name in EVERYONE if name != NOBODY] for stage in Stage if stage not in ENDS}
        held = {stage: {g.role for who in there for g in actor_for(session, who.person).grants} for stage, there in people.items()}
    assert held == {stage: set(Role) for stage in people}
