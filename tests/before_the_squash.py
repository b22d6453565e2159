"""A database that was last used when 0100 was the newest revision: six campaigns, one in each stage, as `pg_dump` wrote them."""

import gzip
from pathlib import Path

import psycopg

from campaigns.core.settings import settings

DUMP = Path(__file__).with_name("database_of_0100.sql.gz")


def load() -> None:
    """Fill the database of the settings, which holds nothing yet."""
    with psycopg.connect(settings().database_url) as connection:
        connection.execute(gzip.decompress(DUMP.read_bytes()))
