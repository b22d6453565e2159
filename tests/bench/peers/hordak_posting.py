"""As many payouts posted by django-hordak's bulk path; started as a script in an environment of its own.

`hordak_posting.py SOCKET DATABASE PAYOUTS`: prints the seconds, and the balance of the accounts that were paid from.
"""

import json
import sys
import time

import django
from django.conf import settings

PAYEES = 1000


def configure(socket: str, database: str) -> None:
    database_settings = {"ENGINE": "django.db.backends.postgresql", "NAME": database, "HOST": socket, "USER": "callboard"}
    apps = ["django.contrib.auth", "django.contrib.contenttypes", "mptt", "hordak"]
    settings.configure(
        DATABASES={"default": database_settings}, INSTALLED_APPS=apps, DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        SECRET_KEY="bench", USE_TZ=True, DEFAULT_CURRENCY="USD", CURRENCIES=["USD"], HORDAK_CURRENCIES=["USD"],
    )  # fmt: skip
    django.setup()


def post(payouts: int) -> tuple[float, str]:
    """A transaction with two legs for each payout, made in bulk, in one database transaction."""
    from django.db import transaction
    from hordak.models import Account, Leg, Transaction

    payees = [Account.objects.create(name=f"payee {n}", type="LI", currencies=["USD"]) for n in range(PAYEES)]
    clearing = Account.objects.create(name="clearing", type="LI", currencies=["USD"])
    began = time.perf_counter()
    with transaction.atomic():
        made = Transaction.objects.bulk_create([Transaction(description="payout") for _ in range(payouts)], batch_size=5000)
        legs = [leg for n, one in enumerate(made) for leg in _pair(Leg, one, payees[n % PAYEES], clearing)]
        Leg.objects.bulk_create(legs, batch_size=5000)
    took = time.perf_counter() - began
    return took, str(clearing.get_balance())


def _pair(leg: type, made: object, payee: object, clearing: object) -> tuple[object, object]:
    from moneyed import Money

    amount = Money(10, "USD")
    return leg(transaction=made, account=payee, debit=amount), leg(transaction=made, account=clearing, credit=amount)


def main() -> None:
    from django.core.management import call_command

    socket, database, payouts = sys.argv[1:]
    configure(socket, database)
    call_command("migrate", verbosity=0)
    took, balance = post(int(payouts))
    print(json.dumps({"seconds": took, "balance": balance}))


if __name__ == "__main__":
    main()
