from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from campaigns.collaboration.claims import actions as claim_actions
from campaigns.collaboration.claims.queries import claim_page, claims_about, claims_to_answer, open_claims
from campaigns.collaboration.errors import (
    AlreadyDecided,
    ClaimsClosed,
    NewerSource,
    NoSuchSource,
    NotInvolved,
    NotTheOtherSide,
    OwnInterest,
    PairCitedTwice,
    SourceElsewhere,
    SourceNotTakingPart,
    WeightOutOfRange,
)
from campaigns.collaboration.lineage.families import sources
from campaigns.collaboration.lineage.queries import ancestors, lineage_of
from campaigns.collaboration.models import Party, Source, SourceKind, SourceState, WrapperFinding
from campaigns.collaboration.remixes.actions import Citation, remix
from campaigns.core.errors import Forbidden, ReasonMissing, Refusal
from campaigns.core.ids import new_id
from campaigns.core.people import Actor, Person
from campaigns.open_call.contributions.actions import withdraw
from campaigns.open_call.errors import NoSuchContribution
from campaigns.open_call.makers.actions import confirm_part
from campaigns.open_call.makers.queries import makers_at
from campaigns.open_call.models import Contribution
from tests.called_off import call_off
from tests.factories import NOW, Partnership, contributed, curator, entry, opened_call, person, remixed, taking_part

CONTAINS, INFLUENCED_BY = SourceKind.CONTAINS, SourceKind.INFLUENCED_BY
OPEN, CONFIRMED, DECLINED = SourceState.OPEN, SourceState.CONFIRMED, SourceState.DECLINED


def two_contributions(session: Session) -> tuple[Partnership, Actor, Actor, Contribution, Contribution]:
    """An older contribution by Ana, a newer one by Ben, and who else is in their campaign."""
    made = opened_call(session)
    ana, ben = person(session, "Ana"), person(session, "Ben")
    return made, ana, ben, taking_part(session, made, ana), taking_part(session, made, ben)


def claimed(session: Session, contribution: Contribution, older: Contribution, by: Actor) -> Source:
    return claim_actions.claim(session, contribution.id, older.id, INFLUENCED_BY, by=by, at=NOW)


def state(session: Session, contribution: Contribution, older: Contribution) -> tuple[object, ...]:
    found = session.get_one(Source, (contribution.id, older.id), populate_existing=True)
    return (found.state, found.claimed_as, found.decided_as, found.decided_by, found.weight)


def counted(session: Session, contribution: Contribution) -> set[UUID]:
    return set(ancestors(session, contribution.id).generations) - {contribution.id}


def test_an_influence_counts_only_once_the_other_side_has_confirmed_it(session: Session) -> None:
    _made, ana, ben, older, contribution = two_contributions(session)
    claimed(session, contribution, older, ben)
    assert counted(session, contribution) == set()
    claim_actions.confirm(session, contribution.id, older.id, by=ana, at=NOW)
    assert state(session, contribution, older) == (CONFIRMED, Party.CONTRIBUTION, Party.SOURCE, ana.person, 1)
    assert counted(session, contribution) == {older.id}


def test_the_maker_of_the_source_may_claim_and_the_maker_of_the_contribution_answers(session: Session) -> None:
    _made, ana, ben, older, contribution = two_contributions(session)
    claimed(session, contribution, older, ana)
    claim_actions.decline(session, contribution.id, older.id, "I had not seen it.", by=ben, at=NOW)
    assert state(session, contribution, older) == (DECLINED, Party.SOURCE, Party.CONTRIBUTION, ben.person, 1)
    assert counted(session, contribution) == set()


def test_whoever_claims_does_not_confirm_as_well(session: Session) -> None:
    _made, _ana, ben, older, contribution = two_contributions(session)
    claimed(session, contribution, older, ben)
    with pytest.raises(NotTheOtherSide):
        claim_actions.confirm(session, contribution.id, older.id, by=ben, at=NOW)
    assert state(session, contribution, older)[0] is OPEN


def test_between_the_same_people_only_a_curator_decides(session: Session) -> None:
    made, ana, ben = opened_call(session), person(session, "Ana"), person(session, "Ben")
    both = {ana.person: 1, ben.person: 2}
    older, contribution = taking_part(session, made, ana, makers=both), taking_part(session, made, ben, makers=both)
    claimed(session, contribution, older, ana)
    with pytest.raises(NotTheOtherSide):
        claim_actions.confirm(session, contribution.id, older.id, by=ben, at=NOW)
    assert (claims_to_answer(session, by=ben), claims_to_answer(session, by=ana)) == ([], [])
    judge = curator(session, made)
    claim_actions.decide(session, contribution.id, older.id, True, "The refrain comes back.", by=judge, at=NOW)
    assert state(session, contribution, older) == (CONFIRMED, Party.CONTRIBUTION, Party.CURATOR, judge.person, 1)


def test_whoever_made_both_contributions_with_others_leaves_the_answer_to_the_others(session: Session) -> None:
    made, ana, ben = opened_call(session), person(session, "Ana"), person(session, "Ben")
    older, contribution = taking_part(session, made, ana), taking_part(session, made, ben, makers={ana.person: 1, ben.person: 1})
    claimed(session, contribution, older, ana)
    assert [asked.source.contribution_id for asked in claims_to_answer(session, by=ben)] == [contribution.id]
    claim_actions.confirm(session, contribution.id, older.id, by=ben, at=NOW)
    assert state(session, contribution, older) == (CONFIRMED, Party.SOURCE, Party.CONTRIBUTION, ben.person, 1)


def test_whoever_was_only_named_as_a_maker_speaks_for_no_side_and_reads_no_claims_until_they_confirm_it(session: Session) -> None:
    made = opened_call(session)
    ana, ben, cai = (person(session, name) for name in ("Ana", "Ben", "Cai"))
    named = makers_at(session, 1, [(session.get_one(Person, ben.person).email, 1)], by=ana)
    older = taking_part(session, made, ana, makers=named.shares, addresses=named.addresses)
    ours, theirs = taking_part(session, made, ana), taking_part(session, made, cai)
    claimed(session, ours, older, ana)
    claimed(session, theirs, older, cai)
    for contribution in (ours, theirs):
        with pytest.raises(NoSuchSource):
            claim_actions.confirm(session, contribution.id, older.id, by=ben, at=NOW)
        with pytest.raises(NoSuchSource):
            claim_page(session, contribution.id, older.id, by=ben)
    assert (claims_to_answer(session, by=ben), claims_about(session, by=ben), sources(session, older.id, by=ben)) == ([], [], [])
    with pytest.raises(NotInvolved):
        claimed(session, taking_part(session, made), older, ben)
    confirm_part(session, older.id, by=ben, at=NOW)
    # What Ana said of two contributions that were hers alone is a curator's to answer.
    assert [asked.source.contribution_id for asked in claims_to_answer(session, by=ben)] == [theirs.id]
    assert [claim_page(session, contribution.id, older.id, by=ben).can_answer for contribution in (ours, theirs)] == [False, True]
    claim_actions.confirm(session, theirs.id, older.id, by=ben, at=NOW)
    assert state(session, theirs, older) == (CONFIRMED, Party.CONTRIBUTION, Party.SOURCE, ben.person, 1)


def test_a_curator_decides_anew_what_was_confirmed_or_declined_and_sets_the_weight(session: Session) -> None:
    made, ana, ben, older, contribution = two_contributions(session)
    judge = curator(session, made)
    claimed(session, contribution, older, ben)
    claim_actions.decline(session, contribution.id, older.id, "No.", by=ana, at=NOW)
    claim_actions.decide(session, contribution.id, older.id, True, "The same lanterns, the same street.", weight=3, by=judge, at=NOW)
    assert state(session, contribution, older) == (CONFIRMED, Party.CONTRIBUTION, Party.CURATOR, judge.person, 3)
    claim_actions.decide(session, contribution.id, older.id, False, "A coincidence after all.", by=judge, at=NOW)
    assert state(session, contribution, older) == (DECLINED, Party.CONTRIBUTION, Party.CURATOR, judge.person, 3)


def test_a_source_that_a_curator_names_waits_for_a_curator(session: Session) -> None:
    made, ana, _ben, older, contribution = two_contributions(session)
    judge = curator(session, made)
    claimed(session, contribution, older, judge)
    with pytest.raises(NotTheOtherSide):
        claim_actions.confirm(session, contribution.id, older.id, by=ana, at=NOW)
    claim_actions.decide(session, contribution.id, older.id, True, "It is plain to see.", by=judge, at=NOW)
    assert state(session, contribution, older)[:3] == (CONFIRMED, Party.CURATOR, Party.CURATOR)


def test_a_curator_does_not_decide_about_a_contribution_of_their_own(session: Session) -> None:
    made = opened_call(session)
    judge = curator(session, made)
    older, contribution = taking_part(session, made, person(session)), taking_part(session, made, judge)
    claimed(session, contribution, older, judge)
    with pytest.raises(OwnInterest):
        claim_actions.decide(session, contribution.id, older.id, True, "Mine.", by=judge, at=NOW)
    with pytest.raises(OwnInterest):
        claim_actions.find_wrapper(session, contribution.id, False, "Mine.", by=judge, at=NOW)
    assert open_claims(session, made.id, by=judge) == []
    assert state(session, contribution, older)[0] is OPEN


def test_only_curators_decide(session: Session) -> None:
    made, ana, ben, older, contribution = two_contributions(session)
    claimed(session, contribution, older, ben)
    for outsider in (ana, made.manager):
        with pytest.raises(Forbidden):
            claim_actions.decide(session, contribution.id, older.id, True, "Yes.", by=outsider, at=NOW)
        with pytest.raises(Forbidden):
            claim_actions.find_wrapper(session, contribution.id, True, "Yes.", by=outsider, at=NOW)
        with pytest.raises(Forbidden):
            open_claims(session, made.id, by=outsider)
    assert state(session, contribution, older)[0] is OPEN


def test_a_decision_without_a_reason_or_with_a_weight_below_one_is_refused(session: Session) -> None:
    made, ana, ben, older, contribution = two_contributions(session)
    judge = curator(session, made)
    claimed(session, contribution, older, ben)
    with pytest.raises(ReasonMissing):
        claim_actions.decide(session, contribution.id, older.id, True, " ", by=judge, at=NOW)
    with pytest.raises(ReasonMissing):
        claim_actions.decline(session, contribution.id, older.id, "", by=ana, at=NOW)
    for weight in (0, 1_000_001):
        with pytest.raises(WeightOutOfRange):
            claim_actions.decide(session, contribution.id, older.id, True, "Yes.", weight=weight, by=judge, at=NOW)
    assert state(session, contribution, older) == (OPEN, Party.CONTRIBUTION, None, None, 1)


def test_an_answer_is_given_once(session: Session) -> None:
    _made, ana, ben, older, contribution = two_contributions(session)
    claimed(session, contribution, older, ben)
    claim_actions.confirm(session, contribution.id, older.id, by=ana, at=NOW)
    with pytest.raises(AlreadyDecided):
        claim_actions.decline(session, contribution.id, older.id, "I think again.", by=ana, at=NOW)
    assert state(session, contribution, older)[0] is CONFIRMED


def test_a_claim_against_the_order_of_time_would_close_a_cycle_and_is_refused(session: Session) -> None:
    _made, ana, _ben, older, contribution = two_contributions(session)
    for pair in ((older, contribution), (older, older)):
        with pytest.raises(NewerSource) as refusal:
            claimed(session, *pair, ana)
        assert refusal.value.field == "source"
    assert session.query(Source).count() == 0


def test_a_claim_on_a_pair_that_is_cited_already_is_refused_whatever_its_kind(session: Session) -> None:
    made, ana, ben, older, _contribution = two_contributions(session)
    contribution = remixed(session, made, ben, (older, CONTAINS))
    with pytest.raises(PairCitedTwice):
        claimed(session, contribution, older, ana)
    assert session.query(Source).count() == 1


def test_strangers_to_both_contributions_claim_nothing(session: Session) -> None:
    _made, _ana, _ben, older, contribution = two_contributions(session)
    with pytest.raises(NotInvolved):
        claimed(session, contribution, older, person(session, "Cai"))
    assert session.query(Source).count() == 0


def test_whoever_has_no_part_in_a_claim_is_told_that_before_anything_of_what_they_name(session: Session) -> None:
    made, ana, ben, older, contribution = two_contributions(session)
    gone, foreign = taking_part(session, made, ana, "A wedding"), taking_part(session, opened_call(session), ben)
    withdraw(session, gone.id, by=ana, at=NOW)
    cai, newest = person(session, "Cai"), taking_part(session, made, ana)
    taking_part(session, made, cai)  # so that the campaign is there for them when it has ended
    named = (older.id, gone.id, foreign.id, contribution.id, newest.id, new_id(), UUID(int=7))
    assert [refusal(lambda: claim_actions.claim(session, newest.id, each, INFLUENCED_BY, by=cai, at=NOW)) for each in named] == [  # noqa: B023
        "Only the makers of the two contributions or a curator can claim that one is a source of the other."
    ] * len(named)
    call_off(session, made.id, "The brand stops.", by=made.manager, at=NOW)
    with pytest.raises(NotInvolved):
        claimed(session, contribution, older, cai)


def test_whoever_has_no_part_in_a_claim_is_told_of_it_as_of_one_that_nobody_made(session: Session) -> None:
    made, _ana, ben, older, contribution = two_contributions(session)
    cai, other, unscreened = person(session, "Cai"), taking_part(session, made, ben), remixed_unseen(session, made, ben)
    taking_part(session, made, cai)  # so that the campaign is there for them when it has ended
    claimed(session, contribution, older, ben)

    def decline(session: Session, contribution_id: UUID, source_id: UUID, *, by: Actor, at: datetime) -> Source:
        return claim_actions.decline(session, contribution_id, source_id, "No.", by=by, at=at)

    for answer in (claim_actions.confirm, decline):
        told = {refusal(lambda: answer(session, one.id, older.id, by=cai, at=NOW)) for one in (contribution, other)}  # noqa: B023
        assert told == {"This contribution has no such source."}
        with pytest.raises(NoSuchContribution):
            answer(session, *unscreened, by=cai, at=NOW)
    call_off(session, made.id, "The brand stops.", by=made.manager, at=NOW)
    with pytest.raises(NoSuchSource):
        claim_actions.confirm(session, contribution.id, older.id, by=cai, at=NOW)
    with pytest.raises(NotTheOtherSide):
        claim_actions.confirm(session, contribution.id, older.id, by=ben, at=NOW)


def remixed_unseen(session: Session, made: Partnership, by: Actor) -> tuple[UUID, UUID]:
    """A contribution that waits to be screened, and what it was led to by."""
    source = taking_part(session, made, person(session, "Dee"))
    cited = [Citation(source.id, INFLUENCED_BY)]
    return remix(session, made.id, entry(session, by, "First foot"), cited, by=by, at=NOW).id, source.id


def refusal(deed: Callable[[], object]) -> str:
    """The sentence that it is refused with."""
    with pytest.raises(Refusal) as caught:
        deed()
    return caught.value.message


def test_whoever_judges_reads_no_makers_name_in_the_title_of_what_takes_no_part(session: Session) -> None:
    made, ana, _ben, _older, _contribution = two_contributions(session)
    gone, newest = taking_part(session, made, ana, "Ana at sea"), taking_part(session, made)
    withdraw(session, gone.id, by=ana, at=NOW)
    told = refusal(lambda: claim_actions.claim(session, newest.id, gone.id, INFLUENCED_BY, by=curator(session, made), at=NOW))
    assert ("Ana" in told, told.endswith("at sea” is not an accepted contribution, so it cannot have or be a source.")) == (False, True)


def test_a_claim_needs_two_contributions_of_one_campaign_that_take_part(session: Session) -> None:
    made, ana, ben, older, _contribution = two_contributions(session)
    foreign = taking_part(session, opened_call(session), ben)
    with pytest.raises(SourceElsewhere):
        claimed(session, foreign, older, ben)
    waiting = contributed(session, made, ben)
    with pytest.raises(SourceNotTakingPart):
        claimed(session, waiting, older, ben)
    with pytest.raises(NoSuchContribution):
        claimed(session, waiting, older, ana)
    assert session.query(Source).count() == 0


def test_in_a_campaign_that_has_ended_nothing_more_is_claimed(session: Session) -> None:
    made, _ana, ben, older, contribution = two_contributions(session)
    call_off(session, made.id, "The brand stops.", by=made.manager, at=NOW)
    with pytest.raises(ClaimsClosed):
        claimed(session, contribution, older, ben)
    assert session.query(Source).count() == 0


def test_in_a_campaign_that_has_ended_nothing_more_is_answered_decided_or_found(session: Session) -> None:
    made, ana, ben, older, contribution = two_contributions(session)
    source, judge = claimed(session, contribution, older, ben), curator(session, made)
    call_off(session, made.id, "The brand stops.", by=made.manager, at=NOW)
    for deed in (
        lambda: claim_actions.confirm(session, contribution.id, older.id, by=ana, at=NOW),
        lambda: claim_actions.decline(session, contribution.id, older.id, "No.", by=ana, at=NOW),
        lambda: claim_actions.decide(session, contribution.id, older.id, True, "Yes.", by=judge, at=NOW),
        lambda: claim_actions.find_wrapper(session, contribution.id, True, "A bundle.", by=judge, at=NOW),
    ):
        with pytest.raises(ClaimsClosed):
            deed()
    assert claims_to_answer(session, by=ana) == []
    assert (source.state, session.query(WrapperFinding).count()) == (SourceState.OPEN, 0)


def test_a_curators_finding_stands_above_what_the_maker_said(session: Session) -> None:
    made = opened_call(session)
    judge = curator(session, made)
    bundle, honest = taking_part(session, made), taking_part(session, made, is_wrapper=True)
    claim_actions.find_wrapper(session, bundle.id, True, "A re-upload.", by=judge, at=NOW)
    claim_actions.find_wrapper(session, honest.id, True, "A bundle.", by=judge, at=NOW)
    claim_actions.find_wrapper(session, honest.id, False, "New words after all.", by=judge, at=NOW)
    contributions = lineage_of(session, [bundle.id, honest.id]).contributions
    assert {key: made_contribution.is_wrapper for key, made_contribution in contributions.items()} == {bundle.id: True, honest.id: False}
    assert session.query(WrapperFinding).count() == 2


def test_open_claims_come_to_whom_they_wait_for_and_to_curators_without_names(session: Session) -> None:
    made, ana, ben, older, contribution = two_contributions(session)
    judge = curator(session, made)
    source = claimed(session, contribution, older, ben)
    assert [(asked.source, asked.contribution, asked.older) for asked in claims_to_answer(session, by=ana)] == [
        (source, contribution, older)
    ]
    assert claims_to_answer(session, by=ben) == []
    (blind,) = open_claims(session, made.id, by=judge)
    assert (blind.source, blind.contribution.id, blind.older.id) == (source, contribution.id, older.id)
