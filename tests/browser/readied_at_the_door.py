"""What must have happened at the door and with what is of no campaign before an action can be taken, each by the real actions."""

from datetime import timedelta

import pyotp
from sqlalchemy import update

from campaigns.core import access, clock, membership, outbox, tokens
from campaigns.core.administrators import ask_administrator, make_confirmation
from campaigns.core.brands import create_brand
from campaigns.core.emails import Email, emails_to
from campaigns.core.factors import codes, passkeys
from campaigns.core.ids import new_id
from campaigns.core.outbox import OutboxMessage
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import Scope
from campaigns.core.permissions import Role
from campaigns.oversight.needs import dismiss
from notifications.unsubscribing import unsubscribe_url
from tests.authenticator import Device
from tests.browser.deed import Places, Scene
from tests.factories import someone
from tests.journeys.world import address_of
from workers.transactions import unit_of_work

LONG = timedelta(days=4)  # since then a first factor has cooled


def message_failed(scene: Scene) -> Places:
    with unit_of_work() as session:
        outbox.enqueue(session, OutboxKind.BRIEF_INVOICE, key=new_id().hex)
        given_up = {"failed_at": clock.process_now(), "attempts": 12, "last_error": "Stripe is away"}
        session.execute(update(OutboxMessage).where(OutboxMessage.kind == OutboxKind.BRIEF_INVOICE).values(**given_up))
    return {}


def appointed(scene: Scene) -> Places:
    """Another operator: the first on the list, and not the last one."""
    with unit_of_work() as session:
        someone(session, Role.OPERATOR)
    return {}


def role_asked(scene: Scene) -> Places:
    """A role that touches money, which waits for a second person."""
    with unit_of_work() as session:
        made = membership.invite(session, "pia@example.org", Role.MANAGER, on=Scope(), by=scene.town.operator, at=scene.at)
        return {"appointment_id": made.id}


def appointed_by_the_brand(scene: Scene) -> Places:
    """Somebody of the brand: the first on its list, and not the administrator who looks at it."""
    with unit_of_work() as session:
        someone(session, Role.APPROVER, on=Scope(brand_id=scene.cast.made.brand.id))
    return {}


def administrator_asked(scene: Scene) -> Places:
    """A second administrator is asked for, and the brand's billing address has its link."""
    with unit_of_work() as session:
        asked = ask_administrator(session, scene.cast.made.brand.id, "ada@zappos.example", by=scene.cast.manager, at=scene.at)
        return {"secret": make_confirmation(session, asked.id)}


def brand_there_twice(scene: Scene) -> Places:
    with unit_of_work() as session:
        return {"into": create_brand(session, "Zappos", ["legal"], same_name=True, by=scene.cast.manager, at=scene.at).id}


def email_sent(scene: Scene) -> Places:
    with unit_of_work() as session:
        email = Email(
            event_id=new_id(), recipient_id=scene.cast.artist.person, notification="screened", address=address_of(scene.cast.artist),
            subject="Your work was accepted", text="t", html="h", state="sent", enqueued_at=scene.at,
        )  # fmt: skip
        session.add(email)
        session.flush()
        return {"token": unsubscribe_url(email.id).rpartition("/")[2]}


def email_dismissed(scene: Scene) -> Places:
    email_sent(scene)
    with unit_of_work() as session:
        by = scene.cast.artist
        [told] = emails_to(session, by=by, but=(), dismissed=False, at=scene.at, limit=1)
        dismiss(session, told.dismissal_key, None, by=by, at=scene.at)
    return {}


def link_sent(scene: Scene) -> Places:
    with unit_of_work() as session:
        return {"secret": access.make_link(session, scene.cast.artist.person)}


def session_elsewhere(scene: Scene) -> Places:
    with unit_of_work() as session:
        access.open_session(session, scene.cast.artist.person, agent="Elsewhere")
    return {}


def token_issued(scene: Scene) -> Places:
    with unit_of_work() as session:
        tokens.issue_token(session, scene.cast.artist.person, "A program of mine")
    return {}


def app_begun(scene: Scene) -> Places:
    with unit_of_work() as session:
        address = codes.begin(session, by=scene.cast.manager, at=scene.at)
    app = pyotp.parse_uri(address)
    assert isinstance(app, pyotp.TOTP)
    return {"code": app.now()}


def app_added(scene: Scene) -> Places:
    """An app whose first code was the one before, so that the present one is still good."""
    with unit_of_work() as session:
        app = pyotp.parse_uri(codes.begin(session, by=scene.cast.manager, at=scene.at))
        assert isinstance(app, pyotp.TOTP)
        codes.confirm(session, app.at(clock.process_now() - timedelta(seconds=app.interval)), by=scene.cast.manager, at=scene.at - LONG)
    return {"code": app.now()}


def passkey_asked_for(scene: Scene) -> Places:
    with unit_of_work() as session:
        question = passkeys.creation_options(session, by=scene.cast.manager, at=scene.at)
    return {"passkey": Device().create(question)}


def passkey_added(scene: Scene) -> Places:
    device = Device()
    with unit_of_work() as session:
        made = device.create(passkeys.creation_options(session, by=scene.cast.manager, at=scene.at))
        passkeys.add_passkey(session, made, "My phone", by=scene.cast.manager, at=scene.at - LONG)
        asked = passkeys.request_options(session, scene.cast.manager.person)
        at_the_door = passkeys.request_options(session)
    return {"passkey": device.get(asked), "at_the_door": device.get(at_the_door)}
