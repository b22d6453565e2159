"""A changed billing email confirms nobody until it has cooled, and an administrator is whom the present one has confirmed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0075"
down_revision: str | None = "0074"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

BEFORE = "r.brand_id = home and r.person_id = new.person_id and r.confirmed_at is not null"
# Whoever reads the billing email now, by whose word the role is given, once a changed address counted.
OF_NOW = """
                and r.confirmer_id = new.granted_by and exists (
                    select from person p join brand b on b.id = home
                    where p.id = r.confirmer_id and lower(p.email) = lower(b.billing_email)
                        and (b.billing_counts_from is null or b.billing_counts_from <= r.confirmed_at)
                )"""
GUARD = """
    create or replace function guard_role_grant() returns trigger language plpgsql as $$
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
                and {confirmed}
        ) then
            raise exception 'only the brand''s own people appoint for it' using
                errcode = 'check_violation', constraint = 'ck_role_grant_by_the_brand';
        end if;
        return new;
    end $$
"""


def upgrade() -> None:
    """The billing emails that there are count as they stand."""
    op.add_column("brand", sa.Column("billing_counts_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column("brand", sa.Column("was_billed", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_brand_was_billed"), "brand", "person", ["was_billed"], ["id"])
    op.create_check_constraint(op.f("ck_brand_cools_after_another"), "brand", "billing_counts_from is null or was_billed is not null")
    op.execute(GUARD.replace("{confirmed}", BEFORE + OF_NOW))


def downgrade() -> None:
    """A changed billing email counts at once again."""
    op.execute(GUARD.replace("{confirmed}", BEFORE))
    op.drop_constraint(op.f("ck_brand_cools_after_another"), "brand")
    op.drop_constraint(op.f("fk_brand_was_billed"), "brand")
    op.drop_column("brand", "was_billed")
    op.drop_column("brand", "billing_counts_from")
