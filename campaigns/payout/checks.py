"""What must always be true of proposals and kill fees, as the ledger's invariants are: one question in SQL and one sentence each."""

from campaigns.core.appointing.checks import depended
from campaigns.core.words import said_later
from campaigns.ledger.checks import Invariant

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "lines_are_the_pool",
        said_later("The lines of every proposal that pays anyone add up to its pool."),
        """
        select p.id from proposal p join proposal_line l on l.proposal_id = p.id
        group by p.id having bool_or(not l.is_staff) and sum(l.amount) <> p.pool
        """,
    ),
    Invariant(
        "final_by_two_who_gain_nothing",
        said_later("Every final proposal has the word of two people, none of whom has a line in it."),
        """
        select p.id from proposal p left join proposal_finalisation f on f.proposal_id = p.id
        left join proposal_line l on l.proposal_id = p.id and l.person_id = f.person_id
        where p.state = 'final' group by p.id having count(f.person_id) < 2 or count(l.person_id) > 0
        """,
    ),
    Invariant(
        "final_by_two_who_are_two",
        said_later("Of the two people whose word made a proposal final, neither had their role from the other."),
        f"""
        select f.proposal_id from proposal_finalisation f
        join proposal_finalisation g on g.proposal_id = f.proposal_id and g.person_id > f.person_id
        where {depended("f.person_id", "g.person_id", "least(f.at, g.at)")}
        """,  # nosec B608  # noqa: S608 - the part is a constant
    ),
    Invariant(
        "final_after_every_answer",
        said_later("No proposal became final before its window had closed and every comment was answered."),
        """
        select p.id from proposal p where p.state = 'final' and (p.final_at < p.closes_at or exists (
            select from proposal_comment c join proposal v on v.id = c.proposal_id
            where v.track_id = p.track_id and (c.disposed_at is null or c.disposed_at > p.final_at)))
        """,
    ),
    Invariant(
        "posted_as_proposed",
        said_later("Every posted proposal is in one journal, to each payee the amount of their line and nothing else."),
        """
        select p.id from proposal p
        left join journal j on j.key = 'proposal:' || p.id
        where p.posted_at is not null and (j.id is null or exists (
            select from (select a.owner_id, e.amount from entry e join account a on a.id = e.credit_id
                         where e.journal_id = j.id and a.kind = 'payee') booked
            full join (select person_id, amount from proposal_line where proposal_id = p.id and amount > 0) line
                on (line.person_id, line.amount) = (booked.owner_id, booked.amount)
            where booked.owner_id is null or line.person_id is null))
        """,
    ),
    Invariant(
        "kill_fees_are_booked",
        said_later("The lines of every kill fee add up to it, and each is booked once."),
        """
        select k.track_id from kill_fee k join kill_fee_line l on l.track_id = k.track_id
        left join entry e on e.ref = l.id and e.amount = l.amount
        group by k.track_id, k.amount
        having sum(l.amount) <> k.amount or count(*) filter (where l.amount > 0) <> count(e.number)
        """,
    ),
)
