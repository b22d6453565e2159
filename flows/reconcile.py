"""The flow that compares the providers with our rows and brings these up to theirs, every day and by hand."""

from typing import Any

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.states import Completed, Failed

from campaigns.core.words import _, n_
from workers.emails import suppressions
from workers.gateways import money_in, money_out
from workers.payout import reconciliation


@flow(name="reconcile")
def reconcile() -> Any:
    """Compare, and correct what can be corrected; a run that finds a difference is shown as failed, so that someone looks."""
    pulled = pull_suppressions(return_state=True)  # a state, not an error: whether SendGrid answers is nothing to the money
    differences = reconciliation.reconcile(money_in(), money_out())
    # Of a balance the amount is ours; of a transfer it would be one person's.
    rows = [{"kind": d.kind, "subject": d.subject, "difference": d.amount if d.kind == "balance" else None} for d in differences]
    create_table_artifact(rows, key="reconciliation", description=_("Differences between the provider and our records"))
    if differences:
        sentence = n_(
            "{count} difference from the provider's records.", "{count} differences from the provider's records.", len(differences)
        )
        return Failed(name="Differences", message=sentence)
    if not pulled.is_completed():
        sentence = _("The money agrees; SendGrid's suppression lists could not be read: {reason}", reason=pulled.message)
        return Failed(name="Lists unread", message=sentence)
    return Completed(name="Agreed")


@task(name="pull suppression lists", cache_policy=NO_CACHE)
def pull_suppressions() -> None:
    """Update from SendGrid's lists who must not get email any more, and who can again; shows how many, not who."""
    pulled = suppressions.pull_suppressions()
    rows = [{"new": pulled.new, "gone": pulled.gone}]
    create_table_artifact(rows, key="suppressions", description=_("Changes from SendGrid's lists to our records"))
