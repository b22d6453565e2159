"""What must always be true of proposals and kill fees, as the ledger's invariants are: one question in SQL and one sentence each."""

from campaigns.core.appointing.checks import depended
from campaigns.core.words import said_later
from campaigns.ledger.checks import Invariant

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "lines_are_the_pool",
        said_later("The shares in every proposal that pays anyone add up to its pool."),
        """
        select p.id from proposal p join proposal_line l on l.proposal_id = p.id
        group by p.id having bool_or(not l.is_staff) and sum(l.amount) <> p.pool
        """,
    ),
    Invariant(
        "final_by_two_who_gain_nothing",
        said_later("Every final proposal was finalized by two people with no share in it."),
        """
        select p.id from proposal p left join proposal_finalization f on f.proposal_id = p.id
        left join proposal_line l on l.proposal_id = p.id and l.person_id = f.person_id
        where p.state = 'final' group by p.id having count(f.person_id) < 2 or count(l.person_id) > 0
        """,
    ),
    Invariant(
        "final_by_two_who_are_two",
        said_later("Neither of the two people who finalized a proposal was granted their role by the other."),
        f"""
        select f.proposal_id from proposal_finalization f
        join proposal_finalization g on g.proposal_id = f.proposal_id and g.person_id > f.person_id
        where {depended("f.person_id", "g.person_id", "least(f.at, g.at)")}
        """,  # nosec B608  # noqa: S608 - the part is a constant
    ),
    Invariant(
        "final_after_every_answer",
        said_later("No proposal became final before its comment period ended and every comment was answered."),
        """
        select p.id from proposal p where p.state = 'final' and (p.final_at < p.closes_at or exists (
            select from proposal_comment c join proposal v on v.id = c.proposal_id
            where v.deliverable_id = p.deliverable_id and (c.disposed_at is null or c.disposed_at > p.final_at)))
        """,
    ),
    Invariant(
        "posted_as_proposed",
        said_later("Every posted proposal is in one journal that credits each payee exactly their share."),
        """
        select p.id from proposal p
        left join journal j on j.key = 'proposal:' || p.id
        where p.posted_at is not null and (j.id is null and exists (
            select from proposal_line where proposal_id = p.id and amount > 0) or exists (
            select from (select a.owner_id, e.amount from entry e join account a on a.id = e.credit_id
                         where e.journal_id = j.id and a.kind = 'payee') booked
            full join (select person_id, amount from proposal_line where proposal_id = p.id and amount > 0) line
                on (line.person_id, line.amount) = (booked.owner_id, booked.amount)
            where booked.owner_id is null or line.person_id is null))
        """,
    ),
    Invariant(
        "kill_fees_are_booked",
        said_later("The shares of every kill fee that was posted immediately add up to it, and each is posted once."),
        """
        select k.deliverable_id from kill_fee k join kill_fee_line l on l.deliverable_id = k.deliverable_id
        left join entry e on e.ref = l.id and e.amount = l.amount
        group by k.deliverable_id, k.amount
        having sum(l.amount) <> k.amount or count(*) filter (where l.amount > 0) <> count(e.number)
        """,
    ),
    Invariant(
        "kill_fees_count_every_contribution_once",
        said_later("Every kill fee proposal splits exactly the kill fee and counts every contribution equally, regardless of points."),
        """
        select p.id from proposal p left join kill_fee k on k.deliverable_id = p.deliverable_id
        where p.is_kill_fee and (p.pool is distinct from k.amount or exists (
            select from jsonb_each(p.inputs -> 'components') component where component.value <> '1'))
        """,
    ),
    Invariant(
        "cancelled_by_two",
        said_later("Every campaign that owes a kill fee was canceled by two people."),
        """
        select k.campaign_id from kill_fee k where k.inputs is null and not exists (
            select from cancellation c where c.campaign_id = k.campaign_id and c.confirmed_at is not null)
        """,
    ),
    Invariant(
        "cancelled_hold_what_they_owe",
        said_later(
            "Every canceled campaign holds exactly the total of its kill fees that are not posted yet; a settled one holds nothing."
        ),
        """
        select c.id from campaign c
        left join lateral (
            select sum(b.credits - b.debits) as amount from account a join balance b on b.account_id = a.id
            where a.kind = 'held' and a.owner_id = c.id
        ) held on true
        left join lateral (
            select sum(k.amount) as amount from kill_fee k where k.campaign_id = c.id and k.inputs is null and c.settled_at is null
            and not exists (select from proposal p where p.deliverable_id = k.deliverable_id and p.is_kill_fee and p.posted_at is not null)
        ) owed on true
        where c.cancelled_at is not null and coalesce(held.amount, 0) <> coalesce(owed.amount, 0)
        """,
    ),
    Invariant(
        "fees_within_the_brief",
        said_later("The platform has taken no more from any campaign than the fee in its brief."),
        """
        select c.id from campaign c join brief b on b.campaign_id = c.id
        join account held on held.kind = 'held' and held.owner_id = c.id
        join entry e on e.debit_id = held.id join account income on income.id = e.credit_id and income.kind = 'fee_income'
        group by c.id, b.fee_bps
        having sum(e.amount) > ceil((select sum(price) from deliverable where campaign_id = c.id) * b.fee_bps / 10000.0)
        """,
    ),
)
