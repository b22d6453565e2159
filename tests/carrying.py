"""A campaign carried on: by what its flow does by itself, and by everyone doing what it waits for, until it has ended."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.client_delivery.packages import actions as package_actions
from campaigns.client_delivery.packages.queries import unpackaged
from campaigns.client_delivery.packages.queries import unprepared as unshown
from campaigns.client_delivery.versions import renditions as showing
from campaigns.core.campaign import Deliverable, deliverables_of
from campaigns.core.stages import Stage
from campaigns.open_call import renditions
from campaigns.open_call.queries import unprepared
from campaigns.payout.finalizations.actions import post_final, unposted
from campaigns.payout.proposals.actions import draft, gather_due, is_due, open_proposal
from campaigns.payout.proposals.rules import miscredited
from tests.called_off import settle_what_is_due
from tests.everyone import Cast, cast, do
from tests.factories import NOW, READER, opened_call, taking_part

STEPS = 60
EVERY = 1_000
PREPARED = renditions.Prepared([renditions.Kept("text", "0" * 64, "text/html", 1, words=1)])


def _make_ready(session: Session, all_: Cast, _deliverable: Deliverable) -> None:
    for contribution_id in unprepared(session, all_.made.id, EVERY):
        renditions.record(session, contribution_id, PREPARED, at=all_.at)


def _make_showable(session: Session, all_: Cast, deliverable: Deliverable) -> None:
    for version_id in unshown(session, [deliverable.id], EVERY):
        showing.record(session, version_id, PREPARED, at=all_.at)


def _hand_over(session: Session, all_: Cast, deliverable: Deliverable) -> None:
    for version_id in unpackaged(session, [deliverable.id]):
        package_actions.record(session, version_id, _built(session, version_id, "0"), at=all_.at)


def _hand_over_again(session: Session, all_: Cast, deliverable: Deliverable) -> None:
    for outdated in miscredited(session, [deliverable.id]).values():
        package_actions.record_again(session, outdated.version_id, _built(session, outdated.version_id), at=all_.at)


def _built(session: Session, version_id: UUID, digit: str | None = None) -> package_actions.Built:
    """A package that nobody opens, with the credits of the present lineage."""
    named = package_actions.contents_of(session, version_id).lineage_sha256 or ""
    return package_actions.Built((digit or "") * 64 or named, 1, named)


def _propose_or_post(session: Session, all_: Cast, deliverable: Deliverable) -> None:
    final = unposted(session, deliverable.id)
    if is_due(session, deliverable.id) and (gathered := gather_due(session, deliverable.id)):
        open_proposal(session, deliverable.id, draft(*gathered), at=all_.at)
    if final:
        post_final(session, final, at=all_.at)


CONTRIBUTION: Mapping[Stage, tuple[Callable[[Session, Cast, Deliverable], None], ...]] = {
    Stage.BRIEF: (),
    Stage.OPEN_CALL: (_make_ready,),
    Stage.COLLABORATION: (_make_ready,),
    Stage.CURATION: (_make_ready,),
    Stage.CLIENT_DELIVERY: (_hand_over, _make_ready, _make_showable),
    Stage.PAYOUT: (_make_ready, _propose_or_post, _hand_over_again),
}


def run_flow(session: Session, all_: Cast) -> None:
    """What the campaign's flow does when it is woken, but for the engine around it; it comes to rest within a bounded number of rounds."""
    for _round in range(STEPS):
        for deliverable in all_.deliverables(session):
            for contribution in CONTRIBUTION[deliverable.stage]:
                contribution(session, all_, deliverable)
        if not lifecycle.move_on(session, all_.made.id, at=all_.at) and not all_.is_astir(session):
            return
    raise AssertionError("The flow does not come to rest.")


def finish(session: Session, all_: Cast) -> list[str]:
    """Everyone does, again and again, the first thing that each deliverable waits for; returns what they did, until all has ended."""
    done = _carry(session, all_, lambda: not all_.made.campaign.is_live)
    return [*done, *_settle(session, all_)]


def _settle(session: Session, all_: Cast) -> list[str]:
    """The same for the kill fees of a campaign that was cancelled, until the last is paid."""
    done: list[str] = []
    for _step in range(STEPS):
        settle_what_is_due(session, at=all_.at)
        if not all_.made.campaign.is_unsettled:
            return done
        for deliverable in deliverables_of(session, all_.made.id):
            if waits := lifecycle.blockers(session, [deliverable], at=all_.at).get(deliverable.id):
                do(session, all_, deliverable, waits[0])
                done.append(waits[0].code)
    raise AssertionError("A kill fee waits for ever.")


def bring_to(session: Session, all_: Cast, stage: Stage) -> list[str]:
    """The same until every deliverable stands in `stage`."""
    return _carry(session, all_, lambda: all(t.stage is stage for t in deliverables_of(session, all_.made.id)))


def under_way(session: Session, stage: Stage = Stage.CURATION, deliverables: int = 1) -> tuple[Cast, Deliverable]:
    """A campaign of one contribution whose deliverables all stand in `stage`, and the first of them."""
    made = opened_call(session, (READER,) * deliverables)
    all_ = cast(session, made, at=NOW)
    taking_part(session, made, all_.artist)
    bring_to(session, all_, stage)
    return all_, deliverables_of(session, made.id)[0]


def _carry(session: Session, all_: Cast, is_there: Callable[[], bool]) -> list[str]:
    done: list[str] = []
    for _step in range(STEPS):
        run_flow(session, all_)
        if is_there():
            return done
        done += do_what_is_first(session, all_)
    raise AssertionError(f"Somebody waits for ever: {all_.waits(session)}")


def do_what_is_first(session: Session, all_: Cast) -> list[str]:
    """Everyone does once the first thing that each deliverable waits for; returns what it was."""
    done = list(_done_first(session, all_))
    all_.at += timedelta(minutes=1)
    return done


def _done_first(session: Session, all_: Cast) -> Iterator[str]:
    for deliverable in all_.deliverables(session):
        if deliverable.is_live and (waits := lifecycle.blockers(session, [deliverable], at=all_.at)[deliverable.id]):
            do(session, all_, deliverable, waits[0])
            yield waits[0].code
