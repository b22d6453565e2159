"""The open call: contributions, their makers and files, questions, screening."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0101_08"
down_revision: str | None = "0101_07"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

FUNCTIONS = (
    """
create function begin_tally() returns trigger language plpgsql security definer set search_path to '$user', 'public' as $$
    begin
        insert into tally (contribution_id, campaign_id) select id, campaign_id from came;
        return null;
    end
$$
""",
    """
create function count_arrivals() returns trigger language plpgsql security definer set search_path to '$user', 'public' as $$
    begin
        insert into arrival (campaign_id, day, contributions)
        select campaign_id, (received_at at time zone 'UTC')::date, count(*) from arrived group by 1, 2 order by 1, 2
        on conflict (campaign_id, day) do update set contributions = arrival.contributions + excluded.contributions;
        return null;
    end
$$
""",
    """
create function mark_uploads_used() returns trigger language plpgsql as $$
    begin
        update upload set is_used = true where id in (select upload_id from added) and not is_used;
        return null;
    end
$$
""",
    """
create function outdate_packages() returns trigger language plpgsql as $$
    declare
        changed uuid := case tg_table_name
            when 'contribution' then to_jsonb(new) ->> 'id' else to_jsonb(coalesce(new, old)) ->> 'contribution_id' end;
    begin
        with recursive around as (
            select changed as contribution_id
            union
            select s.contribution_id from around join source s on s.source_id = around.contribution_id and s.state = 'confirmed'
        )
        update package set is_outdated = true
        where not is_outdated and version_id in (select version_id from component join around using (contribution_id));
        return null;
    end
$$
""",
    """
create function refuse_unless_ended() returns trigger language plpgsql as $$
    begin
        if tg_op = 'UPDATE' or not exists (
            select from ended_naming where contribution_id = old.contribution_id and person_id = old.person_id
        ) then
            raise exception '% is append-only: % refused', tg_table_name, lower(tg_op) using errcode = 'restrict_violation';
        end if;
        return old;
    end
$$
""",
    """
create function require_unanswered() returns trigger language plpgsql as $$
    begin
        if not exists (
            select from named_maker
            where contribution_id = new.contribution_id and person_id = new.person_id and confirmed_at is null
        ) then
            raise exception 'only a naming that was never confirmed ends' using errcode = 'check_violation', constraint =
                'unanswered';
        end if;
        return new;
    end
$$
""",
    """
create function tally_taking_part() returns trigger language plpgsql security definer set search_path to '$user', 'public' as $$
    begin
        update desk_tally d set open = d.open + case
            when new.state = 'screened_in' then n.contributions else - n.contributions end
        from (
            select round_id, curator_id, count(*) as contributions from review_assignment
            where contribution_id = new.id and released_at is null and not is_written group by round_id, curator_id
        ) n
        where (n.round_id, n.curator_id) = (d.round_id, d.curator_id);
        return null;
    end
$$
""",
)

TRIGGERS = (
    "create trigger append_only before delete or update on call_extension for each row execute function refuse_change()",
    """
create trigger begin_tally after insert on contribution referencing new table as came for each statement
        execute function begin_tally()
""",
    """
create trigger count_arrivals after insert on contribution referencing new table as arrived for each statement
        execute function count_arrivals()
""",
    """
create trigger outdates_packages after update of state on contribution for each row when (((new.state = 'withdrawn')
        and (old.state <> 'withdrawn'))) execute function outdate_packages()
""",
    """
create trigger tally_taking_part after update of state on contribution for each row
        when (((old.state = 'screened_in') is distinct from (new.state = 'screened_in'))) execute function tally_taking_part()
""",
    "create trigger append_only before delete or update on contribution_file for each row execute function refuse_change()",
    """
create trigger mark_uploads_used after insert on contribution_file referencing new table as added
        for each statement execute function mark_uploads_used()
""",
    "create trigger append_only before delete or update on ended_naming for each row execute function refuse_change()",
    "create trigger unanswered before insert on ended_naming for each row execute function require_unanswered()",
    "create trigger append_only before delete or update on licence_grant for each row execute function refuse_change()",
    "create trigger append_only_but_ended before delete or update on maker for each row execute function refuse_unless_ended()",
    "create trigger ended_first before delete on named_maker for each row execute function refuse_unless_ended()",
    """
create trigger outdates_packages after update of confirmed_at on named_maker for each row
        when ((old.confirmed_at is distinct from new.confirmed_at)) execute function outdate_packages()
""",
    "create trigger outdates_packages_when_ended after delete on named_maker for each row execute function outdate_packages()",
    "create trigger append_only before delete or update on screening for each row execute function refuse_change()",
)


def upgrade() -> None:
    op.create_table(
        "arrival",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("contributions", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_arrival_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "day", name=op.f("pk_arrival")),
    )
    op.create_table(
        "open_call",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("closes_at >= opened_at", name=op.f("ck_open_call_order")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_open_call_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_open_call")),
    )
    op.create_table(
        "question",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("text <> '' and answer <> ''", name=op.f("ck_question_words")),
        sa.CheckConstraint(
            "(answer is null) = (answered_at is null) and (answer is null) = (answered_by is null)", name=op.f("ck_question_answered")
        ),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_question_answered_by")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_question_asked_by")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_question_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    op.create_index(op.f("ix_question_asked_by"), "question", ["asked_by"], unique=False)
    op.create_index("ix_question_campaign_id_id", "question", ["campaign_id", "id"], unique=False)
    op.create_table(
        "upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("declared", sa.String(length=120), nullable=True),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("mime", sa.String(length=60), nullable=True),
        sa.Column("fault", sa.String(length=40), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("is_used", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "(state = 'proven') = (sha256 is not null) and (state = 'proven') = (mime is not null)", name=op.f("ck_upload_proven")
        ),
        sa.CheckConstraint("(state = 'refused') = (refusal is not null)", name=op.f("ck_upload_refused")),
        sa.CheckConstraint('length > 0 and "offset" between 0 and length', name=op.f("ck_upload_offset")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_upload_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    op.create_index(
        "ix_upload_loose",
        "upload",
        ["person_id", "expires_at"],
        unique=False,
        postgresql_where="not is_used",
        postgresql_include=["length", "state"],
    )
    op.create_index(op.f("ix_upload_person_id"), "upload", ["person_id"], unique=False)
    op.create_index("ix_upload_unfinished", "upload", ["expires_at"], unique=False, postgresql_where="state in ('arriving', 'complete')")
    op.create_table(
        "call_extension",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("from_close", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_close", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("extended_by", sa.Uuid(), nullable=True),
        sa.Column("extended_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("to_close > from_close", name=op.f("ck_call_extension_later")),
        sa.ForeignKeyConstraint(["campaign_id"], ["open_call.campaign_id"], name=op.f("fk_call_extension_campaign_id")),
        sa.ForeignKeyConstraint(["extended_by"], ["person.id"], name=op.f("fk_call_extension_extended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_extension")),
    )
    op.create_index(op.f("ix_call_extension_campaign_id"), "call_extension", ["campaign_id"], unique=False)
    op.create_table(
        "contribution",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("is_wrapper", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=14), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("by_extension_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state <> 'screened_out' or state_reason is not null", name=op.f("ck_contribution_reason")),
        sa.CheckConstraint("title !~ '[\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]'", name=op.f("ck_contribution_title_one_line")),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("fk_contribution_brand_id")),
        sa.ForeignKeyConstraint(["by_extension_id"], ["call_extension.id"], name=op.f("fk_contribution_by_extension_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_contribution_campaign_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["person.id"], name=op.f("fk_contribution_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution")),
    )
    op.create_index("ix_contribution_campaign_id_id", "contribution", ["campaign_id", "id"], unique=False)
    op.create_index(
        "ix_contribution_taking_part", "contribution", ["campaign_id", "id"], unique=False, postgresql_where="state = 'screened_in'"
    )
    op.create_index(
        "ix_contribution_title_words",
        "contribution",
        ["title"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"title": "gin_trgm_ops"},
        postgresql_with={"fastupdate": "off"},
    )
    op.create_index(op.f("ix_contribution_uploaded_by"), "contribution", ["uploaded_by"], unique=False)
    op.create_index(
        "ix_contribution_waiting",
        "contribution",
        ["campaign_id", "state"],
        unique=False,
        postgresql_where="state in ('received', 'unshowable', 'ready')",
        postgresql_include=["state_since"],
    )
    op.create_table(
        "contribution_file",
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("mime", sa.String(length=60), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_contribution_file_contribution_id")),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name=op.f("fk_contribution_file_upload_id")),
        sa.PrimaryKeyConstraint("contribution_id", name=op.f("pk_contribution_file")),
        sa.UniqueConstraint("upload_id", name=op.f("uq_contribution_file_upload_id")),
    )
    op.create_index(op.f("ix_contribution_file_sha256"), "contribution_file", ["sha256"], unique=False)
    op.create_table(
        "ended_naming",
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_ended_naming_contribution_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_ended_naming_ended_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ended_naming_person_id")),
        sa.PrimaryKeyConstraint("contribution_id", "person_id", name=op.f("pk_ended_naming")),
    )
    op.create_index(op.f("ix_ended_naming_ended_at"), "ended_naming", ["ended_at"], unique=False)
    op.create_table(
        "maker",
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("shares", sa.Integer(), nullable=False),
        sa.CheckConstraint("shares between 1 and 1000000", name=op.f("ck_maker_shares")),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_maker_contribution_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_maker_person_id")),
        sa.PrimaryKeyConstraint("contribution_id", "person_id", name=op.f("pk_maker")),
    )
    op.create_index(op.f("ix_maker_person_id"), "maker", ["person_id"], unique=False)
    op.create_table(
        "rendition",
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("mime", sa.String(length=60), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("words", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_rendition_contribution_id")),
        sa.PrimaryKeyConstraint("contribution_id", "role", name=op.f("pk_rendition")),
    )
    op.create_table(
        "screening",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("takes_part", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("screened_by", sa.Uuid(), nullable=True),
        sa.Column("screened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("takes_part or reason is not null", name=op.f("ck_screening_reason")),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_screening_contribution_id")),
        sa.ForeignKeyConstraint(["screened_by"], ["person.id"], name=op.f("fk_screening_screened_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening")),
    )
    op.create_index(op.f("ix_screening_contribution_id"), "screening", ["contribution_id"], unique=False)
    op.create_index("ix_screening_screened_by_screened_at", "screening", ["screened_by", "screened_at"], unique=False)
    op.create_table(
        "licence_grant",
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("ai_training", sa.Boolean(), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("given_by = person_id", name=op.f("ck_licence_grant_own_word")),
        sa.ForeignKeyConstraint(
            ["contribution_id", "person_id"],
            ["maker.contribution_id", "maker.person_id"],
            name=op.f("fk_licence_grant_contribution_id_person_id"),
        ),
        sa.ForeignKeyConstraint(["given_by"], ["person.id"], name=op.f("fk_licence_grant_given_by")),
        sa.PrimaryKeyConstraint("contribution_id", "person_id", name=op.f("pk_licence_grant")),
    )
    op.create_table(
        "named_maker",
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["contribution_id", "person_id"],
            ["maker.contribution_id", "maker.person_id"],
            name=op.f("fk_named_maker_contribution_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("contribution_id", "person_id", name=op.f("pk_named_maker")),
    )
    op.create_index("ix_named_maker_unconfirmed", "named_maker", ["contribution_id"], unique=False, postgresql_where="confirmed_at is null")
    for statement in FUNCTIONS:
        op.execute(statement)
    for statement in TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("named_maker")
    op.drop_table("licence_grant")
    op.drop_table("screening")
    op.drop_table("rendition")
    op.drop_table("maker")
    op.drop_table("ended_naming")
    op.drop_table("contribution_file")
    op.drop_table("contribution")
    op.drop_table("call_extension")
    op.drop_table("upload")
    op.drop_table("question")
    op.drop_table("open_call")
    op.drop_table("arrival")
    op.execute("drop function begin_tally")
    op.execute("drop function count_arrivals")
    op.execute("drop function mark_uploads_used")
    op.execute("drop function outdate_packages")
    op.execute("drop function refuse_unless_ended")
    op.execute("drop function require_unanswered")
    op.execute("drop function tally_taking_part")
