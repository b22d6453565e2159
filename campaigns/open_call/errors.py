"""What the open call refuses."""

from campaigns.core.errors import Forbidden, Invalid, NotFound, Refusal


class NoSuchContribution(NotFound):
    """There is no such contribution, or you may not see it."""


class NoSuchUpload(NotFound):
    """There is no such upload, or it is someone else's."""


class UploadExpired(NotFound):
    """The upload was not completed in time and has been deleted."""

    status = 410


class TooLarge(Invalid):
    """The file or upload has more bytes than allowed."""

    status = 413


class EmptyFile(Invalid):
    """The file is empty."""


class StaleOffset(Refusal):
    """The bytes do not start where the stored ones end."""


class TooManyUploads(Refusal):
    """You have too many unused uploads."""


class TooMuchUploaded(Refusal):
    """Your unused uploads take up too much space."""


class ArrivedAlready(Refusal):
    """The upload is complete and is being checked, so it cannot be canceled now."""


class BeingWritten(Refusal):
    """Another request is sending bytes of the same upload."""

    status = 423


class ChecksumMismatch(Refusal):
    """The bytes that arrived are not the bytes that were sent."""

    status = 460


class UploadNotReady(Refusal):
    """The file is not complete, or was refused."""


class UploadUsed(Refusal):
    """The upload is already used in a contribution or a version."""


class SentAlready(Refusal):
    """You have already submitted the same file in this campaign."""


class CallNotOpen(Refusal):
    """The campaign has no open call yet."""


class CallClosed(Refusal):
    """The call has closed."""


class WrongLicence(Refusal):
    """The license version is not the one of this call."""


class NothingSent(Invalid):
    """The form needs either a file or a text, not both."""


class UntitledContribution(Invalid):
    """The title is missing or too long."""


class UnknownMaker(Invalid):
    """A maker is not known to Callboard, or is named incorrectly or twice."""


class SharesOutOfRange(Invalid):
    """Shares must be whole numbers, at least 1."""


class NotAMaker(Invalid):
    """You must be one of the makers of a contribution that you submit."""


class ScreensOwnContribution(Forbidden):
    """You cannot screen your own work."""


class NotShowable(Refusal):
    """The contribution cannot be viewed yet, so it cannot be accepted."""


class AlreadyScreened(Refusal):
    """The contribution has already been decided or withdrawn."""


class TooLateToTakeBack(Refusal):
    """The decision is someone else's, is too old, or can no longer be changed."""


class NothingToRepair(Refusal):
    """The contribution's renditions already exist or are being made."""


class AlreadyWithdrawn(Refusal):
    """The contribution has already been withdrawn."""


class PartUnconfirmed(Refusal):
    """You were named as a maker and must confirm before you can withdraw the contribution."""


class NobodyUnconfirmed(Refusal):
    """The contribution has no unconfirmed makers."""


class CampaignEnded(Refusal):
    """The campaign has ended, so makers can no longer change."""


class NoSuchQuestion(NotFound):
    """There is no such question, or you may not see it."""


class NotAQuestion(Invalid):
    """The question or answer is empty or too long."""


class TooManyQuestions(Refusal):
    """You have too many unanswered questions about this call."""


class NobodyAnswers(Refusal):
    """Questions can be asked and answered only while the campaign is running."""
