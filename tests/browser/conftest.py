"""A real browser before the real pages: the system's Chromium, or the one that Playwright keeps."""

import os
import shutil
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from flows.supervise.postgres import Cluster
from tests.browser.town import Town, open_to_all

HERE = Path(__file__).parent
SYSTEM_CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the browser tests out where there is no browser; the summary says so."""
    here = [item for item in items if HERE in item.path.parents]
    if here and not SYSTEM_CHROMIUM and not _has_its_own():
        items[:] = [item for item in items if item not in here]
        config.hook.pytest_deselected(items=here)
        warnings.warn("There is no Chromium: the browser tests were left out.", stacklevel=1)


def _has_its_own() -> bool:
    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """How Chromium is started: the system's own where there is one; without its sandbox where the tests run as root."""
    own = {"executable_path": SYSTEM_CHROMIUM} if SYSTEM_CHROMIUM else {}
    return {**browser_type_launch_args, **own, "args": ["--no-sandbox"] if os.geteuid() == 0 else []}


@pytest.fixture(scope="session")
def town(founded_town: Town) -> Iterator[Town]:
    """The town to look at, in which nobody does anything."""
    with open_to_all(founded_town) as town:
        yield town


@pytest.fixture(scope="session")
def busy_town(founded_town: Town, cluster: Cluster) -> Iterator[Town]:
    """The same town once more, for those who do something in it."""
    environment = {**founded_town.environment, "DATABASE_URL": cluster.url("busy_town")}
    with open_to_all(replace(founded_town, environment=environment, _sessions=dict(founded_town._sessions))) as town:
        yield town
