"""What client delivery refuses."""

from campaigns.core.errors import Forbidden, Invalid, NotFound, Refusal


class NoSuchVersion(NotFound):
    """There is no such version, or you cannot see it."""


class NotInDelivery(Refusal):
    """The deliverable is in another stage."""


class AlreadyApproved(Refusal):
    """The brand has already approved a version."""


class OldVersion(Refusal):
    """There is a newer version, or this one has been decided on."""


class NotPresented(Refusal):
    """The version has not been approved internally."""


class AlreadyPresented(Refusal):
    """The brand has seen the version, so its contents can no longer change."""


class AnotherFile(Refusal):
    """The decision refers to a different file or different parts than the version has."""


class Stopped(Refusal):
    """A permission for something in the version is missing."""


class UnlicensedMaterial(Stopped):
    """The version contains third-party assets without a license."""


class ComponentTakenDown(Stopped):
    """A contribution in the version, at any depth, has been withdrawn by its makers."""


class ComponentUnsettled(Stopped):
    """There is an open or disputed claim that another contribution is in the version, at any depth."""


class ComponentUnconfirmed(Stopped):
    """A maker of a contribution in the version, at any depth, has not confirmed their part and so has granted no license."""


class VersionMakerUnconfirmed(Stopped):
    """A maker named in the version has not confirmed yet."""


class EveryMakerConfirmed(Refusal):
    """Every maker named in the version has confirmed."""


class NoteMissing(Invalid):
    """The request does not say what should change."""


class NoComponents(Invalid):
    """The version contains no contributions of the campaign."""


class ComponentNotAccepted(Invalid):
    """One of the contributions is not accepted in the campaign or is listed twice."""


class NotChosen(Invalid):
    """A contribution was not chosen for the deliverable and is not contained in a chosen one."""


class MaterialUnnamed(Invalid):
    """A third-party asset has no title or no source."""


class UnknownVersionMaker(Invalid):
    """A maker is not an editor of the deliverable, or has a share out of range."""


class NotTheKindAsked(Invalid):
    """The file is not of the kind that the brief asks for."""


class FileNotReady(Invalid):
    """The upload is not complete and verified."""


class FileInUse(Invalid):
    """The upload is the file of another version."""


class NoSuchNote(NotFound):
    """There is no such note, or you cannot see it."""


class NothingNoted(Invalid):
    """The note is empty."""


class NoMomentInIt(Invalid):
    """The time is out of range, or the file is not sound or film."""


class OnlyAWish(Forbidden):
    """Only those who decide or present can mark a note as required."""


class NoteSettled(Refusal):
    """The note is already done, dismissed or open."""


class NotALaterVersion(Invalid):
    """The version is not a later version of the same deliverable."""


class NotYourNote(Forbidden):
    """Someone else wrote the note."""


class RequiredStillOpen(Refusal):
    """A required note is still open, and the approval does not dismiss it."""


class FileChanged(Refusal):
    """The stored file of the version differs from the approved one."""


class NothingStopped(Refusal):
    """There is no failed package to retry."""
