-- A thousand emails to each of these people, and outbox messages that failed.
insert into email (id, event_id, recipient_id, notification, campaign_id, address, subject, text, html, state, promised_at, settled_at, sends, message_id)
select pg_temp.id_at(now() - n * interval '20 minutes', 'email' || p.id || n), pg_temp.id_at(now(), 'told' || p.id || n), p.id, 'screened', %(campaign)s,
    p.email, 'What became of your work ' || n, 'It takes part.', '<p>It takes part.</p>', case when n %% 50 = 0 then 'failed' else 'sent' end,
    now() - n * interval '20 minutes', now(), 1, null
from person p cross join generate_series(1, 1000) n where p.id = any(%(people)s::uuid[]);
insert into outbox_message (id, kind, lane, key, body, failed_at, last_error, attempts)
select pg_temp.id_at(now(), 'failed' || n), 'event', 'events', 'failed' || n, '{}', now(), 'TimeoutError', 12 from generate_series(1, 300) n
