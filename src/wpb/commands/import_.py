"""`wpb import`: published files into the tables of a model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from wpb.commands.running import AS_JSON, print_json, print_problems, problems_as_json
from wpb.kernel.money import round_half_up
from wpb.kernel.problems import ProblemLog

INTO = click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("."),
    show_default="this folder",
    help="Model folder to write into.",
)
REPLACE = click.option(
    "--replace", is_flag=True, help="Put imported rows in the place of those already there."
)


@click.group("import", short_help="Bring published files into a model.")
def import_group() -> None:
    """Bring published files into the tables of a model."""


@import_group.command(
    "practices", short_help="GP lists and their weights, from the place-based allocation file."
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--icb", required=True, metavar="CODE_OR_NAME", help="ICB whose practices to bring in."
)
@INTO
@click.option(
    "--participation",
    type=click.Choice(["full", "partial", "virtual", "none"]),
    default="full",
    show_default=True,
    help="How practices take part; change single practices in gp_lists afterwards.",
)
@click.option(
    "--district",
    "districts",
    multiple=True,
    metavar="CODE_OR_NAME",
    help=(
        "Local authority district whose practices take part, repeated for more; the ICB's other"
        " practices then take no part."
    ),
)
@REPLACE
@AS_JSON
def practices(
    file: Path,
    icb: str,
    folder: Path,
    participation: str,
    districts: tuple[str, ...],
    replace: bool,
    as_json: bool,
) -> None:
    """Write gp_lists and list_weights for one ICB.

    FILE is the NHS England place-based allocation file, in either published layout. Its populations
    are projections, not counts of registered patients.
    """
    from wpb.intake.model_imports import plan_practices
    from wpb.intake.practice_files import find_icb, read_practice_file, rows_of_districts
    from wpb.intake.table_writing import write_tables
    from wpb.scope.need_index import people_of

    published = read_practice_file(file)
    log = ProblemLog(list(published.warnings))
    code = find_icb(published, icb, log)
    log.raise_if_errors()
    assert code is not None
    members = published.rows_of_icb(code)
    taking_part = rows_of_districts(published, code, districts, log) if districts else set(members)
    planned = plan_practices(
        published,
        code,
        folder,
        {row: participation if row in taking_part else "none" for row in members},
        replace,
        log,
    )
    log.raise_if_errors()
    write_tables(planned)
    lists = planned[0]
    left_out = sorted(
        {row["list_code"] for row in lists.replaced} - {row["list_code"] for row in lists.rows}
    )
    report = {
        "icb": code,
        "name": published.icbs[code],
        "layout": published.layout.name,
        "practices": lists.written,
        "weights": planned[1].written,
        "population": int(round_half_up(float(people_of(members, published.population)))),
        "taking_part": 0 if participation == "none" else len(taking_part),
        "taken_out": left_out,
        "tables": [
            _table_report(table.path, table.written, len(table.replaced), table.kept)
            for table in planned
        ],
    }
    words = [
        f"{code} {published.icbs[code]}: {lists.written} practices, {report['population']:,} people"
        f" ({published.layout.name})."
    ]
    if districts:
        words.append(
            f"Taking part ({participation}): {len(taking_part)} practices in"
            f" {', '.join(districts)}; the other {len(members) - len(taking_part)} take none."
        )
    if left_out:
        words.append(f"Taken out, since the file no longer has them: {', '.join(left_out)}.")
    words.append(f"The lists name {code} as their commissioner: organisations needs a row for it.")
    _tell(report, words, log, as_json)


@import_group.command(
    "unit-costs", short_help="National unit costs, from the National Cost Collection."
)
@click.argument("file", type=click.Path(path_type=Path))
@INTO
@click.option(
    "--map",
    "mapping_file",
    type=click.Path(path_type=Path),
    help=(
        "Table of activity_type, department_code, currency_code: bring in these only, under the"
        " model's own names."
    ),
)
@click.option(
    "--year", help="Year of the collection, such as 2024-25, where the file's name does not say it."
)
@REPLACE
@AS_JSON
def unit_costs(
    file: Path,
    folder: Path,
    mapping_file: Path | None,
    year: str | None,
    replace: bool,
    as_json: bool,
) -> None:
    """Write national_unit_costs.

    FILE is the National Cost Collection table with a row for each department and currency. Without
    --map every row that has a unit cost comes in, named by department and currency; with it, only
    what the mapping names, and an activity type mapped to several rows takes their mean by
    activity.
    """
    from wpb.intake.model_imports import plan_unit_costs
    from wpb.intake.table_writing import write_tables
    from wpb.intake.unit_cost_files import (
        collection_year,
        every_unit_cost,
        mapped_unit_costs,
        read_mapping,
        read_unit_costs,
    )

    costs = read_unit_costs(file)
    log = ProblemLog(list(costs.warnings))
    collected = collection_year(file, year, log)
    if mapping_file is None:
        chosen = every_unit_cost(costs, collected)
    else:
        chosen = mapped_unit_costs(costs, read_mapping(mapping_file), collected, log)
    log.raise_if_errors()
    planned = plan_unit_costs(chosen, folder, replace, log)
    log.raise_if_errors()
    write_tables([planned])
    report = {
        "collection_year": collected,
        "activity_types": planned.written,
        "rows_read": len(costs.source),
        "withheld": len(costs.withheld),
        "total_cost_pounds": costs.total_cost,
        "tables": [
            _table_report(planned.path, planned.written, len(planned.replaced), planned.kept)
        ],
    }
    words = [
        (
            f"National Cost Collection {collected}: {planned.written:,} unit costs from"
            f" {len(costs.source):,} rows; £{round_half_up(costs.total_cost / 1e9, 2):,}bn in all."
        ),
    ]
    if costs.withheld and mapping_file is None:
        words.append(
            f"{len(costs.withheld):,} rows have a cost and no unit cost, because their count is"
            " withheld; they are left out."
        )
    _tell(report, words, log, as_json)


def _table_report(path: Path, written: int, replaced: int, kept: int) -> dict[str, Any]:
    return {"path": str(path), "written": written, "replaced": replaced, "kept": kept}


def _tell(report: dict[str, Any], words: Sequence[str], log: ProblemLog, as_json: bool) -> None:
    if as_json:
        print_json({**report, **problems_as_json(log)})
        return
    if len(log):
        print_problems(log.problems, to_stderr=True)
    for line in words:
        click.echo(line)
    for table in report["tables"]:
        counts = [
            f"{table['written']:,} rows",
            *(f"{table[name]:,} {name}" for name in ("replaced", "kept") if table[name]),
        ]
        click.echo(f"Wrote {table['path']}: {', '.join(counts)}.")
