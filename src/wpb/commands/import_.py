"""`wpb import`: published files into the tables of a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wpb.commands.import_ready import (
    CONTROL,
    INTO,
    REPLACE,
    TOTALS,
    list_sizes,
    practice_payments,
)
from wpb.commands.running import AS_JSON, print_json, print_problems, problems_as_json
from wpb.kernel.money import round_half_up
from wpb.kernel.problems import ProblemLog

if TYPE_CHECKING:
    from wpb.intake.account import FileAccount
    from wpb.intake.practice_files import PracticeFile
    from wpb.intake.table_writing import PlannedTable


@click.group("import", short_help="Bring published files into a model.")
def import_group() -> None:
    """Bring published files into the tables of a model."""


import_group.add_command(practice_payments)
import_group.add_command(list_sizes)


@import_group.command(
    "practices", short_help="GP lists and their weights, from the place-based allocation file."
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--icb",
    "icbs",
    required=True,
    multiple=True,
    metavar="CODE_OR_NAME",
    help="ICB whose practices to bring in; repeat it for more.",
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
@click.option(
    "--edition", default="", help="Edition of the file, where neither content nor name says it."
)
@click.option(
    "--on",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help=(
        "Day whose ICBs are meant, such as 2026-04-01 for the 36 since then; else those that the"
        " file has."
    ),
)
@CONTROL
@TOTALS
@REPLACE
@AS_JSON
def practices(
    file: Path,
    icbs: tuple[str, ...],
    folder: Path,
    participation: str,
    districts: tuple[str, ...],
    edition: str,
    day: datetime | None,
    controls: tuple[str, ...],
    totals: str | None,
    replace: bool,
    as_json: bool,
) -> None:
    """Write gp_lists and list_weights for one ICB or more.

    FILE is the NHS England place-based allocation file, in any published layout. Its populations
    are projections, not counts of registered patients. Which edition it is is told by its content,
    else by its name, else by --edition; layouts are shared by several editions.
    """
    from wpb.intake.practice_files import rows_of_districts

    log = ProblemLog()
    published, codes = _icbs_of(file, icbs, day, totals or "", log)
    taking_part: dict[str, set[int]] = {}
    for code in codes:
        members = set(published.rows_of_icb(code))
        taking_part[code] = (
            rows_of_districts(published, code, districts, log) if districts else members
        )
    log.raise_if_errors()
    chosen = _Chosen(published, codes, taking_part, participation, districts, edition)
    _bring_practices(chosen, folder, controls, replace, log, as_json)


def _icbs_of(
    file: Path, icbs: tuple[str, ...], day: datetime | None, totals: str, log: ProblemLog
) -> tuple[PracticeFile, list[str]]:
    """Read the file and find the ICBs asked for, of a day or as the file has them."""
    from wpb.intake.icbs import pick_places
    from wpb.intake.practice_files import find_icb, read_practice_file

    if day is not None:
        picked = pick_places(file, icbs, day.date(), log, totals)
        log.raise_if_errors()
        assert picked is not None
        return picked[0], [place.code for place in picked[1]]
    published = read_practice_file(file, icbs, totals)
    log.extend(published.warnings)
    found = [find_icb(published, icb, log) for icb in icbs]
    log.raise_if_errors()
    return published, list(dict.fromkeys(code for code in found if code is not None))


@dataclass(frozen=True)
class _Chosen:
    """The practices chosen from a published file."""

    published: PracticeFile
    codes: list[str]
    taking_part: dict[str, set[int]]
    participation: str
    districts: tuple[str, ...]
    edition: str


def _bring_practices(
    chosen: _Chosen,
    folder: Path,
    controls: tuple[str, ...],
    replace: bool,
    log: ProblemLog,
    as_json: bool,
) -> None:
    """Plan the lists of each ICB on those before, hold them against the control total, and
    write.
    """
    from wpb.intake.account import check_control_total
    from wpb.intake.model_imports import plan_practices
    from wpb.intake.table_writing import write_tables

    published = chosen.published
    account = _practice_account(chosen)
    if controls:
        check_control_total(account, controls, published.place, log)
    part = {
        row: chosen.participation if row in chosen.taking_part[code] else "none"
        for code in chosen.codes
        for row in published.rows_of_icb(code)
    }
    planned = plan_practices(published, chosen.codes, folder, part, replace, log)
    if not as_json:
        for line in account.lines():
            click.echo(line, err=bool(log.errors))
    log.raise_if_errors()
    if not (chosen.edition or published.edition):
        log.warning(
            published.source.head(),
            "Neither the content nor the name of the file says which edition it is, and several"
            " editions share these headings.",
            "Say it with --edition, for example --edition 2025/26.",
            "edition_not_said",
        )
    write_tables(planned)
    _tell_practices(chosen, account, planned, log, as_json)


def _practice_account(chosen: _Chosen) -> FileAccount:
    """The account of a place-based allocation file: people of the ICBs chosen, and of the rest."""
    from decimal import Decimal

    from wpb.intake.account import ColumnTotal, FileAccount, LeftOutGroup
    from wpb.intake.mapping.amounts import plain

    published, source = chosen.published, chosen.published.source
    rows = {row for code in chosen.codes for row in published.rows_of_icb(code)}
    people = {
        row: Decimal(text)
        for row in range(len(source))
        if (text := published.entered(row, "population"))
    }
    taken = sum((people.get(row, Decimal(0)) for row in rows), Decimal(0))
    rest = tuple(source.row_numbers[row] for row in range(len(source)) if row not in rows)
    left = sum((amount for row, amount in people.items() if row not in rows), Decimal(0))
    groups = [LeftOutGroup("of another ICB", rest, {"population": plain(left)})] if rest else []
    groups += [LeftOutGroup(f"a total: '{text}'", (row,)) for row, text in source.left_out]
    read = set(published.layout.columns.values())
    total = ColumnTotal(
        "population", False, plain(taken + left), plain(left), plain(taken), "0", len(people)
    )
    return FileAccount(
        file=source.file,
        heading_row=source.header_row,
        read_as=source.said,
        edition=chosen.edition or published.edition,
        standing="" if chosen.edition else published.standing,
        rows_read=len(source),
        rows_kept=len(rows),
        left_out=tuple(groups),
        columns_not_read=tuple(name for name in source.header if name and name not in read),
        totals=(total,),
    )


def _tell_practices(
    chosen: _Chosen,
    account: FileAccount,
    planned: Sequence[PlannedTable],
    log: ProblemLog,
    as_json: bool,
) -> None:
    from wpb.scope.need_index import people_of

    published, lists = chosen.published, planned[0]
    rows = sorted(row for code in chosen.codes for row in published.rows_of_icb(code))
    taking = set().union(*chosen.taking_part.values())
    left_out = sorted(
        {row["list_code"] for row in lists.replaced} - {row["list_code"] for row in lists.rows}
    )
    name = " and ".join(published.icbs[code] for code in chosen.codes)
    code = " and ".join(chosen.codes)
    report = {
        "icb": code,
        "name": name,
        "layout": published.layout.name,
        "edition": account.edition,
        "practices": lists.written,
        "weights": planned[1].written,
        "population": int(round_half_up(float(people_of(rows, published.population)))),
        "taking_part": 0 if chosen.participation == "none" else len(taking),
        "taken_out": left_out,
        "tables": [
            _table_report(table.path, table.written, len(table.replaced), table.kept)
            for table in planned
        ],
        "account": account.as_dict(),
    }
    words = [
        (
            f"{code} {name}: {lists.written} practices, {report['population']:,} people"
            f" ({account.edition or 'edition not said, layout of the ' + published.layout.name})."
        )
    ]
    if chosen.districts:
        words.append(
            f"Taking part ({chosen.participation}): {len(taking)} practices in"
            f" {', '.join(chosen.districts)}; the other {len(rows) - len(taking)} take none."
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
@TOTALS
@REPLACE
@AS_JSON
def unit_costs(
    file: Path,
    folder: Path,
    mapping_file: Path | None,
    year: str | None,
    totals: str | None,
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

    costs = read_unit_costs(file, totals or "")
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
