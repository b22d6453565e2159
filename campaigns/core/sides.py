"""The two sides of a partnership, the staff's and the brand's: nobody is on both."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from campaigns.core.errors import Refusal
from campaigns.core.permissions import BRAND_ROLES, Role
from campaigns.core.words import _

# The rule is a function of the database's, which its trigger asks too. Whoever runs, judges or pays campaigns has no role of any brand;
# a leader or an editor has none of the brand whose campaign it is.
OPPOSING = text("select opposing_role(:person, :role, :brand, :campaign, null)")


class OnBothSides(Refusal):
    """Nobody can have roles on both the staff's and the brand's side."""


def require_one_side(session: Session, person_id: UUID, role: Role, brand_id: UUID | None, campaign_id: UUID | None) -> None:
    """Raise OnBothSides where this person already stands on the other side from `role`."""
    asked = {"person": person_id, "role": role.value, "brand": brand_id, "campaign": campaign_id}
    if session.scalar(OPPOSING, asked) is None:
        return
    if role in BRAND_ROLES:
        sentence = _("This person works for Callboard, so they cannot have a role of the brand: name someone from the brand.")
    else:
        sentence = _("This person speaks for a brand, so they cannot have a staff role here: name someone else.")
    raise OnBothSides(sentence, field="email")
