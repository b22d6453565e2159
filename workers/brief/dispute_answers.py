"""Our answers to banks, sent: evidence handed in or a dispute accepted, and the reminder of those that are due."""

from datetime import timedelta
from uuid import UUID

from campaigns.brief.disputes.answering import note_refused
from campaigns.brief.disputes.models import ANSWERABLE, Dispute
from campaigns.brief.disputes.noting import note_dispute, record
from campaigns.brief.disputes.queries import due_soon
from campaigns.core import clock, outbox
from campaigns.core.event_names import EventName
from campaigns.payments.money_in import MoneyIn
from campaigns.payments.provider_errors import Definite
from workers.brief.disputes import look_at_dispute
from workers.brief.evidence_files import send_files
from workers.transactions import unit_of_work

NEAR = timedelta(days=2)
AT_ONCE = 50


def answer_dispute(money_in: MoneyIn, claimed: outbox.Claimed) -> None:
    """Handler of `dispute_answer`: give the bank our answer, unless it has one, or has decided; a refusal is told to finance.

    It looks before each try, so that a forgotten key does not matter: a bank that was answered is not answered again. The files go first.
    """
    with unit_of_work() as session:
        dispute = session.get_one(Dispute, UUID(claimed.body["dispute"]))
    look_at_dispute(money_in, dispute.provider_id)
    with unit_of_work() as session:
        dispute = session.get_one(Dispute, dispute.id)
    if dispute.status not in ANSWERABLE or not (dispute.handed_in_at or dispute.accepted_at):
        return
    looked_at, key = clock.process_now(), f"dispute:{claimed.key}:{claimed.attempts}"
    try:
        if dispute.accepted_at:
            said = money_in.accept_dispute(dispute.provider_id, key=key)
        else:
            evidence = {**dispute.evidence, **send_files(money_in, dispute.id)}
            said = money_in.hand_in_evidence(dispute.provider_id, evidence, key=key)
    except Definite as refused:
        # Stripe may be at an earlier try whose answer was lost, and refuse this one for it: what stands now says whether it was taken.
        look_at_dispute(money_in, dispute.provider_id)
        with unit_of_work() as session:
            note_refused(session, dispute.id, str(refused), clock.business_now(session))
        return
    with unit_of_work() as session:
        note_dispute(session, said, looked_at=looked_at, at=clock.business_now(session))


def remind_of_answers() -> int:
    """The sweep's part: tell finance, once for each dispute, of answers that are due within two days; returns how many."""
    with unit_of_work() as session:
        at = clock.business_now(session)
        near = due_soon(session, at + NEAR, AT_ONCE)
        for dispute in near:
            dispute.reminded_at = at
            record(session, EventName.BRIEF_DISPUTE_DUE_SOON, dispute, at)
        return len(near)
