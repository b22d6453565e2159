"""Stripe's largest objects as they are while nobody has said anything about them."""

from copy import deepcopy

from sandbox.stripe.errors import Body


def _empty(names: str) -> Body:
    return dict.fromkeys(names.split())


_CHARGE: Body = {
    **_empty("application application_fee application_fee_amount calculated_statement_descriptor failure_balance_transaction failure_code"),
    **_empty("failure_message on_behalf_of receipt_email receipt_number receipt_url review shipping source_transfer statement_descriptor"),
    **_empty("statement_descriptor_suffix transfer_data"),
    "amount_refunded": 0,
    "billing_details": _empty("address email name phone tax_id"),
    "captured": True,
    "disputed": False,
    "fraud_details": {},
    "livemode": False,
    "object": "charge",
    "paid": True,
    "refunded": False,
    "status": "succeeded",
}

_PAYMENT_INTENT: Body = {
    **_empty("application application_fee_amount automatic_payment_methods canceled_at cancellation_reason description last_payment_error"),
    **_empty("latest_charge next_action on_behalf_of payment_method processing receipt_email review setup_future_usage shipping"),
    **_empty("statement_descriptor statement_descriptor_suffix transfer_data transfer_group"),
    "amount_capturable": 0,
    "amount_received": 0,
    "capture_method": "automatic",
    "confirmation_method": "automatic",
    "livemode": False,
    "object": "payment_intent",
    "payment_method_options": {},
    "status": "requires_payment_method",
}

_AMOUNTS = (
    "amount_due amount_overpaid amount_paid amount_paid_off_stripe amount_remaining amount_shipping attempt_count subtotal total "
    "post_payment_credit_notes_amount pre_payment_credit_notes_amount starting_balance subtotal_excluding_tax total_excluding_tax"
)

_INVOICE: Body = {
    **_empty(
        "account_tax_ids application automatically_finalizes_at custom_fields customer_shipping default_payment_method default_source"
    ),
    **_empty("description due_date effective_at ending_balance footer from_invoice hosted_invoice_url invoice_pdf last_finalization_error"),
    **_empty("latest_revision next_payment_attempt number on_behalf_of parent receipt_number rendering shipping_cost shipping_details"),
    **_empty("statement_descriptor test_clock webhooks_delivered_at"),
    **dict.fromkeys(_AMOUNTS.split(), 0),
    "account_country": "US",
    "account_name": "Callboard",
    "attempted": False,
    "auto_advance": False,
    "automatic_tax": {"enabled": False, **_empty("disabled_reason liability provider status")},
    "billing_reason": "manual",
    "collection_method": "charge_automatically",
    "customer_tax_exempt": "none",
    "customer_tax_ids": [],
    "default_tax_rates": [],
    "discounts": [],
    "issuer": {"type": "self"},
    "livemode": False,
    "metadata": {},
    "object": "invoice",
    "payment_settings": _empty("default_mandate payment_method_options payment_method_types"),
    "status": "draft",
    "status_transitions": _empty("finalized_at marked_uncollectible_at paid_at voided_at"),
    "total_discount_amounts": [],
    "total_pretax_credit_amounts": [],
    "total_taxes": [],
}


def blank_charge() -> Body:
    return deepcopy(_CHARGE)


def blank_payment_intent() -> Body:
    return deepcopy(_PAYMENT_INTENT)


def blank_invoice() -> Body:
    return deepcopy(_INVOICE)
