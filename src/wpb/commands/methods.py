"""`wpb methods`: for each contract, the options its data allows, what each is worth, and the pounds
that move between them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wpb.commands.running import AS_JSON, print_json

if TYPE_CHECKING:
    from wpb.run import Budget

STEP_WORDS = {
    "step_1": "Step 1, pounds to services",
    "non_service_split": "Lines that are no service",
    "step_2": "Step 2, activity to services",
    "step_3": "Step 3, pounds to activity",
    "population": "Step 4 or a carve-out, activity to lists",
}


@click.command("methods", short_help="Set methods side by side.")
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--contract", "only", help="Only this contract.")
@AS_JSON
def methods(model: Path, only: str | None, as_json: bool) -> None:
    """List, for each contract of MODEL, the options its data allows at each step, the grade of
    each, what is missing for a better one, and the pounds that would move; each option is tried
    with the others as they stand.
    """
    from wpb.commands.running import progress_reporter
    from wpb.kernel.problems import UsageProblem

    with progress_reporter() as progress:
        import wpb

        budget = wpb.load(model, progress=progress).run()
        codes = budget.model["contracts"].text("contract")
        if only is not None and only not in codes:
            from wpb.kernel.words import did_you_mean

            raise UsageProblem(f"There is no contract '{only}'. {did_you_mean(only, codes)}")
        found = []
        for row, code in enumerate(codes):
            if only in (None, code):
                progress(f"trying the options of {code}")
                found.append(contract_methods(budget, row))
    if as_json:
        print_json({"contracts": found})
    else:
        for contract in found:
            _print_contract(contract)


def contract_methods(budget: Budget, row: int) -> dict[str, Any]:
    """Spell one contract's options for JSON, in whole pence: by step, best first, with the
    suggestion for Step 3.
    """
    from wpb.baseline.alternatives import side_by_side, suggestion
    from wpb.kernel.money import whole_pence
    from wpb.tables.records import GRADES

    table = budget.model["contracts"]
    now, tried = side_by_side(budget.model, budget.scope, row)
    value = float(table.numbers("value")[row])
    steps: dict[str, list[dict[str, Any]]] = {}
    for each in tried:
        state = each.state
        steps.setdefault(state.step, []).append(
            {
                "option": state.option,
                "driver": state.driver,
                "grade": state.grade_words,
                "used": state.used,
                "available": state.available,
                "missing": state.missing,
                "in_scope_pence": (
                    whole_pence(each.outcome.in_scope_pence) if each.outcome else None
                ),
                "in_scope_change_pence": (
                    whole_pence(each.in_scope_change_pence) if each.outcome else None
                ),
                "moved_pence": whole_pence(each.moved_pence) if each.outcome else None,
            }
        )
    spend = float(budget.current.spend.value.sum())
    step_3 = [each for each in tried if each.state.step == "step_3"]
    most = max((each.moved_pence for each in step_3), default=0.0)
    return {
        "contract": str(table.columns["contract"][row]),
        "title": str(table.columns["title"][row]),
        "payment_basis": str(table.columns["payment_basis"][row]),
        "value_pence": whole_pence(value),
        "in_scope_pence": whole_pence(now.in_scope_pence),
        "grade": GRADES[now.grade],
        "steps": [{"step": step, "options": options} for step, options in steps.items()],
        "suggestion": (
            suggestion(
                budget.model,
                value / spend if spend else 0.0,
                most,
                value,
                [each.state for each in tried],
            )
            if step_3
            else ""
        ),
    }


def _print_contract(contract: dict[str, Any]) -> None:
    from wpb.kernel.money import pounds

    click.echo(f"\n{contract['contract']}  {contract['title']}")
    click.echo(
        f"  {pounds(contract['value_pence'])} a year, {pounds(contract['in_scope_pence'])} in"
        f" scope; weakest method: {contract['grade']}"
    )
    for step in contract["steps"]:
        click.echo(f"  {STEP_WORDS[step['step']]}")
        for option in step["options"]:
            words = (
                f"{option['option']} by {option['driver']}"
                if option["driver"]
                else option["option"]
            )
            name = (
                f"    {'*' if option['used'] else ' '}"
                f" {words.replace('_', ' '):42}{option['grade']:11}"
            )
            if option["used"]:
                click.echo(f"{name}used")
            elif option["available"]:
                click.echo(
                    f"{name}moves {pounds(option['moved_pence'])} between lines, in scope"
                    f" {'+' if option['in_scope_change_pence'] >= 0 else ''}"
                    f"{pounds(option['in_scope_change_pence'])}"
                )
            else:
                click.echo(f"{name}needs {option['missing']}")
    if contract["suggestion"]:
        click.echo(f"  {contract['suggestion']}")
