"""A database and a web process for the tests of one file, and the traps that hostile files would spring."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from flows.supervise.postgres import Cluster
from tests.attacks.server import Server, serving
from tests.attacks.traps import Traps, laid
from tests.browser.town import within


@pytest.fixture(scope="module")
def module_database(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated database that the tests of one file share, to which the settings point."""
    name = f"attacked_{uuid4().hex}"
    cluster.add_database(name, template=template)
    with within({"DATABASE_URL": cluster.url(name), "CALLBOARD_HOME": str(tmp_path_factory.mktemp("attacked"))}):
        yield cluster.url(name)
    cluster.drop_database(name)


@pytest.fixture(scope="module")
def server(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("web")) as server:
        yield server


@pytest.fixture(scope="module")
def traps() -> Iterator[Traps]:
    with laid() as traps:
        yield traps
