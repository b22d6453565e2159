-- A UUIDv7 of a moment, the rest of it drawn from a name.
create function pg_temp.id_at(at timestamptz, name text) returns uuid language sql immutable as $$
    select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(name), 1, 3)
            || '8' || substr(md5(name), 4, 15))::uuid
$$
