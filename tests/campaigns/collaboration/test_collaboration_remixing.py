from datetime import datetime, timedelta

import psycopg
import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.collaboration.errors import NothingCited, PairCitedTwice, RemixingClosed, SourceElsewhere, SourceNotTakingPart
from campaigns.collaboration.models import Party, Source, SourceKind, SourceState
from campaigns.collaboration.remixes.actions import Citation, remix
from campaigns.core.campaign import deliverables_of
from campaigns.core.errors import Refusal
from campaigns.core.ids import new_id
from campaigns.core.people import Actor
from campaigns.core.stages import Stage
from campaigns.open_call.contributions.actions import withdraw
from campaigns.open_call.models import Contribution, ContributionFile
from tests.called_off import call_off
from tests.factories import NOW, Partnership, came_into, contributed, entered, entry, opened_call, person, remixed, taking_part

CONTAINS, INFLUENCED_BY = SourceKind.CONTAINS, SourceKind.INFLUENCED_BY
CALL_CLOSED, COLLABORATION_CLOSED = NOW + timedelta(days=14), NOW + timedelta(days=21)


def refused(
    session: Session, refusal: type[Refusal], made: Partnership, *cited: Citation, at: datetime = NOW, by: Actor | None = None
) -> Refusal:
    """What the remix is refused with; nothing has changed."""
    before = everything(session)
    by = by or person(session, "Ben")
    new = entry(session, by)
    with pytest.raises(refusal) as caught:
        remix(session, made.id, new, cited, by=by, at=at)
    assert everything(session) == before
    return caught.value


def everything(session: Session) -> list[int]:
    return [session.scalars(select(func.count()).select_from(table)).one() for table in (Contribution, ContributionFile, Source)]


def edge(session: Session, contribution: Contribution, older: Contribution) -> tuple[object, ...]:
    found = session.get_one(Source, (contribution.id, older.id))
    return (found.kind, found.state, found.claimed_as, found.decided_as, found.weight)


def test_what_a_remix_contains_counts_at_once_and_what_influenced_it_waits_for_the_other_side(session: Session) -> None:
    made = opened_call(session)
    first, second = taking_part(session, made), taking_part(session, made)
    contribution = remixed(session, made, person(session), (first, CONTAINS), (second, INFLUENCED_BY))
    assert edge(session, contribution, first) == (CONTAINS, SourceState.CONFIRMED, Party.CONTRIBUTION, Party.LICENCE, 1)
    assert edge(session, contribution, second) == (INFLUENCED_BY, SourceState.OPEN, Party.CONTRIBUTION, None, 1)


def test_a_remix_without_a_source_is_refused(session: Session) -> None:
    refused(session, NothingCited, opened_call(session))


def test_a_pair_cited_twice_is_refused(session: Session) -> None:
    made = opened_call(session)
    older = taking_part(session, made)
    refusal = refused(session, PairCitedTwice, made, Citation(older.id, CONTAINS), Citation(older.id, INFLUENCED_BY))
    assert (refusal.message, refusal.field) == ("A source can be cited only once.", "sources")


def test_a_source_of_another_campaign_is_refused(session: Session) -> None:
    made, elsewhere = opened_call(session), opened_call(session)
    refused(session, SourceElsewhere, made, Citation(taking_part(session, elsewhere).id, CONTAINS))


def test_a_source_that_is_not_screened_in_or_was_taken_down_is_refused(session: Session) -> None:
    made, ben = opened_call(session), person(session, "Ben")
    waiting, gone = contributed(session, made, ben), taking_part(session, made, ben)
    withdraw(session, gone.id, by=ben, at=NOW)
    for own in (waiting, gone):
        refused(session, SourceNotTakingPart, made, Citation(own.id, CONTAINS), by=ben)


def test_a_source_that_its_reader_may_not_know_of_is_refused_like_one_that_does_not_exist(session: Session) -> None:
    made, ana = opened_call(session), person(session)
    waiting, gone = contributed(session, made, ana), taking_part(session, made, ana)
    withdraw(session, gone.id, by=ana, at=NOW)
    told = {refused(session, SourceElsewhere, made, Citation(each, CONTAINS)).message for each in (waiting.id, gone.id, new_id())}
    assert told == {"A cited contribution is not in this campaign, or is no longer available."}


def test_remixing_stays_open_while_any_deliverable_is_in_collaboration_before_its_close(session: Session) -> None:
    made = opened_call(session)
    older = taking_part(session, made)
    refused(session, RemixingClosed, made, Citation(older.id, CONTAINS), at=CALL_CLOSED)
    entered(session, made, Stage.COLLABORATION, at=CALL_CLOSED)
    remixed(session, made, person(session), (older, CONTAINS), at=CALL_CLOSED)
    refused(session, RemixingClosed, made, Citation(older.id, CONTAINS), at=COLLABORATION_CLOSED)


def test_a_deliverable_that_came_back_opens_remixing_again_until_its_word(session: Session) -> None:
    made = opened_call(session)
    older = taking_part(session, made)
    first, *_others = entered(session, made, Stage.COLLABORATION, at=CALL_CLOSED)
    entered(session, made, Stage.CURATION, at=COLLABORATION_CLOSED)
    refused(session, RemixingClosed, made, Citation(older.id, CONTAINS), at=COLLABORATION_CLOSED)
    came_into(session, first, Stage.COLLABORATION, at=COLLABORATION_CLOSED)
    remixed(session, made, person(session), (older, CONTAINS), at=COLLABORATION_CLOSED)


def test_the_database_itself_refuses_a_cycle_a_newer_source_and_one_of_another_campaign(session: Session) -> None:
    made, elsewhere, ana = opened_call(session), opened_call(session), person(session)
    first, second, foreign = taking_part(session, made, ana), taking_part(session, made, ana), taking_part(session, elsewhere, ana)
    assert fault(session, first, second, ana) == "ck_source_older"
    assert fault(session, first, first, ana) == "ck_source_older"
    assert fault(session, foreign, first, ana) == "one_campaign"


def fault(session: Session, contribution: Contribution, older: Contribution, by: Actor) -> str | None:
    """The constraint that an edge written past all actions breaks."""
    words = {"kind": CONTAINS, "state": SourceState.OPEN, "claimed_by": by.person, "claimed_as": Party.CONTRIBUTION, "claimed_at": NOW}
    with pytest.raises(IntegrityError) as caught, session.begin_nested():
        session.execute(
            insert(Source).values(id=new_id(), contribution_id=contribution.id, source_id=older.id, weight=1, at_upload=False, **words)
        )
    assert isinstance(caught.value.orig, psycopg.Error)
    return caught.value.orig.diag.constraint_name


def test_an_edge_is_never_deleted_and_what_was_claimed_never_changed(session: Session) -> None:
    made = opened_call(session)
    older = taking_part(session, made)
    remixed(session, made, person(session), (older, CONTAINS))
    for change in ("delete from source", "update source set kind = 'influenced_by', decided_as = 'curator'"):
        with pytest.raises(IntegrityError, match="refused"), session.begin_nested():
            session.execute(text(change))


def test_a_campaign_that_has_ended_takes_no_remix(session: Session) -> None:
    made = opened_call(session)
    older = taking_part(session, made)
    call_off(session, made.id, "The brand stops.", by=made.manager, at=NOW)
    refused(session, RemixingClosed, made, Citation(older.id, CONTAINS))
    assert len(deliverables_of(session, made.id)) == 3
