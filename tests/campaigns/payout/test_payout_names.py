"""A proposal is read by everyone who contributed, and still no address tells whose it is."""

from sqlalchemy.orm import Session

from campaigns.core.people import Actor
from campaigns.core.permissions import Role
from campaigns.open_call.makers.actions import confirm_part
from campaigns.open_call.models import Maker, NamedMaker
from campaigns.payout.assessments.queries import assessable
from campaigns.payout.models import Proposal
from campaigns.payout.proposals.changes import OtherEdge, changes, what_if
from campaigns.payout.proposals.pools import said_of
from campaigns.payout.proposals.queries import comments, credited, lines, said
from tests.campaigns.payout.sharing import AT, Shared, assessed, computed, confirmed, named_too, proposed, said_by
from tests.factories import contributed, opened_call, someone

NOBODY = "someone who has not confirmed yet"


def names_of_ben(session: Session, shared: Shared, proposal: Proposal, by: Actor) -> set[str | None]:
    """Every name by which this reader is told of Ben, wherever they look."""
    ben, without = shared.ben.person, [OtherEdge(shared.newer.id, shared.older.id, "contains", 0)]
    moved = [*what_if(session, proposal, {}, without, by=by), *changes(session, proposal, by=by)]
    _campaign, _deliverable, _assessment, [contribution] = assessable(session, shared.deliverable.id, by=by)
    return {
        *(named.name for named in lines(session, proposal, by=by) if named.line.person_id == ben),
        *(change.name for change in moved if change.person_id == ben),
        said(session, comments(session, proposal, by=by)[0].comment, by=by).about,
        comments(session, proposal, by=by)[0].about,
        said_of(session, shared.deliverable.id, by=by)[0].said.about,
        credited(session, proposal, [ben], by=by)[ben],
        *contribution.makers,
    }


def test_who_has_yet_to_confirm_a_contribution_is_named_to_themselves_and_to_whoever_pays_and_to_no_other_contributor(
    session: Session,
) -> None:
    shared, _first = proposed(session)
    confirmed(session, shared)
    assessed(session, shared, points=9)
    second = computed(session, shared.deliverable)
    said_by(session, second, shared.ana, shared.ben.person)
    session.add(Maker(contribution_id=shared.unused.id, person_id=shared.ben.person, shares=1))  # by which Ben is a contributor
    session.add(NamedMaker(contribution_id=shared.newer.id, person_id=shared.ben.person, address="ben@elsewhere.example"))
    session.flush()
    readers = (shared.ana, shared.manager, shared.ben, someone(session, Role.FINANCE))
    assert [names_of_ben(session, shared, second, by) for by in readers] == [{NOBODY}, {NOBODY}, {"Ben"}, {"Ben"}]
    confirm_part(session, shared.newer.id, by=shared.ben, at=AT)
    elsewhere = contributed(session, opened_call(session), shared.ana)
    named_too(session, elsewhere.id, shared.ben)  # which says nothing of this campaign
    assert [names_of_ben(session, shared, second, by) for by in readers] == [{"Ben"}] * 4
