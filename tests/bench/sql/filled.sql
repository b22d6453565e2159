-- All that belongs to a contribution: its file, its makers and their licence, what is shown of it, who let it in.
create temp table crowd_mime (kind text, role text, mime text);
insert into crowd_mime values ('text', 'text', 'text/markdown'), ('picture', 'picture', 'image/webp'), ('picture', 'thumbnail', 'image/webp'),
    ('sound', 'sound', 'audio/mp4'), ('film', 'film', 'video/mp4'), ('film', 'poster', 'image/webp');
insert into upload (id, person_id, name, length, "offset", state, began_at, expires_at, sha256, mime)
select id, by, 'work.bin', 4096, 4096, 'proven', came, came + interval '1 day', encode(sha256(id::text::bytea), 'hex'),
    (select mime from crowd_mime m where m.kind = w.kind and m.role = w.kind)
from crowd_contribution w;
insert into contribution
    (id, campaign_id, brand_id, uploaded_by, title, kind, statement, is_wrapper, state, state_reason, received_at, state_since)
select w.id, w.campaign, c.brand_id, w.by,
    (%(words)s::text[])[1 + n %% cardinality(%(words)s::text[])] || ' ' || (%(nouns)s::text[])[1 + (n / 12) %% cardinality(%(nouns)s::text[])]
        || ' ' || n,
    w.kind, 'How we keep it at home, and why.', n %% 500 = 0, w.state, case when w.state = 'screened_out' then 'It is not about the call.' end,
    w.came, w.came
from crowd_contribution w join campaign c on c.id = w.campaign order by w.id;
insert into maker (contribution_id, person_id, shares) select id, by, 2 from crowd_contribution;
insert into maker (contribution_id, person_id, shares)
select w.id, p.id, 1 from crowd_contribution w join crowd_person p on p.n = 1 + (w.n * 31) %% %(people)s where w.n %% 10 = 3 on conflict do nothing;
insert into contribution_file (contribution_id, upload_id, sha256, mime, bytes)
select u.id, u.id, u.sha256, u.mime, u.length from upload u join crowd_contribution w on w.id = u.id;
insert into licence_grant (contribution_id, person_id, version, text_sha256, ai_training, given_by, granted_at)
select m.contribution_id, m.person_id, %(licence)s, repeat('0', 64), false, m.person_id, w.came
from maker m join crowd_contribution w on w.id = m.contribution_id;
insert into rendition (contribution_id, role, sha256, mime, bytes, width, height, words)
select w.id, m.role, case when m.role = 'text' then t.sha256 else encode(sha256((w.id || m.role)::bytea), 'hex') end,
    case when m.role = 'text' then t.mime else m.mime end, case when m.role = 'text' then t.bytes else 2048 end,
    case when m.mime like 'image/%%' or m.role = 'film' then 1600 end, case when m.mime like 'image/%%' or m.role = 'film' then 900 end,
    case when m.role = 'text' then t.words end
from crowd_contribution w join crowd_mime m using (kind) cross join (select * from rendition where role = 'text' limit 1) t
where w.state <> 'received';
insert into screening (id, contribution_id, takes_part, reason, screened_by, screened_at)
select pg_temp.id_at(w.came + interval '1 hour', 'screening' || w.id), w.id, w.state <> 'screened_out',
    case when w.state = 'screened_out' then 'It is not about the call.' end, c.owner_id, w.came + interval '1 hour'
from crowd_contribution w join campaign c on c.id = w.campaign where w.state in ('screened_in', 'screened_out', 'withdrawn');
update open_call set opened_at = opened_at - interval '100 days'
