"""What selections said of contributions, as their makers meet it in a list."""

from datetime import timedelta

from sqlalchemy.orm import Session

from campaigns.core.stages import Stage
from campaigns.curation.selections.actions import publish
from campaigns.curation.selections.queries import Fate, fates_of
from tests.campaigns.brief.counting import statements
from tests.factories import NOW, came_into, entered, opened_call, person, taking_part

LATER = NOW + timedelta(days=21)


def test_each_deliverables_newest_word_counts_and_what_chose_the_contribution_comes_first_in_one_query(session: Session) -> None:
    made = opened_call(session)
    contributions = [taking_part(session, made, person(session, name)) for name in ("Ana", "Ben", "Cleo")]
    ana, ben, cleo = (contribution.id for contribution in contributions)
    film, card, song = entered(session, made, Stage.CURATION, at=LATER)
    publish(session, film.id, film.visit, {ana: "It moved us."}, {}, "Not this time.", by=made.manager, at=LATER)
    publish(session, card.id, card.visit, {ben: "So clear."}, {ana: "Too dark."}, "Not this time.", by=made.manager, at=LATER)
    came_into(session, film, Stage.CURATION, at=LATER)
    publish(session, film.id, film.visit, {ben: "On a second look."}, {}, "Another was chosen.", by=made.manager, at=LATER)
    session.flush()
    with statements(session) as sent:
        found = fates_of(session, [ana, ben, cleo])
    assert found == {
        ana: [Fate("Holiday film", False, "Another was chosen."), Fate("Holiday card", False, "Too dark.")],
        ben: [Fate("Holiday film", True, "On a second look."), Fate("Holiday card", True, "So clear.")],
        cleo: [Fate("Holiday film", False, "Another was chosen."), Fate("Holiday card", False, "Not this time.")],
    }
    assert (len(sent), song.stage) == (1, Stage.CURATION)
