"""A trial: so many assignments and so many kills, within a bounded time, and what is left of it."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos import verdict
from tests.chaos.company import Company, founded
from tests.chaos.fire import Fire, Kill, under_fire
from tests.chaos.misfortunes import Misfortunes
from tests.chaos.points import FAULTS, NAMES

BETWEEN_STEPS = 0.3
AT_ONCE = 4
FAULT_NAMES = {fault.name for fault in FAULTS}


@dataclass
class Trial:
    """What is asked of it, and what came of it; `say` is told of each kill and now and then how far it is."""

    assignments: int
    kills: int
    seed: int
    within: float
    points: tuple[str, ...] = NAMES
    named: float = 0.5
    pause: float = 2.0
    say: Callable[[str], None] = print
    struck: list[Kill] = field(default_factory=list)
    faults: list[Kill] = field(default_factory=list)
    harms: list[str] = field(default_factory=list)
    uncertain: int = 0
    seconds: float = 0.0

    def run(self, home: Path) -> "Trial":
        """Carry the assignments while it rains kills, and judge once it is quiet."""
        dice, began = random.Random(self.seed), time.monotonic()
        with under_fire(home) as (up, fire):
            company, misfortunes = founded(self.assignments), Misfortunes(up, dice)
            is_done = Storm(self, company, fire, misfortunes, dice).blow(began + self.within)
            self.harms = verdict.harms(company) if is_done else [f"not done within {self.within} s: {'; '.join(troubles(company))}"]
            self.uncertain = verdict.uncertain_letters()
        self.harms += [f"a process is left: {pid}" for pid in up.processes()]
        self.seconds = time.monotonic() - began
        return self

    @property
    def by_name(self) -> "Counter[str]":
        return Counter(kill.name for kill in [*self.struck, *self.faults])


@dataclass
class Storm:
    """The time of the kills: points are ordered a few at a time, misfortunes come by the dice, until there were enough."""

    trial: Trial
    company: Company
    fire: Fire
    misfortunes: Misfortunes
    dice: random.Random
    next_at: float = 0.0
    told_at: float = 0.0
    noted: tuple[int, int] = (0, 0)

    def blow(self, end: float) -> bool:
        """Whether all was done before `end`."""
        while time.monotonic() < end:
            self.rain()
            if self.company.step():
                return True
            self.tell()
            time.sleep(BETWEEN_STEPS)
        return False

    def rain(self) -> None:
        """The next kill, when it is time for it; once there were enough, only what has never struck still does."""
        self.note()
        self.misfortunes.thaw()
        self.company.time_stands_still = bool(self.misfortunes.frozen)
        if len(self.trial.struck) >= self.trial.kills:
            self.fire.withdraw(*set(self.trial.by_name))
            self.misfortunes.thaw(everything=True)
        elif time.monotonic() > self.next_at:
            self.next_at = time.monotonic() + self.trial.pause * self.dice.uniform(0.5, 1.5)
            self.strike()

    def strike(self) -> None:
        """Have the points strike that never did; and as far as all have come, those that struck the least, or what the dice say."""
        struck, ordered = self.trial.by_name, self.fire.ordered
        for name in {*self.trial.points, *FAULT_NAMES} - set(struck) - ordered:
            self.fire.order(name)
        if len(self.trial.struck) > self.trial.kills * self.company.progress:
            self.fire.withdraw(*(ordered & set(struck)))
        elif self.dice.random() > self.trial.named:
            self.misfortunes.befall()
        elif len(ordered & set(struck)) < AT_ONCE:
            self.fire.order(min(self.trial.points, key=lambda name: (struck[name], self.dice.random())))

    def note(self) -> None:
        """Count what has struck since we looked last."""
        ordered, befallen = self.fire.carried_out(), self.misfortunes.kills
        for kill in [*ordered[self.noted[0] :], *befallen[self.noted[1] :]]:
            (self.trial.faults if kill.name in FAULT_NAMES else self.trial.struck).append(kill)
            self.trial.say(f"{len(self.trial.struck):>4}  {kill.name}{f' ({kill.program})' if kill.program else ''}")
        self.noted = (len(ordered), len(befallen))

    def tell(self) -> None:
        if time.monotonic() > self.told_at + 10:
            self.told_at = time.monotonic()
            self.trial.say(f"      {'; '.join(troubles(self.company))}")


def troubles(company: Company) -> list[str]:
    """Where everything stands, and what went wrong last."""
    found = Counter(each.stands for each in company.assignments)
    wrong = {company.trouble, *(each.trouble for each in company.assignments)} - {""}
    return [*(f"{count} × {stands}" for stands, count in found.items()), *company.on_its_way, *(f"({each})" for each in sorted(wrong)[:3])]
