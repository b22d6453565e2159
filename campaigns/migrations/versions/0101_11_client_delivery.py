"""Versions, annotations, the brand's decisions, and packages."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0101_11"
down_revision: str | None = "0101_10"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

FUNCTIONS = (
    """
create function obstacles(roots uuid[], contributions uuid[]) returns table(root uuid, contribution_id uuid, cause text)
    language sql stable as $$
    with recursive inside as (
        select those.root, those.contribution_id from unnest(roots, contributions) as those (root, contribution_id)
        union
        select inside.root, s.source_id from inside
        join source s on s.contribution_id = inside.contribution_id and s.kind = 'contains' and s.state = 'confirmed'
    )
    select i.root, i.contribution_id, 'taken_down' from inside i
    join contribution c on c.id = i.contribution_id where c.state <> 'screened_in'
    union
    select i.root, s.source_id, case s.state when 'open' then 'unconfirmed' else 'disputed' end from inside i
    join source s on s.contribution_id = i.contribution_id and s.kind = 'contains'
    where s.state = 'open' or (s.state = 'declined' and s.decided_as <> 'curator')
    union
    select i.root, i.contribution_id, 'maker_unconfirmed' from inside i
    join named_maker n on n.contribution_id = i.contribution_id where n.confirmed_at is null
    union
    select m.version_id, null::uuid, 'version_maker_unconfirmed' from version_maker m where m.version_id = any(roots)
        and m.confirmed_at is null
$$
""",
    """
create function require_free_of_obstacles() returns trigger language plpgsql as $$
    declare
        version uuid := case tg_table_name when 'version' then to_jsonb(new) ->> 'id' else to_jsonb(new) ->> 'version_id' end;
        contributions uuid[] := array(select contribution_id from component where version_id = version);
    begin
        if exists (select from obstacles(array_fill(version, array[cardinality(contributions)]), contributions)) then
            raise exception 'something in the version, however deep, is taken down, disputed or unconfirmed'
                using errcode = 'check_violation', constraint = 'free_of_obstacles';
        end if;
        if exists (select from outside_material where version_id = version and licence is null) then
            raise exception 'material
                from outside has no licence' using errcode = 'check_violation', constraint = 'free_of_obstacles';
        end if;
        return new;
    end
$$
""",
    """
create function require_own_word_of_version_maker() returns trigger language plpgsql as $$
    begin
        if new.confirmed_at is not null and not exists (select from version where id = new.version_id
            and made_by = new.person_id) then
            raise exception 'only the one who makes a version confirms by that' using errcode = 'check_violation', constraint =
                'own_word';
        end if;
        return new;
    end
$$
""",
)

TRIGGERS = (
    "create trigger free_of_obstacles before insert on package for each row execute function require_free_of_obstacles()",
    """
create trigger free_of_obstacles before insert on review_decision for each row when ((new.verdict = 'approved'))
        execute function require_free_of_obstacles()
""",
    """
create trigger free_of_obstacles before update of presented_at on version for each row
        when (((old.presented_at is null) and (new.presented_at is not null))) execute function require_free_of_obstacles()
""",
    """
create trigger mark_uploads_used after insert on version referencing new table as added for each statement
        execute function mark_uploads_used()
""",
    "create trigger own_word before insert on version_maker for each row execute function require_own_word_of_version_maker()",
)


def upgrade() -> None:
    op.create_table(
        "version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("mime", sa.String(length=60), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("presented_by", sa.Uuid(), nullable=True),
        sa.Column("presented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("showing", sa.String(length=10), nullable=False),
        sa.Column("show_problem", sa.Text(), nullable=True),
        sa.Column("package_problem", sa.Text(), nullable=True),
        sa.CheckConstraint("(showing = 'failed') = (show_problem is not null)", name=op.f("ck_version_showing")),
        sa.CheckConstraint("(presented_by is null) = (presented_at is null)", name=op.f("ck_version_presented")),
        sa.ForeignKeyConstraint(
            ["deliverable_id", "visit"], ["stage_visit.deliverable_id", "stage_visit.number"], name=op.f("fk_version_deliverable_id_visit")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_version_made_by")),
        sa.ForeignKeyConstraint(["presented_by"], ["person.id"], name=op.f("fk_version_presented_by")),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name=op.f("fk_version_upload_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version")),
        sa.UniqueConstraint("deliverable_id", "number", name=op.f("uq_version_deliverable_id_number")),
        sa.UniqueConstraint("upload_id", name=op.f("uq_version_upload_id")),
    )
    op.create_index("ix_version_unprepared", "version", ["deliverable_id"], unique=False, postgresql_where="showing = 'pending'")
    op.create_table(
        "annotation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("at_ms", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("weight", sa.String(length=10), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done_in", sa.Uuid(), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'done') = (done_in is not null)", name=op.f("ck_annotation_done")),
        sa.CheckConstraint(
            "(state = 'open') = (settled_at is null) and (settled_by is null) = (settled_at is null)", name=op.f("ck_annotation_settled")
        ),
        sa.CheckConstraint("words <> ''", name=op.f("ck_annotation_words")),
        sa.CheckConstraint("at_ms >= 0", name=op.f("ck_annotation_at_ms")),
        sa.ForeignKeyConstraint(["done_in"], ["version.id"], name=op.f("fk_annotation_done_in")),
        sa.ForeignKeyConstraint(["settled_by"], ["person.id"], name=op.f("fk_annotation_settled_by")),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_annotation_version_id")),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], name=op.f("fk_annotation_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotation")),
    )
    op.create_index("ix_annotation_untold", "annotation", ["version_id", "written_by"], unique=False, postgresql_where="told_at is null")
    op.create_index(op.f("ix_annotation_version_id"), "annotation", ["version_id"], unique=False)
    op.create_table(
        "component",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_component_contribution_id")),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_component_version_id")),
        sa.PrimaryKeyConstraint("version_id", "contribution_id", name=op.f("pk_component")),
    )
    op.create_index(op.f("ix_component_contribution_id"), "component", ["contribution_id"], unique=False)
    op.create_table(
        "outside_material",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("licence", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "kind in ('stock_music', 'font', 'footage', 'picture', 'sound_effect', 'other')", name=op.f("ck_outside_material_kind")
        ),
        sa.CheckConstraint("licence <> ''", name=op.f("ck_outside_material_licence")),
        sa.CheckConstraint("title !~ '[\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]'", name=op.f("ck_outside_material_title_one_line")),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_outside_material_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_material")),
    )
    op.create_index(op.f("ix_outside_material_version_id"), "outside_material", ["version_id"], unique=False)
    op.create_table(
        "review_decision",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("parts_sha256", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("verdict <> 'changes' or note <> ''", name=op.f("ck_review_decision_note")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_review_decision_decided_by")),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_review_decision_version_id")),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_review_decision")),
    )
    op.create_table(
        "version_maker",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("shares", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("shares >= 1", name=op.f("ck_version_maker_shares")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_version_maker_person_id")),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_version_maker_version_id")),
        sa.PrimaryKeyConstraint("version_id", "person_id", name=op.f("pk_version_maker")),
    )
    op.create_index("ix_version_maker_unconfirmed", "version_maker", ["person_id"], unique=False, postgresql_where="confirmed_at is null")
    op.create_table(
        "version_rendition",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("mime", sa.String(length=60), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("words", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_version_rendition_version_id")),
        sa.PrimaryKeyConstraint("version_id", "role", name=op.f("pk_version_rendition")),
    )
    op.create_table(
        "package",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edition", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("lineage_sha256", sa.String(length=64), nullable=True),
        sa.Column("is_outdated", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("edition >= 1", name=op.f("ck_package_edition")),
        sa.ForeignKeyConstraint(["version_id"], ["review_decision.version_id"], name=op.f("fk_package_version_id")),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_package")),
    )
    for statement in FUNCTIONS:
        op.execute(statement)
    for statement in TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("package")
    op.drop_table("version_rendition")
    op.drop_table("version_maker")
    op.drop_table("review_decision")
    op.drop_table("outside_material")
    op.drop_table("component")
    op.drop_table("annotation")
    op.drop_table("version")
    op.execute("drop function obstacles")
    op.execute("drop function require_free_of_obstacles")
    op.execute("drop function require_own_word_of_version_maker")
