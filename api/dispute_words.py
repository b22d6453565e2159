"""What a dispute's reasons, states and evidence are called on a page, and what a bank looks at for each reason.

The reasons are Stripe's (https://docs.stripe.com/disputes/categories), and so is what answers them.
"""

from collections.abc import Mapping

from campaigns.core.words import _


def status_name(status: str) -> str:
    """How far a dispute is."""
    return {
        "warning_needs_response": _("Inquiry, needs an answer"),
        "warning_under_review": _("Inquiry, under review"),
        "warning_closed": _("Inquiry, closed"),
        "needs_response": _("Needs an answer"),
        "under_review": _("Under review"),
        "won": _("Won"),
        "lost": _("Lost"),
        "prevented": _("Prevented"),
    }.get(status, status)


def reason_name(reason: str) -> str:
    """Why the customer's bank disputes the payment."""
    return {
        "fraudulent": _("Fraudulent"),
        "unrecognized": _("Not recognized"),
        "product_not_received": _("Not received"),
        "product_unacceptable": _("Not as agreed"),
        "duplicate": _("Paid twice"),
        "credit_not_processed": _("Refund not received"),
        "subscription_canceled": _("Canceled before"),
        "debit_not_authorized": _("Debit not authorized"),
        "incorrect_account_details": _("Wrong account details"),
        "insufficient_funds": _("Not enough money on the account"),
        "bank_cannot_process": _("The bank could not process it"),
        "general": _("General"),
    }.get(reason, reason)


def looked_at(reason: str) -> str:
    """What the bank looks at, so that what is handed in answers it."""
    knew = _("Whether the customer knew of the payment and took part: who signed, who approved, from which email address.")
    return {
        "fraudulent": knew,
        "unrecognized": knew,
        "debit_not_authorized": knew,
        "product_not_received": _("Whether what was ordered was handed over: when, to whom, and which files."),
        "product_unacceptable": _("Whether what was handed over is what was agreed: the signed brief, and the customer's own approval."),
        "duplicate": _("Whether two payments are for two different things: both invoices, and what each was for."),
        "credit_not_processed": _("Whether a refund was owed or has been made: the agreed terms, and what was given back."),
        "subscription_canceled": _("Whether the customer canceled before, and what was agreed for that."),
    }.get(reason, _("Whether the payment was agreed and what it was for was done: the signed brief, deliveries and invoices."))


def file_words() -> Mapping[str, str]:
    """The label of each field for a file."""
    return {
        "customer_signature": _("Signed agreement"),
        "customer_communication": _("Correspondence with the customer"),
        "service_documentation": _("Proof of delivery and approval"),
        "receipt": _("Invoice or receipt"),
        "cancellation_policy": _("Cancellation terms"),
        "refund_policy": _("Refund terms"),
        "duplicate_charge_documentation": _("Proof that it is not a duplicate"),
        "uncategorized_file": _("Any other file"),
    }


def evidence_words() -> Mapping[str, tuple[str, int]]:
    """Each field's label and how many rows it has."""
    return {
        "customer_name": (_("Customer's name"), 1),
        "customer_email_address": (_("Customer's email"), 1),
        "billing_address": (_("Billing address"), 2),
        "service_date": (_("Date of service"), 1),
        "product_description": (_("What was ordered"), 5),
        "access_activity_log": (_("Signatures, deliveries and approvals"), 8),
        "uncategorized_text": (_("Anything else, such as invoices"), 5),
        "cancellation_policy_disclosure": (_("Agreed cancellation terms"), 3),
        "refund_policy_disclosure": (_("Agreed refund terms"), 3),
        "refund_refusal_explanation": (_("Why no refund is owed"), 3),
        "duplicate_charge_explanation": (_("Why it is not a duplicate"), 3),
    }
