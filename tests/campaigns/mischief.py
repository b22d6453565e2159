"""What people do that a campaign does not wait for: each deed where it may matter, for a deliverable and by a turn of luck."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.client_delivery.models import OutsideKind, Verdict
from campaigns.client_delivery.versions.actions import Outside, make_version
from campaigns.collaboration.actions import complete, extend
from campaigns.collaboration.claims import actions as claim_actions
from campaigns.collaboration.models import SourceKind
from campaigns.collaboration.remixes.actions import Citation, remix
from campaigns.core.blockers import BlockerCode
from campaigns.core.campaign import Deliverable
from campaigns.core.people import Actor
from campaigns.core.stages import Stage
from campaigns.curation.queries import contributions_taking_part
from campaigns.curation.selections.actions import publish
from campaigns.open_call import uploads
from campaigns.open_call.call.actions import extend_call
from campaigns.open_call.contributions.actions import contribute, withdraw
from campaigns.open_call.models import OpenCall
from campaigns.payout.proposals.actions import comment, propose_again
from campaigns.payout.queries import standing_proposal
from tests.called_off import call_off
from tests.everyone import Cast, answer
from tests.factories import entry


@dataclass(frozen=True)
class Luck:
    """Which of several, and how long."""

    number: int
    span: timedelta

    def artist(self, all_: Cast) -> Actor:
        return (all_.artist, all_.other_artist)[self.number % 2]

    def contribution(self, session: Session, all_: Cast) -> list[UUID]:
        """One of the contributions that take part, if there is one."""
        contributions = sorted(contributions_taking_part(session, all_.made.id))
        return [contributions[self.number % len(contributions)]] if contributions else []


def _contribute(session: Session, all_: Cast, _deliverable: Deliverable, luck: Luck) -> None:
    by = luck.artist(all_)
    contribute(session, all_.made.id, entry(session, by), by=by, at=all_.at)


def _remix(session: Session, all_: Cast, _deliverable: Deliverable, luck: Luck) -> None:
    by, kind = luck.artist(all_), list(SourceKind)[luck.number % 2]
    cited = [Citation(contribution, kind) for contribution in luck.contribution(session, all_)]
    remix(session, all_.made.id, entry(session, by), cited, by=by, at=all_.at)


def _claim(session: Session, all_: Cast, _deliverable: Deliverable, luck: Luck) -> None:
    contributions = sorted(contributions_taking_part(session, all_.made.id))
    if len(contributions) > 1:
        older, newest = contributions[luck.number % (len(contributions) - 1)], contributions[-1]
        claim_actions.claim(session, newest, older, SourceKind.INFLUENCED_BY, by=all_.artist, at=all_.at)
        claim_actions.confirm(session, newest, older, by=all_.other_artist, at=all_.at)


def _withdraw(session: Session, all_: Cast, _deliverable: Deliverable, luck: Luck) -> None:
    for contribution in luck.contribution(session, all_):
        withdraw(session, contribution, by=all_.artist, at=all_.at)


def _extend_call(session: Session, all_: Cast, _deliverable: Deliverable, luck: Luck) -> None:
    closes_at = session.get_one(OpenCall, all_.made.id).closes_at + luck.span
    extend_call(session, all_.made.id, closes_at, "More time.", by=all_.manager, at=all_.at)


def _extend_collaboration(session: Session, all_: Cast, deliverable: Deliverable, luck: Luck) -> None:
    extend(session, deliverable.id, all_.at + 2 * luck.span, "More time.", by=all_.manager, at=all_.at)


def _complete(session: Session, all_: Cast, deliverable: Deliverable, _luck: Luck) -> None:
    complete(session, deliverable.id, deliverable.visit, by=all_.manager, at=all_.at)


def _choose_nothing(session: Session, all_: Cast, deliverable: Deliverable, _luck: Luck) -> None:
    publish(session, deliverable.id, deliverable.visit, {}, {}, "None of them.", by=all_.manager, at=all_.at)


def _take_from_outside(session: Session, all_: Cast, deliverable: Deliverable, luck: Luck) -> None:
    by, bells = all_.editor, [Outside(OutsideKind.STOCK_MUSIC, "Bells", "A library")]
    upload = uploads.take_text(session, "Bells.", "text/markdown", by=by)
    make_version(session, deliverable.id, upload.id, luck.contribution(session, all_), {by.person: 1}, bells, by=by, at=all_.at)


def _ask_for_changes(session: Session, all_: Cast, deliverable: Deliverable, _luck: Luck) -> None:
    if any(wait.code == BlockerCode.DECISION for wait in all_.waits(session).get(deliverable.id, [])):
        answer(session, all_, deliverable, Verdict.CHANGES)


def _send_back(session: Session, all_: Cast, deliverable: Deliverable, luck: Luck) -> None:
    to = (Stage.CURATION, Stage.COLLABORATION)[luck.number % 2]
    closes_at = all_.at + luck.span if luck.number % 3 else None
    lifecycle.send_back(session, deliverable.id, to, deliverable.visit, "Again.", by=all_.manager, at=all_.at, closes_at=closes_at)


def _comment(session: Session, all_: Cast, deliverable: Deliverable, luck: Luck) -> None:
    if proposal := standing_proposal(session, deliverable.id):
        comment(session, proposal.id, None, "I am left out.", "See my street.", by=luck.artist(all_), at=all_.at)


def _ask_for_proposal(session: Session, all_: Cast, deliverable: Deliverable, _luck: Luck) -> None:
    propose_again(session, deliverable.id, "The lineage changed.", by=all_.manager, at=all_.at)


def _pause_or_resume(session: Session, all_: Cast, _deliverable: Deliverable, _luck: Luck) -> None:
    if all_.made.campaign.paused_at is None:
        lifecycle.pause(session, all_.made.id, "The brand thinks.", by=all_.manager, at=all_.at)
    else:
        lifecycle.resume(session, all_.made.id, by=all_.manager, at=all_.at)


def _cancel(session: Session, all_: Cast, _deliverable: Deliverable, luck: Luck) -> None:
    if luck.number == 4:
        call_off(session, all_.made.id, "The brand stops.", by=all_.manager, at=all_.at)


Deed: TypeAlias = Callable[[Session, Cast, Deliverable, Luck], None]
ANYWHERE: Sequence[Deed] = (_pause_or_resume, _cancel, _send_back)
MISCHIEF: Mapping[Stage, Sequence[Deed]] = {
    Stage.BRIEF: ANYWHERE,
    Stage.OPEN_CALL: (_contribute, _remix, _extend_call, *ANYWHERE),
    Stage.COLLABORATION: (_complete, _contribute, _remix, _extend_collaboration, _extend_call, _withdraw, *ANYWHERE),
    Stage.CURATION: (_send_back, _remix, _claim, _withdraw, _choose_nothing, *ANYWHERE),
    Stage.CLIENT_DELIVERY: (_send_back, _take_from_outside, _ask_for_changes, _claim, _withdraw, *ANYWHERE),
    Stage.PAYOUT: (_comment, _ask_for_proposal, _claim, _withdraw, *ANYWHERE),
    Stage.DONE: ANYWHERE,
    Stage.CANCELLED: ANYWHERE,
}
