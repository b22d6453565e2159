"""The Monday digest as it is read: one email with every campaign of theirs, and none for those who have nothing in play."""

from uuid import UUID

from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.app import make_app
from campaigns.core.campaign import Campaign
from campaigns.core.emails import Email
from campaigns.core.event_names import EventName
from campaigns.core.events import Event, seal
from campaigns.core.people import SYSTEM
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.core.settings import settings
from campaigns.digest import begin_week
from notifications.registry import NOTIFICATIONS
from notifications.render import Recipient, write
from tests import factories
from tests.campaigns.test_digest import MONDAY
from tests.notifications.conftest import Postroom
from tests.notifications.stories import campaign_of, happens, people
from tests.postroom import emails_to, relay
from workers.transactions import unit_of_work


def test_a_brands_person_gets_one_email_that_says_what_waits_for_their_side(session: Session) -> None:
    delivery = factories.in_delivery(session)
    ada = factories.administrator(session, delivery.made.brand.id)
    factories.presented_version(session, delivery)
    begin_week(session, at=MONDAY)
    seal(session)
    fact = session.scalars(select(Event).where(Event.name == "brand.week_began")).one()
    notification = NOTIFICATIONS["monday"]
    emails = {email.to: email for email in notification.build(session, fact)}
    assert set(emails) == {UUID(person_id) for person_id in fact.facts["people"]}
    assert {person_id for person_id, each in emails.items() if each.path == "/brands"} == {ada.person}
    email = emails[delivery.approver.person]
    written = write(notification, email.params, path=email.path, reader=Recipient("Noor", "en", "Europe/Paris"), campaign=None)
    assert written.subject == "Your week: 1 thing needs you"
    for words in (written.text, written.html):
        for there in (
            "Holiday traditions",
            "Zappos",
            "Waiting on your side:",
            "Holiday reader: Version 1 needs the brand",
            "/deliveries",
        ):
            assert there in words


def test_nobody_is_written_to_about_nothing(session: Session) -> None:
    made = factories.opened_call(session)
    begin_week(session, at=MONDAY)
    seal(session)
    fact = session.scalars(select(Event).where(Event.name == "brand.week_began")).one()
    made.campaign.done_at = MONDAY
    assert list(NOTIFICATIONS["monday"].build(session, fact)) == []


def test_whoever_leaves_the_monday_email_by_one_click_gets_all_other_emails(postroom: Postroom) -> None:
    (mara,), (noor,) = people(1, name="mara"), people(1, name="noor")
    campaign_id = campaign_of([mara])
    with unit_of_work() as session:
        grant_role(session, noor, Role.APPROVER, on=session.get_one(Campaign, campaign_id).scope, by=SYSTEM)

    def week_begins() -> list[str]:
        happens(EventName.BRAND_WEEK_BEGAN, people=[str(noor)])
        happens(EventName.CAMPAIGN_PAUSED, campaign_id)
        happens(EventName.CAMPAIGN_RESUMED, campaign_id, seconds=86_400)
        relay()
        with unit_of_work() as session:
            sent = select(Email.notification).where(Email.recipient_id == noor, Email.state == "sent").order_by(Email.notification)
            return list(session.scalars(sent))

    assert week_begins() == ["monday", "resumed"]
    email = next(email for email in emails_to(postroom.beyond) if email["headers"])
    url = email["headers"]["List-Unsubscribe"].strip("<>")
    assert email["headers"] == {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    assert (url in email["text"].split(), f'href="{url}"' in email["html"]) == (True, True)
    with TestClient(make_app(), base_url="https://testserver") as guest:
        path = url.removeprefix(settings().public_url)
        assert "Unsubscribe from these emails?" in guest.get(path, headers={"Accept": "text/html"}).text
        answer = guest.post(path, data={"List-Unsubscribe": "One-Click"}, follow_redirects=False)
    assert (answer.status_code, "noor0.en@example.org" in answer.text) == (200, True)
    assert week_begins() == ["monday", "resumed", "resumed"]
