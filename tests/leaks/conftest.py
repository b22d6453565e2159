"""The walk is made once for all tests of leaks."""

import gc
import logging
from collections.abc import Callable, Coroutine, Iterator
from multiprocessing import get_context
from typing import Any

import pytest

from flows.supervise.postgres import Cluster
from tests.aside import waited_for
from tests.browser.town import within
from tests.leaks.asking import in_one_thread, live_for_a_moment
from tests.leaks.founding import build
from tests.leaks.walk import Walk, Walking
from tests.leaks.world import World


@pytest.fixture(scope="session")
def environment(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The settings of the world of the tests of leaks."""
    cluster.add_database("leaks", template=template)
    return {"DATABASE_URL": cluster.url("leaks"), "CALLBOARD_HOME": str(tmp_path_factory.mktemp("leaks"))}


@pytest.fixture(scope="session")
def world(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> World:
    with within(environment):
        return build(tmp_path_factory.mktemp("sent"))


@pytest.fixture(scope="session")
def walked(world: World, environment: dict[str, str], cluster: Cluster) -> Walk:
    """What came of one round of everyone through the world, and what the log said meanwhile: one process reads, another acts in a copy."""
    with within(environment):
        walking = Walking(world)
    cluster.add_database("leaks_acted_in", template="leaks")
    elsewhere = environment | {"DATABASE_URL": cluster.url("leaks_acted_in")}
    forked = get_context("fork")
    taking, giving = forked.Pipe(duplex=False)
    acting = forked.Process(target=lambda: giving.send(_made(walking.act, elsewhere)), daemon=True)
    acting.start()
    giving.close()  # so that taking ends when the other process does
    walk = _made(walking.read, environment)
    walk.add(taking.recv())
    acting.join()
    return walk


def _made(part: Callable[[], Coroutine[Any, Any, Walk]], environment: dict[str, str]) -> Walk:
    """This part of the round, made with these settings."""
    noted = _Noted()
    logging.getLogger().addHandler(noted)
    gc.freeze()
    gc.disable()  # thousands of answers, looked through once: a fifth of the time would go into looking for garbage
    with within(environment), in_one_thread(), live_for_a_moment():
        walk = waited_for(part())
    gc.enable()
    gc.unfreeze()
    logging.getLogger().removeHandler(noted)
    walk.logged = noted.lines
    return walk


@pytest.fixture
def in_world(world: World, environment: dict[str, str]) -> Iterator[World]:
    """The world, with this process's settings pointing at it."""
    with within(environment):
        yield world


class _Noted(logging.Handler):
    """Keeps every line."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))
