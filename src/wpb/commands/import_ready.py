"""`wpb import practice-payments` and `wpb import list-sizes`: published files with a ready
layout.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wpb.commands.map import bring_in
from wpb.commands.running import AS_JSON
from wpb.kernel.problems import ProblemLog, UsageProblem

if TYPE_CHECKING:
    from wpb.intake.mapping.layouts import Layout
    from wpb.intake.mapping.rules import TableMapping

INTO = click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    show_default="this folder",
    help="Model folder to write into.",
)
REPLACE = click.option(
    "--replace", is_flag=True, help="Put imported rows in the place of those already there."
)
KEEP = click.option(
    "--keep",
    multiple=True,
    metavar="HEADING=VALUE",
    help="Rows to keep, such as those of one ICB; repeat it for more.",
)
CONTROL = click.option(
    "--control-total",
    "controls",
    multiple=True,
    metavar="AMOUNT",
    help="Total that what is written must come to; a difference stops the command.",
)
TOTALS = click.option(
    "--totals",
    type=click.Choice(["leave-out", "keep"]),
    help="Leave rows that look like totals out, or keep those that only by value look so.",
)


@click.command("practice-payments", short_help="Payments to practices by stream, wide to long.")
@click.argument("file", type=click.Path(path_type=Path))
@INTO
@click.option(
    "--year", default="", help="Year of the payments, such as 2022-23; else from the name."
)
@click.option(
    "--service-line",
    default="PRIMARY_MEDICAL",
    show_default=True,
    help="Service line of every row.",
)
@click.option(
    "--funding-stream", default="primary_medical", show_default=True, help="Stream that pays."
)
@click.option(
    "--stream",
    "streams",
    multiple=True,
    metavar="HEADING=STREAM",
    help="Payment stream of a heading that is not known yet.",
)
@KEEP
@CONTROL
@TOTALS
@REPLACE
@AS_JSON
def practice_payments(
    file: Path,
    folder: Path,
    year: str,
    service_line: str,
    funding_stream: str,
    streams: tuple[str, ...],
    keep: tuple[str, ...],
    controls: tuple[str, ...],
    totals: str | None,
    replace: bool,
    as_json: bool,
) -> None:
    """Write primary_care_payments.

    FILE is NHS Payments to General Practice as it is published, a row a practice and a column a
    stream. Streams of one kind are added up; the total of the file is that of the table, to the
    penny.
    """
    from wpb.intake.mapping.ready import practice_payments_mapping
    from wpb.intake.mapping.spelling import split_pair

    more = dict(split_pair(pair, "--stream") for pair in streams)
    fixed = {"service_line": service_line, "funding_stream": funding_stream}

    def mapping(layout: Layout) -> TableMapping:
        return practice_payments_mapping(layout, year or _year_of(layout), fixed, more)

    _bring(file, folder, mapping, (keep, controls, totals or ""), replace, as_json)


@click.command("list-sizes", short_help="Registered patients by practice.")
@click.argument("file", type=click.Path(path_type=Path))
@INTO
@click.option("--counted-on", default="", help="Day of the count, where the file does not say it.")
@click.option(
    "--known-on", default="", help="Day the count was known; the day of the count if blank."
)
@KEEP
@CONTROL
@TOTALS
@REPLACE
@AS_JSON
def list_sizes(
    file: Path,
    folder: Path,
    counted_on: str,
    known_on: str,
    keep: tuple[str, ...],
    controls: tuple[str, ...],
    totals: str | None,
    replace: bool,
    as_json: bool,
) -> None:
    """Write list_totals.

    FILE has a practice's code, its number of patients and the day of the count under any of their
    usual headings: the NHS Digital file of totals by practice, or an extract of practices' systems.
    """
    from wpb.intake.mapping.ready import list_sizes_mapping

    def mapping(layout: Layout) -> TableMapping:
        return list_sizes_mapping(layout, counted_on, known_on)

    _bring(file, folder, mapping, (keep, controls, totals or ""), replace, as_json)


def _bring(
    file: Path,
    folder: Path,
    mapping: Callable[[Layout], TableMapping],
    said: tuple[tuple[str, ...], tuple[str, ...], str],
    replacing: bool,
    as_json: bool,
) -> None:
    from dataclasses import replace

    from wpb.intake.mapping.layouts import read_layout
    from wpb.intake.mapping.rules import default_path
    from wpb.intake.mapping.spelling import keep_rules

    keep, controls, totals = said
    log = ProblemLog()
    layout = read_layout(file, "", None, log)
    settled = mapping(layout)
    settled = replace(settled, keep={**settled.keep, **keep_rules(keep, layout)}, totals=totals)
    bring_in(
        layout, settled, folder, default_path(folder, settled.table), controls, replacing, as_json
    )


def _year_of(layout: Layout) -> str:
    from wpb.intake.known_files import known_file
    from wpb.intake.mapping.accounts import period_said
    from wpb.kernel.calendar import is_financial_year

    known = known_file(layout.path)
    year = known.year if known else period_said(layout).split(",")[0]
    if not is_financial_year(year):
        raise UsageProblem(
            f"{layout.grid.file} does not say which year it is for, nor does its name. Add --year,"
            " for example --year 2022-23."
        )
    return year
