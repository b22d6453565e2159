"""Open proposals whose lineage has changed since they were computed."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

# What was decided while a proposal was being computed is older than the proposal, and not in it.
LONGEST_COMPUTATION = timedelta(hours=1)
# Only works about which something was decided since are compared with what was frozen of them: the sweep asks every few seconds.
CHANGED = text("""
    with opened as (
        select p.id, p.deliverable_id, t.campaign_id, p.opened_at - cast(:computation as interval) as since
        from proposal p join deliverable t on t.id = p.deliverable_id
        where p.state = 'open' and p.deliverable_id = any(:deliverables)
    ), decided as (
        select work_id, decided_at as at from source where decided_at >= (select min(since) from opened)
        union all
        select work_id, found_at from wrapper_finding where found_at >= (select min(since) from opened)
        union all
        select contribution_id, ended_at from ended_naming where ended_at >= (select min(since) from opened)
    ), looked_at as (
        select o.id, o.deliverable_id, d.work_id, max(d.at) as at
        from decided d
        cross join lateral ( -- few are decided at a time: looked up one by one, and not among all works of the campaigns
            select c.campaign_id from contribution c where c.id = d.work_id offset 0
        ) w
        join opened o on o.campaign_id = w.campaign_id and o.since <= d.at
        group by o.id, o.deliverable_id, d.work_id
    ), frozen as materialized ( -- taken apart once, and not once for each work that is looked at
        select p.id, cast(work ->> 'work' as uuid) as work_id, work -> 'wrapper' as wrapper, work -> 'makers' as makers,
            work -> 'sources' as sources
        from proposal p cross join lateral jsonb_array_elements(p.inputs -> 'lineage') work
        where p.id in (select id from looked_at)
    )
    select l.deliverable_id, max(l.at)
    from looked_at l
    join frozen using (id, work_id)
    join contribution c on c.id = l.work_id
    left join wrapper_finding f on f.work_id = l.work_id
    where (frozen.wrapper, frozen.makers, frozen.sources) <> (
        to_jsonb(coalesce(f.is_wrapper, c.is_wrapper)),
        (select jsonb_object_agg(m.person_id, m.shares) from maker m where m.contribution_id = l.work_id),
        (select coalesce(jsonb_agg(jsonb_build_object('work', s.source_id, 'kind', s.kind, 'weight', s.weight) order by s.source_id), '[]')
         from source s where s.work_id = l.work_id and s.state = 'confirmed')
    )
    group by l.deliverable_id
""").bindparams(bindparam("deliverables", type_=ARRAY(Uuid())))


def changed_since(session: Session, deliverable_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """The deliverables among these whose open proposal was computed from another lineage than there is now, and since when."""
    given = {"deliverables": list(deliverable_ids), "computation": LONGEST_COMPUTATION}
    return dict(session.execute(CHANGED, given).all()) if deliverable_ids else {}
