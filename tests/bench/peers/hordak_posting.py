"""As many payouts posted by django-hordak's bulk path; started as a script in an environment of its own.

`hordak_posting.py SOCKET DATABASE PAYOUTS`: prints the seconds of one transaction with a leg for each payout and one for their sum, and
those of a transaction with two legs for each payout; each in one database transaction. One that takes longer than MOST is stopped, and
stands with no seconds: each leg is checked against the sum of all legs of its transaction.
"""

import json
import sys
import time
from collections.abc import Callable
from decimal import Decimal

import django
from django.conf import settings

# Fewer than there are payouts: an account of its own for each would cost the peer more.
PAYEES = 1000
AMOUNT = 10
MOST = 600


def configure(socket: str, database: str) -> None:
    database_settings = {"ENGINE": "django.db.backends.postgresql", "NAME": database, "HOST": socket, "USER": "callboard"}
    apps = ["django.contrib.auth", "django.contrib.contenttypes", "mptt", "hordak"]
    settings.configure(
        DATABASES={"default": database_settings}, INSTALLED_APPS=apps, DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        SECRET_KEY="bench", USE_TZ=True, DEFAULT_CURRENCY="USD", CURRENCIES=["USD"], HORDAK_CURRENCIES=["USD"],
    )  # fmt: skip
    django.setup()


class Posting:
    """Payouts from a thousand payees into one account."""

    def __init__(self, payouts: int) -> None:
        from hordak.models import Account

        self._payouts = payouts
        self._payees = [Account.objects.create(name=f"payee {n}", type="LI", currencies=["USD"]) for n in range(PAYEES)]
        self._clearing = Account.objects.create(name="clearing", type="LI", currencies=["USD"])

    def in_one(self) -> None:
        """One transaction of as many legs as there are payouts, and one with their sum."""
        from hordak.models import Leg, Transaction
        from moneyed import Money

        made = Transaction.objects.create(description="payouts")
        amount = Money(AMOUNT, "USD")
        legs = [Leg(transaction=made, account=self._payees[n % PAYEES], debit=amount) for n in range(self._payouts)]
        whole = Leg(transaction=made, account=self._clearing, credit=Money(AMOUNT * self._payouts, "USD"))
        Leg.objects.bulk_create([*legs, whole], batch_size=5000)

    def in_many(self) -> None:
        """A transaction with two legs for each payout."""
        from hordak.models import Leg, Transaction

        made = Transaction.objects.bulk_create([Transaction(description="payout") for _ in range(self._payouts)], batch_size=5000)
        legs = [leg for n, one in enumerate(made) for leg in _pair(Leg, one, self._payees[n % PAYEES], self._clearing)]
        Leg.objects.bulk_create(legs, batch_size=5000)

    def cleared(self) -> Decimal:
        cleared: Decimal = self._clearing.get_balance()["USD"].amount
        return cleared


def _pair(leg: type, made: object, payee: object, clearing: object) -> tuple[object, object]:
    from moneyed import Money

    amount = Money(AMOUNT, "USD")
    return leg(transaction=made, account=payee, debit=amount), leg(transaction=made, account=clearing, credit=amount)


def timed(way: Callable[[], None]) -> float | None:
    """The seconds until it is done and checked; None where that takes too long."""
    from django.db import OperationalError, connection, transaction

    began = time.perf_counter()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"set local statement_timeout = '{MOST}s'")
            way()
            cursor.execute("set constraints all immediate")
    except OperationalError:
        return None
    return time.perf_counter() - began


def main() -> None:
    from django.core.management import call_command

    socket, database, payouts = sys.argv[1:]
    configure(socket, database)
    call_command("migrate", verbosity=0)
    posting = Posting(int(payouts))
    took = {way.__name__: timed(way) for way in (posting.in_many, posting.in_one)}
    assert posting.cleared() == AMOUNT * int(payouts) * sum(1 for each in took.values() if each)
    print(json.dumps(took))


if __name__ == "__main__":
    main()
