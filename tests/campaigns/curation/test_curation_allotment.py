from collections import Counter
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from campaigns.curation.assignments.rules import allot, draw


def ids(count: int, kind: int) -> list[UUID]:
    return [UUID(int=(kind << 64) + n) for n in range(count)]


@given(seed=st.text(max_size=8), contributions=st.integers(1, 40), curators=st.integers(1, 8), per_contribution=st.integers(1, 8))
def test_every_contribution_gets_its_reviewers_and_no_curator_has_more_than_one_contribution_beyond_another(
    seed: str, contributions: int, curators: int, per_contribution: int
) -> None:
    people, pieces, each = ids(curators, 1), ids(contributions, 2), min(per_contribution, curators)
    pairs = allot(seed, pieces, people, each, taken=(), barred=())
    loads = Counter(curator for curator, _contribution in pairs)
    assert len(set(pairs)) == len(pairs) == contributions * each
    assert max(loads[p] for p in people) - min(loads[p] for p in people) <= 1


@given(seed=st.text(max_size=8), per_contribution=st.integers(1, 4), data=st.data())
def test_nobody_gets_a_contribution_that_is_barred_or_theirs_already_and_nobody_more_than_asked_for(
    seed: str, per_contribution: int, data: st.DataObject
) -> None:
    people, pieces = ids(5, 1), ids(12, 2)
    pair = st.tuples(st.sampled_from(people), st.sampled_from(pieces))
    taken, barred = data.draw(st.sets(pair)), data.draw(st.sets(pair))
    new = allot(seed, pieces, people, per_contribution, taken, barred)
    assert not {*taken, *barred} & set(new)
    for piece in pieces:
        had = sum(contribution == piece for _curator, contribution in taken)
        free = sum((person, piece) not in {*taken, *barred} for person in people)
        assert sum(contribution == piece for _curator, contribution in new) == min(max(per_contribution - had, 0), free)


def test_the_same_seed_draws_the_same_again_and_another_seed_another_way() -> None:
    people, pieces = ids(4, 1), ids(30, 2)
    first, again, other = (allot(seed, pieces, people, 2, (), ()) for seed in ("a", "a", "b"))
    assert first == again
    assert first != other
    assert draw("a", people[0], pieces[0]) == draw("a", people[0], pieces[0]) != draw("b", people[0], pieces[0])


def test_the_order_in_which_contributions_are_given_changes_nothing() -> None:
    people, pieces = ids(4, 1), ids(30, 2)
    assert allot("a", pieces, people, 2, (), ()) == allot("a", list(reversed(pieces)), people, 2, (), ())
