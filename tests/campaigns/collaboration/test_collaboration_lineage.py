import pytest
from sqlalchemy.orm import Session

from campaigns.collaboration.claims import actions as claim_actions
from campaigns.collaboration.errors import JudgesBlind
from campaigns.collaboration.lineage.families import family, sources
from campaigns.collaboration.lineage.queries import Direction, MadeContribution, ancestors, descendants, lineage_of
from campaigns.collaboration.models import SourceKind
from campaigns.collaboration.remixes.actions import Citation, remix
from campaigns.core.people import Actor
from campaigns.open_call.contributions.actions import withdraw
from campaigns.open_call.models import Contribution
from tests.campaigns.brief.counting import statements
from tests.factories import NOW, Partnership, curator, entry, opened_call, person, remixed, taking_part

CONTAINS, INFLUENCED_BY = SourceKind.CONTAINS, SourceKind.INFLUENCED_BY


def three_generations(
    session: Session,
) -> tuple[Partnership, tuple[Actor, Actor, Actor], tuple[Contribution, Contribution, Contribution]]:
    """Ana's story, Ben's song with it, Cai's film with the song and (open) under the story's influence."""
    made = opened_call(session)
    ana, ben, cai = (person(session, name) for name in ("Ana", "Ben", "Cai"))
    story = taking_part(session, made, ana, "Story")
    song = remixed(session, made, ben, (story, CONTAINS), title="Song")
    film = remixed(session, made, cai, (song, CONTAINS), (story, INFLUENCED_BY), title="Film")
    return made, (ana, ben, cai), (story, song, film)


def test_lineage_goes_up_and_down_over_all_generations_by_the_shortest_way(session: Session) -> None:
    _made, (ana, _ben, _cai), (story, song, film) = three_generations(session)
    assert ancestors(session, film.id).generations == {film.id: 0, song.id: 1, story.id: 2}
    assert descendants(session, story.id).generations == {story.id: 0, song.id: 1, film.id: 2}
    claim_actions.confirm(session, film.id, story.id, by=ana, at=NOW)
    assert ancestors(session, film.id).generations == {film.id: 0, song.id: 1, story.id: 1}
    edges = [(s.contribution_id, s.source_id, s.kind, s.weight) for s in ancestors(session, film.id).sources]
    assert edges == [(song.id, story.id, CONTAINS, 1), (film.id, story.id, INFLUENCED_BY, 1), (film.id, song.id, CONTAINS, 1)]
    assert descendants(session, film.id).generations == {film.id: 0}


def test_the_split_gets_every_contribution_that_its_components_came_from_with_makers_and_confirmed_edges(session: Session) -> None:
    made, (ana, ben, cai), (story, song, film) = three_generations(session)
    other = taking_part(session, made, cai, makers={cai.person: 1, ben.person: 4})
    rows = lineage_of(session, [film.id, other.id])
    assert rows.contributions == {
        story.id: MadeContribution(story.id, {ana.person: 1}, False),
        song.id: MadeContribution(song.id, {ben.person: 1}, False),
        film.id: MadeContribution(film.id, {cai.person: 1}, False),
        other.id: MadeContribution(other.id, {ben.person: 4, cai.person: 1}, False),
    }
    assert [(s.contribution_id, s.source_id) for s in rows.sources] == [(song.id, story.id), (film.id, song.id)]


def test_a_lineage_takes_as_many_queries_for_thirty_contributions_as_for_one(session: Session) -> None:
    made = opened_call(session)
    ana = person(session)
    contributions = [taking_part(session, made, ana)]
    sent = []
    for size in (1, 30):
        while len(contributions) < size:
            contributions.append(remixed(session, made, ana, (contributions[-1], CONTAINS)))
        with statements(session) as some:
            family(session, contributions[-1].id, Direction.UP, by=ana)
            assert len(lineage_of(session, [contributions[-1].id]).contributions) == size
        sent.append(len(some))
    assert sent == [8, 8]


def test_of_a_contribution_that_was_taken_down_the_lineage_shows_only_its_place(session: Session) -> None:
    _made, (ana, ben, _cai), (story, song, _film) = three_generations(session)
    withdraw(session, story.id, by=ana, at=NOW)
    found = family(session, song.id, Direction.UP, by=ben)
    assert [(r.id, r.contribution, [c.name for c in r.credits]) for r in found.relatives] == [
        (song.id, song, ["Ben"]),
        (story.id, None, []),
    ]


def test_a_remix_that_has_not_been_screened_shows_in_nobody_elses_lineage(session: Session) -> None:
    made, (ana, ben, _cai), (story, _song, film) = three_generations(session)
    waiting = remix(session, made.id, entry(session, ben), [Citation(film.id, CONTAINS)], by=ben, at=NOW)
    assert waiting.id not in [r.id for r in family(session, story.id, Direction.DOWN, by=ana).relatives]
    assert [r.id for r in family(session, waiting.id, Direction.UP, by=ben).relatives][:2] == [waiting.id, film.id]


def test_open_claims_show_to_the_makers_of_the_contribution_alone(session: Session) -> None:
    _made, (ana, _ben, cai), (story, song, film) = three_generations(session)
    assert [s.source_id for s in sources(session, film.id, by=cai)] == [story.id, song.id]
    assert [s.source_id for s in sources(session, film.id, by=ana)] == [song.id]


def test_those_who_judge_blind_see_no_lineage(session: Session) -> None:
    made, _people, (story, _song, film) = three_generations(session)
    judge = curator(session, made)
    for direction in Direction:
        with pytest.raises(JudgesBlind):
            family(session, story.id, direction, by=judge)
    with pytest.raises(JudgesBlind):
        sources(session, film.id, by=judge)
