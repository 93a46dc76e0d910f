"""`wpb assumptions`: what is assumed, who published it and when; and whether a model's own
assumptions may be used.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wpb.commands.running import print_json
from wpb.kernel.problems import ProblemLog, UsageProblem

if TYPE_CHECKING:
    from wpb.kernel.assumptions import AssumptionBook

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
MODEL = click.option(
    "--model",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A model folder, to see its own assumptions too.",
)
KNOWN_ON = click.option(
    "--as-known-on",
    "known_on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Only what was published on or before this day, such as 2026-03-31.",
)


@click.group("assumptions")
def assumptions() -> None:
    """Show dated assumptions and their sources; check a model's own."""


@assumptions.command("list")
@MODEL
@KNOWN_ON
@AS_JSON
def list_assumptions(
    folder: Path | None, known_on: datetime.datetime | None, as_json: bool
) -> None:
    """List every assumption, with the years it covers."""
    from wpb.kernel.assumptions.values import spell_years

    book, problems = _book(folder)
    day = known_on.date() if known_on else None
    keys = book.keys()
    rows = [_row(book, key, day) for key in keys]
    if as_json:
        print_json({"assumptions": rows, "problems": [problem.as_dict() for problem in problems]})
    else:
        for row in rows:
            years = spell_years(row["years"]) or "no published value"
            click.echo(
                f"{row['key']}\n    {row['title']}; {years}{'; local' if row['local'] else ''}"
            )
        _say(problems)
    _leave(problems)


@assumptions.command("show")
@click.argument("key")
@MODEL
@KNOWN_ON
@AS_JSON
def show_assumption(
    key: str, folder: Path | None, known_on: datetime.datetime | None, as_json: bool
) -> None:
    """Show every value of one assumption, all vintages, and the one that counts for each year."""
    book, problems = _book(folder)
    day = known_on.date() if known_on else None
    try:
        found = book.describe(key)
        answers = _in_use(book, key, day)
    except UsageProblem as missing:
        raise click.UsageError(str(missing)) from None
    if as_json:
        found["in_use"] = [answer.as_dict() for answer in answers]
        found["problems"] = [problem.as_dict() for problem in problems]
        print_json(found)
    else:
        _print_subject(
            found, {(answer.year, answer.citation.vintage, answer.local) for answer in answers}
        )
        _say(problems)
    _leave(problems)


@assumptions.command("check")
@click.argument(
    "folder",
    metavar="[DIR]",
    required=False,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
)
@AS_JSON
def check_assumptions(folder: Path | None, as_json: bool) -> None:
    """Check the national assumptions and, given a model folder, the model's own: exit code 1 where
    any is at fault.
    """
    book, problems = _book(folder)
    local = [
        answer for key in sorted(book.local) for answer in _in_use(book, key, None) if answer.local
    ]
    if as_json:
        report = {
            "national": len(book.national),
            "local": [answer.as_dict() for answer in local],
            "problems": [problem.as_dict() for problem in problems],
        }
        print_json(report)
    else:
        for answer in local:
            click.echo(
                f"{answer.key} {answer.year}:"
                f" {_figure(answer.value, answer.unit)}{_displaced(answer)}"
            )
        _say(problems)
        if not problems.errors:
            click.echo(
                f"{len(book.national)} national and {len(book.local)} local assumptions are in"
                " order."
            )
    _leave(problems)


def _book(folder: Path | None) -> tuple[AssumptionBook, ProblemLog]:
    from wpb.kernel.assumptions import load_book
    from wpb.national import national_folder

    problems = ProblemLog()
    book = load_book(national_folder(), folder / "assumptions" if folder else None, problems)
    if folder and (folder / "inputs").is_dir():
        from wpb.intake import check_model
        from wpb.intake.rate_sheets import with_rates

        model = check_model(folder).model
        if model is not None:
            book = with_rates(model.tables, book, model.settings.prepared_on, folder, problems)
    return book, problems


def _in_use(book: AssumptionBook, key: str, known_on: datetime.date | None) -> list[Any]:
    from wpb.kernel.assumptions import MissingAssumption

    found = []
    for year in book.years(key, known_on):
        try:
            answer = book.find(key, year, known_on)
        # a step within the year has no one value for the year: its values are listed all the same
        except MissingAssumption:
            continue
        if answer is not None:
            found.append(answer)
    return found


def _row(book: AssumptionBook, key: str, known_on: datetime.date | None) -> dict[str, Any]:
    subject = book.subject(key)
    answers = _in_use(book, key, known_on)
    return {
        "key": key,
        "title": subject.title,
        "unit": subject.unit,
        "kind": subject.kind,
        "local": key in book.local,
        "years": list(book.years(key, known_on)),
        "vintages": sorted({answer.citation.vintage for answer in answers}),
        "not_final": [answer.year for answer in answers if answer.status != "final"],
    }


def _figure(value: float, unit: str) -> str:
    from wpb.kernel.assumptions.values import shown

    return shown(value, unit)


def _displaced(answer: Any) -> str:
    national = answer.displaced
    return f" in place of the national {_figure(national.value, national.unit)}" if national else ""


def _print_subject(found: dict[str, Any], in_use: set[tuple[str, str, bool]]) -> None:
    click.echo(f"{found['key']}: {found['title']} ({found['unit']})")
    if found["note"]:
        click.echo(f"    {found['note']}")
    sources: dict[str, int] = {}
    for value in found["values"]:
        mark = "*" if (value["year"], value["published"], value["local"]) in in_use else " "
        number = sources.setdefault(
            f"{value['source_title']}{', ' if value['locator'] else ''}{value['locator']}",
            len(sources) + 1,
        )
        badges = [value["status"]] * (value["status"] != "final") + ["local"] * value["local"]
        click.echo(
            f"  {mark} {value['year']}  {_figure(value['value'], found['unit']):>8} "
            f" {value['published']:<10}  [{number}] {' '.join(badges)}".rstrip()
        )
        if value["note"]:
            click.echo(f"        {value['note']}")
    if in_use:
        click.echo("  * the value that counts for its year")
    for source, number in sources.items():
        click.echo(f"  [{number}] {source}")


def _say(problems: ProblemLog) -> None:
    for problem in problems:
        click.echo(str(problem), err=True)


def _leave(problems: ProblemLog) -> None:
    if problems.errors:
        raise SystemExit(1)
