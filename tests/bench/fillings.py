"""What stands in the places of a path: what a campaign of the sample has, and what is the same for all of them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from api.assets import address
from campaigns.core.emails import Email
from campaigns.core.files import FileLink, link_to
from campaigns.core.ids import new_id
from campaigns.open_call.models import Rendition
from notifications.unsubscribing import unsubscribe_url

# What a place is called where its name alone does not say what it holds; the crowd's largest contribution is not the artist's own.
CALLED = {
    "/unsubscribe/{token}": {"token": "email_token"},
    "/sources/{contribution_id}/{source_id}": {"contribution_id": "remix_id"},
    "/contributions/{contribution_id}/screening/{role}": {"contribution_id": "unscreened_id"},
    "/me/contributions/{contribution_id}": {"contribution_id": "own_contribution_id"},
    "/api/v1/me/contributions/{contribution_id}": {"contribution_id": "own_contribution_id"},
    "/api/v1/contributions/{contribution_id}/outcome": {"contribution_id": "own_contribution_id"},
}
SAME = {"sign_off_role": "legal", "role": "text", "secret": "any"}
UPLOAD = "select id from upload where person_id = :artist order by id limit 1"
CONTRIBUTION = "select id from contribution where uploaded_by = :artist and campaign_id = :campaign order by id limit 1"
UNSCREENED = "select id from contribution where campaign_id = :campaign and state = 'ready' order by id desc limit 1"


def filled(session: Session, things: Mapping[str, Any], artist: UUID) -> dict[str, Any]:
    """The same things, with what is reached from them by a link, and what the artist has for themselves."""
    asked = {"artist": artist, "campaign": things["campaign_id"]}
    queries = {"upload_id": UPLOAD, "own_contribution_id": CONTRIBUTION, "unscreened_id": UNSCREENED}
    found = {name: session.scalar(text(query), asked) for name, query in queries.items()} | {
        "contribution_id": things.get("contribution_id")
    }
    of_contribution = select(Rendition).where(Rendition.role == "text").order_by(Rendition.contribution_id).limit(1)
    shown, email = (
        session.scalars(of_contribution).one(),
        session.scalars(select(Email.id).order_by(Email.id).limit(1)).first() or new_id(),
    )
    _static, _, digest, name = address("mark.svg").split("/")
    links = {
        "token": link_to(FileLink(sha256=shown.sha256, mime=shown.mime, name=shown.role)).rpartition("/")[2],
        "email_token": unsubscribe_url(email).rpartition("/")[2],
        "digest": digest,
        "name": name,
    }
    return SAME | {name: thing for name, thing in found.items() if thing} | links | dict(things)


def address_of(path: str, things: Mapping[str, Any]) -> str:
    """The path with its places filled in; raises KeyError where there is nothing for one."""
    called = CALLED.get(path.partition("?")[0], {})
    return path.format(**{**things, **{place: things[other] for place, other in called.items()}})
