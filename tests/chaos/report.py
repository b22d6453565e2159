"""What a trial says at its end: its figures first, then every kill by its process and by its point."""

from collections import Counter
from collections.abc import Iterable, Iterator

from tests.chaos.trial import Trial

PROCESSES = {
    "flows.supervise.flow_run": "a flow run",
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


def report(trial: Trial) -> Iterator[str]:
    """The lines of it."""
    yield "Kills by process:"
    yield from table(PROCESSES.get(kill.program, kill.program) for kill in trial.struck)
    yield "Kills by point:"
    yield from table(kill.name for kill in trial.struck)
    yield "Faults of the providers, and buttons pressed on Prefect's page:"
    yield from table(kill.name for kill in trial.befallen)
    if never := sorted({*trial.points, *trial.faults} - set(trial.by_name)):
        yield f"Never reached: {', '.join(never)}."
    yield (
        f"{trial.assignments} assignments, {len(trial.struck)} kills and {len(trial.befallen)} other misfortunes in {trial.seconds:.0f} s, "
        f"seed {trial.seed}; {trial.uncertain} letters that Callboard itself lists as uncertain."
    )


def table(names: Iterable[str]) -> Iterator[str]:
    """How often each was named, the most often first."""
    for name, count in sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:>6}  {name}"
