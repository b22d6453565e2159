-- Two sources for most contributions of a campaign: one of the last few hundred, and one among the first, which everybody builds on.
insert into source (contribution_id, source_id, id, kind, weight, state, claimed_by, claimed_as, claimed_at, at_upload, decided_by, decided_as, decided_at)
select work, source, pg_temp.id_at(came, 'source' || work || source), kind, 1, state, by, 'contribution', came, true,
    case when state <> 'open' and kind <> 'contains' then source_by end,
    case when state = 'open' then null when kind = 'contains' then 'licence' else 'source' end,
    case when state <> 'open' then came end
from (
    select distinct on (w.id, s.id) w.id as contribution, s.id as source, w.came, w.by, s.by as source_by, e.kind,
        case when e.kind = 'contains' then 'confirmed' when e.chance < 0.1 then 'open' when e.chance < 0.15 then 'declined' else 'confirmed' end
            as state
    from crowd_contribution w
    cross join lateral (
        select 'contains' as kind, w.n - 1 - floor(random() * 300)::int as of, random() as chance where w.n %% 4 <> 0
        union all select 'influenced_by', 1 + floor(power(random(), 4) * (w.n - 1))::int, random() where w.n %% 3 <> 0
    ) e
    join crowd_contribution s on s.campaign = w.campaign and s.n = e.of and s.n < w.n
    where w.campaign = %(campaign)s and w.state = 'screened_in' and s.state = 'screened_in'
    order by w.id, s.id
) edge
