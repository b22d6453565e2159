"""What the database refuses of runs and payments, whoever asks: each is asked once for all that a statement writes."""

import pytest
from psycopg import errors as postgres
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.campaigns.payout.runs.bureau import items, quote
from tests.treasury import Treasury
from workers.transactions import unit_of_work

COPY = """
    insert into payout (id, run_id, person_id, currency, amount, destination, transfer_group, state, attempt, tries, server_errors)
    select gen_random_uuid(), {run}, {person}, 'EUR', amount, destination, transfer_group, state, attempt, tries, server_errors
    from payout
"""
UNKNOWN, FIXED = postgres.ForeignKeyViolation, postgres.RestrictViolation
DEEDS = {
    COPY.format(run="gen_random_uuid()", person="person_id"): UNKNOWN,
    COPY.format(run="run_id", person="gen_random_uuid()"): UNKNOWN,
    "update payout set run_id = gen_random_uuid()": FIXED,
    "update payout set person_id = (select id from person where id <> person_id limit 1)": FIXED,
    "delete from payout_run": FIXED,
    "delete from payout_account; delete from person where id in (select person_id from payout)": UNKNOWN,
}


def test_a_payment_is_of_a_run_and_to_a_person_that_stay_who_they_are(treasury: Treasury) -> None:
    treasury.payee(5_000)
    run_id = quote()
    assert run_id
    for deed, state in DEEDS.items():
        with pytest.raises(DBAPIError) as refused, unit_of_work() as session:
            session.execute(text(deed))
        assert isinstance(refused.value.orig, state), deed
    assert items(run_id) == [(5_000, "ready", 1)]
