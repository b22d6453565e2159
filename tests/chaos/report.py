"""What a trial says at its end: kills apart from the rest, by process and by point, the letters, and what was mended by hand."""

from collections import Counter
from collections.abc import Iterable, Iterator

from tests.chaos.fire import What
from tests.chaos.trial import Trial

PROCESSES = {
    "flows.supervise": "the supervisor",
    "flows.supervise.warm": "a flow run",
    "flows.relay": "relay",
    "flows.sweep": "sweep",
    "api": "web",
    "api.sandbox.stripe": "stand-in for Stripe",
    "stripe": "stand-in for Stripe",
    "api.sandbox.sendgrid": "stand-in for SendGrid",
    "sendgrid": "stand-in for SendGrid",
    "worker": "Prefect worker",
    "prefect": "Prefect server",
    "postgres": "PostgreSQL",
}
OTHERS = {
    What.FREEZE: "Processes frozen",
    What.OUTAGE: "Outages",
    What.FAULT: "Faults of the providers",
    What.BUTTON: "Buttons pressed on Prefect's page",
}


def report(trial: Trial) -> Iterator[str]:
    """The lines of it."""
    yield f"{len(trial.struck)} kills, by process:"
    yield from table(PROCESSES.get(kill.program, kill.program) for kill in trial.struck)
    yield "Kills by point:"
    yield from table(kill.name for kill in trial.struck)
    for what, title in OTHERS.items():
        names = [kill.name for kill in trial.befallen if kill.what is what]
        yield f"{title}: {len(names)}"
        yield from table(names)
    yield f"What somebody had to put right by hand: {trial.mended.total()}"
    yield from table(trial.mended.elements())
    if trial.tally:
        yield "Letters:"
        yield from trial.tally.lines()
    load = ", ".join(f"{each:.1f}" for each in trial.load)
    yield (
        f"{trial.assignments} assignments, {len(trial.struck)} kills and {len(trial.befallen)} other misfortunes in {trial.seconds:.0f} s, "
        f"seed {trial.seed}; load of the machine at the end {load}."
    )


def table(names: Iterable[str]) -> Iterator[str]:
    """How often each was named, the most often first."""
    for name, count in sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:>6}  {name}"
