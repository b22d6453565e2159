"""Papers and pictures that mean harm, from a kept corpus, each sent as the evidence of a dispute: the door behind which PDFs are parsed."""

import time
from collections.abc import Iterator

import httpx
import pytest

from api.files import SANDBOX
from campaigns.core import clock
from campaigns.core.permissions import Role
from campaigns.core.settings import settings
from tests import factories
from tests.api.caller import token_of
from tests.attacks.corpus.page import AS_EVIDENCE
from tests.attacks.server import Server
from tests.attacks.traps import Traps
from tests.factories import someone
from tests.questioned import questioned
from workers.transactions import unit_of_work

API, FIELD = "/api/v1", "uncategorized_file"
SECONDS, FLAT_MEGABYTES = 60, 24


@pytest.fixture(scope="module")
def finance(server: Server) -> Iterator[httpx.Client]:
    with unit_of_work() as session:
        token = token_of(session, someone(session, Role.FINANCE, "Fin"))
    with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=120) as client:
        yield client


@pytest.fixture(scope="module")
def dispute(server: Server) -> str:
    """Where a dispute is, whose field for whatever there is besides has no file yet."""
    with unit_of_work() as session:
        now = clock.business_now(session)
        return f"{API}/disputes/{questioned(session, factories.opened_call(session, at=now), now).id}"


@pytest.mark.parametrize("name", AS_EVIDENCE)
def test_what_means_harm_is_refused_by_name_or_taken_as_it_is_for_its_pages(
    server: Server, finance: httpx.Client, dispute: str, traps: Traps, name: str
) -> None:
    content, before, began = traps.bait(name), server.megabytes, time.monotonic()
    answer = finance.post(f"{dispute}/files", data={"field": FIELD}, files={"file": (name, content, "application/pdf")})
    said = f"refused: {answer.json()['code']}" if answer.is_error else f"taken: {answer.json()['pages']} page"
    assert (said, time.monotonic() - began < SECONDS, server.megabytes - before < FLAT_MEGABYTES) == (AS_EVIDENCE[name], True, True)
    if answer.is_error:
        told = answer.json()
        assert (answer.status_code, told["field"], f"“{name}”" in told["detail"], names(finance, dispute)) == (400, FIELD, True, [])
    else:
        assert names(finance, dispute) == [name]
        assert read_again(finance, answer.json()["url"]) == (200, content, SANDBOX)
        assert finance.delete(f"{dispute}/files/{FIELD}").status_code == 204
    assert (traps.is_heard(), traps.is_read()) == (False, False)
    assert httpx.get(f"{server.url}/health").status_code == 200
    assert list((settings().files_home / "tmp").iterdir()) == []


def names(finance: httpx.Client, dispute: str) -> list[str]:
    """What the field has now."""
    return [file["name"] for file in finance.get(dispute).json()["files"] if file["field"] == FIELD]


def read_again(finance: httpx.Client, url: str) -> tuple[int, bytes, dict[str, str | None]]:
    """How it is answered to whoever reads it, its bytes, and what keeps it from running in their browser."""
    answer = finance.get(url)
    return answer.status_code, answer.content, {header: answer.headers.get(header) for header in SANDBOX}
