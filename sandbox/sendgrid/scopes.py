"""What a key may do, as SendGrid names it; a call whose scope was taken from ours is refused.

https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/authorization#api-key-permissions-list
"""

from fastapi import APIRouter, Depends, Request
from sqlalchemy import select

from sandbox.sendgrid.calls import GUARDS, Transaction
from sandbox.sendgrid.errors import SendgridError
from sandbox.sendgrid.tables import taken_scopes

SCOPES = (
    "asm.groups.create", "asm.groups.read", "asm.groups.suppressions.read", "mail.batch.create", "mail.batch.read", "mail.send",
    "messages.read", "suppression.read", "user.scheduled_sends.create", "user.scheduled_sends.delete", "user.scheduled_sends.read",
    "user.scheduled_sends.update", "user.webhooks.event.settings.create", "user.webhooks.event.settings.delete",
    "user.webhooks.event.settings.read", "user.webhooks.event.settings.update", "whitelabel.read",
)  # fmt: skip
VERBS = {"GET": "read", "POST": "create", "PATCH": "update", "PUT": "update", "DELETE": "delete"}
router = APIRouter(prefix="/v3", dependencies=GUARDS)


def permitted(request: Request, connection: Transaction) -> None:
    """Refuse a call whose scope was taken from the key."""
    taken = connection.scalars(select(taken_scopes.c.name)).all()
    if taken and _needed(request) in taken:
        raise SendgridError("access forbidden", status=403)


PERMITTED = (*GUARDS, Depends(permitted))


def _needed(request: Request) -> str:
    """The scope of a call: the longest of which its address has all the parts, or sending itself."""
    parts = [part for part in request.url.path.split("/")[2:] if not any(character.isdigit() for character in part)]
    if parts == ["mail", "send"]:
        return "mail.send"
    verb = VERBS.get(request.method, "update")
    stems = {scope.rpartition(".")[0] for scope in SCOPES if scope.endswith(f".{verb}")}
    fitting = [stem for stem in stems if stem.split(".") == parts[: stem.count(".") + 1]]
    return f"{max(fitting, key=len, default='')}.{verb}"


@router.get("/scopes")
def list_scopes(connection: Transaction) -> dict[str, list[str]]:
    """What the key may do: whatever there is, but for what was taken from it."""
    taken = set(connection.scalars(select(taken_scopes.c.name)))
    return {"scopes": [name for name in SCOPES if name not in taken]}
