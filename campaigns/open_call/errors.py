"""What the open call refuses."""

from campaigns.core.errors import Forbidden, Invalid, NotFound, Refusal


class NoSuchWork(NotFound):
    """There is no such work, or not for this reader."""


class NoSuchUpload(NotFound):
    """There is no such upload, or it is someone else's."""


class UploadExpired(NotFound):
    """Its bytes did not come in time, and what had come is gone."""

    status = 410


class TooLarge(Invalid):
    """More bytes than we take."""

    status = 413


class EmptyFile(Invalid):
    """A file without a byte."""


class StaleOffset(Refusal):
    """The bytes do not go on where the last ones ended."""


class TooManyUploads(Refusal):
    """More uploads at once that belong to nothing yet than one person needs."""


class TooMuchUploaded(Refusal):
    """More bytes in uploads that belong to nothing yet than one person needs."""


class ArrivedAlready(Refusal):
    """All of the upload has come: there is nothing left to give up."""


class BeingWritten(Refusal):
    """Another request is sending bytes of the same upload."""

    status = 423


class ChecksumMismatch(Refusal):
    """The bytes that arrived are not the bytes that were sent."""

    status = 460


class UploadNotReady(Refusal):
    """The file is not complete, or was refused."""


class UploadUsed(Refusal):
    """One upload becomes one work."""


class SentAlready(Refusal):
    """The very same file is a work of the sender's in this campaign already."""


class CallNotOpen(Refusal):
    """The campaign has no open call yet."""


class CallClosed(Refusal):
    """The call has closed."""


class WrongLicence(Refusal):
    """Another version of the licence than this call's."""


class NothingSent(Invalid):
    """A form without a file and without a text, or with both."""


class UntitledWork(Invalid):
    """A work without a title, or with one that is too long."""


class UnknownMaker(Invalid):
    """A maker whom Callboard does not know."""


class SharesOutOfRange(Invalid):
    """Shares are whole numbers from 1 up."""


class NotAMaker(Invalid):
    """Whoever sends a work is one of its makers."""


class OwnWork(Forbidden):
    """Nobody screens a work that they have made."""


class NotShowable(Refusal):
    """Nobody can see the work yet, so nobody can let it take part."""


class AlreadyScreened(Refusal):
    """It has been decided, otherwise."""


class TooLateToTakeBack(Refusal):
    """The decision is someone else's, too old, or has had consequences."""


class ReasonMissing(Invalid):
    """A decision that its reader must understand needs a reason."""


class NothingToRepair(Refusal):
    """The work's renditions are there, or on their way."""


class NotALaterClose(Invalid):
    """A call is only ever extended."""


class AlreadyWithdrawn(Refusal):
    """The work has been taken down."""


class PartUnconfirmed(Refusal):
    """Whoever was named as a maker and has not confirmed it does not decide what becomes of the work."""


class NobodyUnconfirmed(Refusal):
    """Nobody was named as a maker of the work who has not confirmed it."""


class CampaignEnded(Refusal):
    """Nobody's share in the campaign can change any more."""


class NoSuchQuestion(NotFound):
    """There is no such question, or not for this reader."""


class NotAQuestion(Invalid):
    """A question, or an answer, without words or with too many."""


class TooManyQuestions(Refusal):
    """The asker has several questions at this call that are not answered yet."""


class NobodyAnswers(Refusal):
    """The campaign has ended: nobody answers questions about its call any more."""
