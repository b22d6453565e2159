"""The letters that let people in."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.core import access
from campaigns.core.events import Event
from notifications.notice import Letter, notice


@notice(stage="access", on="access.link_asked", through_pause=True, secret=True, sample={"path": "/sign-in/Zk3v9sQ1mXw7"})
def sign_in(session: Session, fact: Event) -> Iterable[Letter]:
    """Whoever asked for a link gets one; its secret is made here and kept nowhere else."""
    person_id = UUID(fact.facts["person"])
    yield Letter(person_id, path=f"/sign-in/{access.make_link(session, person_id)}")


@notice(stage="access", on="access.factor_added", sample={"path": "/me/sign-in", "kind": "passkey"})
def factor_added(session: Session, fact: Event) -> Iterable[Letter]:  # noqa: ARG001 - every notice is asked alike
    """Whoever can now sign in or confirm in a further way learns of it, in case it was not them."""
    yield Letter(UUID(fact.facts["person"]), path="/me/sign-in", kind=fact.facts["kind"])


@notice(stage="access", on="access.factor_removed", sample={"path": "/me/sign-in", "kind": "code_app"})
def factor_removed(session: Session, fact: Event) -> Iterable[Letter]:  # noqa: ARG001 - every notice is asked alike
    """Whoever lost a way to sign in or confirm learns of it, in case it was not them."""
    yield Letter(UUID(fact.facts["person"]), path="/me/sign-in", kind=fact.facts["kind"])
