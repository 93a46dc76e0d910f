"""Methods side by side: the same steps run again under other options, and the pounds that move.

Source: handbook Table 2, 2.4.1 footnote 29, 2.4.4.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from wpb.baseline.block_contract import block_contract
from wpb.baseline.block_steps import BlockContract, step_2, step_3
from wpb.baseline.current_spend import current_spend
from wpb.baseline.method_options import (
    OptionState,
    block_options,
    covering_driver,
    population_options,
)
from wpb.baseline.population_shares import PopulationShares
from wpb.baseline.priced_activity import priced_contract
from wpb.baseline.routing import Routing
from wpb.kernel.ledger import Ledger
from wpb.kernel.money import pounds, whole_pence
from wpb.kernel.problems import InputProblems, ProblemLog
from wpb.tables.limits import limit
from wpb.tables.methods.facts import BY_BLOCK_METHODS, BlockFacts, block_contracts
from wpb.tables.model import Model
from wpb.tables.population import NO_LIST_OF_PEOPLE
from wpb.tables.records import Scope, Section, SectionColumn


@dataclass(frozen=True)
class Outcome:
    """What a contract comes to under some options: spend by line and in all lists in scope, and the
    weakest grade.
    """

    by_line_pence: dict[str, float]
    in_scope_pence: float
    grade: int


@dataclass(frozen=True)
class Tried:
    """One option, with what the contract comes to under it, beside what it comes to as it
    stands.
    """

    state: OptionState
    outcome: Outcome | None
    in_scope_change_pence: float
    moved_pence: float
    """Pounds that change their line: half of the sum of absolute differences."""


def outcome(model: Model, scope: Scope, row: int, options: dict[str, str] | None = None) -> Outcome:
    """Run one contract's steps by themselves, by the code every run uses.

    Raises InputProblems where the data doesn't allow the options.
    Source: handbook 2.4.1; req 36, 94.
    """
    ledger, problems = Ledger(), ProblemLog()
    shares = PopulationShares(model, scope, problems)
    routing = Routing(model, scope, ledger, shares, problems)
    block = model["contracts"].columns["payment_basis"][row] in BY_BLOCK_METHODS
    route = block_contract(routing, row, options) if block else priced_contract(routing, row)
    problems.raise_if_errors()
    current = current_spend(routing, [route], shares.build(ledger))
    amounts = current.spend.value[0, :, 0].tolist()
    return Outcome(
        dict(zip(current.lines.axis.codes, amounts, strict=True)),
        float(current.in_scope.value.sum()),
        max(line.grade for line in current.lines.lines),
    )


def moved(before: Outcome, after: Outcome) -> float:
    """Pounds that change their line between two outcomes: sum of |after - before| / 2.

    Source: handbook 2.4.4; req 94.
    """
    codes = {*before.by_line_pence, *after.by_line_pence}
    return (
        sum(
            abs(after.by_line_pence.get(code, 0.0) - before.by_line_pence.get(code, 0.0))
            for code in codes
        )
        / 2
    )


def side_by_side(model: Model, scope: Scope, row: int) -> tuple[Outcome, list[Tried]]:
    """Try every option the data allows for one contract, each by itself with the others as they
    stand.

    Source: handbook Table 1, Table 2; req 37, 53, 94.
    """
    table = model["contracts"]
    code, now = str(table.columns["contract"][row]), outcome(model, scope, row)
    facts = next((found for found in block_contracts(model) if found.code == code), None)
    states = block_options(model, facts) if facts else []
    states += population_options(model, scope, row, _kinds(model, code))
    return now, [_try(model, scope, row, facts, state, now) for state in states]


def _kinds(model: Model, code: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, kind in (
        ("contract_activity", "activity_type"),
        ("activity_mapping", "activity_type"),
        ("priced_activity", "point_of_delivery"),
    ):
        table = model[name]
        found += [
            (str(table.columns["service_line"][row]), str(table.columns[kind][row]))
            for row in table.rows_where("contract", code)
            if table.columns["service_line"][row]
        ]
    return found


def _try(
    model: Model, scope: Scope, row: int, facts: BlockFacts | None, state: OptionState, now: Outcome
) -> Tried:
    if state.used:
        return Tried(state, now, 0.0, 0.0)
    if state.missing:
        return Tried(state, None, 0.0, 0.0)
    try:
        if state.step == "population":
            found = outcome(_with_population(model, scope, row, state.option), scope, row)
        else:
            assert facts is not None
            found = outcome(
                model,
                scope,
                row,
                {"non_service_split": "schedule_value"}
                | facts.options
                | {state.step: state.option},
            )
    except InputProblems as stopped:
        first = next(problem for problem in stopped.problems if problem.severity == "error")
        return Tried(replace(state, missing=first.what), None, 0.0, 0.0)
    return Tried(state, found, found.in_scope_pence - now.in_scope_pence, moved(now, found))


def _with_population(model: Model, scope: Scope, row: int, method: str) -> Model:
    """The model with one contract's way to its population changed."""
    table = model["contracts"]
    payer = str(table.columns["commissioner"][row])
    lists = [
        code
        for code, owner, kind in zip(
            scope.lists.codes, scope.list_commissioner, scope.list_kind, strict=True
        )
        if kind not in NO_LIST_OF_PEOPLE
        and (owner == payer or payer not in scope.list_commissioner)
    ]
    columns = {
        name: values.copy() if name in ("population_method", "carve_out_driver") else values
        for name, values in table.columns.items()
    }
    columns["population_method"][row] = method
    columns["carve_out_driver"][row] = covering_driver(
        model, method, str(table.columns["carve_out_driver"][row]), lists
    )
    return replace(model, tables=model.tables | {"contracts": replace(table, columns=columns)})


def weight_sensitivity(routing: Routing, contract: BlockFacts) -> dict[str, dict[str, float]]:
    """Share a contract over its activity by every set of weights the data allows: pounds by line,
    by option.

    Only Step 3 runs again; Steps 1 and 2 are those of the run.
    Source: handbook 2.4.1 footnote 29, 2.4.4; req 94.
    """
    found: dict[str, dict[str, float]] = {}
    by_service = routing.ledger[f"contract/{contract.code}/step_1"]
    for state in block_options(routing.model, contract):
        if state.step == "step_3" and (state.available or state.used):
            scratch = replace(routing, ledger=Ledger(), problems=ProblemLog())
            tried = BlockContract(
                contract.row, contract.code, contract.options | {"step_3": state.option}
            )
            block = step_3(scratch, tried, by_service, step_2(scratch, tried))
            found[state.option] = dict(
                zip(block.axis.codes, block.value[0, :, 0].tolist(), strict=True)
            )
    return found


def sensitivity_section(routing: Routing) -> Section:
    """Give each activity type's pounds as used, and the least and most under other weights.

    Source: handbook 2.4.1 footnote 29, 2.4.4; req 94.
    """
    columns = (
        SectionColumn("contract", "Contract", "code"),
        SectionColumn("line", "Service line and activity type", "code"),
        SectionColumn("used_pence", "As used", "pounds"),
        SectionColumn("least_pence", "Least by other weights", "pounds"),
        SectionColumn("most_pence", "Most by other weights", "pounds"),
        SectionColumn("range_pence", "Range", "pounds"),
        SectionColumn("weights", "Sets of weights", "count"),
    )
    rows = []
    for contract in block_contracts(routing.model):
        tried = weight_sensitivity(routing, contract)
        used = tried.get(contract.options.get("step_3", ""), {})
        for code, amount in used.items() if len(tried) > 1 else ():
            amounts = [whole_pence(lines[code]) for lines in tried.values()]
            rows.append(
                (
                    contract.code,
                    code,
                    whole_pence(amount),
                    min(amounts),
                    max(amounts),
                    max(amounts) - min(amounts),
                    len(tried),
                )
            )
    return Section(
        "weight_sensitivity",
        "What other weights would say",
        "The same pounds and activity under every set of weights the data allows.",
        columns,
        tuple(rows),
    )


def suggestion(
    model: Model,
    scope_share: float,
    moved_pence: float,
    value_pence: float,
    states: list[OptionState],
    step: str = "step_3",
) -> str:
    """Suggest how much rigour a step deserves: more where the contract is material and options
    differ, none where it is not.

    Material: the contract's share of all current spend is at least the limit. Differ: the option
    moves at least 1% of the contract.
    Source: handbook 2.4.4 (rigour balanced against resources); req 93.
    """
    used = next((state for state in states if state.step == step and state.used), None)
    better = [
        state
        for state in states
        if state.step == step and used is not None and state.grade < used.grade
    ]
    if used is None or not better:
        return "The best option is in use."
    best = next((state for state in better if state.available), better[0])
    name = best.option.replace("_", " ")
    if scope_share < limit(model, "material_share"):
        return (
            f"Good enough: the contract is {scope_share:.1%} of spend, so {name} is worth little"
            " effort."
        )
    if best.available:
        return (
            f"Use {name}: the data allows it, and it moves {pounds(moved_pence)}."
            if moved_pence >= 0.01 * value_pence
            else (
                f"Use {name} when convenient: the data allows it, and it moves only"
                f" {pounds(moved_pence)}."
            )
        )
    return f"Worth the effort: get {best.missing}, for {name}."


def effort_section(routing: Routing, total_pence: float) -> Section:
    """Suggest for each contract taken apart how much rigour Step 3 deserves.

    Source: handbook 2.4.4; req 93.
    """
    columns = (
        SectionColumn("contract", "Contract", "code"),
        SectionColumn("share_of_spend", "Share of spend", "share"),
        SectionColumn("used", "Step 3 as used"),
        SectionColumn("moved_pence", "Most that other weights move", "pounds"),
        SectionColumn("suggestion", "Suggestion"),
    )
    rows = []
    for contract in block_contracts(routing.model):
        tried, states = (
            weight_sensitivity(routing, contract),
            block_options(routing.model, contract),
        )
        used = tried.get(contract.options.get("step_3", ""), {})
        most = max(
            (
                float(np.abs(np.array(list(lines.values())) - np.array(list(used.values()))).sum())
                / 2
                for lines in tried.values()
            ),
            default=0.0,
        )
        share = contract.value_pence / total_pence if total_pence else 0.0
        rows.append(
            (
                contract.code,
                share,
                contract.options.get("step_3", "").replace("_", " "),
                whole_pence(most),
                suggestion(routing.model, share, most, contract.value_pence, states),
            )
        )
    return Section(
        "rigour_and_effort",
        "How much rigour each contract deserves",
        "Rigour is set against effort: how much a contract weighs, and how far the options differ.",
        columns,
        tuple(rows),
    )
