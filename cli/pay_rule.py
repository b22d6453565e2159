"""`callboard pay-rule`: try a pay rule on any lineage before it is published."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from campaigns.core.errors import Refusal
from campaigns.core.money import format_money
from campaigns.core.words import _, current_locale, n_
from campaigns.payout.split import ContributionCredit, CreditPath, Explanation, Split, explain, first_line, split
from campaigns.payout.split.files import read_inputs

REFUSED, ALL_ARE_STAFF = 2, 3

pay_rule = typer.Typer(no_args_is_help=True)


@pay_rule.callback()
def about() -> None:
    """Try a pay rule on a lineage, without a database."""


@pay_rule.command("try")
def try_rule(
    lineage: Annotated[Path, typer.Option(help="The contributions, their makers and sources: JSON Lines, plain or gzipped.")],
    components: Annotated[Path, typer.Option(help="The contributions in the version with their points, and the version's makers: JSON.")],
    rule: Annotated[Path, typer.Option(help="The pay rule: JSON.")],
    pool: Annotated[str, typer.Option(help="The amount to pay out, like 50000.00.")],
    currency: Annotated[str, typer.Option(help="The currency of the pool, like USD.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, amounts in minor units.")] = False,
    person: Annotated[str | None, typer.Option("--explain", metavar="PERSON", help="Also show the paths of this person's credit.")] = None,
) -> None:
    """Split a pool among everyone whose work is in a version or inspired it.

    Exits with 2 when the files or the pool are refused (nothing is printed on stdout), and with 3 when everyone is staff.
    """
    try:
        inputs = read_inputs(lineage, components, rule, pool=pool, currency=currency)
    except Refusal as refusal:
        typer.echo(refusal.message, err=True)
        raise typer.Exit(REFUSED) from refusal
    outcome = split(inputs)
    explanation = explain(outcome, person) if person is not None else None
    typer.echo(json.dumps(_as_json(outcome, explanation)) if as_json else "\n".join(_as_text(outcome, explanation)))
    if not outcome.lines:
        raise typer.Exit(ALL_ARE_STAFF)


def _as_json(outcome: Split, explanation: Explanation | None) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "pool": outcome.inputs.pool,
        "currency": outcome.inputs.currency,
        "lines": [{"person": line.person, "amount": line.amount, "credit": line.credit} for line in outcome.lines],
        "staff": [{"person": line.person, "credit": line.credit} for line in outcome.staff],
    }
    return answer | ({"explanation": explanation.as_json()} if explanation else {})


def _as_text(outcome: Split, explanation: Explanation | None) -> list[str]:
    money = [format_money(line.amount, outcome.inputs.currency, current_locale()) for line in outcome.lines]
    rows = [(_("person"), _("amount"), _("credit in millionths"))]
    rows += [(line.person, amount, str(line.credit)) for line, amount in zip(outcome.lines, money, strict=True)]
    rows += [(line.person, _("staff"), str(line.credit)) for line in outcome.staff]
    text = _table(rows)
    if not outcome.lines:
        text += ["", _("Everyone is staff, so there is nobody to pay.")]
    return text + (["", *_opened(outcome, explanation)] if explanation else [])


def _table(rows: list[tuple[str, str, str]]) -> list[str]:
    first, *others = (max(map(len, column)) for column in zip(*rows, strict=True))
    return ["  ".join([row[0].ljust(first), *(cell.rjust(width) for cell, width in zip(row[1:], others, strict=True))]) for row in rows]


def _opened(outcome: Split, explanation: Explanation) -> list[str]:
    sentence = first_line(explanation, outcome.inputs.currency, titles={}, piece=_("the version"))
    text = [f"{explanation.person}: {sentence}", _("Credit, in millionths:")]
    if explanation.assembly:
        text.append(_("  {credit} for making the version", credit=explanation.assembly))
    for contribution in explanation.contributions:
        text += _contribution(contribution)
    text.append(_("  {credit} before staff", credit=explanation.before_staff))
    text.append(_("  {credit} from staff", credit=f"{explanation.from_staff:+}"))
    text.append(_("  {credit} rounding to whole minor units", credit=f"{explanation.rounding:+}"))
    return text


def _contribution(contribution: ContributionCredit) -> list[str]:
    text = [
        _(
            "  {credit} from {contribution}, share {share} of {total}",
            credit=contribution.credit,
            contribution=contribution.contribution,
            share=contribution.share,
            total=contribution.of_shares,
        )
    ]
    text += [f"    {path.credit} = {_path(path)}" for path in contribution.paths]
    if contribution.other_paths:
        text.append(
            "    "
            + n_(
                "{credit} from {count} other path",
                "{credit} from {count} other paths",
                contribution.other_paths,
                credit=contribution.other_credit,
            )
        )
    if contribution.rounding:
        text.append("    " + _("{credit} rounding", credit=contribution.rounding))
    return text


def _path(path: CreditPath) -> str:
    start = n_(
        "{contribution} ({count} point: {credit})",
        "{contribution} ({count} points: {credit})",
        path.points,
        contribution=path.component,
        credit=path.direct,
    )
    steps = (
        _(
            "→ {contribution} ({kind}, weight {weight} of {weights}, {fraction}: {credit})",
            contribution=step.source,
            kind=step.kind,
            weight=step.weight,
            weights=step.of_weights,
            fraction=step.fraction,
            credit=step.credit,
        )
        for step in path.steps
    )
    return " ".join([start, *steps, _("· kept {fraction}", fraction=path.kept)])
