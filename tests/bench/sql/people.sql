-- People who have nothing but a name, drawn from a few.
create temp table crowd_person as
    select n, pg_temp.id_at(now() - interval '90 days' + n * interval '1 second', 'person' || n) as id from generate_series(1, %(people)s) n;
create unique index on crowd_person (n);
insert into person (id, email, name, country, locale, time_zone)
select id, 'artist' || n || '@crowd.example',
    (%(first)s::text[])[1 + (n * 7) %% cardinality(%(first)s::text[])] || ' ' || (%(last)s::text[])[1 + (n * 13) %% cardinality(%(last)s::text[])],
    case when n %% 9 = 0 then 'DE' else 'US' end, 'en', 'Europe/Berlin'
from crowd_person;
create temp table crowd_contribution (campaign uuid, n int, id uuid, came timestamptz, by uuid, kind text, state text, primary key (campaign, n))
