-- The contributions of one campaign, all older than those that are there; most people sent in one or two, a few very many.
insert into crowd_contribution
select %(campaign)s, w.n, pg_temp.id_at(w.came, %(campaign)s::text || w.n), w.came,
    case when w.n %% 100 = 0 then %(artist)s else p.id end, w.kind, w.state
from (
    select n, now() - interval '60 days' + n * (interval '59 days' / %(contributions)s) as came,
        1 + floor(%(people)s * power(random(), 1.5))::int as by,
        (array['text', 'text', 'picture', 'picture', 'sound', 'film'])[1 + n %% 6] as kind,
        (array['screened_in', 'screened_out', 'ready', 'withdrawn', 'received'])[1 + width_bucket(random(), %(states)s::float8[])] as state
    from generate_series(1, %(contributions)s) n
) w join crowd_person p on p.n = w.by
