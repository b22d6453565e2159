"""A line, opened, as a page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.core.campaign import Campaign
from campaigns.core.words import _
from campaigns.payout.errors import NoSuchProposal
from campaigns.payout.explaining import Edge, Opened, open_line
from campaigns.payout.models import Line, Proposal
from campaigns.payout.queries import is_contributor, names_of
from campaigns.payout.split import Explanation, Step


@dataclass
class Why:
    """Why one person gets what they get, with the names of the works and of whoever stands behind each edge."""

    person: UUID
    name: str
    currency: str
    opened: Opened

    @property
    def explanation(self) -> Explanation:
        return self.opened.explanation

    @cached_property
    def _edges(self) -> Mapping[tuple[str, str], Edge]:
        return {(str(edge.work), str(edge.source)): edge for edge in self.opened.edges}

    def title(self, work: str) -> str:
        return self.opened.titles.get(UUID(work)) or _("a work that was taken down")

    def edge(self, step: Step) -> Edge:
        return self._edges[step.work, step.source]

    def part(self, fraction: str) -> float:
        """A fraction as it is written in an explanation, as a share of one."""
        return float(Fraction(fraction))

    def at(self, written: str) -> datetime:
        return datetime.fromisoformat(written)


def why(session: Session, proposal: Proposal, campaign: Campaign, person_id: UUID) -> Why:
    """The line of a person, or that they have none; raises NoSuchProposal for whoever has no part in the campaign."""
    if session.get(Line, (proposal.id, person_id)) is None and not is_contributor(session, campaign.id, person_id):
        raise NoSuchProposal(_("There is no such line."))
    return Why(person_id, names_of(session, [person_id])[person_id], proposal.currency, open_line(session, proposal, person_id))
