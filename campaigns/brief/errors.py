"""What the brief refuses."""

from campaigns.core.errors import Invalid, NotFound, Refusal, Stale


class BriefClosed(Refusal):
    """The brief has been launched, or its campaign has ended."""


class WrittenMeanwhile(Stale):
    """Someone else has edited the brief since it was opened."""


class BriefIncomplete(Refusal):
    """A required part of the brief is missing; `field` says which."""


class NoDeliverable(Refusal):
    """The brief has no deliverables."""


class BriefChanged(Refusal):
    """The brief has changed since the signer read it."""


class NotSigned(Refusal):
    """A sign-off role of the brand has not signed the current brief."""


class NotFunded(Refusal):
    """The budget is not covered."""


class CrossingDates(Invalid):
    """A date is not after the one that it must follow."""


class DateInThePast(Invalid):
    """The date is in the past."""


class NaiveTime(Invalid):
    """The time has no time zone."""


class UnknownZone(Invalid):
    """The time zone is not in the IANA database."""


class FractionOutOfRange(Invalid):
    """A fraction of the pay rule or the budget is out of range."""


class InvalidPrice(Invalid):
    """The price is not above zero."""


class UnknownKind(Invalid):
    """There is no such kind of deliverable."""


class UnknownPerson(Invalid):
    """There is no such person."""


class UnknownSignOffRole(Invalid):
    """The brand has no such sign-off role."""


class CurrencyFixed(Refusal):
    """Money has been requested or received in this currency."""


class PriceTooFine(Invalid):
    """A price has more decimal places than the new currency."""


class NoSuchDeliverable(NotFound):
    """The brief has no such deliverable."""


class UnpayableCurrency(Invalid):
    """Nobody can be paid in this currency."""


class NothingToFund(Refusal):
    """There is nothing to fund: no deliverables yet, the campaign has ended, or everything is covered or already requested."""


class BeyondWhatIsAsked(Refusal):
    """The amount is more than what is outstanding."""


class NoBillingAddress(Invalid):
    """The invoice needs an email address to be sent to."""


class AlreadyConfirmed(Refusal):
    """The receipt has already been confirmed."""


class ReferenceTaken(Refusal):
    """A transfer with this reference has already been recorded."""


class NoSuchReceipt(NotFound):
    """The campaign has no such receipt."""


class NoSuchInvoice(NotFound):
    """The campaign has no such invoice."""


class InvoiceNotOpen(Refusal):
    """The invoice is not open, or something has been paid on it."""


class NoSuchRefund(NotFound):
    """The campaign has no such refund."""


class NotByHand(Refusal):
    """This refund goes through the payment provider or has been settled."""


class NotStuck(Refusal):
    """Stripe has not refused to send this refund on."""
