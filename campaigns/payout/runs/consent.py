"""Whether every brand whose money a run pays out has agreed to an installation of few people."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from campaigns.core.appointing.few_people import few_people

# A campaign that ever put money on the account of somebody whom the run pays, and whose brief does not say so.
NOT_AGREED = text("""
    select exists (
        select from payout_item i
        join account theirs on theirs.kind = 'payee' and theirs.owner_id = i.person_id and theirs.currency = i.currency
        join entry e on e.credit_id = theirs.id
        join account ours on ours.id = e.debit_id and ours.kind = 'held'
        join brief b on b.campaign_id = ours.owner_id and not b.few_people
        where i.run_id = :run)
""")


def all_it_pays_for_agreed(session: Session, run_id: UUID) -> bool:
    """Whether the installation is one of few people, and the brief of every campaign that the run pays for says so."""
    return few_people(session) and not session.scalar(NOT_AGREED, {"run": run_id})
