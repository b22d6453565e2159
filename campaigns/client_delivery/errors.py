"""What client delivery refuses."""

from campaigns.core.errors import Forbidden, Invalid, NotFound, Refusal


class NoSuchCut(NotFound):
    """There is no such version, or not for this reader."""


class NotInDelivery(Refusal):
    """The deliverable is in another stage."""


class AlreadyApproved(Refusal):
    """The brand has approved a version; there is nothing left to make or to decide."""


class OldVersion(Refusal):
    """A newer version is there, or this one has been decided on."""


class NotPresented(Refusal):
    """The version has not been approved internally."""


class AlreadyPresented(Refusal):
    """The brand has the version; what is in it cannot change any more."""


class AnotherFile(Refusal):
    """What the decision names is not what the version holds."""


class Stopped(Refusal):
    """Someone's leave for what is in the version is missing."""


class UnlicensedMaterial(Stopped):
    """The version contains outside material without a licence."""


class ComponentTakenDown(Stopped):
    """A work in the version, however deep, has been taken down by its makers."""


class ComponentUnsettled(Stopped):
    """It is claimed that another work is in the version, however deep, and the claim is open or disputed."""


class ComponentUnconfirmed(Stopped):
    """A maker of a work in the version, however deep, has not confirmed their part, and so has granted no licence."""


class VersionMakerUnconfirmed(Stopped):
    """Somebody whom the version names as a maker has not confirmed it."""


class EveryMakerConfirmed(Refusal):
    """There is nobody whom the version names as a maker who has not confirmed it."""


class NoteMissing(Invalid):
    """Changes are asked for without saying which."""


class NoComponents(Invalid):
    """A version with no work of the campaign in it."""


class NotAComponent(Invalid):
    """A work that is named does not take part in the campaign, or is named twice."""


class NotChosen(Invalid):
    """A work that was not chosen for the deliverable and is in none that was."""


class MaterialUnnamed(Invalid):
    """Outside material without a title, or without saying where it comes from."""


class UnknownCutMaker(Invalid):
    """Someone named as a maker is no editor of the deliverable, or has a share out of range."""


class NotTheKindAsked(Invalid):
    """The file is not of the kind that the brief asks for."""


class FileNotReady(Invalid):
    """The upload is not complete and proven."""


class FileInUse(Invalid):
    """The upload is the file of another version."""


class NoSuchNote(NotFound):
    """There is no such note, or not for this reader."""


class NothingNoted(Invalid):
    """A note without a word."""


class NoMomentInIt(Invalid):
    """A moment is named in a picture or a text, or one that no film has."""


class OnlyAWish(Forbidden):
    """Someone who neither decides nor presents calls a change required."""


class NoteSettled(Refusal):
    """The note is done, let go, or open already."""


class NotALaterVersion(Invalid):
    """A note is to be done in the version that it was written on, in an older one, or in another deliverable's."""


class NotYourNote(Forbidden):
    """Someone else wrote the note."""


class RequiredStillOpen(Refusal):
    """A version is to be approved while a required change is open and not let go."""


class FileChanged(Refusal):
    """The kept bytes of a version are not those that were approved."""


class NothingStopped(Refusal):
    """There is no package to be tried again."""
