"""How a connected account is paid out, as its platform sets it: what is taken, what is refused, and on which days it is paid out.

https://docs.stripe.com/api/accounts/create#create_account-settings-payouts, https://docs.stripe.com/connect/manage-payout-schedule: of each
interval its own anchor is required and no other applies, and only a platform that bears the account's losses may set any of it.
"""

from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.stripe.endpoints import Call
from sandbox.stripe.errors import Body, InvalidParameter, StripeError
from sandbox.stripe.parameters import CLEARABLE, FLAG, INTEGER, Type, list_of, one_of, shape

LEAST_DELAY, MOST_DELAY = 2, 31
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ANCHORS: Mapping[str, tuple[str, ...]] = {
    "weekly": ("weekly_anchor", "weekly_payout_days"), "monthly": ("monthly_anchor", "monthly_payout_days"),
}  # fmt: skip
SCHEDULE = "settings[payouts][schedule]"


def _delay(value: Any, path: str) -> int:
    days = LEAST_DELAY if value == "minimum" else int(INTEGER.read(value, path))
    if not LEAST_DELAY <= days <= MOST_DELAY:
        raise InvalidParameter(f"delay_days must be between {LEAST_DELAY} and {MOST_DELAY} for this account.", param=path)
    return days


def _day_of_month(value: Any, path: str) -> int:
    day = int(INTEGER.read(value, path))
    if not 1 <= day <= 31:
        raise InvalidParameter(f"Invalid {path}: must be between 1 and 31", param=path)
    return day


DAY_OF_MONTH = Type(_day_of_month)
SETTINGS = shape(
    payouts=shape(
        debit_negative_balances=FLAG,
        statement_descriptor=CLEARABLE,
        schedule=shape(
            delay_days=Type(_delay),
            interval=one_of("daily", "manual", "monthly", "weekly"),
            weekly_anchor=one_of(*WEEKDAYS),
            weekly_payout_days=list_of(one_of(*WEEKDAYS[:5])),
            monthly_anchor=DAY_OF_MONTH,
            monthly_payout_days=list_of(DAY_OF_MONTH),
        ),
    )
)


def changed(call: Call, account: Body) -> Body:
    """The account's settings with those that the call gives; raises StripeError for what Stripe refuses."""
    before: Body = account["settings"]
    given = call.get("settings", {}).get("payouts", {})
    if given and account["controller"]["losses"]["payments"] == "stripe":
        raise StripeError("You cannot change the payout settings of an account whose losses Stripe bears.", param="settings[payouts]")
    schedule = _schedule(before["payouts"]["schedule"], given.get("schedule", {}))
    return {**before, "payouts": {**before["payouts"], **given, "schedule": schedule}}


def _schedule(before: Body, given: Body) -> Body:
    """The schedule: an anchor is kept as long as its interval, and is given with it and with no other."""
    interval = str(given.get("interval") or before["interval"])
    own = ANCHORS.get(interval, ())
    for name in sorted({name for names in ANCHORS.values() for name in names} & given.keys() - set(own)):
        raise StripeError(f"`{name}` does not apply to the interval {interval}.", param=f"{SCHEDULE}[{name}]")
    after = {name: value for name, value in {**before, **given}.items() if name in (*own, "interval", "delay_days")}
    if own and not any(name in after for name in own):
        raise StripeError(f"The interval {interval} requires `{own[0]}`.", code="parameter_missing", param=f"{SCHEDULE}[{own[0]}]")
    return after


def is_payday(account: Body, now: int) -> bool:
    """Whether the account is paid out by itself today: never on `manual`, and of a month that is too short on its last day."""
    set_up, today = account["settings"]["payouts"]["schedule"], datetime.fromtimestamp(now, UTC)
    if set_up["interval"] == "weekly":
        return WEEKDAYS[today.weekday()] in {set_up.get("weekly_anchor"), *set_up.get("weekly_payout_days", ())}
    if set_up["interval"] == "monthly":
        days = {set_up.get("monthly_anchor"), *set_up.get("monthly_payout_days", ())} - {None}
        return today.day in {min(day, monthrange(today.year, today.month)[1]) for day in days}
    return bool(set_up["interval"] == "daily")
