"""All contributions of the demo's assignment, in an order in which every source stands before what cites it."""

from demo.works.answers import ANSWERS, GATHERINGS
from demo.works.originals import PICTURES, POEMS, SOUNDS, STORIES

CONTRIBUTIONS = STORIES + POEMS + PICTURES + SOUNDS + ANSWERS + GATHERINGS
CONTRIBUTION = {contribution.key: contribution for contribution in CONTRIBUTIONS}
