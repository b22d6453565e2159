"""Who must not be written to, by the carrier's events and by its lists."""

from typing import Any

import pytest
from sqlalchemy import select

from campaigns.core import clock
from campaigns.core.emails import Suppression
from campaigns.core.inbox import VerifiedEvent
from notifications import sendgrid_sender
from notifications.sender import EmailKind, NotTaken
from notifications.sendgrid_sender import sender
from notifications.suppressing import suppress
from tests.notifications.conftest import Postroom
from tests.postroom import later, receive, relay
from workers.emails.suppressions import Pulled, pull_suppressions
from workers.transactions import unit_of_work

ADA = "ada@example.org"
CONTRIBUTION, CALL = {"category": ["work"]}, {"category": ["announcement"]}


def told(*events: dict[str, Any]) -> list[str]:
    """Why Ada is not written to once the carrier has told this of her, in this order."""
    for event in events:
        number = len(reasons())
        receive([VerifiedEvent(f"{event}{number}", event["event"], {"email": "Ada@example.org", **event})])
        relay()
    return [reason for _address, reason in reasons()]


def reasons() -> list[tuple[str, str]]:
    with unit_of_work() as session:
        rows = session.execute(select(Suppression.address, Suppression.reason).order_by(Suppression.address, Suppression.reason))
        return [(address, reason) for address, reason in rows]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"event": "bounce", "type": "bounce"}, ["bounce"]),
        ({"event": "bounce", "type": "blocked"}, []),
        ({"event": "spamreport"}, ["spamreport"]),
        ({"event": "unsubscribe"}, ["unsubscribe"]),
        ({"event": "group_unsubscribe", **CALL}, ["group_unsubscribe"]),
        ({"event": "group_unsubscribe", **CONTRIBUTION}, ["unsubscribe"]),
        ({"event": "dropped", "reason": "Bounced Address"}, ["bounce"]),
        ({"event": "dropped", "reason": "Invalid"}, ["invalid"]),
        ({"event": "dropped", "reason": "Spam Reporting Address"}, ["spamreport"]),
        ({"event": "dropped", "reason": "Unsubscribed Address", **CALL}, ["group_unsubscribe"]),
        ({"event": "dropped", "reason": "Unsubscribed Address", **CONTRIBUTION}, ["unsubscribe"]),
        ({"event": "dropped", "reason": "Recipient List over Package Quota"}, []),
        ({"event": "delivered"}, []),
    ],
)
def test_only_what_an_event_says_of_the_address_itself_keeps_it_from_being_written_to(
    fresh_database: str, event: dict[str, Any], expected: list[str]
) -> None:
    assert told(event) == expected


def test_each_reason_stands_by_itself_and_joining_again_takes_back_leaving_alone(fresh_database: str) -> None:
    left, joined = {"event": "group_unsubscribe", **CALL}, {"event": "group_resubscribe", **CALL}
    assert told(left, {"event": "spamreport"}) == ["group_unsubscribe", "spamreport"]
    assert told(joined) == ["spamreport"]


def test_what_an_event_that_never_came_would_have_told_is_learnt_from_the_lists(postroom: Postroom) -> None:
    carrier = sender()._client()
    carrier.asm.suppressions._("global").post(request_body={"recipient_emails": ["Global@example.org"]})
    for kind, address in ((EmailKind.ANNOUNCEMENT, "calls@example.org"), (EmailKind.WORK, "work@example.org")):
        carrier.asm.groups._(sender()._group(kind)).suppressions.post(request_body={"recipient_emails": [address]})
    assert pull_suppressions() == Pulled(new=3, gone=0)
    expected = [("calls@example.org", "group_unsubscribe"), ("global@example.org", "unsubscribe"), ("work@example.org", "unsubscribe")]
    assert reasons() == expected
    assert (pull_suppressions(), reasons()) == (Pulled(new=0, gone=0), expected)


def test_who_is_on_none_of_the_lists_any_more_is_written_to_again_but_not_against_a_click_of_theirs(postroom: Postroom) -> None:
    with unit_of_work() as session:
        for reason in ("bounce", "group_unsubscribe"):
            suppress(session, ADA, reason, at=clock.business_now(session))
    # The lists may not show yet what an event has just told.
    assert pull_suppressions() == Pulled(new=0, gone=0)
    later(61)
    assert pull_suppressions() == Pulled(new=0, gone=1)
    assert reasons() == [(ADA, "group_unsubscribe")]


def test_lists_are_read_to_their_end(postroom: Postroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sendgrid_sender, "PAGE", 2)
    addresses = [f"p{number}@example.org" for number in range(4)]
    sender()._client().asm.suppressions._("global").post(request_body={"recipient_emails": addresses})
    assert pull_suppressions() == Pulled(new=4, gone=0)
    assert postroom.line.calls.count(("GET", "/v3/suppression/unsubscribes?limit=2&offset=4")) == 1


def test_lists_that_cannot_be_read_change_nothing(postroom: Postroom) -> None:
    with unit_of_work() as session:
        suppress(session, ADA, "bounce", at=clock.business_now(session))
    later(61)
    postroom.line.faults = [("/suppressions", "503")]
    with pytest.raises(NotTaken):
        pull_suppressions()
    assert reasons() == [(ADA, "bounce")]
