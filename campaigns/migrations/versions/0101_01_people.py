"""People, brands and their roles; how a person signs in; the security log."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0101_01"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

FUNCTIONS = (
    """
create function appointment_stays() returns trigger language plpgsql as $$
    begin
        if tg_op = 'DELETE'
            or (old.id, old.person_id, old.role, old.how, old.granted_at) <> (new.id, new.person_id, new.role, new.how,
                new.granted_at)
            or (old.brand_id, old.campaign_id, old.deliverable_id, old.granted_by)
               is distinct from (new.brand_id, new.campaign_id, new.deliverable_id, new.granted_by)
            or old.confirmed_at is not null
               and (old.confirmed_by, old.confirmed_at) is distinct from (new.confirmed_by, new.confirmed_at)
            or old.counts_from is distinct from new.counts_from and old.counts_from is not null
            or old.began_at is distinct from new.began_at and (old.began_at is not null or old.stopped_at is not null)
            or old.stopped_at is distinct from new.stopped_at and old.stopped_at is not null
        then
            raise exception 'what was given, confirmed, begun or stopped stays so' using errcode = 'check_violation';
        end if;
        return new;
    end
$$
""",
    """
create function guard_brand() returns trigger language plpgsql as $$
    begin
        if exists (
            select from role_grant g left join campaign c on c.id = g.campaign_id
            where g.role = 'signer' and coalesce(g.brand_id, c.brand_id) = new.id and not new.sign_off_roles ? g.sign_off_role
        ) then
            raise exception 'somebody signs under a sign-off role that would be gone' using
                errcode = 'check_violation', constraint = 'ck_brand_sign_off_roles_in_use';
        end if;
        if new.merged_into is not null and (
            exists (select from campaign where brand_id = new.id) or exists (select from role_grant where brand_id = new.id)
        ) then
            raise exception 'a merged brand has neither campaigns nor people' using
                errcode = 'check_violation', constraint = 'ck_brand_merged_whole';
        end if;
        return new;
    end
$$
""",
    """
create function guard_role_grant() returns trigger language plpgsql as $$
    declare
        home uuid := coalesce(new.brand_id, (select brand_id from campaign where id = new.campaign_id));
    begin
        if home is not null then
            perform 1 from brand where id = home and merged_into is null for share;
            if not found then
                raise exception 'the brand has been merged into another' using
                    errcode = 'check_violation', constraint = 'ck_role_grant_brand_is_there';
            end if;
        end if;
        -- One at a time for each person: two grants made at once would not see each other.
        perform 1 from person where id = new.person_id for no key update;
        if opposing_role(new.person_id, new.role, home, new.campaign_id, new.id) is not null then
            raise exception 'nobody holds a role of the staff and one of the brand' using
                errcode = 'check_violation', constraint = 'ck_role_grant_one_side';
        end if;
        if new.role = 'signer' and not exists (select from brand where id = home and sign_off_roles ? new.sign_off_role) then
            raise exception 'the brand has no such sign-off role' using errcode = 'check_violation', constraint =
                'ck_role_grant_own_sign_off_role';
        end if;
        if tg_op = 'INSERT' and new.granted_by is not null and new.role in ('approver', 'brand_administrator', 'signer')
            and not exists (
            select from role_grant a where new.role <> 'brand_administrator'
                and a.person_id = new.granted_by and a.role = 'brand_administrator' and a.brand_id = home
            union all
            select from administrator_request r where new.role = 'brand_administrator'
                and r.brand_id = home and r.person_id = new.person_id and r.confirmed_at is not null
                and r.confirmer_id = new.granted_by and exists (
                    select from person p join brand b on b.id = home
                    where p.id = r.confirmer_id and lower(p.email) = lower(b.billing_email)
                        and (b.billing_counts_from is null or b.billing_counts_from <= r.confirmed_at)
                )
        ) then
            raise exception 'only the brand''s own people appoint for it' using
                errcode = 'check_violation', constraint = 'ck_role_grant_by_the_brand';
        end if;
        return new;
    end
$$
""",
    """
create function keep_payee() returns trigger language plpgsql as $$
    begin
        if exists (select from payout where person_id = old.id) then
            raise exception 'a payment names this person' using errcode = 'foreign_key_violation';
        end if;
        return old;
    end
$$
""",
    """
create function note_country_change() returns trigger language plpgsql security definer set search_path to '$user', 'public' as
    $$
    begin
            if exists (select from payout_account where person_id = new.id) then
                insert into country_change (id, person_id, before, after, changed_at)
                values (
        encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
            placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
                from 1 for 6), 52, 1), 53, 1),
            'hex')::uuid
    , new.id, old.country, new.country, now())
                on conflict (person_id)
                    where looked_at is null do update set after = excluded.after, changed_at = excluded.changed_at;
            end if;
            return null;
        end
$$
""",
    """
create function role_grant_takes_two() returns trigger language plpgsql as $$
    begin
        if new.role in ('finance', 'operator', 'manager') and new.granted_by is not null
            and not (new.role = 'manager' and new.granted_by = new.person_id
                     and exists (select from campaign c where c.id = new.campaign_id and c.owner_id = new.person_id))
            and not exists (
                select from appointment a
                where a.person_id = new.person_id and a.role = new.role and a.began_at is not null and a.stopped_at is null
                  and a.brand_id is not distinct from new.brand_id and a.campaign_id is not distinct from new.campaign_id
                  and a.deliverable_id is not distinct from new.deliverable_id)
        then
            raise exception 'a role that touches money takes an appointment that has begun' using errcode = 'check_violation';
        end if;
        return new;
    end
$$
""",
    """
create function seal_link(previous_hash text, digest bytea) returns text language sql immutable as $$
    select encode(sha256(decode(previous_hash, 'hex') || digest), 'hex')
$$
""",
    """
create function wait_for_ledger() returns void language sql as $$
    select pg_advisory_xact_lock(73, 0)
$$
""",
)

TRIGGERS = (
    "create trigger appointment_stays before delete or update on appointment for each row execute function appointment_stays()",
    "create trigger guarded before update on brand for each row execute function guard_brand()",
    "create trigger kept_as_payee before delete on person for each row execute function keep_payee()",
    """
create trigger note_country_change after update of country on person for each row when ((old.country is distinct
        from new.country)) execute function note_country_change()
""",
    "create trigger guarded before insert or update on role_grant for each row execute function guard_role_grant()",
    """
create trigger role_grant_takes_two before insert or update on role_grant for each row
        execute function role_grant_takes_two()
""",
)


def upgrade() -> None:
    op.execute("create extension if not exists pg_trgm")
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("shortcuts", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("artist_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("known_since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=True),
        sa.CheckConstraint("name !~ '[\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]'", name=op.f("ck_person_name_one_line")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_index(
        "ix_person_email_words",
        "person",
        ["email"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"email": "gin_trgm_ops"},
        postgresql_with={"fastupdate": "off"},
    )
    op.create_index(
        "ix_person_name_words",
        "person",
        ["name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
        postgresql_with={"fastupdate": "off"},
    )
    op.create_index("uq_person_email", "person", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "api_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("name !~ '[\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]'", name=op.f("ck_api_token_name_one_line")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_api_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_token_digest")),
    )
    op.create_index(op.f("ix_api_token_made_by"), "api_token", ["made_by"], unique=False)
    op.create_index(op.f("ix_api_token_person_id"), "api_token", ["person_id"], unique=False)
    op.create_table(
        "brand",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("billing_email", sa.String(length=254), nullable=True),
        sa.Column("billing_counts_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("was_billed", sa.Uuid(), nullable=True),
        sa.Column("sign_off_roles", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("name !~ '[\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]'", name=op.f("ck_brand_name_one_line")),
        sa.CheckConstraint("billing_counts_from is null or was_billed is not null", name=op.f("ck_brand_cools_after_another")),
        sa.ForeignKeyConstraint(["merged_into"], ["brand.id"], name=op.f("fk_brand_merged_into")),
        sa.ForeignKeyConstraint(["was_billed"], ["person.id"], name=op.f("fk_brand_was_billed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brand")),
    )
    op.create_index("ix_brand_name", "brand", [sa.literal_column("lower(name)")], unique=False)
    op.create_table(
        "code_app",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_secret", sa.String(length=300), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), server_default=sa.text("'0'::bigint"), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_code_app_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_code_app")),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts_from", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("name !~ '[\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]'", name=op.f("ck_passkey_name_one_line")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_passkey_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_person_id"), "passkey", ["person_id"], unique=False)
    op.create_table(
        "passkey_challenge",
        sa.Column("challenge", sa.String(length=120), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_passkey_challenge_person_id")),
        sa.PrimaryKeyConstraint("challenge", name=op.f("pk_passkey_challenge")),
    )
    op.create_index(op.f("ix_passkey_challenge_person_id"), "passkey_challenge", ["person_id"], unique=False)
    op.create_table(
        "security_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.String(length=254), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_security_entry_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_entry")),
    )
    op.create_index("ix_security_entry_at", "security_entry", ["at"], unique=False)
    op.create_index("ix_security_entry_kind", "security_entry", ["kind", "id"], unique=False)
    op.create_index(
        "uq_security_entry_hour",
        "security_entry",
        ["hour", "kind", "person_id", "subject", "place", "detail"],
        unique=True,
        postgresql_where=sa.text("hour is not null"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "sign_in_link",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_link_person_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_in_link")),
    )
    op.create_index(op.f("ix_sign_in_link_person_id"), "sign_in_link", ["person_id"], unique=False)
    op.create_index(op.f("ix_sign_in_link_request_id"), "sign_in_link", ["request_id"], unique=False)
    op.create_table(
        "web_session",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proven_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agent", sa.String(length=300), nullable=True),
        sa.Column("place", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_web_session_person_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_web_session")),
        sa.UniqueConstraint("id", name=op.f("uq_web_session_id")),
    )
    op.create_index(op.f("ix_web_session_person_id"), "web_session", ["person_id"], unique=False)
    op.create_table(
        "administrator_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmer_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("confirmed_at is null or ended_at is null", name=op.f("ck_administrator_request_one_end")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_administrator_request_asked_by")),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("fk_administrator_request_brand_id")),
        sa.ForeignKeyConstraint(["confirmer_id"], ["person.id"], name=op.f("fk_administrator_request_confirmer_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_administrator_request_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_administrator_request")),
        sa.UniqueConstraint("digest", name=op.f("uq_administrator_request_digest")),
    )
    op.create_index(
        "uq_administrator_request_open",
        "administrator_request",
        ["brand_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("confirmed_at is null and ended_at is null"),
    )
    op.create_table(
        "appointment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("deliverable_id", sa.Uuid(), nullable=True),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_by", sa.Uuid(), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("how <> 'two' or counts_from is null or confirmed_at is not null", name=op.f("ck_appointment_two_words")),
        sa.CheckConstraint(
            "how = 'machine' or how = 'earlier' or granted_by is not null and granted_by <> person_id", name=op.f("ck_appointment_giver")
        ),
        sa.CheckConstraint("how in ('two', 'first', 'machine', 'earlier')", name=op.f("ck_appointment_how")),
        sa.CheckConstraint("(confirmed_by is null) = (confirmed_at is null)", name=op.f("ck_appointment_confirmed")),
        sa.CheckConstraint("began_at is null or counts_from <= began_at", name=op.f("ck_appointment_cooled")),
        sa.CheckConstraint("confirmed_by <> granted_by and confirmed_by <> person_id", name=op.f("ck_appointment_confirmer")),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("fk_appointment_brand_id")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["person.id"], name=op.f("fk_appointment_confirmed_by")),
        sa.ForeignKeyConstraint(["granted_by"], ["person.id"], name=op.f("fk_appointment_granted_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_appointment_person_id")),
        sa.ForeignKeyConstraint(["stopped_by"], ["person.id"], name=op.f("fk_appointment_stopped_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
    )
    op.create_index(op.f("ix_appointment_campaign_id"), "appointment", ["campaign_id"], unique=False)
    op.create_index("ix_appointment_confirmed_by", "appointment", ["confirmed_by"], unique=False)
    op.create_index(
        "ix_appointment_cooling",
        "appointment",
        ["counts_from"],
        unique=False,
        postgresql_where=sa.text("began_at is null and stopped_at is null"),
    )
    op.create_index(op.f("ix_appointment_granted_by"), "appointment", ["granted_by"], unique=False)
    op.create_index(op.f("ix_appointment_person_id"), "appointment", ["person_id"], unique=False)
    op.create_index(
        "uq_appointment_open",
        "appointment",
        ["person_id", "role", "brand_id", "campaign_id", "deliverable_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("began_at is null and stopped_at is null"),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("deliverable_id", sa.Uuid(), nullable=True),
        sa.Column("sign_off_role", sa.String(length=40), nullable=True),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(role = 'signer') = (sign_off_role is not null)", name=op.f("ck_role_grant_sign_off_role")),
        sa.CheckConstraint(
            "role <> 'brand_administrator' or (brand_id is not null and campaign_id is null and deliverable_id is null)",
            name=op.f("ck_role_grant_reach"),
        ),
        sa.CheckConstraint(
            "role not in ('approver', 'brand_administrator', 'signer') or brand_id is not null or campaign_id is not null",
            name=op.f("ck_role_grant_whose"),
        ),
        sa.CheckConstraint(
            "sign_off_role !~ '[\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]'", name=op.f("ck_role_grant_sign_off_role_one_line")
        ),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("fk_role_grant_brand_id")),
        sa.ForeignKeyConstraint(["granted_by"], ["person.id"], name=op.f("fk_role_grant_granted_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index(op.f("ix_role_grant_brand_id"), "role_grant", ["brand_id"], unique=False)
    op.create_index(op.f("ix_role_grant_campaign_id"), "role_grant", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_role_grant_person_id"), "role_grant", ["person_id"], unique=False)
    op.create_index(
        "uq_role_grant",
        "role_grant",
        ["person_id", "role", "brand_id", "campaign_id", "deliverable_id", "sign_off_role"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    for statement in FUNCTIONS:
        op.execute(statement)
    for statement in TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("role_grant")
    op.drop_table("appointment")
    op.drop_table("administrator_request")
    op.drop_table("web_session")
    op.drop_table("sign_in_link")
    op.drop_table("security_entry")
    op.drop_table("passkey_challenge")
    op.drop_table("passkey")
    op.drop_table("code_app")
    op.drop_table("brand")
    op.drop_table("api_token")
    op.drop_table("person")
    op.execute("drop function appointment_stays")
    op.execute("drop function guard_brand")
    op.execute("drop function guard_role_grant")
    op.execute("drop function keep_payee")
    op.execute("drop function note_country_change")
    op.execute("drop function role_grant_takes_two")
    op.execute("drop function seal_link")
    op.execute("drop function wait_for_ledger")
