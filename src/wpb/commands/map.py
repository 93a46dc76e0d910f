"""`wpb map`: the user's own ledger and activity layouts into the tables of a model, with the
mapping remembered.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wpb.commands.running import (
    AS_JSON,
    INPUT_PROBLEMS,
    print_json,
    print_problems,
    problems_as_json,
)
from wpb.kernel.problems import ProblemLog, UsageProblem

if TYPE_CHECKING:
    from wpb.intake.account import FileAccount
    from wpb.intake.mapping.applying import Mapped
    from wpb.intake.mapping.layouts import Layout
    from wpb.intake.mapping.rules import ColumnRule, TableMapping, Unpivot
    from wpb.intake.mapping.suggesting import Suggestion
    from wpb.intake.table_writing import PlannedTable
    from wpb.tables.schema import TableSpec

Suggestions = dict[str, "list[Suggestion]"]


@dataclass(frozen=True)
class _Asked:
    """What the command line asked for."""

    said: tuple[str, ...]
    lookups: tuple[str, ...]
    times: tuple[str, ...]
    leave_out: tuple[str, ...]
    add_up: bool
    accept: bool
    sheet: str
    heading_row: int | None
    keep: tuple[str, ...] = ()
    markers: tuple[str, ...] = ()
    unpivot: str = ""
    totals: str = ""
    hidden_rows: str = ""


@click.command("map", short_help="Bring your own ledger and activity layouts into a model.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--as",
    "table",
    required=True,
    metavar="TABLE",
    help=(
        "Table to fill, such as commissioner_ledger, direct_spend, priced_activity,"
        " activity_by_list or care_packages."
    ),
)
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    show_default="this folder",
    help="Model folder to write into.",
)
@click.option(
    "--mapping",
    "mapping_file",
    type=click.Path(path_type=Path),
    help="Mapping to use and remember; mappings/TABLE.yaml in the model folder unless named.",
)
@click.option(
    "--set",
    "said",
    multiple=True,
    metavar="COLUMN=HEADING",
    help=(
        "Where a column comes from. COLUMN==VALUE gives every row one value; A+B joins text or adds"
        " figures; 'A - B' takes B off."
    ),
)
@click.option(
    "--lookup",
    "lookups",
    multiple=True,
    metavar="COLUMN=CSV",
    help="Look-up of a column: a CSV of codes as the file has them and codes of the model.",
)
@click.option(
    "--times",
    "times",
    multiple=True,
    metavar="COLUMN=NUMBER",
    help=(
        "What figures are multiplied by: 1000 where the file is in thousands, -1 to turn signs"
        " round."
    ),
)
@click.option(
    "--leave-out",
    "leave_out",
    multiple=True,
    metavar="HEADING=VALUE:REASON",
    help="Rows to leave out, such as totals, and why.",
)
@click.option(
    "--keep",
    "keep",
    multiple=True,
    metavar="HEADING=VALUE",
    help=(
        "Rows to keep, such as those of one ICB; repeat it for more values. The rows left out are"
        " counted."
    ),
)
@click.option(
    "--marker",
    "markers",
    multiple=True,
    metavar="MARK=MEANING",
    help="What a mark in place of a figure means: nil, withheld or not_collected.",
)
@click.option(
    "--unpivot",
    default="",
    metavar="NAME_COLUMN,VALUE_COLUMN=FIRST..LAST",
    help=(
        "Wide to long: each heading from FIRST to LAST (or A|B|C) becomes a row. --lookup"
        " NAME_COLUMN=CSV names them."
    ),
)
@click.option(
    "--totals",
    type=click.Choice(["leave-out", "keep"]),
    help=(
        "What to do with rows that look like totals: leave them out, or keep those that only their"
        " figures make look so. They stop the command unless this is said."
    ),
)
@click.option(
    "--hidden-rows",
    type=click.Choice(["leave-out"]),
    help="Leave hidden rows out; they are read with the others, and named, unless this is said.",
)
@click.option(
    "--control-total",
    "controls",
    multiple=True,
    metavar="[COLUMN=]AMOUNT",
    help="Total at the foot of your own report, in pounds; a difference stops the command.",
)
@click.option("--add-up", is_flag=True, help="Add up rows that share a key.")
@click.option(
    "--sheet", default="", help="Sheet of a workbook; the fullest visible one unless named."
)
@click.option(
    "--heading-row", type=int, help="Row the headings are on, from 1; found unless named."
)
@click.option(
    "--accept-suggestions",
    "accept",
    is_flag=True,
    help="Use the likeliest heading for every column that has one, without asking.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option(
    "--replace",
    "replacing",
    is_flag=True,
    help="Put these rows in the place of those already there.",
)
@AS_JSON
def map_command(
    file: Path,
    table: str,
    folder: Path,
    mapping_file: Path | None,
    replacing: bool,
    dry_run: bool,
    as_json: bool,
    controls: tuple[str, ...],
    **said: Any,
) -> None:
    """Fill a table of a model from FILE, a CSV or workbook in your own layout.

    Headings may be on any row and have any name. On a terminal you are asked for what is not said;
    elsewhere everything comes from --set, a remembered mapping, or --accept-suggestions, which
    takes sure matches alone. Before anything is written an account says what the file holds: every
    row is written, left out for a reason, or named as a problem, and totals agree with the file to
    the penny. The mapping is kept in the model folder and used again next time. With --replace,
    rows with the same key go, and with them all rows that have the same fixed values of the key,
    such as one commissioner's.
    """
    from wpb.intake.mapping.known_codes import known_codes
    from wpb.intake.mapping.layouts import read_layout
    from wpb.intake.mapping.rules import default_path
    from wpb.intake.mapping.suggesting import suggest_columns

    spec = _spec(table)
    path = mapping_file or default_path(folder, table)
    remembered = _remembered(path, spec)
    asked = _asked(said, remembered)
    log = ProblemLog()
    layout = read_layout(file, asked.sheet, asked.heading_row, log)
    known = known_codes(folder, spec)
    suggestions = suggest_columns(spec, layout, known)
    asking = sys.stdin.isatty() and not as_json
    mapping = _settled(spec, layout, suggestions, remembered, asked, asking, log)
    bring_in(
        layout,
        mapping,
        folder,
        path,
        controls,
        replacing,
        as_json,
        asking=asking,
        dry_run=dry_run,
        log=log,
    )


def bring_in(
    layout: Layout,
    mapping: TableMapping,
    folder: Path,
    path: Path,
    controls: tuple[str, ...],
    replacing: bool,
    as_json: bool,
    asking: bool = False,
    dry_run: bool = False,
    log: ProblemLog | None = None,
) -> None:
    """Give the account of a file, and write its rows and its mapping where nothing is wrong.

    Ends with exit code 1, and nothing written, where there are errors.
    Source: req 373, 374.
    """
    from wpb.intake.account import check_control_total
    from wpb.intake.mapping.accounts import account_of
    from wpb.intake.mapping.known_codes import known_codes
    from wpb.intake.mapping.rules import write_mapping
    from wpb.intake.table_writing import write_tables

    spec, currency = _spec(mapping.table), _currency(folder)
    made, mapping, log = _mapped(
        mapping, layout, known_codes(folder, spec), currency, asking, log or ProblemLog()
    )
    account = account_of(layout, mapping, made, spec, currency)
    if asking and not controls and account.totals:
        controls = _ask_control_total(account)
    if controls and not log.errors:
        check_control_total(account, controls, layout.grid.cell(layout.heading_row, 0), log)
    if asking and not dry_run:
        write_mapping(path, mapping)
    planned = None if log.errors else _planned(folder, spec, mapping, made, replacing, log)
    if not as_json:
        for line in account.lines():
            click.echo(line, err=bool(log.errors))
    if planned is None or log.errors:
        _stop(account, log, as_json)
        return
    if not dry_run:
        write_tables([planned])
        write_mapping(path, mapping)
    where = None if dry_run else planned.path
    counts = (len(planned.replaced), planned.kept)
    _tell(spec, mapping, made, account, (path, where), counts, log, as_json)


def _asked(said: dict[str, Any], remembered: TableMapping | None) -> _Asked:
    """What was asked for, with the sheet and the heading row that are remembered where none is
    named.
    """
    sheet, row = said.pop("sheet"), said.pop("heading_row")
    if remembered:
        sheet = sheet or remembered.sheet
        row = remembered.heading_row if row is None else row
    found = {name: value or "" for name, value in said.items() if name in ("totals", "hidden_rows")}
    return _Asked(**{**said, **found}, sheet=sheet, heading_row=row)


def _mapped(
    mapping: TableMapping,
    layout: Layout,
    known: dict[str, set[str]],
    currency: str,
    asking: bool,
    log: ProblemLog,
) -> tuple[Mapped, TableMapping, ProblemLog]:
    """Apply the mapping, asking on a terminal for codes that no look-up knows until none is
    left.
    """
    from wpb.intake.mapping.applying import apply_mapping

    spec = _spec(mapping.table)
    made = apply_mapping(mapping, layout, spec, known, currency, log)
    while asking and made.unmapped:
        mapping = _ask_codes(mapping, made)
        log = ProblemLog()
        made = apply_mapping(mapping, layout, spec, known, currency, log)
    return made, mapping, log


def _planned(
    folder: Path,
    spec: TableSpec,
    mapping: TableMapping,
    made: Mapped,
    replacing: bool,
    log: ProblemLog,
) -> PlannedTable:
    from wpb.intake.table_writing import plan_table

    fixed = {
        name: rule.value
        for name, rule in mapping.columns.items()
        if name in spec.key and not rule.headings
    }
    return plan_table(
        folder,
        spec,
        made.rows,
        lambda row: (
            bool(fixed) and all(row.get(name, "").strip() == value for name, value in fixed.items())
        ),
        replacing,
        log,
    )


def _ask_control_total(account: FileAccount) -> tuple[str, ...]:
    first = next((total for total in account.totals if total.money), account.totals[0])
    answer = click.prompt(
        f"Total of {first.column} at the foot of your report (nothing if there is none)",
        default="",
        show_default=False,
        err=True,
    )
    return (str(answer).strip(),) if str(answer).strip() else ()


def _stop(account: FileAccount, log: ProblemLog, as_json: bool) -> None:
    """Say why nothing was written, with the account of the file, and end with exit code 1."""
    if as_json:
        print_json({"account": account.as_dict(), "written": None, **problems_as_json(log)})
    else:
        print_problems(log.problems, to_stderr=True)
        click.echo("Nothing was written.", err=True)
    raise click.exceptions.Exit(INPUT_PROBLEMS)


def _spec(table: str) -> TableSpec:
    from wpb.kernel.words import did_you_mean
    from wpb.tables import TABLES_BY_NAME

    if table not in TABLES_BY_NAME:
        raise UsageProblem(
            f"There is no table '{table}'. {did_you_mean(table, TABLES_BY_NAME)}The tables are"
            f" {', '.join(TABLES_BY_NAME)}."
        )
    return TABLES_BY_NAME[table]


def _remembered(path: Path, spec: TableSpec) -> TableMapping | None:
    from wpb.intake.mapping.rules import read_mapping
    from wpb.intake.mapping.spelling import check_column

    if not path.is_file():
        return None
    found = read_mapping(path)
    if found.table != spec.name:
        raise UsageProblem(
            f"The mapping {path} fills the table {found.table}, not {spec.name}. Name another with"
            " --mapping."
        )
    for name in found.columns:
        check_column(spec, name)
    return found


def _currency(folder: Path) -> str:
    from wpb.intake.settings_files import SETTINGS_FILE, read_settings_file

    entries = (
        read_settings_file(folder / SETTINGS_FILE, ProblemLog())
        if (folder / SETTINGS_FILE).is_file()
        else None
    )
    return entries["currency"].text if entries and "currency" in entries else "GBP"


def _settled(
    spec: TableSpec,
    layout: Layout,
    suggestions: Suggestions,
    remembered: TableMapping | None,
    asked: _Asked,
    asking: bool,
    log: ProblemLog,
) -> TableMapping:
    """Settle every column: as said, as remembered, as suggested where that was accepted, or as
    answered.
    """
    from wpb.intake.mapping.rules import ColumnRule
    from wpb.intake.mapping.spelling import (
        check_column,
        check_headings,
        column_rule,
        lookup_file,
        split_pair,
        with_times,
    )

    rules: dict[str, ColumnRule] = dict(remembered.columns) if remembered else {}
    for pair in asked.said:
        name, rest = split_pair(pair, "--set")
        check_column(spec, name)
        before = rules.get(name, ColumnRule())
        rules[name] = replace(column_rule(rest, layout), lookup=before.lookup, times=before.times)
    if asked.accept:
        rules |= _accepted(spec, suggestions, rules)
    if asking:
        rules |= _ask_columns(spec, layout, suggestions, rules)
    wide, asked = _unpivot(asked, spec, layout, remembered, log)
    if wide:
        times = rules.get(wide.value_column, ColumnRule()).times
        rules |= {wide.name_column: ColumnRule(), wide.value_column: ColumnRule(times=times)}
    for pair in asked.lookups:
        name, file = split_pair(pair, "--lookup")
        _need(rules, name, "--lookup")
        rules[name] = replace(
            rules[name], lookup={**rules[name].lookup, **lookup_file(Path(file), log)}
        )
    for pair in asked.times:
        name, number = split_pair(pair, "--times")
        if not (wide and name == wide.value_column):
            _need(rules, name, "--times")
        rules[name] = with_times(rules[name], number.strip())
    check_headings(rules, (), layout)
    _refuse_missing(spec, layout, rules, suggestions, log)
    in_order = {column.name: rules[column.name] for column in spec.columns if column.name in rules}
    return _with_rows(in_order, spec, layout, remembered, asked, wide)


def _with_rows(
    rules: dict[str, ColumnRule],
    spec: TableSpec,
    layout: Layout,
    remembered: TableMapping | None,
    asked: _Asked,
    wide: Unpivot | None,
) -> TableMapping:
    """The mapping with what becomes of rows: kept, left out, added up, and marks of figures."""
    from wpb.intake.mapping.rules import TableMapping
    from wpb.intake.mapping.spelling import (
        check_headings,
        keep_rules,
        left_out_rule,
        marker_meanings,
    )

    before = remembered or TableMapping(spec.name, {})
    said = tuple(left_out_rule(text, layout) for text in asked.leave_out)
    left_out = tuple(dict.fromkeys((*before.left_out, *said)))
    keep = {**before.keep, **keep_rules(asked.keep, layout)}
    check_headings(rules, left_out, layout, (*keep, *(wide.headings if wide else ())))
    return TableMapping(
        spec.name,
        rules,
        layout.grid.sheet if layout.grid.source == "excel" else "",
        layout.heading_row + 1,
        left_out,
        asked.add_up or before.add_up,
        keep,
        {**before.markers, **marker_meanings(asked.markers)},
        wide,
        asked.totals or before.totals,
        asked.hidden_rows or before.hidden_rows,
    )


def _unpivot(
    asked: _Asked,
    spec: TableSpec,
    layout: Layout,
    remembered: TableMapping | None,
    log: ProblemLog,
) -> tuple[Unpivot | None, _Asked]:
    """The headings that become rows, as said or remembered, and what else was asked: a look-up of
    the name column names the headings.
    """
    from wpb.intake.mapping.spelling import lookup_file, split_pair, unpivot_rule

    wide = remembered.unpivot if remembered else None
    if asked.unpivot:
        wide = unpivot_rule(asked.unpivot, layout, spec, wide.names if wide else {})
    if wide is None:
        return None, asked
    names, rest = dict(wide.names), []
    for pair in asked.lookups:
        name, file = split_pair(pair, "--lookup")
        if name == wide.name_column:
            names |= lookup_file(Path(file), log)
        else:
            rest.append(pair)
    return replace(wide, names=names), replace(asked, lookups=tuple(rest))


def _need(rules: dict[str, ColumnRule], name: str, option: str) -> None:
    if name not in rules or not rules[name].headings:
        raise UsageProblem(
            f"{option} names '{name}', which no heading of the file fills yet. Say which with --set"
            f" {name}=HEADING."
        )


def _accepted(
    spec: TableSpec, suggestions: Suggestions, rules: dict[str, ColumnRule]
) -> dict[str, ColumnRule]:
    """Give every open column its one sure heading; what is not sure stays open."""
    from wpb.intake.mapping.rules import ColumnRule
    from wpb.intake.mapping.suggesting import sure_columns

    taken = {heading for rule in rules.values() for heading in rule.headings}
    still_open = [column.name for column in spec.columns if column.name not in rules]
    found = sure_columns(suggestions, still_open, taken)
    return {name: ColumnRule((heading,)) for name, heading in found.items()}


def _refuse_missing(
    spec: TableSpec,
    layout: Layout,
    rules: dict[str, ColumnRule],
    suggestions: Suggestions,
    log: ProblemLog,
) -> None:
    missing = [column for column in spec.columns if column.required and column.name not in rules]
    if not missing:
        return
    from wpb.intake.mapping.suggesting import of_another_period

    _report_formulas(layout, log)
    taken = {heading for rule in rules.values() for heading in rule.headings}
    lines = []
    for column in missing:
        likely = [found.heading for found in suggestions[column.name] if found.heading not in taken]
        hint = (
            f'likeliest: --set "{column.name}={likely[0]}"'
            if len(likely) == 1
            else (
                "which of these? "
                + " or ".join(f'--set "{column.name}={heading}"' for heading in likely)
                if likely
                else (
                    f'no heading looks like it: --set "{column.name}=HEADING" or --set'
                    f' "{column.name}==VALUE"'
                )
            )
        )
        others = of_another_period(layout, column)
        apart = f" (of another period or kind: {', '.join(others)})" if others else ""
        lines.append(f"  {column.name} ({column.help}): {hint}{apart}")
    raise UsageProblem(
        "\n".join(
            [
                f"Headings found on row {layout.heading_row + 1}: {', '.join(layout.headings)}.",
                "These columns still need a source:",
                *lines,
                "Say each with --set. Nothing was written.",
            ]
        )
    )


def _report_formulas(layout: Layout, log: ProblemLog) -> None:
    """Stop on formulas that were never calculated: a column of them fits nothing.

    Raises InputProblems.
    """
    from wpb.intake.grids import SheetFault

    for row in layout.rows:
        for heading in layout.headings:
            raw = layout.value(row, heading)
            if isinstance(raw, SheetFault) and not raw.calculated:
                log.error(
                    layout.where(row, heading),
                    f"The formula {raw.text} was never calculated.",
                    "Open the workbook in Excel, let it calculate, and save it.",
                    "not_calculated",
                )
    log.raise_if_errors()


def _ask_columns(
    spec: TableSpec, layout: Layout, suggestions: Suggestions, rules: dict[str, ColumnRule]
) -> dict[str, ColumnRule]:
    """Ask on the terminal where each open column comes from; an empty answer to an optional one
    leaves it blank.
    """
    from wpb.intake.mapping.spelling import column_rule

    click.echo(f"Headings on row {layout.heading_row + 1}: {', '.join(layout.headings)}", err=True)
    click.echo(
        "Answer with a heading, A+B for several, =VALUE for one value on every row, or nothing to"
        " leave an optional column blank.",
        err=True,
    )
    answers: dict[str, ColumnRule] = {}
    for column in spec.columns:
        if column.name in rules:
            continue
        taken = {
            heading for rule in (*rules.values(), *answers.values()) for heading in rule.headings
        }
        likely = [
            suggestion.heading
            for suggestion in suggestions[column.name]
            if suggestion.heading not in taken
        ]
        while True:
            sure = [found.heading for found in suggestions[column.name] if found.sure]
            default = sure[0] if len(sure) == 1 and likely[:1] == sure and column.required else ""
            perhaps = (
                f" - perhaps {likely[0]}, or blank"
                if likely and not column.required
                else ""
                if column.required
                else " - may stay blank"
            )
            answer = str(
                click.prompt(
                    f"{column.name} ({column.help}){perhaps}",
                    default=default,
                    show_default=bool(default),
                    err=True,
                )
            ).strip()
            if not answer and not column.required:
                break
            try:
                answers[column.name] = column_rule(answer, layout)
                break
            except UsageProblem as fault:
                click.echo(str(fault), err=True)
    return answers


def _ask_codes(mapping: TableMapping, mapped: Mapped) -> TableMapping:
    """Ask on the terminal what each unmapped code stands for."""
    columns = dict(mapping.columns)
    for entry in mapped.unmapped:
        answer = str(
            click.prompt(
                f"'{entry.code}' ({entry.rows} rows) stands for which {entry.column}", err=True
            )
        ).strip()
        rule = columns[entry.column]
        columns[entry.column] = replace(
            rule,
            lookup={**_own_codes(rule, mapped, entry.column), **rule.lookup, entry.code: answer},
        )
    return replace(mapping, columns=columns)


def _own_codes(rule: ColumnRule, mapped: Mapped, column: str) -> dict[str, str]:
    """Codes that needed no look-up so far keep standing for themselves once there is one."""
    return (
        {} if rule.lookup else {row[column]: row[column] for row in mapped.rows if row.get(column)}
    )


def _tell(
    spec: TableSpec,
    mapping: TableMapping,
    mapped: Mapped,
    account: FileAccount,
    paths: tuple[Path, Path | None],
    counts: tuple[int, int],
    log: ProblemLog,
    as_json: bool,
) -> None:
    mapping_path, written = paths
    if as_json:
        print_json(
            {
                "table": spec.name,
                "heading_row": account.heading_row,
                "sheet": account.sheet or Path(account.file).stem,
                "rows_read": mapped.rows_read,
                "rows_written": len(mapped.rows),
                "rows_left_out": mapped.rows_left_out,
                "rows_added_up": mapped.rows_added_up,
                "columns": {
                    name: list(rule.headings) or [f"={rule.value}"]
                    for name, rule in mapping.columns.items()
                },
                "headings_not_read": list(account.columns_not_read),
                "totals": [
                    {name: value for name, value in total.items() if name != "numbers"}
                    for total in account.as_dict()["totals"]
                ],
                "mapping": str(mapping_path),
                "written": str(written) if written else None,
                "replaced": counts[0],
                "kept": counts[1],
                "account": account.as_dict(),
                **problems_as_json(log),
            }
        )
        return
    if len(log):
        print_problems(log.problems, to_stderr=True)
    click.echo(
        f"{mapped.rows_read:,} rows read, {len(mapped.rows):,} written to {spec.name}"
        + (f", {mapped.rows_left_out:,} left out" if mapped.rows_left_out else "")
        + (
            f", {mapped.rows_added_up:,} added to a row with the same key"
            if mapped.rows_added_up
            else ""
        )
        + "."
    )
    click.echo(
        f"Wrote {written}; the mapping is kept in {mapping_path}."
        if written
        else "Nothing was written: this was a dry run."
    )
