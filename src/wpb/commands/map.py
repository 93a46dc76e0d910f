"""`wpb map`: the user's own ledger and activity layouts into the tables of a model, with the
mapping remembered.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wpb.commands.running import AS_JSON, print_json, print_problems, problems_as_json
from wpb.kernel.problems import ProblemLog, UsageProblem

if TYPE_CHECKING:
    from wpb.intake.mapping.applying import Mapped
    from wpb.intake.mapping.layouts import Layout
    from wpb.intake.mapping.rules import ColumnRule, TableMapping
    from wpb.intake.mapping.suggesting import Suggestion
    from wpb.tables.schema import TableSpec

Suggestions = dict[str, "list[Suggestion]"]
SURE = 0.8
"""How well a heading must fit before it fills a column that may stay blank."""


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
    default=Path("."),
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
@click.option("--add-up", is_flag=True, help="Add up rows that share a key.")
@click.option("--sheet", default="", help="Sheet of a workbook; the fullest unless named.")
@click.option(
    "--heading-row", type=int, help="Row the headings stand on, from 1; found unless named."
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
    said: tuple[str, ...],
    lookups: tuple[str, ...],
    times: tuple[str, ...],
    leave_out: tuple[str, ...],
    add_up: bool,
    sheet: str,
    heading_row: int | None,
    accept: bool,
    dry_run: bool,
    replacing: bool,
    as_json: bool,
) -> None:
    """Fill a table of a model from FILE, a CSV or workbook in your own layout.

    Headings may stand on any row and have any name. On a terminal you are asked for what is not
    said; elsewhere everything comes from --set, a remembered mapping, or --accept-suggestions.
    Every row is written, left out for a reason you gave, or named as a problem, and totals in and
    out agree to the penny. The mapping is kept in the model folder and used again next time. With
    --replace, rows with the same key go, and with them all rows that have the same fixed values of
    the key, such as one commissioner's.
    """
    from wpb.intake.mapping.applying import apply_mapping
    from wpb.intake.mapping.known_codes import known_codes
    from wpb.intake.mapping.layouts import read_layout
    from wpb.intake.mapping.rules import default_path, write_mapping
    from wpb.intake.mapping.suggesting import suggest_columns
    from wpb.intake.table_writing import plan_table, write_tables

    spec = _spec(table)
    path = mapping_file or default_path(folder, table)
    remembered = _remembered(path, spec)
    asked = _Asked(
        said,
        lookups,
        times,
        leave_out,
        add_up,
        accept,
        sheet or (remembered.sheet if remembered else ""),
        heading_row if heading_row is not None else remembered.heading_row if remembered else None,
    )
    log = ProblemLog()
    layout = read_layout(file, asked.sheet, asked.heading_row, log)
    known = known_codes(folder, spec)
    suggestions = suggest_columns(spec, layout, known)
    asking = sys.stdin.isatty() and not as_json
    mapping = _settled(spec, layout, suggestions, remembered, asked, asking, log)
    mapped = apply_mapping(mapping, layout, spec, known, _currency(folder), log)
    while asking and mapped.unmapped:
        mapping = _ask_codes(mapping, mapped)
        log = ProblemLog()
        mapped = apply_mapping(mapping, layout, spec, known, _currency(folder), log)
    if asking and not dry_run:
        write_mapping(path, mapping)
    log.raise_if_errors()
    fixed = {
        name: rule.value
        for name, rule in mapping.columns.items()
        if name in spec.key and not rule.headings
    }
    planned = plan_table(
        folder,
        spec,
        mapped.rows,
        lambda row: (
            bool(fixed) and all(row.get(name, "").strip() == value for name, value in fixed.items())
        ),
        replacing,
        log,
    )
    log.raise_if_errors()
    if not dry_run:
        write_tables([planned])
        write_mapping(path, mapping)
    _tell(
        spec,
        layout,
        mapping,
        mapped,
        path,
        None if dry_run else planned.path,
        len(planned.replaced),
        planned.kept,
        log,
        as_json,
    )


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
    from wpb.intake.mapping.rules import ColumnRule, TableMapping
    from wpb.intake.mapping.spelling import (
        check_column,
        check_headings,
        column_rule,
        left_out_rule,
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
        taken = {heading for rule in rules.values() for heading in rule.headings}
        rules |= _accepted(spec, suggestions, rules, taken)
    if asking:
        rules |= _ask_columns(spec, layout, suggestions, rules)
    for pair in asked.lookups:
        name, file = split_pair(pair, "--lookup")
        _need(rules, name, "--lookup")
        rules[name] = replace(
            rules[name], lookup={**rules[name].lookup, **lookup_file(Path(file), log)}
        )
    for pair in asked.times:
        name, number = split_pair(pair, "--times")
        _need(rules, name, "--times")
        rules[name] = with_times(rules[name], number.strip())
    left_out = tuple(
        dict.fromkeys(
            (
                *(remembered.left_out if remembered else ()),
                *(left_out_rule(said, layout) for said in asked.leave_out),
            )
        )
    )
    check_headings(rules, left_out, layout)
    _refuse_missing(spec, layout, rules, suggestions)
    in_order = {column.name: rules[column.name] for column in spec.columns if column.name in rules}
    return TableMapping(
        spec.name,
        in_order,
        layout.grid.sheet if layout.grid.source == "excel" else "",
        layout.heading_row + 1,
        left_out,
        asked.add_up or bool(remembered and remembered.add_up),
    )


def _need(rules: dict[str, ColumnRule], name: str, option: str) -> None:
    if name not in rules or not rules[name].headings:
        raise UsageProblem(
            f"{option} names '{name}', which no heading of the file fills yet. Say which with --set"
            f" {name}=HEADING."
        )


def _accepted(
    spec: TableSpec, suggestions: Suggestions, rules: dict[str, ColumnRule], taken: set[str]
) -> dict[str, ColumnRule]:
    """Give every open column its likeliest heading, the surest first; a heading fills one column
    only, and an optional column only where it is sure.
    """
    from wpb.intake.mapping.rules import ColumnRule

    found: dict[str, ColumnRule] = {}
    least = {column.name: 0.0 if column.required else SURE for column in spec.columns}
    ranked = sorted(
        (
            (suggestion.score, name, suggestion.heading)
            for name, listed in suggestions.items()
            if name not in rules
            for suggestion in listed
            if suggestion.score >= least[name]
        ),
        key=lambda row: (-row[0], row[1]),
    )
    for _, name, heading in ranked:
        if name not in found and heading not in taken:
            found[name] = ColumnRule((heading,))
            taken.add(heading)
    return found


def _refuse_missing(
    spec: TableSpec, layout: Layout, rules: dict[str, ColumnRule], suggestions: Suggestions
) -> None:
    missing = [
        column
        for column in spec.columns
        if (column.required or column.name in spec.key)
        and column.name not in rules
        and column.required
    ]
    if not missing:
        return
    lines = []
    for column in missing:
        likely = suggestions[column.name]
        hint = (
            f'likeliest: --set "{column.name}={likely[0].heading}"'
            if likely
            else (
                f'no heading looks like it: --set "{column.name}=HEADING" or --set'
                f' "{column.name}==VALUE"'
            )
        )
        lines.append(f"  {column.name} ({column.help}): {hint}")
    raise UsageProblem(
        "\n".join(
            [
                f"Headings found on row {layout.heading_row + 1}: {', '.join(layout.headings)}.",
                "These columns still need a source:",
                *lines,
                "Say each with --set, or use --accept-suggestions.",
            ]
        )
    )


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
            default = likely[0] if likely and column.required else ""
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
    layout: Layout,
    mapping: TableMapping,
    mapped: Mapped,
    path: Path,
    written: Path | None,
    replaced: int,
    kept: int,
    log: ProblemLog,
    as_json: bool,
) -> None:
    from wpb.intake.mapping.amounts import plain

    unread = [
        heading
        for heading in layout.headings
        if not any(heading in rule.headings for rule in mapping.columns.values())
    ]
    report: dict[str, Any] = {
        "table": spec.name,
        "heading_row": layout.heading_row + 1,
        "sheet": layout.grid.sheet,
        "rows_read": mapped.rows_read,
        "rows_written": len(mapped.rows),
        "rows_left_out": mapped.rows_left_out,
        "rows_added_up": mapped.rows_added_up,
        "columns": {
            name: list(rule.headings) or [f"={rule.value}"]
            for name, rule in mapping.columns.items()
        },
        "headings_not_read": unread,
        "totals": [
            {
                "column": tie.column,
                "file": plain(tie.source),
                "left_out": plain(tie.left_out),
                "written": plain(tie.written),
                "difference": plain(tie.difference),
            }
            for tie in mapped.ties
        ],
        "mapping": str(path),
        "written": str(written) if written else None,
        "replaced": replaced,
        "kept": kept,
    }
    if as_json:
        print_json({**report, **problems_as_json(log)})
        return
    if len(log):
        print_problems(log.problems, to_stderr=True)
    click.echo(
        f"{mapped.rows_read:,} rows read, {len(mapped.rows):,} written to {spec.name}"
        + (
            f", {mapped.rows_left_out:,} left out for the reasons given"
            if mapped.rows_left_out
            else ""
        )
        + (
            f", {mapped.rows_added_up:,} added to a row with the same key"
            if mapped.rows_added_up
            else ""
        )
        + "."
    )
    for tie in mapped.ties:
        source, kept_out, made = (
            _shown(amount, spec.column(tie.column).kind == "pounds")
            for amount in (tie.source, tie.left_out, tie.written)
        )
        click.echo(f"{tie.column}: {source} in the file = {made} written + {kept_out} left out.")
    if unread:
        click.echo(f"Headings not read: {', '.join(unread)}.")
    click.echo(
        f"Wrote {written}; the mapping is kept in {path}."
        if written
        else "Nothing was written: this was a dry run."
    )


def _shown(amount: Decimal, money: bool) -> str:
    """Write a total for a reader: money to the penny, or with every digit where there are more."""
    places = -int(amount.normalize().as_tuple().exponent)
    return f"{amount:,.{max(places, 2 if money else 0)}f}"
