"""A key may do what its scopes name: of what was taken from ours, each call is refused."""

from typing import Any

import pytest
from python_http_client.exceptions import HTTPError
from sqlalchemy import insert

from sandbox.sendgrid.tables import taken_scopes
from tests.sandbox.sendgrid.test_sendgrid_mail import mail
from workers.transactions import unit_of_work

CALLS = {
    "mail.send": lambda sdk: sdk.mail.send.post(request_body=mail()),
    "mail.batch.create": lambda sdk: sdk.mail.batch.post(),
    "user.scheduled_sends.read": lambda sdk: sdk.user.scheduled_sends._("batch").get(),
    "asm.groups.read": lambda sdk: sdk.asm.groups.get(),
    "asm.groups.create": lambda sdk: sdk.asm.groups.post(request_body={"name": "Contributions", "description": "About contributions."}),
    "asm.groups.suppressions.read": lambda sdk: sdk.asm.groups._("1").suppressions.get(),
    "suppression.read": lambda sdk: sdk.suppression.bounces.get(),
    "user.webhooks.event.settings.read": lambda sdk: sdk.user.webhooks.event.settings.all.get(),
    "whitelabel.read": lambda sdk: sdk.whitelabel.domains.get(),
    "messages.read": lambda sdk: sdk.messages.get(query_params={"query": "(unique_args['mid']=\"1\")", "limit": "1"}),
}


@pytest.mark.parametrize("scope", CALLS)
def test_a_call_whose_scope_was_taken_from_the_key_is_refused_and_the_others_are_not(sdk: Any, scope: str) -> None:
    with unit_of_work() as session:
        session.execute(insert(taken_scopes).values(name=scope))
    assert scope not in sdk.scopes.get().to_dict["scopes"]
    refused = [name for name, call in CALLS.items() if is_refused(sdk, call)]
    assert refused == sorted({scope, "messages.read"}, key=list(CALLS).index), "Email Activity is an add-on that was not bought"


def is_refused(sdk: Any, call: Any) -> bool:
    try:
        call(sdk)
    except HTTPError as answer:
        return bool(answer.status_code == 403)
    return False
