"""What a proposal was computed from and what it comes to, whole: its lineage, and lines, changes and edges as files."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, StreamingResponse
from sqlalchemy.orm import Session

from api.payout.places import InPlaces
from api.payout.proposal_pages import headed
from api.reader import SignedIn
from api.spreadsheet import AT_ONCE, all_of, figure, spreadsheet
from campaigns.core.people import Actor
from campaigns.core.words import _
from campaigns.payout.models import Proposal
from campaigns.payout.proposals import changes
from campaigns.payout.proposals import queries as proposal_queries
from campaigns.payout.proposals.explanations import Edge, Pair, edges_among, pairs_of, shown_titles
from campaigns.payout.proposals.queries import NamedLine, find_proposal
from workers.transactions import unit_of_work

pages = APIRouter()


@pages.get("/proposals/{proposal_id}/edges", response_class=HTMLResponse)
def show_edges(proposal_id: UUID, reader: SignedIn, places: InPlaces) -> HTMLResponse:
    """The lineage that the proposal was computed from; first what people must look at."""
    proposal, campaign, deliverable = find_proposal(reader.session, proposal_id, by=reader.by)
    pairs = pairs_of(proposal)
    shown = edges_among(reader.session, proposal, pairs[places.after : places.end])
    titles = shown_titles(reader.session, {str(end) for edge in shown for end in (edge.contribution, edge.source)})
    return reader.page(
        "payout/edges.html", edges=shown, titles=titles, next=places.next(len(pairs)),
        **headed(proposal, campaign, deliverable, reader),
    )  # fmt: skip


@pages.get("/proposals/{proposal_id}/changes", response_class=HTMLResponse)
def show_changes(proposal_id: UUID, reader: SignedIn, places: InPlaces) -> HTMLResponse:
    """Whose amount differs from the version before, the largest loss first."""
    proposal, campaign, deliverable = find_proposal(reader.session, proposal_id, by=reader.by)
    shown, count = changes.some_changes(reader.session, proposal, by=reader.by, skip=places.after, limit=places.limit)
    return reader.page("payout/changes.html", changes=shown, next=places.next(count), **headed(proposal, campaign, deliverable, reader))


@pages.get("/proposals/{proposal_id}/edges.csv")
def download_edges(proposal_id: UUID, reader: SignedIn) -> StreamingResponse:
    """Every edge of the lineage."""
    proposal, _campaign, deliverable = find_proposal(reader.session, proposal_id, by=reader.by)
    header = (
        _("Newer contribution"),
        _("Kind"),
        _("Older contribution"),
        _("Weight"),
        _("Recorded by"),
        _("Recorded"),
        _("Confirmed by"),
        _("Confirmed"),
    )
    rows = (
        (edge.contribution, edge.kind, edge.source, edge.weight, edge.recorded_by, edge.recorded_at, edge.confirmed_by, edge.confirmed_at)
        for edge in _every_edge(proposal, pairs_of(proposal))
    )
    return spreadsheet(f"lineage-{deliverable.number}-{proposal.number}", header, rows)


@pages.get("/proposals/{proposal_id}/changes.csv")
def download_changes(proposal_id: UUID, reader: SignedIn) -> StreamingResponse:
    """Whose amount differs from the version before, the largest loss first."""
    proposal, _campaign, deliverable = find_proposal(reader.session, proposal_id, by=reader.by)
    header, currency = (_("Person"), _("Before"), _("Now"), _("Currency")), proposal.currency
    found = changes.changes(reader.session, proposal, by=reader.by)
    rows = [(change.name, figure(change.before, currency), figure(change.amount, currency), currency) for change in found]
    return spreadsheet(f"changes-{deliverable.number}-{proposal.number}", header, rows)


@pages.get("/proposals/{proposal_id}/lines.csv")
def download_lines(proposal_id: UUID, reader: SignedIn) -> StreamingResponse:
    """Every line, the largest first, staff last."""
    proposal, _campaign, deliverable = find_proposal(reader.session, proposal_id, by=reader.by)
    header = (_("Person"), _("Amount"), _("Currency"), _("Credit in millionths"), _("Before staff"), _("Staff"))
    rows = (
        (each.name, figure(each.line.amount, proposal.currency), proposal.currency, each.line.credit, each.line.before_staff,
         _("yes") if each.line.is_staff else _("no"))
        for each in _every_line(proposal, reader.by)
    )  # fmt: skip
    return spreadsheet(f"proposal-{deliverable.number}-{proposal.number}", header, rows)


def _every_line(proposal: Proposal, by: Actor) -> Iterator[NamedLine]:
    def some(session: Session, after: UUID | None) -> Sequence[NamedLine]:
        return proposal_queries.lines(session, proposal, by=by, after=after, limit=AT_ONCE)

    return all_of(some, lambda named: named.line.person_id)


def _every_edge(proposal: Proposal, pairs: Sequence[Pair]) -> Iterator[Edge]:
    """The edges between these pairs, read while they are sent; the request's transaction is over by then."""
    for begin in range(0, len(pairs), AT_ONCE):
        with unit_of_work() as session:
            yield from edges_among(session, proposal, pairs[begin : begin + AT_ONCE])
