"""Where a request comes from is what our proxy says, and nobody else; what a body names beside its fields is written nowhere."""

from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from campaigns.core.people import Brand, Person
from campaigns.core.permissions import Role
from tests.api.caller import caller, token_of
from tests.attacks.server import serving
from tests.factories import person, someone
from workers.transactions import unit_of_work

API = "/api/v1"
FORGED = "198.51.100.1"


def places() -> set[str]:
    """Where those came from who asked for a link, as the limits have it."""
    with unit_of_work() as session:
        return set(session.scalars(text("select substr(key, 11) from bucket where key like 'link from %'")))


@pytest.mark.parametrize(
    ("believed", "said", "counted"),
    [
        ("127.0.0.1", FORGED, FORGED),
        # What came to the proxy stands before what the proxy adds.
        ("127.0.0.1", f"{FORGED}, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.1", FORGED, "127.0.0.1"),
    ],
)
def test_only_a_proxy_of_ours_is_believed_where_a_request_comes_from(
    fresh_database: str, tmp_path: Path, believed: str, said: str, counted: str
) -> None:
    with serving(tmp_path, FORWARDED_ALLOW_IPS=believed) as server:
        others = {"X-Real-IP": FORGED, "Forwarded": f"for={FORGED}", "X-Client-IP": FORGED, "True-Client-IP": FORGED}
        asked = httpx.post(f"{server.url}{API}/sign-in", json={"email": "ana@example.org"}, headers=others | {"X-Forwarded-For": said})
    assert (asked.status_code, places()) == (202, {counted})


def test_what_a_body_names_beside_its_fields_is_written_nowhere(fresh_database: str) -> None:
    with unit_of_work() as session:
        ana, mara = person(session, "Ana"), someone(session, Role.MANAGER)
        as_ana, as_mara = caller(token_of(session, ana)), caller(token_of(session, mara))
    more = {"id": str(mara.person), "email": "odile@example.org", "roles": [{"role": "operator"}], "known_since": "2020-01-01T00:00:00Z"}
    changed = as_ana.put(f"{API}/me", json={"name": "Ana Q", **more, "artist_since": "2020-01-01T00:00:00Z"})
    made = as_mara.post(f"{API}/brands", json={"name": "Zappos", "id": str(ana.person), "merged_into": str(ana.person)})
    with unit_of_work() as session:
        found, [brand] = session.get_one(Person, ana.person), session.query(Brand).all()
        assert (changed.status_code, found.name, found.email == more["email"], found.artist_since) == (200, "Ana Q", False, None)
        assert (made.status_code, brand.id == ana.person, brand.merged_into) == (201, False, None)
    assert [held["role"] for held in as_ana.get(f"{API}/me").json()["roles"]] == ["artist"]


def test_a_field_of_a_body_is_read_from_the_body_alone(fresh_database: str) -> None:
    with unit_of_work() as session:
        mara = caller(token_of(session, someone(session, Role.MANAGER)))
    elsewhere = {"params": {"name": "Query"}, "headers": {"name": "Header"}, "cookies": {"name": "Cookie"}}
    refused = mara.post(f"{API}/brands", json={}, **elsewhere)
    assert (refused.status_code, refused.json()["field"]) == (422, "name")
    twice = mara.get(f"{API}/me/emails?limit=1000&limit=1")
    assert (twice.status_code, mara.get(f"{API}/me/emails?limit=1&limit=1000").status_code) == (200, 422)
