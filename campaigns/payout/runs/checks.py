"""What must always be true of payout runs, as the ledger's invariants are: one question in SQL and one sentence each."""

from campaigns.core.appointing.checks import depended
from campaigns.core.words import said_later
from campaigns.ledger.checks import Invariant

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "clearing_is_open_payouts",
        said_later("In every currency, the amount reserved for payouts equals the total of the open payouts."),
        """
        select coalesce(reserved.currency, items.currency)
        from (select a.currency, sum(b.credits - b.debits) as amount from account a join balance b on b.account_id = a.id
              where a.kind = 'payout_clearing' group by a.currency) reserved
        full join (select currency, sum(amount) as amount from payout
                   where state in ('ready', 'sending', 'unknown') group by currency) items
            on items.currency = reserved.currency
        where coalesce(reserved.amount, 0) <> coalesce(items.amount, 0)
        """,
    ),
    Invariant(
        "payouts_are_booked",
        said_later("Every payout is reserved once and, once paid, failed or discarded, settled once for its amount."),
        """
        select i.id from payout i
        left join entry e on e.ref = i.id
        left join journal j on j.id = e.journal_id
        group by i.id
        having count(*) filter (where j.kind = 'payout.reserved' and e.amount = i.amount) <> 1
            or count(*) filter (where j.kind in ('payout.settled', 'payout.released') and e.amount = i.amount)
               <> (i.state in ('sent', 'paid', 'bank_returned', 'failed', 'returned', 'discarded'))::int
            or count(*) filter (where j.kind = 'payout.returned' and e.amount = i.amount) <> (i.state = 'returned')::int
        """,
    ),
    Invariant(
        "what_was_sent_arrives",
        said_later("In every currency, the amount in transit to payees' banks equals the total of those payments."),
        """
        select coalesce(booked.currency, items.currency)
        from (select a.currency, sum(case a.grows when 'C' then b.credits - b.debits end) as sent,
                     sum(case a.grows when 'D' then b.debits - b.credits end) as there
              from account a join balance b on b.account_id = a.id
              where a.kind in ('sent_to_payees', 'payees_at_stripe') group by a.currency) booked
        full join (select currency, sum(amount) as amount from payout
                   where state in ('sent', 'bank_returned') group by currency) items
            on items.currency = booked.currency
        where (coalesce(booked.sent, 0), coalesce(booked.there, 0)) <> (coalesce(items.amount, 0), coalesce(items.amount, 0))
        """,
    ),
    Invariant(
        "arrived_is_what_the_bank_has",
        said_later("Every payment in a bank payout has the status of the newest bank payout that contains it."),
        """
        select i.id from payout i
        join lateral (select p.state from banked_payout m join bank_payout p on p.id = m.bank_payout_id
                      where m.payout_id = i.id order by p.made_at desc, p.id desc limit 1) newest on true
        where i.state in ('sent', 'paid', 'bank_returned')
          and i.state <> case newest.state when 'paid' then 'paid' when 'failed' then 'bank_returned' else 'sent' end
        """,
    ),
    Invariant(
        "reservations_have_payouts",
        said_later("Every amount reserved for a payout belongs to an existing payout."),
        """
        select e.ref from entry e join journal j on j.id = e.journal_id left join payout i on i.id = e.ref
        where j.kind = 'payout.reserved' and i.id is null
        """,
    ),
    Invariant(
        "released_by_two",
        said_later("Every released run was approved by two people or was within limits that two people set."),
        """
        select r.id from payout_run r
        where r.released_at is not null
          and (select count(*) from payout_run_approval p where p.run_id = r.id) < 2
          and not exists (
            select from (
                select * from payout_run_limits l where l.currency = r.currency and l.confirmed_at <= r.released_at
                order by l.confirmed_at desc, l.id desc limit 1
            ) in_force
            where in_force.most_per_run >= (select sum(amount) from payout i where i.run_id = r.id)
              and in_force.most_per_person >= (select max(amount) from payout i where i.run_id = r.id))
        """,
    ),
    Invariant(
        "released_by_two_who_are_two",
        said_later("None of the people who approved a run was granted their role by another of them."),
        f"""
        select p.run_id from payout_run_approval p
        join payout_run_approval q on q.run_id = p.run_id and q.person_id > p.person_id
        where {depended("p.person_id", "q.person_id", "least(p.at, q.at)")}
        """,  # nosec B608  # noqa: S608 - the part is a constant
    ),
    Invariant(
        "limits_by_two_who_are_two",
        said_later("Limits were confirmed by someone other than the proposer, and neither was granted their role by the other."),
        f"""
        select l.id from payout_run_limits l where l.confirmed_at is not null
          and (l.confirmed_by = l.proposed_by or {depended("l.proposed_by", "l.confirmed_by", "l.proposed_at")})
        """,  # nosec B608  # noqa: S608 - the part is a constant
    ),
    Invariant(
        "nobody_releases_their_own",
        said_later("Nobody paid by a run approved it."),
        "select p.run_id from payout_run_approval p join payout i on i.run_id = p.run_id and i.person_id = p.person_id",
    ),
    Invariant(
        "only_released_runs_are_sent",
        said_later("No payout was sent before its run was released."),
        """
        select i.id from payout i join payout_run r on r.id = i.run_id
        where r.released_at is null and (i.first_sent_at is not null or i.transfer_id is not null)
        """,
    ),
    Invariant(
        "closed_runs_are_done",
        said_later("No closed run has open payouts."),
        """
        select i.id from payout i join payout_run r on r.id = i.run_id
        where r.state in ('closed', 'discarded') and i.state in ('ready', 'sending', 'unknown')
        """,
    ),
)
