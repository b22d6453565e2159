"""60,000 emails about one event: each written in its reader's language and kept, ready to be sent."""

from sqlalchemy import func, select

from campaigns.core.emails import Email
from tests.bench import emails
from tests.bench.databases import migrated, running
from tests.bench.figure import Figure, seconds
from workers.transactions import unit_of_work

EMAILS = 60_000


def measure(scale: float) -> Figure:
    people = int(EMAILS * scale)
    with running() as cluster, migrated(cluster):
        message = emails.enqueued_for(people)
        took = seconds(lambda: emails.build(message))
        with unit_of_work() as session:
            built = session.scalar(select(func.count()).select_from(Email)) or 0
        assert built >= people
    return Figure(
        f"{built:,} emails built, subject, text and HTML",
        f"{took:.0f} s, {built / took:,.0f}/s",
        "one process",
        numbers={"seconds": took, "per_second": built / took},
    )
