"""The Email Activity of the simulator: sold beside the plan, and later than the event webhook."""

from typing import Any

import pytest
from python_http_client.exceptions import ForbiddenError
from sqlalchemy import insert

from sandbox.sendgrid.activity import ACTIVITY, LAG
from sandbox.sendgrid.tables import add_ons
from tests.postroom import later
from tests.sandbox.sendgrid.test_sendgrid_mail import mail
from workers.transactions import unit_of_work

LAG_MINUTES = int(LAG.total_seconds() / 60)


def found(sdk: Any, mid: str) -> list[tuple[str, str]]:
    """The message and the reader of each mail that carries the argument."""
    query = {"query": f"(unique_args['mid']=\"{mid}\")", "limit": "10"}
    return [(each["msg_id"].partition(".")[0], each["to_email"]) for each in sdk.messages.get(query_params=query).to_dict["messages"]]


def test_it_is_forbidden_where_it_was_not_bought(sdk: Any) -> None:
    with pytest.raises(ForbiddenError):
        found(sdk, "1")


def test_it_has_a_mail_some_minutes_after_it_was_taken_and_not_before(sdk: Any) -> None:
    with unit_of_work() as session:
        session.execute(insert(add_ons).values(name=ACTIVITY))
    message_id = sdk.mail.send.post(request_body=mail()).headers["X-Message-Id"]
    assert found(sdk, "1") == []
    later(LAG_MINUTES - 1)
    assert found(sdk, "1") == []
    later(1)
    assert (found(sdk, "1"), found(sdk, "2")) == ([(message_id, "ada@example.org")], [])
