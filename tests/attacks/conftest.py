"""A database for the tests of one file, whose web processes are their own."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from flows.supervise.postgres import Cluster
from tests.browser.town import within


@pytest.fixture(scope="module")
def module_database(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated database that the tests of one file share, to which the settings point."""
    name = f"attacked_{uuid4().hex}"
    cluster.add_database(name, template=template)
    with within({"DATABASE_URL": cluster.url(name), "CALLBOARD_HOME": str(tmp_path_factory.mktemp("attacked"))}):
        yield cluster.url(name)
    cluster.drop_database(name)
