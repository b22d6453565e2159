"""Several web processes serve behind one port, and each may end without the others."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psycopg
import pytest

from campaigns.core.settings import Settings
from flows.supervise.program import Program, module, with_what_they_need
from flows.supervise.programs import web
from tests.installation import Installation, wait_for


def settings(home: Path, web_processes: int) -> Settings:
    return Settings.model_validate({"home": home, "database_url": "postgresql://me@/there", "web_processes": web_processes})


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Installation]:
    installation = Installation.start(tmp_path, "--only", "api", CALLBOARD_WEB_PROCESSES="2")
    yield installation.wait_until_ready()
    installation.remove()


def health(up: Installation) -> dict[str, Any]:
    """What a web process says to a caller who dials anew."""
    with urlopen(f"{up.settings.loopback}/health", timeout=20) as answer:  # noqa: S310 - an address of our own
        said: dict[str, Any] = json.load(answer)
        return said


def both_answer(up: Installation) -> bool:
    return {health(up)["process"] for _call in range(20)} == {"api", "api-2"}


def test_two_web_processes_answer_on_one_port_and_the_death_of_one_does_not_end_the_service(pair: Installation) -> None:
    wait_for(lambda: both_answer(pair), within=60)
    assert health(pair) | {"process": "any"} == {"status": "ok", "process": "any", "web_processes": 2}
    dead = pair.pid("api-2")
    os.kill(dead, signal.SIGKILL)
    wait_for(lambda: dead not in pair.processes())
    assert "api" in {health(pair)["process"] for _call in range(20)}  # and nobody is refused
    wait_for(lambda: both_answer(pair), within=60)
    assert ("Callboard 2 ended (-9), starts again" in pair.said, "Callboard ended" in pair.said) == (True, False)


def test_each_further_web_process_finds_its_connections_at_the_embedded_postgresql(pair: Installation) -> None:
    with psycopg.connect(pair.settings.libpq_url) as connection:
        assert connection.execute("show max_connections").fetchone() == ("208",)


def test_one_web_process_holds_the_port_alone_and_several_are_told_their_names(tmp_path: Path) -> None:
    assert [(each.name, each.title, each.command) for each in web(settings(tmp_path, 1))] == [("api", "Callboard", module("api"))]
    assert [(each.name, each.title, each.command) for each in web(settings(tmp_path, 3))] == [
        ("api", "Callboard", module("api", "api")),
        ("api-2", "Callboard 2", module("api", "api-2")),
        ("api-3", "Callboard 3", module("api", "api-3")),
    ]


def test_whoever_asks_for_the_web_alone_gets_each_of_its_processes(tmp_path: Path) -> None:
    every = (Program("migrations", "", ()), Program("relay", "", ()), *web(settings(tmp_path, 2)))
    assert [each.name for each in with_what_they_need(every, ["api"])] == ["migrations", "api", "api-2"]
    assert [each.name for each in with_what_they_need(every, ["api-2"])] == ["migrations", "api-2"]
