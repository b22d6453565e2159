"""What the kinds of the security log are called."""

from collections.abc import Mapping

from api.wording import once_a_language
from campaigns.core.words import _


@once_a_language
def kind_names() -> Mapping[str, str]:
    """The name of each kind of entry, as a page lists them."""
    return {
        "signed_in": _("Signed in"),
        "signed_out": _("Signed out"),
        "proven": _("Identity confirmed"),
        "token_made": _("Token created"),
        "token_revoked": _("Token revoked"),
        "link_asked": _("Sign-in link requested"),
        "sign_in_failed": _("Sign-in failed"),
        "proof_failed": _("Confirmation failed"),
        "token_refused": _("Token refused"),
        "form_refused": _("Form from another site refused"),
        "money_refused": _("Money action refused"),
        "access_refused": _("Access refused"),
        "limit_reached": _("Limit reached"),
        "unlisted": _("More attempts than are listed"),
    }
