"""Notifications: one function and three files each, found by the facts that they tell of.

    @notification(
        stage="open_call", on=EventName.OPEN_CALL_CONTRIBUTION_RECEIVED,
        sample={"path": "/contributions/0199…", "title": "Lantern street"},
    )
    def contribution_received(session: Session, fact: Event) -> Iterable[EmailDraft]:
        \"\"\"The maker learns that the contribution has arrived.\"\"\"
        contribution = session.get_one(Contribution, UUID(fact.facts["contribution"]))
        yield EmailDraft(contribution.maker_id, path=f"/contributions/{contribution.id}", title=contribution.title)

Its files are `templates/open_call/contribution_received/{subject.txt,body.txt,body.html}`; beside the email's own params they know
`reader` (`.name`), `campaign` (`.title`, `.number`; None where the fact has none) and the filters of `notifications.render`.
A notification says who is written to and what; whether and when an email goes out is never its business.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.core.event_names import EventName
from campaigns.core.events import Event
from campaigns.core.lanes import Lane

COMMUNITY = UUID(int=0)


@dataclass(frozen=True, slots=True, init=False)
class EmailDraft:
    """What one person is told: `path` is where the one thing to do next is done, `params` fill the three files.

    A fact gives each person at most one email of a notification, so what concerns one person twice is a list in one email.
    Only an announcement is addressed to COMMUNITY: everyone with an address who did not ask to be left alone.
    """

    to: UUID
    path: str | None
    params: Mapping[str, Any]

    def __init__(self, to: UUID, *, path: str | None = None, **params: Any) -> None:
        object.__setattr__(self, "to", to)
        object.__setattr__(self, "path", path)
        object.__setattr__(self, "params", params)


Build: TypeAlias = Callable[[Session, Event], Iterable[EmailDraft]]
Truth: TypeAlias = Callable[[Session, Event], bool]


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification as declared: `through_pause` goes out while its campaign rests, `secret` is blanked once sent, a `digest` is optional.

    A `neutral` one repeats nothing that anybody typed, except names that hold no address, and so goes to people who have never signed in.
    """

    name: str
    stage: str
    on: frozenset[EventName]
    build: Build
    sample: Mapping[str, Any]
    still_true: Truth | None = None
    announcement: bool = False
    through_pause: bool = False
    secret: bool = False
    digest: bool = False
    neutral: bool = False

    def lane(self, recipients: int) -> Lane:
        """The lane in which its emails wait, when so many people are told of one event."""
        return min(self.on).lane_of_email(recipients) if self.on else Lane.EMAILS

    @property
    def folder(self) -> str:
        """Where its three files are, below `templates/`."""
        return f"{self.stage}/{self.name}"


NOTIFICATIONS: dict[str, Notification] = {}


def notification(
    *,
    stage: str,
    on: EventName | Iterable[EventName],
    sample: Mapping[str, Any],
    still_true: Truth | None = None,
    announcement: bool = False,
    through_pause: bool = False,
    secret: bool = False,
    digest: bool = False,
    neutral: bool = False,
) -> Callable[[Build], Build]:
    """Declare the function as the notification of its name, told on each event named in `on`.

    `sample` is an email's `path` and params as the preview shows them. `still_true` is asked again just before an email goes out:
    what has stopped being true is dropped.
    """

    def declare(build: Build) -> Build:
        names = frozenset([on] if isinstance(on, EventName) else on)
        name = build.__name__
        if name in NOTIFICATIONS:
            raise ValueError(f"two notifications are called {name}")
        NOTIFICATIONS[name] = Notification(
            name, stage, names, build, sample, still_true, announcement, through_pause, secret, digest, neutral
        )
        return build

    return declare
