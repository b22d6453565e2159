"""When a connected account is paid out: at midnight UTC, what is available by then, on the days that its settings say; https://docs.stripe.com/payouts#payout-schedule."""

from sqlalchemy.dialects.postgresql import insert

from sandbox.stripe.endpoints import Call
from sandbox.stripe.money import DAY
from sandbox.stripe.tables import schedule


def pay_out_later(call: Call, account: str, currency: str, available_on: int) -> None:
    """Have the account's balance in a currency paid out at the midnight after `available_on`, unless a payout is due before."""
    midnight = (available_on // DAY + 1) * DAY
    row = insert(schedule).values(key=f"{account} {currency}", account=account, currency=currency, due_at=midnight)
    call.connection.execute(row.on_conflict_do_nothing())


def step_later(call: Call, account: str, currency: str, payout: str, due_at: int) -> None:
    """Have the next step of a payout taken at `due_at`."""
    row = insert(schedule).values(key=payout, account=account, currency=currency, payout=payout, due_at=due_at)
    call.connection.execute(row.on_conflict_do_update(index_elements=[schedule.c.key], set_={"due_at": due_at}))
