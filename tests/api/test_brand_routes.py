"""The clients that one may begin a campaign for, over HTTP."""

from campaigns.core.people import Scope
from campaigns.core.permissions import Role
from tests import factories
from tests.api.caller import caller, token_of
from workers.transactions import unit_of_work

PATH = "/api/v1/brands"


def test_a_manager_is_told_the_brands_to_begin_for_by_name_and_nobody_else_is(fresh_database: str) -> None:
    with unit_of_work() as session:
        second, first = factories.brand(session, "Zappos"), factories.brand(session, "acme")
        managers = [factories.someone(session, Role.MANAGER, on=on) for on in (Scope(), Scope(brand_id=second.id))]
        others = [factories.someone(session, role) for role in (Role.FINANCE, Role.OPERATOR)]
        others += [factories.someone(session, Role.APPROVER, on=Scope(brand_id=second.id)), factories.person(session)]
        told, refused = ([caller(token_of(session, who)) for who in people] for people in (managers, others))
        zappos, acme = {"id": str(second.id), "name": "Zappos"}, {"id": str(first.id), "name": "acme"}
    assert [each.get(PATH).json()["items"] for each in told] == [[acme, zappos], [zappos]]
    assert [(each.get(PATH).status_code, each.get(PATH).json()["code"]) for each in refused] == [(403, "Forbidden")] * 4
    assert caller().get(PATH).status_code == 401
