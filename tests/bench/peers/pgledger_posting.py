"""As many payouts posted by pgledger, where it is at hand; started as a script in an environment of its own.

`pgledger_posting.py ADDRESS PAYOUTS FILE …`: the files are pgledger's SQL, in the order in which its README has them run. Prints the
seconds of a call and a commit for every 200 transfers, and of one call for all; one that takes longer than MOST stands with none.
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg

BATCH = 200
MOST = 600
POST = """
select count(*) from pgledger_create_transfers((
    select array_agg((t.payee, %(clearing)s, 10)::transfer_request order by t.place)
    from unnest(%(payees)s::text[]) with ordinality t(payee, place)
))
"""
ACCOUNTS = "select (pgledger_create_account('payee ' || n, 'USD')).id from generate_series(1, %s) n"


def post(connection: psycopg.Connection, payees: Sequence[str], clearing: str, batch: int) -> float | None:
    connection.execute(f"set statement_timeout = '{MOST}s'")
    began = time.perf_counter()
    try:
        for at in range(0, len(payees), batch):
            connection.execute(POST, {"clearing": clearing, "payees": payees[at : at + batch]})
            connection.commit()
    except psycopg.errors.QueryCanceled:
        connection.rollback()
        return None
    return time.perf_counter() - began


def main() -> None:
    address, payouts, *files = sys.argv[1:]
    with psycopg.connect(address) as connection:
        for file in files:
            connection.execute(Path(file).read_bytes())
        payees = [row[0] for row in connection.execute(ACCOUNTS, [int(payouts)])]
        [(clearing,)] = connection.execute("select id from pgledger_create_account('clearing', 'USD')").fetchall()
        connection.commit()
        took = [post(connection, payees, clearing, batch) for batch in (BATCH, len(payees))]
        [(balance,)] = connection.execute("select balance from pgledger_accounts_view where id = %s", [clearing]).fetchall()
        assert balance == 10 * len(payees) * sum(1 for each in took if each)
    print(json.dumps({"in_batches": took[0], "in_one": took[1]}))


if __name__ == "__main__":
    main()
