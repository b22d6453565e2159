"""An action that someone takes on a page, as the table of all actions has it, and the scene in which it is taken."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from campaigns.core import clock
from campaigns.core.people import Actor
from campaigns.core.stages import Stage
from tests.browser.forms import Typed
from tests.browser.town import Town
from tests.everyone import Cast
from tests.journeys.world import do_one_round
from workers.transactions import unit_of_work

Places: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Deed:
    """One action: its route, the page that has its form, who takes it, and what is typed and pressed; places are filled in everywhere.

    `holds` is a value by which the form is told from others for the same route. `ready` does what must have happened before and returns
    what else is to be filled in. `anew` says why the same form sent again is, for once, another deed.
    """

    route: str
    page: str
    who: str = "manager"
    stage: Stage = Stage.OPEN_CALL
    typed: Typed = field(default_factory=dict)
    button: str = ""
    holds: str = ""
    ready: "Callable[[Scene], Places] | None" = None
    answer: int = 303
    anew: str = ""


@dataclass
class Scene:
    """The town's campaign in the deed's stage, with what the deed needs to know: everything by its place in a path."""

    deed: Deed
    town: Town
    at: datetime
    places: dict[str, object]

    @classmethod
    def of(cls, deed: Deed, town: Town) -> "Scene":
        """The scene, with what must have happened before."""
        with unit_of_work() as session:
            scene = cls(deed, town, clock.business_now(session), dict(town.things[deed.stage]))
        scene.places |= deed.ready(scene) if deed.ready else {}
        return scene

    @property
    def cast(self) -> Cast:
        return self.town.casts[self.deed.stage]

    def person(self, role: str) -> Actor:
        return self.town.person(role, self.deed.stage)

    @property
    def page(self) -> str:
        return self._filled_in(self.deed.page)

    @property
    def typed(self) -> Typed:
        return {name: self._filled_in(words) if isinstance(words, str) else words for name, words in self.deed.typed.items()}

    def _filled_in(self, written: str) -> str:
        return written.format(**self.places)

    def play(self, *codes: str) -> None:
        """Everyone does what the campaign waits for, one kind of thing after the other."""
        for code in codes:
            while do_one_round(self.cast, (code,)):
                pass
