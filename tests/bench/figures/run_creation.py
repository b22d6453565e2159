"""Creating a run over 60,000 balances: collected, frozen, reserved in the books, hashed."""

from sqlalchemy import func, select

from campaigns.payout.runs.models import Payout
from tests.bench import money
from tests.bench.databases import migrated, running
from tests.bench.figure import Figure, seconds
from workers.transactions import unit_of_work

BALANCES = 60_000
MOST = 1.0
WHY = (
    "Each payment and its ledger entry are in ten indexes, update two balances and are sealed, all in one transaction. This happens once "
    "a day."
)


def measure(scale: float) -> Figure:
    balances = int(BALANCES * scale)
    with running() as cluster, migrated(cluster) as url:
        money.earned_by(balances)
        money.analysed(url)
        took = seconds(money.quoted)
        with unit_of_work() as session:
            assert session.scalar(select(func.count()).select_from(Payout)) == balances
    return Figure(
        f"Creating a payout run over {balances:,} balances",
        f"{took:.2f} s",
        f"{balances / took:,.0f} payments a second",
        f"≤ {MOST:.0f} s",
        took <= MOST,
        {"seconds": took},
        WHY,
    )
