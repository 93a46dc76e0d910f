"""Bringing further tables into a model: headings as CSV, sheets of the template, and rows that hold
a contract's key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from wpb.intake.finding import INPUTS, Found, find_inputs, has_rows
from wpb.intake.grids import Grid, as_entered
from wpb.intake.headings import first_row_after_notes
from wpb.intake.table_writing import PlannedTable, plan_table, write_tables
from wpb.kernel.problems import ProblemLog, UsageProblem
from wpb.kernel.words import did_you_mean
from wpb.present.empty_model import TEMPLATE_FILE, write_headings
from wpb.present.template import FIRST_ROW, write_template
from wpb.tables import TABLES_BY_NAME
from wpb.tables.schema import TableSpec
from wpb.tables.stages import METHODS, in_order


@dataclass
class AddedTables:
    """What came into a model folder: tables, files written, and tables that were there already."""

    added: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    """Rows begun, by table: their contract is filled in, the rest is to be."""


def add_tables(folder: Path, specs: Iterable[TableSpec]) -> AddedTables:
    """Add tables with headings and no rows to a model folder, as CSV files, and to its template
    while that is unfilled; a template in use is left alone, and its new sheets come in a workbook
    of their own.

    Raises UsageProblem where nothing stands at the folder.
    Source: req 379.
    """
    found, done = _found(folder), AddedTables()
    inputs = folder / INPUTS
    for spec in specs:
        if spec.name in found.grids:
            done.already.append(spec.name)
        elif spec.name not in done.added:
            inputs.mkdir(exist_ok=True)
            done.files.append(write_headings(inputs, spec))
            done.added.append(spec.name)
    if done.added:
        done.files.append(_write_sheets(folder, {*found.grids, *done.added}, done.added))
    return done


def add_method(folder: Path, contract: str, method: str, log: ProblemLog) -> AddedTables:
    """Add the tables that a method for a contract needs, each with a row that holds the contract,
    and name the method in contract_methods where it is an option of a step.

    Records an error where the step has another option already; a warning where the contract's own
    row says another payment basis or population method.
    Raises UsageProblem for a contract or method that is not known.
    Source: req 379.
    """
    if method not in METHODS:
        raise UsageProblem(
            f"There is no method '{method}'. {did_you_mean(method, METHODS)}".strip()
        )
    found, needs = _found(folder), METHODS[method]
    contracts = {row.get("contract", ""): row for row in _rows(found.grids.get("contracts"))}
    if contract not in contracts:
        hint = did_you_mean(contract, contracts) if contracts else "The table has no rows yet."
        raise UsageProblem(f"The table contracts has no contract '{contract}'. {hint}".strip())
    _check_contract(found, contract, contracts[contract], method, log)
    begun = {
        name: {"contract": contract}
        for name in needs.tables
        if "contract" in TABLES_BY_NAME[name].key
        and not _has_contract(found.grids.get(name), contract)
    }
    if needs.step and _check_step(found, contract, needs.step, method, log):
        row = {"contract": contract, "step": needs.step, "option": method}
        begun = {"contract_methods": row, **begun}
    planned = _planned(folder, found, begun, log)
    log.raise_if_errors()
    wanted = [*needs.tables, *(["contract_methods"] if needs.step else [])]
    done = add_tables(folder, [TABLES_BY_NAME[name] for name in wanted])
    write_tables(planned)
    done.rows = {table.path.stem: table.written for table in planned}
    done.files += [table.path for table in planned if table.path not in done.files]
    return done


def _found(folder: Path) -> Found:
    if not folder.is_dir():
        raise UsageProblem(f"There is no model folder {folder}. `wpb new {folder}` makes one.")
    return find_inputs(folder, ProblemLog())


def _rows(grid: Grid | None) -> list[dict[str, str]]:
    """The rows of a sheet as text by heading."""
    if grid is None:
        return []
    at = first_row_after_notes(grid)
    lines = [[as_entered(value).strip() for value in row] for row in grid.rows[at:]]
    return [dict(zip(lines[0], line, strict=False)) for line in lines[1:] if any(line)]


def _has_contract(grid: Grid | None, contract: str) -> bool:
    return any(row.get("contract") == contract for row in _rows(grid))


def _check_contract(
    found: Found, contract: str, row: dict[str, str], method: str, log: ProblemLog
) -> None:
    """Warn where the contract's own row says another payment basis or population method."""
    for name in ("payment_basis", "population_method"):
        if method in TABLES_BY_NAME["contracts"].column(name).choices and row.get(name) != method:
            log.warning(
                found.grids["contracts"].cell(0, 0),
                f"The contract {contract} has the {name.replace('_', ' ')}"
                f" '{row.get(name, '')}', not '{method}'.",
                f"Enter {method} as its {name} to use what was added.",
                "method_not_the_contracts",
            )


def _check_step(found: Found, contract: str, step: str, method: str, log: ProblemLog) -> bool:
    """Whether a row for the step is to be written; another option there already is an error."""
    grid = found.grids.get("contract_methods")
    for row in _rows(grid):
        if (row.get("contract"), row.get("step")) != (contract, step):
            continue
        if row.get("option") != method and grid is not None:
            log.error(
                grid.cell(0, 0),
                f"The contract {contract} uses {row.get('option')} at {step} already.",
                f"Change that row to {method} first, with the reason; nothing was written.",
                "method_named_already",
            )
        return False
    return True


def _planned(
    folder: Path, found: Found, begun: dict[str, dict[str, str]], log: ProblemLog
) -> list[PlannedTable]:
    """Plan the rows that hold the contract's key; a table kept in a workbook is told instead."""
    planned = []
    for name, row in begun.items():
        grid = found.grids.get(name)
        if grid is not None and grid.source != "csv" and has_rows(grid):
            filled = ", ".join(f"{column} {value}" for column, value in row.items())
            log.warning(
                grid.cell(0, 0),
                f"The table {name} is kept in {grid.file}, which is left as it is.",
                f"Add a row there with {filled}.",
                "table_in_workbook",
            )
            continue
        planned.append(plan_table(folder, TABLES_BY_NAME[name], [row], lambda _: False, False, log))
    return planned


def _write_sheets(folder: Path, names: set[str], added: list[str]) -> Path:
    """Write the template anew with every table where it is unfilled; else a workbook with the added
    sheets alone, under the first name that is free.
    """
    template = folder / TEMPLATE_FILE
    if template.is_file() and _is_unfilled(template):
        write_template(template, in_order(names))
        return template
    number = 1
    while (path := folder / f"inputs-template-{added[0]}-{number}.xlsx").exists():
        number += 1
    write_template(path, in_order(set(added)), settings=False)
    return path


def _is_unfilled(template: Path) -> bool:
    """Whether no sheet of a template holds anything that a user entered."""
    from python_calamine import CalamineWorkbook

    workbook = CalamineWorkbook.from_path(str(template))
    for name in workbook.sheet_names:
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)[FIRST_ROW:]
        if name in TABLES_BY_NAME and any(cell != "" for row in rows for cell in row):
            return False
        if name == "model" and any(
            len(row) > 1 and row[1] != "" and row[0] != "schema" for row in rows
        ):
            return False
    return True
