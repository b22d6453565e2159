"""Alembic's entry: it sees every model, and nothing imports it."""

import importlib
import pkgutil

from alembic import context
from sqlalchemy import create_engine, pool

import campaigns
from campaigns.core.db import Base
from campaigns.core.settings import settings

for module in pkgutil.walk_packages(campaigns.__path__, "campaigns."):
    if module.name.startswith("campaigns.core.") or ".models" in module.name:
        importlib.import_module(module.name)


def migrate() -> None:
    """Bring the database to the models' shape, in one transaction."""
    engine = create_engine(context.config.attributes.get("url") or settings().sqlalchemy_url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True, compare_server_default=False)
        with context.begin_transaction():
            context.run_migrations()


migrate()
