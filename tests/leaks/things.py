"""What stands in the places of paths and bodies: one of each thing that a campaign, its people and staff have."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from api.assets import address
from campaigns.core import access, tokens
from campaigns.core.emails import Email
from campaigns.core.factors.models import Passkey
from campaigns.core.files import FileLink, link_to
from campaigns.core.ids import new_id
from campaigns.open_call import uploads
from campaigns.open_call.models import Rendition
from notifications.unsubscribing import unsubscribe_url
from tests.browser.town import OF_DELIVERABLE, ONE_OF_EACH
from tests.leaks.people import NAMED
from tests.leaks.world import CALL, DESK, FINAL, IN_CAMPAIGN_OF, PLACES, World
from workers.transactions import unit_of_work

OF_CAMPAIGN = "where campaign_id = :campaign order by id limit 1"
UNSCREENED = "where campaign_id = :campaign and state = 'ready' order by id limit 1"
WAITING_RUN = "select id from payout_run where state = 'quoted'"
PAID_TO_SOMEONE = "entry e join journal j on j.id = e.journal_id join account a on a.id in (e.debit_id, e.credit_id) where a.kind = 'payee'"
DELIVERABLES = "select id from deliverable where campaign_id = :campaign order by id"
UNANSWERED = "where c.campaign_id = :campaign and n.confirmed_at is null"
OF_VERSION = f"join version x on x.id = n.version_id {OF_DELIVERABLE}"
FURTHER = {
    "brand_role_id": "select g.id from role_grant g join campaign c using (brand_id) where c.id = :campaign and g.role = 'signer' limit 1",
    "request_id": "select r.id from administrator_request r join campaign c using (brand_id) where c.id = :campaign",
    "role_id": "select id from role_grant where campaign_id = :campaign and role = 'editor' limit 1",
    "staff_role_id": "select id from role_grant where brand_id is null and campaign_id is null and role = 'finance' limit 1",
    "invoice_id": f"select id from invoice {OF_CAMPAIGN}",
    "receipt_id": f"select id from receipt {OF_CAMPAIGN}",
    "question_id": f"select id from question {OF_CAMPAIGN}",
    "note_id": f"select n.id from annotation n {OF_VERSION}",
    "named_in_id": f"select n.contribution_id from named_maker n join contribution c on c.id = n.contribution_id {UNANSWERED}",
    "material_id": f"select n.id from outside_material n {OF_VERSION}",
    "dispute_id": "select id from dispute limit 1",
    "limits_id": "select id from payout_run_limits limit 1",
    "message_id": "select id from outbox_message where failed_at is not null limit 1",
    "run_id": WAITING_RUN,
    "live_run_id": "select id from payout_run where state = 'released'",
    "payout_id": f"select id from payout where run_id = ({WAITING_RUN}) order by id limit 1",
    "year": f"select to_char(max(j.at) at time zone 'UTC', 'YYYY')::int from {PAID_TO_SOMEONE}",
    "month": f"select to_char(max(j.at) at time zone 'UTC', 'MM') from {PAID_TO_SOMEONE}",
    "visit": "select visit from deliverable where campaign_id = :campaign order by id limit 1",
}
# What a place has of a kind that is in another state than elsewhere.
PAUSED_RUN = "select id from payout_run where state = 'paused'"
INSTEAD = {
    CALL: {"contribution_id": f"select id from contribution {UNSCREENED}"},
    FINAL: {"run_id": PAUSED_RUN, "payout_id": f"select id from payout where run_id = ({PAUSED_RUN})"},
}
CALLED_ELSEWHERE = {
    "contribution_id": "contribution_id", "brand": "brand_id", "source": "source_id", "person": "person_id", "campaign": "campaign_id",
    "room": "version_id", "deliverable": "deliverable_id", "contribution": "contribution_id", "done_in": "version_id",
    "components": "contribution_id",
    "curators": "person_id", "into": "brand_id",
}  # fmt: skip
CONTRIBUTIONS = ("contribution_id", "contribution", "components")
NOBODYS = {"sign_off_role": "legal", "field": "receipt", "emails": "announcement", "secret": "Zk3hT1Yq8o2xWvB7nR5uJmD0cLeSaPfGiKtQyXzVwEs"}


def things_of(world: World) -> dict[str, dict[str, object]]:
    """By the place of a campaign: what it has, and what is in no campaign, each by the name that a path or a body has for it."""
    with unit_of_work() as session:
        return {place: _of(session, world, place) for place in PLACES}


def asked_of(reader: str, things: Mapping[str, object]) -> Mapping[str, object]:
    """What a reader asks about: who is only named as a maker asks about the contribution that they are named in."""
    return {**things, **dict.fromkeys(CONTRIBUTIONS, things["named_in_id"])} if reader == NAMED else things


def _of(session: Session, world: World, place: str) -> dict[str, object]:
    asked = {"campaign": world.companies[place].id}
    deliverables = session.scalars(text(DELIVERABLES), asked).all()
    asked["deliverable"] = deliverables[place in IN_CAMPAIGN_OF]
    found = {name: session.scalar(text(_of_deliverable(query)), asked) for name, query in (ONE_OF_EACH | FURTHER).items()}
    found["deliverable_id"] = asked["deliverable"]
    found |= {name: session.scalar(text(query), asked) for name, query in INSTEAD.get(place, {}).items()}
    # Where a campaign has none of a kind yet, another's stands in: it is refused like one that does not exist.
    found |= {name: new_id() for name, thing in found.items() if thing is None and name.endswith("_id")}
    found |= {name: found[other] for name, other in CALLED_ELSEWHERE.items()}
    shown = (
        session.scalar(text("select contribution_id from review_assignment where id = :id"), {"id": found["assignment_id"]})
        if place == DESK
        else None
    )
    return NOBODYS | found | _links(session, shown or UUID(str(found["contribution_id"]))) | _own(session, world, place)


def _of_deliverable(query: str) -> str:
    """The same of one deliverable only."""
    return query.replace("t.campaign_id = :campaign", "t.id = :deliverable")


def _links(session: Session, contribution_id: UUID) -> dict[str, object]:
    """What is reached by a link from an answer: a contribution's file, the door of an email, a file of ours."""
    shown = session.scalars(select(Rendition).where(Rendition.contribution_id == contribution_id)).first()
    email = session.scalars(select(Email.id).order_by(Email.id).limit(1)).first() or new_id()
    _static, _, digest, name = address("mark.svg").split("/")
    file = (
        FileLink(sha256=shown.sha256, mime=shown.mime, name=shown.role)
        if shown
        else FileLink(sha256="0" * 64, mime="image/webp", name="large")
    )
    return {
        "role": file.name, "token": link_to(file).rpartition("/")[2], "email_token": unsubscribe_url(email).rpartition("/")[2],
        "digest": digest, "name": name,
    }  # fmt: skip


def _own(session: Session, world: World, place: str) -> dict[str, object]:
    """What the artist has for themselves: an upload that has only begun, a token, a browser elsewhere, a passkey."""
    artist = world.who("artist", place)
    upload = uploads.begin(session, "zq-lanterns.jpg", None, 1, by=artist)
    token, _secret = tokens.issue_token(session, artist.person, "A program of mine")
    elsewhere = access.open_session(session, artist.person, agent="Elsewhere")
    key = Passkey(person_id=artist.person, name="Phone", credential_id=new_id().hex, public_key=b"k", sign_count=0, made_at=upload.began_at)
    session.add(key)
    session.flush()
    return {"upload_id": upload.id, "token_id": token.id, "key": tokens.digest(elsewhere), "passkey_id": key.id}
