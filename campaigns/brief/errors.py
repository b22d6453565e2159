"""What the brief refuses."""

from campaigns.core.errors import Invalid, NotFound, Refusal, Stale


class BriefClosed(Refusal):
    """The brief has been launched, or its campaign has ended."""


class WrittenMeanwhile(Stale):
    """Someone else has written the brief since its writer opened it."""


class BriefIncomplete(Refusal):
    """Something that binds is not written yet; `field` says what."""


class NoDeliverable(Refusal):
    """A brief without anything to deliver."""


class BriefChanged(Refusal):
    """The text is not the one that the signer has read."""


class NotSigned(Refusal):
    """A hat of the brand has not signed the brief as it stands."""


class NotFunded(Refusal):
    """The sum is not covered."""


class CrossingDates(Invalid):
    """A date that lies before the one it follows."""


class DateInThePast(Invalid):
    """A date that has gone by."""


class NaiveTime(Invalid):
    """A time without a zone."""


class UnknownZone(Invalid):
    """No time zone of the IANA database."""


class FractionOutOfRange(Invalid):
    """A fraction of the pay rule or the budget outside its range."""


class InvalidPrice(Invalid):
    """A price that is not above zero."""


class UnknownKind(Invalid):
    """No kind of deliverable."""


class UnknownPerson(Invalid):
    """A person whom Callboard does not know."""


class UnknownHat(Invalid):
    """A hat that this brand's sign-off does not ask for."""


class CurrencyFixed(Refusal):
    """Money has been asked for or has come in this currency."""


class PriceTooFine(Invalid):
    """A price that the new currency has no minor units for."""


class NoSuchDeliverable(NotFound):
    """The brief has no such deliverable."""


class UnpayableCurrency(Invalid):
    """A currency in which nobody can be paid."""


class NothingToFund(Refusal):
    """The campaign has a sum to cover only once it has deliverables, and only until it is covered."""


class BeyondWhatIsAsked(Refusal):
    """More money than the brand still owes."""


class NoBillingAddress(Invalid):
    """An invoice needs an address that it can be sent to."""


class SecondPersonNeeded(Refusal):
    """Whoever wrote a receipt down cannot confirm it."""


class AlreadyConfirmed(Refusal):
    """A receipt is confirmed once."""


class ReferenceTaken(Refusal):
    """A transfer with this reference has been written down before."""


class NoSuchReceipt(NotFound):
    """The campaign has no such receipt."""


class NoSuchInvoice(NotFound):
    """The campaign has no such invoice."""


class InvoiceNotOpen(Refusal):
    """Nothing more can be paid on this invoice."""


class NoSuchRefund(NotFound):
    """The campaign has no such refund."""


class NotByHand(Refusal):
    """This refund goes back through the provider."""


class NotStuck(Refusal):
    """Stripe has not refused to send this refund on."""
