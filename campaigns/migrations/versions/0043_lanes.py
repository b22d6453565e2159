"""The outbox in lanes; a sign-in link that knows which request it answers."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0043"
down_revision: str | None = "0040"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

LANES = (
    "sign_in", "payments", "wakes", "events", "emails", "bulk_emails", "announcements", "stripe_events", "sendgrid_events",
)  # fmt: skip
OF_KIND = sa.text("""
    update outbox set lane = case
        when kind = 'event' then 'events'
        when kind in ('mail_chunk', 'batch_over') then 'announcements'
        when kind in ('nudge', 'start_flow') then 'wakes'
        when kind in ('brief_invoice', 'brief_invoice_void', 'brief_refund', 'payout_account', 'reverse_transfer') then 'payments'
        when kind = 'stripe_event' then 'stripe_events'
        when kind = 'sendgrid_event' then 'sendgrid_events'
        else 'emails' end
""")
OPEN = "kept_at is null and dead_at is null"
# What is still open of these is told, or sent, before all else, or after it.
OF_EVENT = sa.text(f"""
    update outbox set lane = case when event.name like 'access.%' or event.name like 'people.%' then 'sign_in' else 'announcements' end
    from event where outbox.kind = 'event' and {OPEN} and event.id = cast(outbox.body ->> 'event' as uuid)
    and (event.name like 'access.%' or event.name like 'people.%' or event.name = 'brief.launched')
""")  # noqa: S608  # nosec B608 - the parts are constants
OF_MAIL = sa.text(f"""
    update outbox set lane = 'sign_in' from mail where outbox.kind = 'mail' and {OPEN}
    and mail.id = cast(outbox.body ->> 'mail' as uuid) and mail.notice in ('sign_in', 'factor_added', 'factor_removed', 'invited')
""")  # noqa: S608  # nosec B608 - the parts are constants
OF_MANY = sa.text(f"""
    update outbox set lane = 'bulk_emails' from mail where outbox.kind = 'mail' and {OPEN} and outbox.lane = 'emails'
    and mail.id = cast(outbox.body ->> 'mail' as uuid)
    and mail.event_id in (select event_id from mail where state = 'promised' group by event_id having count(*) > 50)
""")  # noqa: S608  # nosec B608 - the parts are constants


def upgrade() -> None:
    """Give what is there its lane."""
    op.add_column("outbox", sa.Column("lane", sa.String(length=20), nullable=False, server_default="emails"))
    for lanes in (OF_KIND, OF_EVENT, OF_MAIL, OF_MANY):
        op.execute(lanes)
    op.alter_column("outbox", "lane", server_default=None)
    op.create_check_constraint(op.f("ck_outbox_lane"), "outbox", f"lane in {LANES}")
    op.drop_index("ix_outbox_open", "outbox")
    op.create_index("ix_outbox_lane", "outbox", ["lane", "due_at", "id"], postgresql_where=sa.text(OPEN))
    op.add_column("sign_in_link", sa.Column("request_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_sign_in_link_request_id"), "sign_in_link", ["request_id"])


def downgrade() -> None:
    """One queue for everything."""
    op.drop_index(op.f("ix_sign_in_link_request_id"), "sign_in_link")
    op.drop_column("sign_in_link", "request_id")
    op.drop_index("ix_outbox_lane", "outbox")
    op.create_index("ix_outbox_open", "outbox", ["due_at"], postgresql_where=sa.text(OPEN))
    op.drop_constraint(op.f("ck_outbox_lane"), "outbox")
    op.drop_column("outbox", "lane")
