"""A brand's pages, and the one click of whoever reads its billing email, as people meet them in a browser and programs over HTTP."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from campaigns.administration import brands
from campaigns.administration.brands import BrandChanges
from campaigns.core import clock
from campaigns.core.administrators import ask_administrator, make_confirmation
from campaigns.core.people import Brand, Person, RoleGrant, Scope, actor_for
from campaigns.core.permissions import Role
from tests import factories
from tests.api.caller import caller, token_of
from tests.api.visiting import be, browser, fault, make, seen, statements
from tests.factories import Partnership, someone
from workers.transactions import unit_of_work

API = "/api/v1/brands"
THEIRS = "Only an administrator of Zappos Retail can change this: ask them."


@pytest.fixture
def client(fresh_database: str) -> Iterator[TestClient]:
    with browser() as client:
        yield client


@pytest.fixture
def made(client: TestClient) -> Partnership:
    return make(factories.new_campaign)


def api(who: Any) -> TestClient:
    with unit_of_work() as session:
        token = token_of(session, who)
    return caller(token)


def ada_of(made: Partnership) -> Any:
    with unit_of_work() as session:
        return factories.administrator(session, made.brand.id)


def roles_of(made: Partnership) -> list[tuple[str, str]]:
    with unit_of_work() as session:
        held = select(Person.name, RoleGrant.role).join(RoleGrant, RoleGrant.person_id == Person.id)
        return [(name, role) for name, role in session.execute(held.where(RoleGrant.brand_id == made.brand.id).order_by(Person.name))]


def at(made: Partnership, page: str) -> str:
    return f"/brands/{made.brand.id}{page}"


def form(made: Partnership, page: str, **typed: str) -> dict[str, str]:
    return {"once": uuid4().hex, "_page": at(made, page), **typed}


def test_a_manager_asks_and_the_billing_email_s_one_click_confirms(client: TestClient, made: Partnership) -> None:
    page = seen(be(client, made.manager).get(at(made, "/people")))
    assert ("Ask for an administrator" in page, "Appoint someone" in page, "Remove" in page) == (True, False, False)
    asked = form(made, "/people", email="ada@zappos.example", name="Ada Okoye")
    assert [client.post(at(made, "/administrators"), data=asked).status_code for _click in range(2)] == [303, 303]
    page = seen(client.get(at(made, "/people")))
    assert page.count("Withdraw request") == 1
    with unit_of_work() as session:
        now = clock.business_now(session)
        asked_again = ask_administrator(session, made.brand.id, "ada@zappos.example", by=made.manager, at=now)
        secret = make_confirmation(session, asked_again.id)
    client.cookies.clear()
    shown = seen(client.get(f"/administrators/{secret}"))
    assert ("Ada Okoye" in shown, "ada@zappos.example" in shown, ("Ada Okoye", "brand_administrator") in roles_of(made)) == (
        True,
        True,
        False,
    )
    assert client.post(f"/administrators/{secret}").headers["location"] == f"/administrators/{secret}"
    assert "Confirmed" in seen(client.get(f"/administrators/{secret}"))
    assert ("Ada Okoye", "brand_administrator") in roles_of(made)
    assert client.post(f"/administrators/{secret}").status_code == 404


def test_a_page_of_another_site_confirms_nobody(client: TestClient, made: Partnership) -> None:
    with unit_of_work() as session:
        asked = ask_administrator(session, made.brand.id, "ada@zappos.example", by=made.manager, at=clock.business_now(session))
        secret = make_confirmation(session, asked.id)
    assert client.post(f"/administrators/{secret}", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert "brand_administrator" not in [role for _name, role in roles_of(made)]


def test_a_request_is_withdrawn_on_the_page(client: TestClient, made: Partnership) -> None:
    be(client, made.manager).post(at(made, "/administrators"), data=form(made, "/people", email="ada@zappos.example"))
    found = re.search(r'action="(/brands/[^"]+/withdraw)"', client.get(at(made, "/people")).text)
    assert found
    assert [client.post(found[1], data={"_page": at(made, "/people")}).status_code for _click in range(2)] == [303, 404]


def test_an_administrator_appoints_once_however_often_the_form_is_sent_and_removes(client: TestClient, made: Partnership) -> None:
    be(client, ada_of(made))
    yuki = form(made, "/people", email="yuki@zappos.example", name="Yuki", role="signer", sign_off_role="legal")
    assert [client.post(at(made, "/people"), data=yuki).status_code for _click in range(2)] == [303, 303]
    assert roles_of(made).count(("Yuki", "signer")) == 1
    bare = client.post(at(made, "/people"), data=form(made, "/people", email="noor@zappos.example", role="signer", sign_off_role=""))
    assert (bare.status_code, fault(bare.text, "sign_off_role")) == (
        400,
        "Choose on whose behalf this person signs, such as marketing or legal.",
    )
    with unit_of_work() as session:
        role = session.scalars(
            select(RoleGrant.id).join(Person, Person.id == RoleGrant.person_id).where(Person.email == "yuki@zappos.example")
        ).one()
    assert client.post(at(made, f"/people/{role}/end"), data={"_page": at(made, "/people")}).status_code == 303
    assert ("Yuki", "signer") not in roles_of(made)
    table = client.get(at(made, "/people.csv")).text
    assert ("Ada" in table, "Signer for legal" in table) == (True, True)
    assert "Brands" in seen(client.get("/brands"))


def test_a_manager_removes_nobody_of_the_brand_s_and_its_staff_they_do(client: TestClient, made: Partnership) -> None:
    with unit_of_work() as session:
        curator = someone(session, Role.CURATOR, "Chidi", on=Scope(brand_id=made.brand.id))
        ids = {g.role: g.id for g in session.scalars(select(RoleGrant).where(RoleGrant.brand_id == made.brand.id))}
    manager = api(made.manager)
    listed = manager.get(f"{API}/{made.brand.id}/roles").json()["items"]
    assert {(item["name"], item["role"], item["campaign"]) for item in listed} == {
        ("Signer for marketing", "signer", None), ("Signer for legal", "signer", None), ("Chidi", "curator", None),
        *({(item["name"], "manager", item["campaign"]) for item in listed if item["role"] == "manager"}),
    }  # fmt: skip
    assert manager.delete(f"{API}/{made.brand.id}/roles/{ids['signer']}").status_code == 403
    ended = manager.delete(f"{API}/{made.brand.id}/roles/{ids['curator']}")
    assert (ended.status_code, ended.json()["person"]) == (200, str(curator.person))
    assert manager.delete(f"{API}/{made.brand.id}/roles/{ids['curator']}").status_code == 404


def test_a_second_brand_of_one_name_is_confirmed_on_the_page_and_by_a_field(client: TestClient, made: Partnership) -> None:
    twin = {
        "once": uuid4().hex,
        "_page": "/brands/new",
        "name": "ZAPPOS",
        "sign_off_roles": "legal",
        "billing_email": "",
        "administrator": "",
    }
    asked = be(client, made.manager).post("/brands/new", data=twin)
    assert (asked.status_code, fault(asked.text, "name"), 'name="same_name"' in asked.text) == (
        409, "There is already a brand named Zappos: choose it, or confirm that you mean another.", True,
    )  # fmt: skip
    assert client.post("/brands/new", data=twin | {"once": uuid4().hex, "same_name": "true"}).status_code == 303
    manager = api(made.manager)
    refused = manager.post(API, json={"name": "Zappos"})
    assert (refused.status_code, refused.json()["code"]) == (409, "BrandExists")
    assert manager.post(API, json={"name": "Zappos", "same_name": True}).status_code == 201


def test_a_brand_and_its_administrator_are_added_by_one_form(client: TestClient, made: Partnership) -> None:
    new = {"once": uuid4().hex, "_page": "/brands/new", "name": "Lumen", "sign_off_roles": "legal", "administrator": "ada@lumen.example"}
    bare = be(client, made.manager).post("/brands/new", data=new | {"billing_email": ""})
    assert (bare.status_code, (fault(bare.text, "billing_email") or "")[:34]) == (409, "Lumen has no billing email yet. Ad")
    assert client.post("/brands/new", data=new | {"once": uuid4().hex, "billing_email": "bills@lumen.example"}).status_code == 303


def test_a_brand_is_edited_as_it_was_seen(client: TestClient, made: Partnership) -> None:
    manager = api(made.manager)
    tag = manager.get(f"{API}/{made.brand.id}").headers["ETag"]
    changed = manager.patch(f"{API}/{made.brand.id}", json={"sign_off_roles": ["marketing", "legal", "privacy"]}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["sign_off_roles"]) == (200, ["marketing", "legal", "privacy"])
    stale = manager.patch(f"{API}/{made.brand.id}", json={"name": "Z"}, headers={"If-Match": tag})
    assert stale.status_code == 412
    page = seen(be(client, made.manager).get(at(made, "/edit")))
    assert ("marketing\nlegal" in client.get(at(made, "/edit")).text, "Only they can remove" in page) == (True, False)
    typed = {
        "_page": at(made, "/edit"),
        "name": "Zappos Retail",
        "sign_off_roles": "marketing\nlegal\nprivacy",
        "billing_email": "a@zappos.example",
    }
    assert client.post(at(made, "/edit"), data=typed).status_code == 303
    ada = ada_of(made)
    refused = client.post(at(made, "/edit"), data=typed | {"billing_email": "friend@example.org"})
    assert (refused.status_code, fault(refused.text, "billing_email")) == (
        403,
        "Only an administrator of Zappos Retail can change this: ask them.",
    )
    assert "Only they can remove" in seen(client.get(at(made, "/edit")))
    assert be(client, ada).post(at(made, "/edit"), data=typed | {"billing_email": "b@zappos.example"}).status_code == 303


def test_two_entries_of_one_brand_are_merged_after_a_page_that_says_what_moves(client: TestClient, made: Partnership) -> None:
    be(client, made.manager)
    assert "There is no other brand" in seen(client.get(at(made, "/merge")))
    with unit_of_work() as session:
        into = Brand(name="Zappos Inc.", sign_off_roles=[])
        session.add(into)
        session.flush()
    assert "Merge into" in seen(client.get(at(made, "/merge")))
    asked = seen(client.get(at(made, f"/merge?into={into.id}")))
    assert ("Merge Zappos into Zappos Inc.?" in asked, "1 campaign moves" in asked, "cannot be undone" in asked) == (True, True, True)
    merged = client.post(at(made, "/merge"), data={"_page": at(made, "/merge"), "into": str(into.id)})
    assert (merged.status_code, merged.headers["location"]) == (303, f"/brands/{into.id}/people")
    assert [client.get(at(made, page)).status_code for page in ("/people", "/merge")] == [404, 404]
    assert client.get(f"/campaigns/{made.id}/brand").headers["location"] == f"/brands/{into.id}/people"
    assert "Zappos Inc." in client.get("/brands.csv").text


def test_whoever_read_the_billing_email_objects_to_its_change_on_a_page_or_over_http(client: TestClient, made: Partnership) -> None:
    manager, page = api(made.manager), at(made, "/billing")
    for is_page in (True, False):
        assert manager.patch(f"{API}/{made.brand.id}", json={"billing_email": "friend@example.org"}).status_code == 200
        with unit_of_work() as session:
            reader = actor_for(session, session.get_one(Brand, made.brand.id).was_billed or made.manager.person)
        shown = be(client, reader).get(page)
        assert ("The billing email of Zappos was changed" in seen(shown), "friend@example.org" in shown.text) == (True, False)
        assert be(client, made.manager).get(page).status_code == 404
        if is_page:
            be(client, reader)
            assert [client.post(f"{page}/objection", data={"_page": page}).status_code for _click in range(2)] == [303, 404]
        else:
            assert [api(reader).post(f"{API}/{made.brand.id}/billing/objection").status_code for _time in range(2)] == [204, 404]
        assert manager.get(f"{API}/{made.brand.id}").json()["billing_email"] == "invoices@zappos.example"


def test_a_link_to_a_changed_billing_email_says_from_when_on_it_confirms_and_which_addresses_look_alike(
    client: TestClient, made: Partnership
) -> None:
    with unit_of_work() as session:
        now = clock.business_now(session)
        brands.edit_brand(session, made.brand.id, BrandChanges(billing_email="ada+bills@zappos.example"), by=made.manager, at=now)
        asked = ask_administrator(session, made.brand.id, "ada@zappos.example", by=made.manager, at=now)
        secret = make_confirmation(session, asked.id)
    shown = client.get(f"/administrators/{secret}").text
    assert ("<form" in shown, "The new one takes effect on" in shown, "ada+bills@zappos.example, ada@zappos.example" in shown) == (
        False, True, True,
    )  # fmt: skip
    refused = caller("").post("/api/v1/administrators/confirmation", json={"secret": secret})
    assert (refused.status_code, refused.json()["code"]) == (409, "BillingCools")
    assert "brand_administrator" not in [role for _name, role in roles_of(made)]
    assert "The new one takes effect on" in be(client, made.manager).get(at(made, "/people")).text


def test_thirty_people_of_a_brand_cost_as_many_statements_as_one(client: TestClient, made: Partnership) -> None:
    be(client, made.manager).get(at(made, "/people"))
    few = statements(lambda: client.get(at(made, "/people")))
    with unit_of_work() as session:
        for number in range(30):
            someone(session, Role.APPROVER, f"Approver {number}", on=Scope(brand_id=made.brand.id))
    assert statements(lambda: client.get(at(made, "/people"))) == few
