"""A line, opened, as a page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.core.campaign import Campaign
from campaigns.core.people import Actor
from campaigns.core.words import _
from campaigns.payout.errors import NoSuchProposal
from campaigns.payout.models import Proposal, ProposalLine
from campaigns.payout.proposals.explanations import Edge, ExplanationPart, Opened, open_part
from campaigns.payout.proposals.queries import credited
from campaigns.payout.queries import is_contributor
from campaigns.payout.split import Explanation, PathStep
from campaigns.payout.split.trails import LARGEST

# Contributions of a line, as many as one reads before one looks for a certain one; the rest is a sum, and its link leads on.
ON_PAGE = 12
FEW = 3  # paths to each contribution, where a line is one thing among others


@dataclass
class LineExplanation:
    """Why one person gets what they get, with the names of the contributions and of whoever stands behind each edge.

    `address` is the page that has every contribution of it, part by part; `skip` larger contributions stand before this part, `is_short`
    has fewer paths.
    """

    person: UUID
    name: str
    currency: str
    address: str
    skip: int
    part: ExplanationPart
    is_short: bool

    @property
    def opened(self) -> Opened:
        return self.part.opened

    @property
    def smaller_address(self) -> str | None:
        """Where the next smaller contributions are."""
        return f"{self.address}?after={self.skip + len(self.part.contributions)}#line" if self.part.smaller.contributions else None

    @property
    def larger_address(self) -> str | None:
        """Where the next larger contributions are."""
        return f"{self.address}?after={max(0, self.skip - ON_PAGE)}#line" if self.skip else None

    @property
    def explanation(self) -> Explanation:
        return self.opened.explanation

    @cached_property
    def _edges(self) -> Mapping[tuple[str, str], Edge]:
        return {(str(edge.contribution), str(edge.source)): edge for edge in self.opened.edges}

    def title(self, contribution: str) -> str:
        return self.opened.titles.get(UUID(contribution)) or _("a contribution that was taken down")

    def edge(self, step: PathStep) -> Edge:
        return self._edges[step.contribution, step.source]

    def fraction(self, fraction: str) -> float:
        """A fraction as it is written in an explanation, as a share of one."""
        return float(Fraction(fraction))

    def at(self, written: str) -> datetime:
        return datetime.fromisoformat(written)


def why(
    session: Session, proposal: Proposal, campaign: Campaign, person_id: UUID, *,
    by: Actor, skip: int = 0, contributions: int = ON_PAGE, paths: int = FEW,
) -> LineExplanation:  # fmt: skip
    """The line of a person, or that they have none; raises NoSuchProposal for whoever has no part in the campaign."""
    if session.get(ProposalLine, (proposal.id, person_id)) is None and not is_contributor(session, campaign.id, person_id):
        raise NoSuchProposal(_("There is no such line."))
    name = by.name if person_id == by.person_id else credited(session, proposal, [person_id], by=by)[person_id]
    address = f"/proposals/{proposal.id}/lines/{person_id}"
    shown = open_part(session, proposal, person_id, skip=skip, contributions=contributions, paths=paths)
    return LineExplanation(person_id, name, proposal.currency, address, skip, shown, is_short=paths < LARGEST)
