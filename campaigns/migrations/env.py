"""Alembic's entry: it sees every model, and nothing imports it."""

import importlib
import pkgutil

from alembic import context
from alembic.operations import Operations
from sqlalchemy import Connection, create_engine, pool, text

import campaigns
from campaigns.core.db import SQUASHED, Base
from campaigns.core.settings import settings
from campaigns.core.words import _
from campaigns.migrations import from_0100

for module in pkgutil.walk_packages(campaigns.__path__, "campaigns."):
    if module.name.startswith("campaigns.core.") or ".models" in module.name:
        importlib.import_module(module.name)


ONE_AT_A_TIME = 74


def migrate() -> None:
    """Bring the database to the models' shape, in one transaction; of several who would, one does and the others find it done."""
    engine = create_engine(context.config.attributes.get("url") or settings().sqlalchemy_url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": ONE_AT_A_TIME})
        connection.rollback()  # the lock is the session's, and stays
        if not context.config.attributes.get("is_restoring"):
            require_finished(connection)
        context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True, compare_server_default=False)
        require_known(connection)
        with context.begin_transaction():
            follow_the_squash(connection)
            context.run_migrations()


def follow_the_squash(connection: Connection) -> None:
    """Bring a database of the last revision before the migrations were squashed to where the squashed ones end."""
    if context.get_context().get_current_heads() == (SQUASHED,):
        with Operations.context(context.get_context()):
            from_0100.upgrade()
        connection.execute(text("update alembic_version set version_num = :reached"), {"reached": from_0100.REACHED})


def require_finished(connection: Connection) -> None:
    """End with a sentence when a restore into this database was begun and not finished."""
    if connection.scalar(text("select to_regnamespace('restoring')")):
        raise SystemExit(_("A restore into this database was not finished: run the same `callboard restore` again."))
    connection.rollback()


def require_known(connection: Connection) -> None:
    """End with a sentence when the database has been brought further than this version can read, or is from before what it can read."""
    known = {revision.revision for revision in context.script.walk_revisions()} | {SQUASHED}
    if unknown := set(context.get_context().get_current_heads()) - known:
        revision = min(unknown)
        if revision < SQUASHED:
            sentence = _("The database is of revision {at}: start a Callboard of revision {least} first.", at=revision, least=SQUASHED)
            raise SystemExit(sentence)
        raise SystemExit(_("The database belongs to a newer Callboard, by its revision {revision}: start that version.", revision=revision))
    connection.rollback()


migrate()
