"""Whoever a brief names as staff is on the staff's side, as whoever holds a role of it."""

from collections.abc import Sequence

from alembic import op

revision: str = "0076"
down_revision: str | None = "0075"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

OPPOSING = """
    create or replace function opposing_role(who uuid, what text, in_brand uuid, in_campaign uuid, but uuid) returns text
    language sql stable as $$
        select coalesce({named}
        (select cast(h.role as text) from role_grant h
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
        limit 1))
    $$
"""
# Until the campaign's money is paid out: whoever was staff once may speak for a brand later.
NAMED = """(select 'staff' from brief b join campaign c on c.id = b.campaign_id
        where what in ('approver', 'brand_administrator', 'signer') and b.staff_ids ? cast(who as text)
          and c.done_at is null and c.settled_at is null
        limit 1),"""
GUARDS = (
    """
    create function guard_brief_staff() returns trigger language plpgsql as $$
    declare
        named uuid[] := array(select cast(each as uuid) from jsonb_array_elements_text(new.staff_ids) as each);
    begin
        -- One at a time for each person, as whoever is given a role.
        perform 1 from person where id = any(named) order by id for no key update;
        if exists (
            select from role_grant g
            where g.person_id = any(named) and g.role in ('approver', 'brand_administrator', 'signer')
        ) then
            raise exception 'nobody holds a role of the staff and one of the brand' using
                errcode = 'check_violation', constraint = 'ck_brief_staff_one_side';
        end if;
        return new;
    end $$
    """,
    """
    create trigger staff_of_one_side before insert or update of staff_ids on brief for each row
        when (new.staff_ids <> '[]') execute function guard_brief_staff()
    """,
)


def upgrade() -> None:
    """Whoever is on both sides already stays; `callboard check` names them."""
    op.create_index("ix_brief_staff", "brief", ["staff_ids"], postgresql_using="gin")
    op.execute(OPPOSING.replace("{named}", NAMED))
    for statement in GUARDS:
        op.execute(statement)


def downgrade() -> None:
    """A brief's staff are on no side."""
    op.execute("drop trigger staff_of_one_side on brief")
    op.execute("drop function guard_brief_staff")
    op.execute(OPPOSING.replace("{named}", ""))
    op.drop_index("ix_brief_staff", table_name="brief")
