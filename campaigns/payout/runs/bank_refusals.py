"""Why a bank sent a payment back, in words; the codes are Stripe's (https://docs.stripe.com/api/payouts/failures)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from campaigns.core.words import _


@dataclass(frozen=True, slots=True)
class BankRefusal:
    """Stripe's code for why a bank sent a payment back, None where it says none."""

    code: str | None

    @property
    def sentence(self) -> str:
        """Why, for whose bank it is."""
        return SENTENCES.get(self.code or "", lambda: _("The bank gave no reason."))()


SENTENCES: Mapping[str, Callable[[], str]] = {
    "account_closed": lambda: _("The bank account is closed."),
    "account_frozen": lambda: _("The bank account is frozen."),
    "bank_account_restricted": lambda: _("The bank account does not accept this type of payment."),
    "bank_ownership_changed": lambda: _("The bank account was moved to another bank and is no longer valid."),
    "could_not_process": lambda: _("The bank could not process the payment."),
    "debit_not_authorized": lambda: _("The bank account does not accept this type of payment."),
    "declined": lambda: _("The bank declined the payment."),
    "incorrect_account_holder_address": lambda: _("The account owner's address does not match the bank's records."),
    "incorrect_account_holder_name": lambda: _("The account owner's name does not match the bank's records."),
    "incorrect_account_holder_tax_id": lambda: _("The account owner's tax ID does not match the bank's records."),
    "incorrect_account_type": lambda: _("The account type does not match the bank's records."),
    "invalid_account_number": lambda: _("The account number is not valid."),
    "invalid_account_number_length": lambda: _("The account number is too long or too short."),
    "invalid_currency": lambda: _("The bank account does not accept this currency."),
    "no_account": lambda: _("The bank has no account with these details."),
    "unsupported_card": lambda: _("The bank does not support payouts to this card."),
}
