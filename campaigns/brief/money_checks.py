"""What must always be true of the brands' money, as the ledger's invariants are: one question in SQL and one sentence each."""

from campaigns.core.words import said_later
from campaigns.ledger.checks import Invariant

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "refunds_are_of_own_money",
        said_later(
            "No refund went out through Stripe while money of the campaign was idle in the bank, or for more than was paid at Stripe."
        ),
        """
        with parts as (
            select p.campaign_id, p.refund_id, r.promised_at, r.wired_first, p.amount,
                p.payment_id is null or p.state = 'by_hand' or (p.settled_by is not null and not p.sent_from_stripe) as from_bank
            from refund_part p join refund r on r.id = p.refund_id
        ), idle as (
            select p.refund_id, (
                select coalesce(sum(t.amount), 0) from receipt t where t.campaign_id = p.campaign_id and t.confirmed_at < p.promised_at
            ) - (
                select coalesce(sum(o.amount), 0) from parts o
                where o.campaign_id = p.campaign_id and o.from_bank and o.refund_id <= p.refund_id
            ) as left_idle
            from parts p where p.wired_first and not p.from_bank
        )
        select refund_id from idle where left_idle > 0
        union
        select s.campaign_id from (select campaign_id, sum(amount) as amount from parts where not from_bank group by campaign_id) s
        where s.amount > (select coalesce(sum(i.amount), 0) from invoice_payment i where i.campaign_id = s.campaign_id)
        """,
    ),
    Invariant(
        "disputes_are_booked",
        said_later("The amount in dispute equals what banks have taken and not returned, less what has been lost."),
        """
        with booked as (
            select a.owner_id, a.currency, sum(b.debits - b.credits) as amount
            from account a join balance b on b.account_id = a.id where a.kind = 'disputed' group by a.owner_id, a.currency
        ), moved as (
            select coalesce(d.campaign_id, '00000000-0000-0000-0000-000000000000') as owner_id,
                coalesce(c.currency, m.currency) as currency, -sum(coalesce(c.amount, m.amount)) as amount
            from dispute d join provider_movement m on m.source = d.provider_id left join provider_conversion c on c.movement_id = m.id
            group by 1, 2
        ), lost as (
            select coalesce(campaign_id, '00000000-0000-0000-0000-000000000000') as owner_id, currency, sum(lost) as amount
            from dispute group by 1, 2
        )
        select coalesce(booked.owner_id, moved.owner_id)
        from booked full join moved using (owner_id, currency) left join lost using (owner_id, currency)
        where coalesce(booked.amount, 0) <> coalesce(moved.amount, 0) - coalesce(lost.amount, 0)
        """,
    ),
    Invariant(
        "conversions_have_both_sides",
        said_later("Every Stripe conversion is booked on both sides, each in its own currency."),
        """
        with sides as (
            select currency, amount from provider_conversion union all select settled_currency, -basis from provider_conversion
        ), noted as (select currency, sum(amount) as amount from sides group by currency
        ), booked as (select currency, debits - credits as amount from kind_total where kind = 'conversion')
        select coalesce(n.currency, b.currency) from noted n full join booked b on b.currency = n.currency
        where coalesce(n.amount, 0) <> coalesce(b.amount, 0)
        """,
    ),
)
