"""How a migration gives one word for another, in all that has a name in the database and in what functions say."""

import re
from collections.abc import Collection, Mapping

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

# Whatever has a name, as the statement that renames it, and its table; tables come last, for the others are named with theirs.
NAMED = text("""
    select format('alter table %s rename constraint %I to', conrelid::regclass, conname), conname::text, conrelid::regclass::text
    from pg_constraint where connamespace = 'public'::regnamespace and conrelid <> 0
    union all
    select format('alter table %s rename column %I to', attrelid::regclass, attname), attname::text, attrelid::regclass::text
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
    union all
    select format('alter index %s rename to', indexrelid::regclass), relname::text, indrelid::regclass::text
    from pg_index join pg_class on pg_class.oid = indexrelid
    where relnamespace = 'public'::regnamespace and not exists (select from pg_constraint where conindid = indexrelid and contype <> 'f')
    union all
    select format('alter trigger %I on %s rename to', tgname, tgrelid::regclass), tgname::text, tgrelid::regclass::text
    from pg_trigger join pg_class on pg_class.oid = tgrelid where relnamespace = 'public'::regnamespace and not tgisinternal
    union all
    select format('alter function %s rename to', oid::regprocedure), proname::text, null
    from pg_proc where pronamespace = 'public'::regnamespace and prolang <> (select oid from pg_language where lanname = 'c')
""")
TABLES = text(
    "select format('alter table %I rename to', tablename), tablename::text, tablename::text from pg_tables where schemaname = 'public'"
)
BODIES = text("""
    select pg_get_functiondef(pg_proc.oid), pg_proc.oid::regprocedure::text from pg_proc join pg_language on pg_language.oid = prolang
    where pronamespace = 'public'::regnamespace and lanname in ('sql', 'plpgsql')
""")


def call(table: str, column: str, old: str, new: str) -> None:
    """Call by `new` the rows that were called `old`."""
    rows = sa.table(table, sa.column(column))
    op.execute(rows.update().where(rows.c[column] == old).values({column: new}))


def rename(words: Mapping[str, str], tables: Collection[str] | None = None) -> None:
    """Give everything that has one of the words in its name, alone or in the plural, its new name: in all tables or in these."""
    connection = op.get_bind()
    bodies = connection.execute(BODIES).all()
    for query in (NAMED, TABLES):
        for statement, name, table in connection.execute(query).all():
            if (tables is None or table is None or table in tables) and (new := renamed(name, words)) != name:
                op.execute(f'{statement} "{new}"')
    for body, signature in bodies:
        if (new := renamed(body, words)) != body:
            if signed(new) != signed(body):
                op.execute(f"drop function {renamed(signature, words)}")
            connection.exec_driver_sql(new.replace("%", "%%"))


def rename_table(old: str, new: str) -> None:
    """Give the table its new name, and whatever is named after it."""
    for statement, name, table in op.get_bind().execute(NAMED).all():
        if table == old and (after := re.sub(rf"^([cfipu][kqx]_)?{old}(?=_|$)", rf"\1{new}", name)) != name:
            op.execute(f'{statement} "{after}"')
    op.rename_table(old, new)


def rename_column(old: str, new: str, tables: Collection[str]) -> None:
    """Give the column its new name in these tables, and whatever is named after it."""
    for statement, name, table in op.get_bind().execute(NAMED).all():
        where = rf"(?:(?<=^{table}_)|(?<=_{table}_)){old}(?=_|$)|^{old}$"
        if table in tables and (after := re.sub(where, new, name)) != name:
            op.execute(f'{statement} "{after}"')


def signed(body: str) -> str:
    """What a function takes and gives, whose names no replacement may change."""
    return body.partition("AS $")[0].partition("(")[2]


def renamed(name: str, words: Mapping[str, str]) -> str:
    for old, new in words.items():
        name = re.sub(rf"(?<![a-z])(?:{old})(s?)(?![a-z])", rf"{new}\1", name)
    return name
