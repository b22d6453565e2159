"""What a trial says at its end: kills apart from the rest, what was mended by hand, what was said and answered, and the emails."""

from collections import Counter
from collections.abc import Iterable, Iterator

from tests.chaos.company import MOST_FOR_ALL, MOST_IN_A_CAMPAIGN
from tests.chaos.fire import What
from tests.chaos.trial import Trial
from tests.chaos.word import REFUSALS

PROCESSES = {
    "flows.supervise": "the supervisor",
    "flows.supervise.warm": "a flow run",
    "flows.relay": "relay",
    "flows.sweep": "sweep",
    "api": "web",
    "sandbox.stripe": "Stripe's simulator",
    "stripe": "Stripe's simulator",
    "sandbox.sendgrid": "SendGrid's simulator",
    "sendgrid": "SendGrid's simulator",
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
    yield f"What somebody had to put right by hand: {trial.mended.total()}, where {limits(trial)} would be too many"
    yield from table(trial.mended.elements())
    yield f"What was said over HTTP, and of it answered, given up after {REFUSALS} refusals, and overtaken before an answer came:"
    for kind, count in trial.said.items():
        yield f"{count.said:>6} {count.answered:>6} {count.given_up:>6} {count.overtaken:>6}  {kind}"
    if trial.tally:
        yield "Emails:"
        yield from trial.tally.lines()
    load = ", ".join(f"{each:.1f}" for each in trial.load)
    yield (
        f"{trial.assignments} assignments, {len(trial.struck)} kills and {len(trial.befallen)} other misfortunes in {trial.seconds:.0f} s, "
        f"seed {trial.seed}; load of the machine at the end {load}."
    )


def limits(trial: Trial) -> str:
    return f"more than {MOST_IN_A_CAMPAIGN} in a campaign or {MOST_FOR_ALL * trial.assignments} that are no campaign's"


def table(names: Iterable[str]) -> Iterator[str]:
    """How often each was named, the most often first."""
    for name, count in sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:>6}  {name}"
