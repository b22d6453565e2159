"""A trial: so many assignments and so many kills, within a bounded time, and what is left of it."""

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import update

from campaigns.core import clock
from campaigns.payout.runs.models import Payout
from tests.chaos import verdict
from tests.chaos.answers import KINDS, Count, counts, unanswered
from tests.chaos.company import Company, founded, too_much_help
from tests.chaos.emails import Tally, tally
from tests.chaos.fire import Fire, Kill, What, under_fire
from tests.chaos.misfortunes import SUPERVISOR, WEIGHTS, Misfortunes, names_of
from tests.chaos.outage import Outage
from tests.chaos.points import FAULTS, NAMES
from tests.installation import Installation
from workers.transactions import unit_of_work

# So many kills, or more, are enough for everything to have happened.
MANY = 100
BETWEEN_STEPS = 0.3
AT_ONCE = 4
BEFORE_THE_SUPERVISOR = 0.4
# So many times faster than the campaigns come on: the last of the kills must not fall when nothing is left to be killed in.
AHEAD = 1.5
FAULT_NAMES = tuple(fault.name for fault in FAULTS)
# What was asked for just before a provider went away has been done, and nobody knows of it.
OUTAGES = (("stripe", "payout_run.transferred"), ("sendgrid", "relay.sent"))


@dataclass
class Trial:
    """What is asked of it, and what came of it; `say` is told of each kill and now and then how far it is.

    One that `hurries` does not wait for the leases of payout runs that are dead, and lets a day pass sooner.
    """

    assignments: int
    kills: int
    seed: int
    within: float
    points: tuple[str, ...] = NAMES
    faults: tuple[str, ...] = FAULT_NAMES
    outages: tuple[tuple[str, str], ...] = OUTAGES
    at_random: tuple[str, ...] = tuple(WEIGHTS)
    named: float = 0.5
    pause: float = 1.2
    hurries: bool = False
    say: Callable[[str], None] = print
    struck: list[Kill] = field(default_factory=list)
    befallen: list[Kill] = field(default_factory=list)
    harms: list[str] = field(default_factory=list)
    has_ended: bool = False
    said: dict[str, Count] = field(default_factory=dict)
    tally: Tally | None = None
    mended: "Counter[str]" = field(default_factory=Counter)
    load: tuple[float, float, float] = (0.0, 0.0, 0.0)
    seconds: float = 0.0

    def run(self, home: Path) -> "Trial":
        """Carry the assignments on an installation of their own, and see that nothing of it is left behind."""
        with under_fire(home) as (up, fire):
            self.carry(up, fire, home)
        self.harms += [f"a process is left: {pid}" for pid in up.processes()]
        return self

    def carry(self, up: Installation, fire: Fire, home: Path) -> "Trial":
        """Carry the assignments while it rains kills, and judge once it is quiet."""
        dice, began = random.Random(self.seed), time.monotonic()
        company = founded(self.assignments, home, hurries=self.hurries)
        storm = Storm(self, company, fire, Misfortunes(up, dice, self.at_random), dice, [Outage(*each) for each in self.outages])
        self.has_ended = storm.blow(began + self.within)
        self.said = counts(company.assignments)
        self.harms = self.judged(company)
        with unit_of_work() as session:
            self.tally = tally(session)
        self.mended, self.load = company.mended, os.getloadavg()
        self.seconds = time.monotonic() - began
        return self

    def judged(self, company: Company) -> list[str]:
        """Everything that has gone wrong, and everything that keeps the trial from proving what it is for."""
        few = [f"only {len(self.struck)} kills, which proves less than {self.kills}"] if len(self.struck) < self.kills else []
        if not self.has_ended:
            return [f"not done within {self.within} s: {'; '.join(troubles(company))}", *few]
        never = [f"never reached: {', '.join(self.never)}"] if self.never else []
        silent = unanswered(self.said, KINDS if self.kills >= MANY else ())
        return [*verdict.harms(company), *too_much_help(company), *few, *never, *silent]

    @property
    def wanted(self) -> set[str]:
        """What has to have struck at least once, or the trial proves less than it says."""
        outages = {f"{program} is away for 25 hours" for program, _after in self.outages}
        misfortunes = names_of(self.at_random) if self.kills >= MANY else set()
        return {*self.points, *self.faults, *outages, *misfortunes} | ({SUPERVISOR} if "kill_supervisor" in self.at_random else set())

    @property
    def never(self) -> list[str]:
        return sorted(self.wanted - set(self.by_name))

    @property
    def by_name(self) -> "Counter[str]":
        return Counter(each.name for each in [*self.struck, *self.befallen])


@dataclass
class Storm:
    """The time of the kills: points are ordered a few at a time, misfortunes come by the dice, until there were enough."""

    trial: Trial
    company: Company
    fire: Fire
    misfortunes: Misfortunes
    dice: random.Random
    outages: list[Outage]
    next_at: float = 0.0
    told_at: float = 0.0
    noted: tuple[int, int] = (0, 0)

    def blow(self, end: float) -> bool:
        """Whether all was done before `end`."""
        while time.monotonic() < end:
            self.rain()
            if self.company.step() and self.is_quiet:
                return True
            self.tell()
            time.sleep(BETWEEN_STEPS)
        return False

    @property
    def is_quiet(self) -> bool:
        """Whether nobody is frozen and no provider is away."""
        return self.misfortunes.may_freeze and not self.misfortunes.frozen

    def rain(self) -> None:
        """The next kill, when it is time for it; once there were enough, only what has never struck still does."""
        self.note()
        self.misfortunes.thaw()
        self.weather()
        if SUPERVISOR in self.trial.never and self.company.progress > BEFORE_THE_SUPERVISOR:
            self.misfortunes.kill_supervisor()
        self.company.time_stands_still = not self.is_quiet
        is_enough = len(self.trial.struck) >= self.trial.kills
        if is_enough:
            self.fire.withdraw(self.trial.by_name)
        if time.monotonic() > self.next_at:
            self.next_at = time.monotonic() + self.trial.pause * self.dice.uniform(0.5, 1.5)
            self.strike_for_the_first_time() if is_enough else self.strike()

    def strike_for_the_first_time(self) -> None:
        """There were enough kills: only what is still to come at least once does."""
        if self.misfortunes.untried & set(self.trial.never):
            self.misfortunes.befall(first_times=1.0)

    def strike(self) -> None:
        """Have the points strike that never did; and as far as all have come, those that struck the least, or what befalls by chance."""
        struck, ordered = self.trial.by_name, self.fire.ordered
        for name in {*self.trial.points, *self.trial.faults} - set(struck) - ordered:
            self.fire.order(name)
        if len(self.trial.struck) > self.trial.kills * AHEAD * self.company.progress:
            return
        if self.dice.random() > self.trial.named or len(ordered & set(struck)) >= AT_ONCE:
            self.misfortunes.befall()
        else:
            self.fire.order(min(self.trial.points, key=lambda name: (struck[name], self.dice.random())))

    def weather(self) -> None:
        """One outage at a time, and nobody is frozen during it: who sleeps through 25 hours between a look and a deed is no one's fault."""
        for each in self.outages:
            if each.is_on:
                each.go_on(self.fire)
            elif each.is_due and not each.is_over and self.is_quiet:
                self.tell_of(each.begin(self.misfortunes.up, self.fire))
            self.misfortunes.may_freeze = not any(outage.is_on for outage in self.outages)

    def note(self) -> None:
        """Count what has struck since we looked last."""
        ordered, befallen = self.fire.carried_out(), self.misfortunes.kills
        for kill in [*ordered[self.noted[0] :], *befallen[self.noted[1] :]]:
            self.tell_of(kill)
        self.noted = (len(ordered), len(befallen))

    def tell_of(self, kill: Kill) -> None:
        """A process that was ended counts as a kill; one that was frozen, an outage, a fault, and a button on Prefect's page do not."""
        (self.trial.struck if kill.what is What.KILL else self.trial.befallen).append(kill)
        for outage in self.outages:
            outage.is_due |= outage.after == kill.name
        if self.trial.hurries and kill.name.startswith("payout_run"):
            end_leases()
        self.trial.say(f"{len(self.trial.struck):>4}  {kill.name} ({kill.program})")

    def tell(self) -> None:
        if time.monotonic() > self.told_at + 10:
            self.told_at = time.monotonic()
            self.trial.say(f"      {'; '.join(troubles(self.company))}")


def end_leases() -> None:
    """What a minute brings: whoever took payouts to send them, and has not told of it, has them no more."""
    with unit_of_work() as session:
        over = clock.process_now() - timedelta(seconds=1)
        session.execute(update(Payout).where(Payout.leased_until.is_not(None)).values(leased_until=over))


def troubles(company: Company) -> list[str]:
    """Where everything stands, and what went wrong last."""
    found = Counter(each.stands for each in company.assignments)
    wrong = {company.trouble, *(each.trouble for each in company.assignments)} - {""}
    return [*(f"{count} × {stands}" for stands, count in found.items()), *company.on_its_way, *(f"({each})" for each in sorted(wrong)[:3])]
