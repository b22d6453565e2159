"""Nobody is on both sides of a partnership, and a brand's administrators, confirmed by its billing address, appoint its people."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0054"
down_revision: str | None = "0051"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

BRANDS = "'approver', 'brand_administrator', 'signer'"

# What the new constraints refuse and an older installation may hold: a hat on whoever does not sign, a signer without one,
# and a client's role that reached every brand.
PUT_RIGHT = (
    """
    delete from role_grant g using role_grant same
    where g.role <> 'signer' and g.id > same.id and (g.person_id, g.role) = (same.person_id, same.role)
      and (g.brand_id, g.campaign_id, g.track_id) is not distinct from (same.brand_id, same.campaign_id, same.track_id)
    """,
    "update role_grant set hat = null where role <> 'signer'",
    "delete from role_grant where role = 'signer' and hat is null",
    "delete from role_grant where role in ('signer', 'approver') and brand_id is null and campaign_id is null",
)

GUARDS = (
    """
    create function opposing_role(who uuid, what text, in_brand uuid, in_campaign uuid, but uuid) returns text language sql stable as $$
        select h.role from role_grant h
        left join campaign c on c.id = h.campaign_id
        cross join (select coalesce(in_brand, (select brand_id from campaign where id = in_campaign)) as brand_id) home
        where h.person_id = who and h.id is distinct from but
          and (h.role in ('approver', 'brand_administrator', 'signer')) <> (what in ('approver', 'brand_administrator', 'signer'))
          and (
            (case when what in ('approver', 'brand_administrator', 'signer') then h.role else what end) not in ('leader', 'editor')
            or (
                coalesce(coalesce(h.brand_id, c.brand_id) = home.brand_id, true)
                and coalesce(h.campaign_id = in_campaign, true)
            )
          )
        limit 1
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
        if new.role = 'signer' and not exists (select from brand where id = home and sign_off_roles ? new.hat) then
            raise exception 'the brand has no such sign-off role' using errcode = 'check_violation', constraint = 'ck_role_grant_own_hat';
        end if;
        if tg_op = 'INSERT' and new.granted_by is not null and new.role in ('approver', 'brand_administrator', 'signer') and not exists (
            select from role_grant a where new.role <> 'brand_administrator'
                and a.person_id = new.granted_by and a.role = 'brand_administrator' and a.brand_id = home
            union all
            select from administrator_request r where new.role = 'brand_administrator'
                and r.brand_id = home and r.person_id = new.person_id and r.confirmed_at is not null
        ) then
            raise exception 'only the brand''s own people appoint for it' using
                errcode = 'check_violation', constraint = 'ck_role_grant_by_the_brand';
        end if;
        return new;
    end $$
    """,
    "create trigger guarded before insert or update on role_grant for each row execute function guard_role_grant()",
    """
    create function guard_brand() returns trigger language plpgsql as $$
    begin
        if exists (
            select from role_grant g left join campaign c on c.id = g.campaign_id
            where g.role = 'signer' and coalesce(g.brand_id, c.brand_id) = new.id and not new.sign_off_roles ? g.hat
        ) then
            raise exception 'somebody signs under a sign-off role that would be gone' using
                errcode = 'check_violation', constraint = 'ck_brand_hats_in_use';
        end if;
        if new.merged_into is not null and (
            exists (select from campaign where brand_id = new.id) or exists (select from role_grant where brand_id = new.id)
        ) then
            raise exception 'a merged brand has neither campaigns nor people' using
                errcode = 'check_violation', constraint = 'ck_brand_merged_whole';
        end if;
        return new;
    end $$
    """,
    "create trigger guarded before update on brand for each row execute function guard_brand()",
    """
    create function guard_campaign_brand() returns trigger language plpgsql as $$
    begin
        perform 1 from brand where id = new.brand_id and merged_into is null for share;
        if not found then
            raise exception 'the brand has been merged into another' using
                errcode = 'check_violation', constraint = 'ck_campaign_brand_is_there';
        end if;
        -- Whoever has a role in it is asked anew on which side of the other brand they stand.
        if tg_op = 'UPDATE' then
            update role_grant set role = role where campaign_id = new.id;
        end if;
        return null;
    end $$
    """,
    """
    create trigger of_a_brand_that_is_there after insert or update of brand_id on campaign
    for each row execute function guard_campaign_brand()
    """,
)


def upgrade() -> None:
    """Begin without administrators: a manager asks for the first of each brand."""
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
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("fk_administrator_request_brand_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_administrator_request_person_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_administrator_request_asked_by")),
        sa.ForeignKeyConstraint(["confirmer_id"], ["person.id"], name=op.f("fk_administrator_request_confirmer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_administrator_request")),
        sa.UniqueConstraint("digest", name=op.f("uq_administrator_request_digest")),
    )
    op.create_index(
        "uq_administrator_request_open", "administrator_request", ["brand_id", "person_id"], unique=True,
        postgresql_where="confirmed_at is null and ended_at is null",
    )  # fmt: skip
    op.add_column("brand", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_brand_merged_into"), "brand", "brand", ["merged_into"], ["id"])
    op.create_index("ix_brand_name", "brand", [sa.literal_column("lower(name)")])
    op.add_column("brief", sa.Column("brand_name", sa.String(length=120), nullable=True))
    op.execute("update brief b set brand_name = n.name from campaign c join brand n on n.id = c.brand_id "
               "where c.id = b.campaign_id and c.launched_at is not null")  # fmt: skip
    for statement in PUT_RIGHT:
        op.execute(statement)
    op.create_check_constraint("hat", "role_grant", "(role = 'signer') = (hat is not null)")
    op.create_check_constraint("whose", "role_grant", f"role not in ({BRANDS}) or brand_id is not null or campaign_id is not null")
    op.create_check_constraint(
        "reach", "role_grant", "role <> 'brand_administrator' or (brand_id is not null and campaign_id is null and track_id is null)"
    )
    for statement in GUARDS:
        op.execute(statement)


def downgrade() -> None:
    """Forget the administrators and what kept the sides apart; a brand that was merged into another stays, empty."""
    for trigger, table in (("guarded", "role_grant"), ("guarded", "brand"), ("of_a_brand_that_is_there", "campaign")):
        op.execute(f"drop trigger {trigger} on {table}")
    for function in ("guard_role_grant", "guard_brand", "guard_campaign_brand", "opposing_role"):
        op.execute(f"drop function {function}")
    op.execute("delete from role_grant where role = 'brand_administrator'")
    for name in ("hat", "whose", "reach"):
        op.drop_constraint(f"ck_role_grant_{name}", "role_grant")
    op.drop_column("brief", "brand_name")
    op.drop_index("ix_brand_name", table_name="brand")
    op.drop_constraint(op.f("fk_brand_merged_into"), "brand")
    op.drop_column("brand", "merged_into")
    op.drop_table("administrator_request")
