"""Every invariant of an installation: the books, the deliverables, the chains of facts, and the payouts beside the provider's word."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from campaigns.brief.money_checks import INVARIANTS as OF_THE_BRANDS
from campaigns.core import anchor_files, anchors
from campaigns.core.events import chain_faults
from campaigns.core.words import _, said_later
from campaigns.curation.checks import INVARIANTS as OF_THE_JUDGING
from campaigns.ledger.checks import INVARIANTS as OF_THE_BOOKS
from campaigns.ledger.checks import Invariant
from campaigns.ledger.checks import broken as broken_invariants
from campaigns.payout.checks import INVARIANTS as OF_THE_PROPOSALS
from campaigns.payout.runs.checks import INVARIANTS as OF_THE_RUNS

OF_THE_DELIVERABLES: Sequence[Invariant] = (
    Invariant(
        "deliverables_stand_where_they_entered",
        said_later("Every deliverable is in the stage of its last stage visit, and its visits are numbered without a gap."),
        """
        select t.id from deliverable t left join stage_visit v on v.deliverable_id = t.id
        group by t.id
        having count(v.number) <> t.visit or max(v.number) <> t.visit
            or max(v.stage) filter (where v.number = t.visit) is distinct from t.stage
        """,
    ),
    Invariant(
        "moves_are_recorded",
        said_later("A recorded move began every visit after the first."),
        """
        select v.deliverable_id from stage_visit v
        left join event e on e.deliverable_id = v.deliverable_id and e.name = 'campaign.moved' and (e.facts ->> 'visit')::int = v.number
        where v.number > 1 group by v.deliverable_id, v.number having count(e.id) <> 1
        """,
    ),
    Invariant(
        "ended_campaigns_have_ended",
        said_later("In a campaign that is done or canceled, no deliverable is active."),
        """
        select c.id from campaign c join deliverable t on t.campaign_id = c.id
        where (c.done_at is not null or c.cancelled_at is not null) and t.stage not in ('done', 'cancelled')
        """,
    ),
    Invariant(
        "nothing_was_seen_before_it_happened",
        said_later("No campaign's flow run has handled more wake-ups than were requested."),
        "select id from campaign where seen > wake",
    ),
)

OF_THE_ROLES: Sequence[Invariant] = (
    Invariant(
        "nobody_is_on_both_sides",
        said_later("Nobody who works for Callboard speaks for a brand whose campaigns they work on or could work on."),
        "select id from role_grant g where opposing_role(g.person_id, g.role, g.brand_id, g.campaign_id, g.id) is not null",
    ),
)

INVARIANTS: Sequence[Invariant] = (
    *OF_THE_BOOKS,
    *OF_THE_BRANDS,
    *OF_THE_DELIVERABLES,
    *OF_THE_ROLES,
    *OF_THE_JUDGING,
    *OF_THE_PROPOSALS,
    *OF_THE_RUNS,
)
CHAINED = ("facts_are_chained", said_later("Every event contains the hash of the one before it."))


@dataclass(frozen=True, slots=True)
class Fault:
    """An invariant that does not hold: its sentence, in the reader's language, and what breaks it."""

    name: str
    sentence: str
    culprits: Sequence[str]


def broken(session: Session) -> list[Fault]:
    """Everything that the database itself shows to be wrong."""
    found = broken_invariants(session, INVARIANTS)
    faults = [Fault(each.invariant.name, _(each.invariant.sentence), each.culprits) for each in found]
    links = [_("{chain} number {number}", chain=fault.chain_id, number=fault.number) for fault in chain_faults(session)]
    name, sentence = CHAINED
    return [*faults, Fault(name, _(sentence), links)] if links else faults


def unanchored(session: Session, lines: Sequence[str]) -> list[Fault]:
    """What was anchored outside the database, in these lines, and is not there any more as it was."""
    found = anchors.faults(session, lines)
    changed = [_("line {line}", line=fault.line) for fault in found if fault.head is None]
    missing = [
        _("{chain} number {number} (line {line})", chain=fault.head.chain_id, number=fault.head.length, line=fault.line)
        for fault in found
        if fault.head is not None
    ]
    lost = [] if changed else _lost(session, lines)
    told = (
        ("anchors_are_ours", _("This installation signed every line of the anchor file, and each follows the one before it."), changed),
        ("anchors_are_all_there", _("The anchor file has every line that was written to it."), lost),
        ("facts_are_as_anchored", _("Every chain still has the same event at each anchored place."), missing),
    )
    return [Fault(name, sentence, culprits) for name, sentence, culprits in told if culprits]


def _lost(session: Session, lines: Sequence[str]) -> list[str]:
    """How many lines were written, where these are not all."""
    known = anchor_files.present(session)
    found, _broken = anchors.read(lines)
    if known is None or not anchor_files.is_short(known, found):
        return []
    return [
        _(
            "{written} lines were written, the last on {day}; the file has {found}",
            written=known.lines,
            day=f"{known.last_at:%F}",
            found=len(found),
        )
    ]
