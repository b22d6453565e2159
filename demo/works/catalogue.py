"""All works of the demo's assignment, in an order in which every source stands before what cites it."""

from demo.works.answers import ANSWERS, GATHERINGS
from demo.works.originals import PICTURES, POEMS, SOUNDS, STORIES

WORKS = STORIES + POEMS + PICTURES + SOUNDS + ANSWERS + GATHERINGS
WORK = {work.key: work for work in WORKS}
