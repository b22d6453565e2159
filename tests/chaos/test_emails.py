"""What the verdict on emails sees: each harm is planted, and must be named."""

from uuid import UUID

import pytest
from sqlalchemy import select

from campaigns.core.emails import Email
from campaigns.core.event_names import EventName
from notifications.registry import NOTIFICATIONS
from tests.chaos import emails
from tests.chaos.emails import UNTRUE, Doubt, tally
from tests.chaos.judged import Judged, plant
from tests.chaos.recipients import WHOM
from tests.chaos.untruth import UNTRUE as CAUSES
from workers.transactions import unit_of_work

NOT_TRUE = f"update email set state = 'dropped', reason = '{UNTRUE}', settled_at = (select max(at) from event) + interval"


def test_nothing_is_wrong_with_emails_that_arrived_once(judged: Judged) -> None:
    assert judged.harms() == []


@pytest.mark.parametrize(
    ("planted", "harm"),
    [
        ("delete from sendgrid_sandbox.email", "an email that counts as sent arrived 0 times: brief_ready"),
        (
            ("insert into sendgrid_sandbox.email (message_id, address, subject, text, html, headers, at) "
            "select message_id, address, subject, text, html, headers, at from sendgrid_sandbox.email"),
            "an email that counts as sent arrived 2 times: brief_ready",
        ),
        ("update email set state = 'uncertain'; delete from sendgrid_sandbox.email",
         "an email that is uncertain and was sent 1 times arrived 0 times: brief_ready"),
        ("update email set state = 'dropped', reason = 'It rained.'; delete from sendgrid_sandbox.email",
         "an email was dropped for no reason that holds (It rained.): brief_ready"),
        ("update email set state = 'dropped', reason = 'We must not email this address: bounce.'; delete from sendgrid_sandbox.email",
         "an email was dropped for no reason that holds (We must not email this address: bounce.): brief_ready"),
        ("update email set state = 'unknown'", "an email is lost, it is unknown (None): brief_ready"),
        ("update email set state = 'failed', reason = 'Gone.'", "an email is lost, it is failed (Gone.): brief_ready"),
        ("update email set text = 'Something else.'", "an email arrived with other words than were written: brief_ready"),
    ],
)  # fmt: skip
def test_what_became_of_an_email_is_named_where_it_should_not_have(judged: Judged, planted: str, harm: str) -> None:
    for statement in planted.split("; "):
        plant(statement)
    assert judged.harms() == [harm, harm]


def test_an_email_that_sendgrid_dropped_for_its_own_list_is_not_lost_and_is_where_the_list_knows_nothing_of_it(judged: Judged) -> None:
    plant("update email set state = 'failed', reason = 'Spam Reporting Address'")
    plant("delete from sendgrid_sandbox.email")
    lost = judged.harms()
    plant(
        "insert into sendgrid_sandbox.suppression (list, email, created, reason, status) "
        "select 'spam_reports', lower(address), 0, '', '' from email"
    )
    assert (lost, judged.harms()) == (["an email is lost, it is failed (Spam Reporting Address): brief_ready"] * 2, [])


def test_an_email_that_was_dropped_and_arrived_is_named(judged: Judged) -> None:
    plant("update email set state = 'dropped', reason = 'It rained.'")
    assert judged.harms() == ["an email that was dropped arrived: brief_ready"] * 2


def test_an_email_to_another_address_than_its_readers_is_named(judged: Judged) -> None:
    plant("update person set email = id || '@example.org' where name = 'Signer for legal'")
    assert judged.harms() == ["an email went to another address than Signer for legal's: brief_ready"]


def test_an_email_about_something_else_than_its_kind_tells_of_is_named(judged: Judged) -> None:
    plant("update email set notification = 'signature_fell'")
    assert judged.harms() == ["an email tells of brief.ready: signature_fell"] * 2


def test_an_email_that_nothing_had_made_untrue_when_it_was_dropped_is_named_though_it_is_untrue_now(judged: Judged) -> None:
    judged.happens(EventName.CAMPAIGN_PAUSED, emails=6)
    told = len(judged.harms())
    plant(f"{NOT_TRUE} '0 seconds' where notification = 'paused'")
    plant("delete from sendgrid_sandbox.email where subject like '%is paused'")
    before = judged.harms()
    judged.happens(EventName.CAMPAIGN_RESUMED, emails=0, seconds=60)
    harm = f"an email was dropped for no reason that holds ({UNTRUE}): paused"
    assert (told, before, [each for each in judged.harms() if each == harm]) == (0, [harm] * 6, [harm] * 6)


def test_an_email_that_an_event_before_its_drop_made_untrue_was_dropped_rightly(judged: Judged) -> None:
    judged.happens(EventName.CAMPAIGN_PAUSED, emails=6)
    judged.happens(EventName.CAMPAIGN_RESUMED, emails=6, seconds=60)
    plant(f"{NOT_TRUE} '0 seconds' where notification = 'paused'")
    plant("delete from sendgrid_sandbox.email where subject like '%is paused'")
    assert judged.harms() == []
    plant(f"{NOT_TRUE} '-1 hour' where notification = 'paused'")
    assert judged.harms() == [f"an email was dropped for no reason that holds ({UNTRUE}): paused"] * 6


def test_every_kind_that_can_become_untrue_in_a_trial_has_what_makes_it_so() -> None:
    assert {kind for kind in WHOM if NOTIFICATIONS[kind].still_true} == set(CAUSES)


def test_a_copy_of_an_announcement_that_nobody_wrote_is_named(judged: Judged) -> None:
    left_out = judged.assignment.artists[0]
    judged.announce()
    plant("delete from sendgrid_sandbox.email where address = (select email from person where id = :id)", id=left_out.person)
    plant("delete from email where notification = 'launch' and recipient_id = :id", id=left_out.person)
    assert judged.harms() == [f"a copy of an announcement was never written, to {left_out.name}: Holiday traditions"]


COPY_AGAIN = (
    "insert into sendgrid_sandbox.email (message_id, address, subject, text, html, headers, at) "
    "select message_id, address, subject, text, html, headers, at from sendgrid_sandbox.email where address = lower(:address)"
)
UNCERTAIN = "update email set state = 'uncertain', sends = :sends where id = :id"


def one_of(kind: str) -> tuple[UUID, str]:
    """An email of this kind, and its address."""
    with unit_of_work() as session:
        email = session.scalars(select(Email).where(Email.notification == kind).order_by(Email.id)).first()
        assert email is not None
        return email.id, email.address


@pytest.mark.parametrize(
    ("sends", "arrivals", "harms"),
    [
        (2, 2, []),
        (2, 0, ["an email that is uncertain and was sent 2 times arrived 0 times"]),
        (2, 3, ["an email that is uncertain and was sent 2 times arrived 3 times"]),
        (1, 2, ["an email that is uncertain and was sent 1 times arrived 2 times"]),
    ],
)
@pytest.mark.parametrize("kind", ["launch", "brief_ready"])
def test_what_is_uncertain_arrived_at_least_once_and_at_most_as_often_as_it_was_sent(
    judged: Judged, kind: str, sends: int, arrivals: int, harms: list[str]
) -> None:
    judged.announce()
    email_id, address = one_of(kind)
    plant(UNCERTAIN, id=email_id, sends=sends)
    if not arrivals:
        plant("delete from sendgrid_sandbox.email where address = lower(:address)", address=address)
    for _further in range(arrivals - 1):
        plant(f"{COPY_AGAIN} and id = (select min(id) from sendgrid_sandbox.email where address = lower(:address))", address=address)
    assert judged.harms() == [f"{harm}: {kind}" for harm in harms]


def test_uncertain_copies_of_announcements_and_those_that_arrived_twice_are_counted_apart_and_printed(judged: Judged) -> None:
    judged.announce()
    email_id, address = one_of("launch")
    plant(UNCERTAIN, id=email_id, sends=2)
    plant(COPY_AGAIN, address=address)
    with unit_of_work() as session:
        total = tally(session)
    assert (total.single, total.announced, total.sent) == (Doubt(2, 0, 0), Doubt(4, 1, 1), 2)
    assert list(total.lines())[-2:] == [
        "     4  copies of announcements besides",
        "     1  uncertain (25.0 %), 1 of them arrived more than once",
    ]


@pytest.mark.parametrize(
    ("kind", "harm"), [("brief_ready", "1 of 2 single emails are uncertain"), ("launch", "1 of 4 copies of announcements are uncertain")]
)
def test_too_many_uncertain_emails_of_either_sort_are_named(judged: Judged, monkeypatch: pytest.MonkeyPatch, kind: str, harm: str) -> None:
    monkeypatch.setattr(emails, "ENOUGH", 2)
    judged.announce()
    plant(UNCERTAIN, id=one_of(kind)[0], sends=2)
    assert judged.harms() == [harm]
