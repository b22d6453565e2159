"""The splits once more, from the rows as they lie in the database, by a rule that shares no code with ours."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.campaigns.payout.reference_split import reference_split
from tests.chaos.assignment import Assignment
from tests.chaos.counting import Harms, unequal

FINAL = text("select id, deliverable_id, visit, pool from proposal where state = 'final' and deliverable_id in "
             "(select id from deliverable where campaign_id = :campaign)")  # fmt: skip
PRICE = text("select price from deliverable where id = :deliverable")
RULE = text("select assembly, contains, influenced_by, staff_ids from brief where campaign_id = :campaign")
POINTS = text("select contribution_id, points from points where deliverable_id = :deliverable and visit = :visit")
VERSION = text("select m.person_id, m.shares from version_maker m join assessment a on a.version_id = m.version_id "
           "where a.deliverable_id = :deliverable and a.visit = :visit")  # fmt: skip
CONTRIBUTIONS = text("select c.id, coalesce(f.is_wrapper, c.is_wrapper) from contribution c left join wrapper_finding f on "
                     "f.contribution_id = c.id "
             "where c.campaign_id = :campaign")  # fmt: skip
MAKERS = text("select m.contribution_id, m.person_id, m.shares from maker m join contribution c on c.id = m.contribution_id "
              "where c.campaign_id = :campaign")  # fmt: skip
EDGES = text("select s.contribution_id, s.source_id, s.kind, s.weight from source s join contribution c on c.id = s.contribution_id "
             "where c.campaign_id = :campaign and s.state = 'confirmed'")  # fmt: skip
LINES = text("select person_id, is_staff, amount, credit from proposal_line where proposal_id = :proposal")


Lines: TypeAlias = dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Final:
    """A final proposal's deliverable: its price, and all that its split follows from."""

    price: int
    contributions: dict[str, dict[str, Any]]
    components: dict[str, int]
    makers: dict[str, int]
    rule: dict[str, Any]

    def lines(self) -> Lines:
        """What everyone is given, in cents and in millionths of a cent; staff no cent, and the credit that they give up."""
        found = reference_split(reaching(self.contributions, self.components), self.components, self.makers, self.rule, self.price)
        staff = {named(person, is_staff=True): (0, credit) for person, credit in found["staff"].items()}
        return {named(person): line for person, line in found["lines"].items()} | staff

    def without(self, contribution: str, source: str) -> "Final":
        """The same, where the contribution has nothing of this source."""
        left = {older: edge for older, edge in self.contributions[contribution]["sources"].items() if older != source}
        return replace(self, contributions={**self.contributions, contribution: {**self.contributions[contribution], "sources": left}})

    def is_over_both_kinds(self) -> bool:
        """Whether somebody is given something else because a source of a component has itself a source, of the other kind."""
        lines = self.lines()
        return any(self.without(source, older).lines() != lines for source, older in self.edges_two_deep())

    def edges_two_deep(self) -> Iterator[tuple[str, str]]:
        for component in self.components:
            for source, (kind, _weight) in self.contributions[component]["sources"].items():
                yield from ((source, older) for older, (other, _weight) in self.contributions[source]["sources"].items() if other != kind)


def splits(session: Session, assignment: Assignment) -> Harms:
    """Each final proposal pays everyone what the lineage gives them, to the cent, and all its pool, which is the deliverable's price."""
    for proposal, final in finals(session, assignment):
        if final.price != proposal.pool:
            yield f"the pool of proposal {proposal.id} is {proposal.pool} and the price {final.price}"
        lines = session.execute(LINES, {"proposal": proposal.id}).all()
        paid = sum(line.amount for line in lines)
        if paid != proposal.pool:
            yield f"the lines of proposal {proposal.id} add up to {paid} where its pool is {proposal.pool}"
        there = {named(str(line.person_id), is_staff=line.is_staff): (line.amount, line.credit) for line in lines}
        both = (final.lines(), there)
        for number, what in enumerate(("cents", "millionths")):
            given = [Counter({f"of {proposal.id} for {who}": each[number] for who, each in all_.items()}) for all_ in both]
            yield from unequal(what, *given)


def named(person: str, *, is_staff: bool = False) -> str:
    """Whose line it is; as staff somebody has another one."""
    return f"{person} of the staff" if is_staff else person


def none_over_both_kinds(session: Session, assignments: Iterable[Assignment]) -> Harms:
    """That there was no split in which a wrong one would show: what is computed again where nothing is passed on proves nothing."""
    if not any(final.is_over_both_kinds() for each in assignments for _proposal, final in finals(session, each)):
        yield "no final split was paid over both a contains and an influenced_by edge two deep"


def finals(session: Session, assignment: Assignment) -> Iterator[tuple[Any, Final]]:
    """Each final proposal of the campaign, as its row, with what its split follows from."""
    whole, rule = lineage(session, assignment.id), as_fractions(session.execute(RULE, {"campaign": assignment.id}).one())
    for proposal in session.execute(FINAL, {"campaign": assignment.id}).all():
        about = {"deliverable": proposal.deliverable_id, "visit": proposal.visit}
        components = {str(contribution): points for contribution, points in session.execute(POINTS, about)}
        makers = {str(person): shares for person, shares in session.execute(VERSION, about)}
        yield proposal, Final(session.scalars(PRICE, about).one(), whole, components, makers, rule)


def lineage(session: Session, campaign_id: UUID) -> dict[str, dict[str, Any]]:
    """Every contribution of the campaign with its makers and its confirmed sources."""
    about = {"campaign": campaign_id}
    contributions: dict[str, dict[str, Any]] = {}
    for contribution, is_wrapper in session.execute(CONTRIBUTIONS, about):
        contributions[str(contribution)] = {"makers": {}, "wrapper": is_wrapper, "sources": {}}
    for contribution, person, shares in session.execute(MAKERS, about):
        contributions[str(contribution)]["makers"][str(person)] = shares
    for contribution, source, kind, weight in session.execute(EDGES, about):
        contributions[str(contribution)]["sources"][str(source)] = (kind, weight)
    return contributions


def reaching(contributions: dict[str, dict[str, Any]], components: dict[str, int]) -> dict[str, dict[str, Any]]:
    """The contributions that are in the piece or led to it."""
    found, to_look = dict[str, dict[str, Any]](), list(components)
    while to_look:
        contribution = to_look.pop()
        found[contribution] = contributions[contribution]
        to_look += [source for source in contributions[contribution]["sources"] if source not in found]
    return found


def as_fractions(rule: Any) -> dict[str, Any]:
    fractions = {name: Fraction(str(getattr(rule, name))) for name in ("assembly", "contains", "influenced_by")}
    return {**fractions, "staff": set(map(str, rule.staff_ids))}
