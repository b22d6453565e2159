"""Why a balance, or a payment that was quoted, does not go out: every reason, and the SQL that finds the first of them."""

from enum import StrEnum

from campaigns.payments.models import PAUSED_BY_US
from campaigns.payout.balances.withheld import WITHHELD


class Reason(StrEnum):
    """Each has its sentence in `rules`, its words for finance on pages, and what the person does about it in `next_step`."""

    NEGATIVE = "negative"
    HELD = "held"
    ON_ITS_WAY = "on_its_way"
    NO_ROUTE = "no_route"
    BELOW_MINIMUM = "below_minimum"
    NO_ACCOUNT = "no_account"
    ACCOUNT_REFUSED = "account_refused"
    COUNTRY_CHANGED = "country_changed"
    ACCOUNT_PAUSED = "account_paused"
    ACCOUNT_CHECKED = "account_checked"
    NOT_ONBOARDED = "not_onboarded"
    BANK_NEEDED = "bank_needed"
    ACCOUNT_CHANGED = "account_changed"
    COOLING = "cooling"
    UNCOVERED = "uncovered"


# The routes in force, as `columns_of_routes` in `rules` gives them.
WAYS = """
    ways as materialized (
        select * from unnest(cast(:currencies as text[]), cast(:countries as text[]), cast(:routes as text[]), cast(:minimums as bigint[]))
            as way(currency, country, route, minimum)
    )
"""
# What is asked about a person `p`: their account, their hold, a change of country that nobody has looked at, the route that their account
# is paid by, and whether there is one to where they say they live.
OF_PERSON = """
        left join payout_account t on t.person_id = p.id
        left join payout_hold h on h.person_id = p.id and h.lifted_at is null
        left join country_change c on c.person_id = p.id and c.looked_at is null
        left join ways r on (r.currency, r.country) = ({currency}, coalesce(t.country, p.country))
        left join ways home on (home.currency, home.country) = ({currency}, p.country)
"""
NO_ROUTE = "r.route is null or (p.country is not null and home.route is null)"
# Nothing reaches them, and nothing is asked of them: `PayoutAccount.stop` says the same.
IS_OFF = "t.requirements = '[]' and (t.state = 'onboarding' or t.state = 'active' and not t.pays_out and t.reason is not null)"
# Of those that may come between a quote and its payment, the ones about the account.
OF_ACCOUNT = f"""
                when t.id is null then 'no_account'
                when t.state = 'refused' then 'account_refused'
                when (t.state <> 'active' or not t.pays_out) and starts_with(t.reason, 'rejected.') then 'account_refused'
                when c.id is not null then 'country_changed'
                when {IS_OFF} and t.reason = '{PAUSED_BY_US}' then 'account_paused'
                when {IS_OFF} then 'account_checked'
                when t.state <> 'active' then 'not_onboarded'
                when not t.pays_out then 'bank_needed'
"""
# Every balance of a payee that is not zero, with the first reason for which it is not payable; none means that it is, but for what of it
# is `withheld`.
STANDINGS = f"""
    {WAYS}, {WITHHELD}, standing as (
        select a.owner_id as person_id, a.currency, b.credits - b.debits as amount,
            least(greatest(b.credits - b.debits, 0), coalesce(w.amount, 0)) as withheld, t.provider_id as destination, r.route, r.minimum,
            case when p.country is not null and home.route is null then p.country else coalesce(t.country, p.country) end as country,
            t.cools_until as until, t.country as account_country,
            case
                when b.credits < b.debits then 'negative'
                when h.id is not null then 'held'
                when i.id is not null then 'on_its_way'
                when {NO_ROUTE} then 'no_route'
                when b.credits - b.debits < r.minimum then 'below_minimum'
                {OF_ACCOUNT}
                when t.cools_until > :at then 'cooling'
                when w.amount > 0 and b.credits - b.debits - w.amount < r.minimum then 'uncovered'
            end as reason
        from account a
        join balance b on b.account_id = a.id
        join person p on p.id = a.owner_id
        {OF_PERSON.format(currency="a.currency")}
        left join withheld w on (w.person_id, w.currency) = (a.owner_id, a.currency)
        left join payout i on i.person_id = p.id and i.currency = a.currency and i.state in ('ready', 'sending', 'unknown')
        where a.kind = 'payee' and b.credits <> b.debits
    )
"""  # nosec B608  # noqa: S608 - the parts are constants
# Every open payment that was quoted, with the first reason for which its payee could not be paid it now; none means that they can.
OBSTACLES = f"""
    {WAYS}, {WITHHELD}, obstacle as (
        select i.id, i.run_id, i.person_id, i.amount, i.currency, p.name,
            case when p.country is not null and home.route is null then p.country else coalesce(t.country, p.country) end as country,
            r.minimum, t.cools_until as until,
            case
                when h.id is not null then 'held'
                when {NO_ROUTE} or r.route <> run.route then 'no_route'
                {OF_ACCOUNT}
                when t.provider_id <> i.destination then 'account_changed'
                when t.cools_until > :at then 'cooling'
                when w.amount > greatest(coalesce(left_over.credits - left_over.debits, 0), 0) then 'uncovered'
            end as reason
        from payout i
        join payout_run run on run.id = i.run_id
        join person p on p.id = i.person_id
        {OF_PERSON.format(currency="i.currency")}
        left join withheld w on (w.person_id, w.currency) = (i.person_id, i.currency)
        left join account mine on (mine.kind, mine.owner_id, mine.currency) = ('payee', w.person_id, w.currency)
        left join balance left_over on left_over.account_id = mine.id
        where i.state in ('ready', 'sending', 'unknown') and {{which}}
    )
"""  # nosec B608  # noqa: S608 - the parts are constants
