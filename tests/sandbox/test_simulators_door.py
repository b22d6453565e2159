"""Who passes the simulators' door: programs and people at this machine, and no page that a person there happens to visit."""

import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import create_engine

from campaigns.core import clock
from campaigns.core.settings import settings
from sandbox.stripe.limiter import BucketLimiter
from sandbox.stripe.tables import create_tables
from tests.postroom import simulator
from tests.sandbox.stripe.stage import running

# For each simulator a page that people open.
PAGES = {"sendgrid": "/sandbox/mailbox", "stripe": "/sandbox/invoices/none"}
BROWSER = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}


@pytest.fixture
def places(fresh_database: str) -> Iterator[dict[str, str]]:
    """The addresses of both simulators, at work on one database."""
    engine = create_engine(settings().sqlalchemy_url)
    create_tables(engine)
    with simulator() as sendgrid, running(engine, BucketLimiter(clock.process_now)) as stripe:
        yield {"sendgrid": sendgrid, "stripe": stripe.url}
    engine.dispose()


def asked(places: dict[str, str], method: str = "GET", **headers: str) -> set[int]:
    """What both simulators answer on their pages, and under the addresses of their providers."""
    key = {"sendgrid": settings().sendgrid_key, "stripe": settings().stripe_key}
    called = {"sendgrid": "/v3/suppression/bounces", "stripe": "/v1/balance"}
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    pages = [httpx.request(method, places[name] + path, headers=said) for name, path in PAGES.items()]
    calls = [httpx.request(method, places[n] + path, headers=said | {"Authorization": f"Bearer {key[n]}"}) for n, path in called.items()]
    return {answer.status_code for answer in (*pages, *calls)}


def test_a_page_under_another_name_that_is_pointed_at_this_machine_reads_nothing(places: dict[str, str]) -> None:
    for name in ("sendgrid", "stripe"):
        port = urlsplit(places[name]).port
        for host in (
            f"evil.example:{port}",
            "evil.example",
            f"127.0.0.1.evil.example:{port}",
            f"10.0.0.7:{port}",
            "localhost",
            "localhost:1",
        ):
            answer = httpx.get(places[name] + PAGES[name], headers={"Host": host})
            assert (answer.status_code, f"at http://localhost:{port}." in answer.text) == (403, True), host
            [error] = answer.json()["errors"]  # as SendGrid says it, and beside it as Stripe does
            assert answer.json() == {"error": error, "errors": [error]}
    assert asked(places, Host="evil.example") == {403}


def test_what_another_sites_page_asks_for_is_refused_and_a_link_that_it_has_is_followed(places: dict[str, str]) -> None:
    for origin in ("https://evil.example", "null", "http://localhost:3000", "http://127.0.0.1"):
        assert asked(places, Origin=origin) == {403}
        assert asked(places, "POST", Origin=origin) == {403}
    for site in ("cross-site", "same-site"):
        assert asked(places, Sec_Fetch_Site=site, Sec_Fetch_Mode="no-cors") == {403}
        assert asked(places, "POST", Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate") == {403}
        assert 403 not in asked(places, Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate", Referer="http://localhost:8400/")
    answer = httpx.get(places["sendgrid"] + PAGES["sendgrid"], headers={"Origin": "https://evil.example"})
    assert "Open http://localhost:" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "said", [{"Via": "1.1 cache"}, {"X-Forwarded-For": "203.0.113.9"}, {"CF-Ray": "1"}, {"X-Original-Host": "x.example"}]
)
def test_what_came_by_a_proxy_is_refused(places: dict[str, str], said: dict[str, str]) -> None:
    assert asked(places, **said) == {403}


def test_people_and_programs_at_the_machine_pass_by_each_of_its_names(places: dict[str, str]) -> None:
    assert 403 not in asked(places)
    for name, path in PAGES.items():
        port = urlsplit(places[name]).port
        for own in (f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}"):
            for said in ({}, {"Origin": f"http://{own}", **BROWSER}):
                assert httpx.get(places[name] + path, headers={"Host": own, **said}).status_code != 403
    key = {"Authorization": f"Bearer {settings().sendgrid_key}"}
    for path, said in ((PAGES["sendgrid"], {}), ("/v3/suppression/bounces", key)):
        for closing in ({}, {"Connection": "close"}):  # as curl asks, and as SendGrid's SDK calls
            line = http.client.HTTPConnection(urlsplit(places["sendgrid"]).netloc)
            line.request("GET", path, headers=said | closing)
            assert line.getresponse().status == 200
            line.close()
