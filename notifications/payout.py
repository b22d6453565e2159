"""The emails of payout: proposals, answers to comments, final shares, and what was or cannot be paid."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.brief.models import Brief
from campaigns.core.campaign import Deliverable
from campaigns.core.event_names import EventName
from campaigns.core.events import Event
from campaigns.core.people import Person, Scope
from campaigns.core.permissions import Role
from campaigns.core.role_grants import holders
from campaigns.payments.countries import open_change
from campaigns.payments.queries import payout_account
from campaigns.payout.balances.models import BlockedPayout
from campaigns.payout.balances.queries import PayeeBalance, standing_told
from campaigns.payout.balances.reasons import Reason
from campaigns.payout.models import Comment, Disposition, Proposal, ProposalLine, ProposalState
from campaigns.payout.queries import contributors
from campaigns.payout.runs.failures import BankRefusal
from campaigns.payout.runs.models import SHORT, Payout, PayoutRun
from campaigns.payout.runs.shortfalls import missing
from notifications.addresses import ONBOARDING_PATH, RETURN_PATH
from notifications.notification import EmailDraft, notification

PROPOSAL = {
    "path": "/proposals/0199a1b2", "deliverable": "Holiday film", "amount": 120_450, "currency": "USD", "is_kill_fee": False,
}  # fmt: skip
TO_ONBOARD = frozenset({Reason.NO_ACCOUNT, Reason.NOT_ONBOARDED, Reason.BANK_NEEDED})
HOLDS = "/runs/holds"


def _proposal(session: Session, fact: Event) -> tuple[Proposal, str]:
    """The proposal, and what its deliverable is called."""
    proposal = session.get_one(Proposal, UUID(fact.facts["proposal"]))
    return proposal, session.get_one(Deliverable, proposal.deliverable_id).title


def _shares(session: Session, proposal: Proposal) -> Mapping[UUID, int]:
    """Each person's amount; staff have none."""
    query = select(ProposalLine.person_id, ProposalLine.amount).where(ProposalLine.proposal_id == proposal.id, ~ProposalLine.is_staff)
    return dict(session.execute(query).all())


def _still_open(session: Session, fact: Event) -> bool:
    return _proposal(session, fact)[0].state is ProposalState.OPEN


@notification(
    stage="payout", on=EventName.PAYOUT_PROPOSED, still_true=_still_open,
    sample=PROPOSAL | {"number": 2, "closes_at": "2026-12-24T09:00:00+00:00", "zone": "America/Los_Angeles"},
)  # fmt: skip
def proposal(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Every contributor of the campaign learns how a deliverable's pool is to be shared, in it or not, and until when to comment."""
    assert fact.campaign_id is not None  # nosec B101  # noqa: S101 - a proposal is always of a campaign
    opened, deliverable = _proposal(session, fact)
    shares, zone = _shares(session, opened), session.get_one(Brief, fact.campaign_id).time_zone
    for person_id in contributors(session, fact.campaign_id):
        yield EmailDraft(
            person_id, path=f"/proposals/{opened.id}", deliverable=deliverable, number=opened.number, amount=shares.get(person_id, 0),
            currency=opened.currency, is_kill_fee=opened.is_kill_fee, closes_at=opened.closes_at, zone=zone,
        )  # fmt: skip


@notification(
    stage="payout", on=EventName.PAYOUT_COMMENT_ANSWERED,
    sample={
        "path": "/proposals/0199a1b2", "deliverable": "Holiday film", "disposition": Disposition.ACCEPTED,
        "claim": "My sketch led to “Lantern street”, and I have no line.", "reason": "A curator has confirmed the source.",
    },
)  # fmt: skip
def comment_answered(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Whoever made a comment learns what became of it, and why."""
    comment = session.get_one(Comment, UUID(fact.facts["comment"]))
    of, deliverable = _proposal(session, fact)
    yield EmailDraft(
        comment.person_id, path=f"/proposals/{of.id}", deliverable=deliverable, claim=comment.claim,
        disposition=Disposition(fact.facts["disposition"]), reason=fact.reason,
    )  # fmt: skip


@notification(stage="payout", on=EventName.PAYOUT_POSTED, sample=PROPOSAL)
def final(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Every contributor learns that a deliverable's proposal is final, and what is on their account from it."""
    assert fact.campaign_id is not None  # nosec B101  # noqa: S101 - a proposal is always of a campaign
    posted, deliverable = _proposal(session, fact)
    shares = _shares(session, posted)
    for person_id in contributors(session, fact.campaign_id):
        yield EmailDraft(
            person_id, path=f"/proposals/{posted.id}", deliverable=deliverable, amount=shares.get(person_id, 0), currency=posted.currency,
            is_kill_fee=posted.is_kill_fee,
        )  # fmt: skip


# An event of the older name was recorded when a payment was sent, too.
@notification(stage="payout", on=EventName.PAYOUT_SENT, sample={"path": RETURN_PATH, "amount": 120_450, "currency": "USD"})
def sent(session: Session, fact: Event) -> Iterable[EmailDraft]:  # noqa: ARG001 - every notification is asked alike
    """The payee learns that a payment has gone out."""
    yield EmailDraft(UUID(fact.facts["person"]), path=RETURN_PATH, amount=fact.facts["amount"], currency=fact.facts["currency"])


def _stands(state: str) -> Callable[[Session, Event], bool]:
    return lambda session, fact: session.get_one(Payout, UUID(fact.facts["item"])).state == state


@notification(
    stage="payout", on=EventName.PAYOUT_ARRIVED, still_true=_stands("paid"),
    sample={"path": RETURN_PATH, "amount": 120_450, "currency": "USD"},
)  # fmt: skip
def arrived(session: Session, fact: Event) -> Iterable[EmailDraft]:  # noqa: ARG001 - every notification is asked alike
    """The payee learns that a payment is at their bank."""
    yield EmailDraft(UUID(fact.facts["person"]), path=RETURN_PATH, amount=fact.facts["amount"], currency=fact.facts["currency"])


@notification(
    stage="payout", on=EventName.PAYOUT_BANK_RETURNED, still_true=_stands("bank_returned"),
    sample={"path": ONBOARDING_PATH, "amount": 120_450, "currency": "USD", "why": BankRefusal("account_closed")},
)  # fmt: skip
def bank_returned(session: Session, fact: Event) -> Iterable[EmailDraft]:  # noqa: ARG001 - every notification is asked alike
    """The payee learns that their bank sent a payment back, why, and what to do so that it reaches them."""
    yield EmailDraft(
        UUID(fact.facts["person"]), path=ONBOARDING_PATH, amount=fact.facts["amount"], currency=fact.facts["currency"],
        why=BankRefusal(fact.reason),
    )  # fmt: skip


def _still_stays(session: Session, fact: Event) -> bool:
    blocked = session.get(BlockedPayout, (UUID(fact.facts["person"]), fact.facts["currency"]))
    return blocked is not None and blocked.reason == fact.facts["code"]


@notification(
    stage="payout", on=EventName.PAYOUT_CANNOT_PAY, still_true=_still_stays,
    sample={"path": ONBOARDING_PATH, "stands": PayeeBalance(UUID(int=1), "USD", 120_450, "US", 100, Reason.NO_ACCOUNT)},
)  # fmt: skip
def cannot_pay(session: Session, fact: Event) -> Iterable[EmailDraft]:  # noqa: ARG001 - every notification is asked alike
    """Whose balance stays where it is learns why, and what to do about it."""
    stands = standing_told(fact.facts)
    yield EmailDraft(stands.person_id, path=ONBOARDING_PATH if stands.reason in TO_ONBOARD else RETURN_PATH, stands=stands)


def _finance(session: Session, *, but: UUID | None = None) -> Iterable[UUID]:
    return (person.id for person in holders(session, Role.FINANCE, Scope()) if person.id != but)


def _still_closed(session: Session, fact: Event) -> bool:
    return open_change(session, UUID(fact.facts["person"])) is not None


@notification(
    stage="payout", on=EventName.PAYOUT_COUNTRY_CHANGED, still_true=_still_closed,
    sample={"path": HOLDS, "name": "Ana Souza", "before": "US", "after": "DE"},
)  # fmt: skip
def country_changed(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Finance learns that a payee says they live elsewhere now, and that nothing is paid to them before somebody has looked."""
    moved = session.get_one(Person, UUID(fact.facts["person"]))
    for person_id in _finance(session, but=moved.id):
        yield EmailDraft(person_id, path=HOLDS, name=moved.name, before=fact.facts["before"], after=fact.facts["after"])


def _still_paused(session: Session, fact: Event) -> bool:
    return session.get_one(PayoutRun, UUID(fact.facts["run"])).state == "paused"


@notification(
    stage="payout", on=EventName.PAYOUT_RUN_PAUSED, still_true=_still_paused,
    sample={
        "path": "/runs/0199a1b2", "number": 3, "is_short": True, "missing": 250_000, "currency": "USD", "reason": None,
    },
)  # fmt: skip
def run_paused(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Finance learns that a run stands still, why, and what our balance lacks; whoever paused it knows."""
    run = session.get_one(PayoutRun, UUID(fact.facts["run"]))
    is_short = fact.facts.get("cause") == SHORT
    lacks = missing(session, run.currency) if is_short else 0
    for person_id in _finance(session, but=fact.actor_id):
        yield EmailDraft(
            person_id, path=f"/runs/{run.id}", number=run.number, is_short=is_short, missing=lacks, currency=run.currency,
            reason=fact.reason,
        )  # fmt: skip


@notification(
    stage="payout", on=EventName.PAYOUT_KEPT_BACK, sample={"path": "/ledger", "amount": 250_000, "currency": "USD", "is_lost": False}
)  # fmt: skip
def kept_back(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Finance learns that Stripe keeps a part of our balance back, or has taken it for a payee's account that was below zero."""
    for person_id in _finance(session):
        yield EmailDraft(
            person_id, path="/ledger", amount=fact.facts["amount"], currency=fact.facts["currency"],
            is_lost=fact.facts["kind"] == "connect_collection_transfer",
        )  # fmt: skip


@notification(
    stage="payout", on={EventName.PAYOUT_DESTINATION_OPENED, EventName.PAYOUT_DESTINATION_CHANGED},
    sample={"path": RETURN_PATH, "was_changed": True, "until": "2026-12-24T09:00:00+00:00"},
)  # fmt: skip
def destination(session: Session, fact: Event) -> Iterable[EmailDraft]:  # noqa: ARG001 - every notification is asked alike
    """Whose money it is learns that where it goes was opened, or was changed, and until when nothing is paid."""
    until = datetime.fromisoformat(fact.facts["until"])
    was_changed = fact.name == EventName.PAYOUT_DESTINATION_CHANGED
    yield EmailDraft(UUID(fact.facts["person"]), path=RETURN_PATH, was_changed=was_changed, until=until)


@notification(stage="payout", on=EventName.PAYOUT_ACCOUNT_ACTIVE, sample={"path": RETURN_PATH})
def account_ready(session: Session, fact: Event) -> Iterable[EmailDraft]:  # noqa: ARG001 - every notification is asked alike
    """Whose money it is learns that it goes to an account from now on."""
    yield EmailDraft(UUID(fact.facts["person"]), path=RETURN_PATH)


def _asked_still(session: Session, fact: Event) -> bool:
    """Whether Stripe still wants something of them, and pays them meanwhile or not as it did then."""
    account = payout_account(session, UUID(fact.facts["person"]))
    return bool(account.requirements) and account.is_stopped == fact.facts["is_stopped"]


@notification(
    stage="payout", on=EventName.PAYOUT_ACCOUNT_ASKED, still_true=_asked_still,
    sample={"path": ONBOARDING_PATH, "is_stopped": False, "due_by": "2026-12-24T09:00:00+00:00"},
)  # fmt: skip
def account_needs_more(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Whose account it is learns that Stripe wants something more of them, by when, and whether payments have stopped for it."""
    account = payout_account(session, UUID(fact.facts["person"]))
    yield EmailDraft(account.person_id, path=ONBOARDING_PATH, is_stopped=fact.facts["is_stopped"], due_by=account.due_by)


def _stopped_still(session: Session, fact: Event) -> bool:
    why: str = fact.facts["why"]
    return payout_account(session, UUID(fact.facts["person"])).stop == why


@notification(
    stage="payout", on=EventName.PAYOUT_ACCOUNT_STOPPED, still_true=_stopped_still, sample={"path": RETURN_PATH, "why": "checked"}
)
def account_stopped(session: Session, fact: Event) -> Iterable[EmailDraft]:  # noqa: ARG001 - every notification is asked alike
    """Whose account it is learns that payments to them have stopped although nothing is asked of them, and why."""
    yield EmailDraft(UUID(fact.facts["person"]), path=RETURN_PATH, why=fact.facts["why"])
