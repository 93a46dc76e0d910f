"""`wpb doctor`: what this machine has, what it lacks and what for, and whether the rules give the
handbook's figures.
"""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from wpb.commands.running import AS_JSON, CheckFailed, print_json

NEEDED = (
    "click",
    "jinja2",
    "numpy",
    "pyarrow",
    "python-calamine",
    "openpyxl",
    "rich",
    "ruamel.yaml",
    "xlsxwriter",
    "altair",
    "vl-convert-python",
    "duckdb",
    "sqlglot",
    "typst",
    "python-docx",
)
OPTIONAL = {
    "pyspark": "people's records on a Spark cluster",
    "psycopg": "shared work on PostgreSQL",
    "pandas": "tables as pandas data frames",
    "polars": "tables as polars data frames",
}
TOOLS = {
    "soffice": "opening workbooks without Excel",
    "git": "keeping the history of a model folder",
    "java": "people's records on a Spark cluster of this machine",
}
OLDEST = (3, 11)


@dataclass(frozen=True)
class Check:
    """One thing looked at: whether it is there, what was found, and what to do where it isn't."""

    name: str
    ok: bool
    needed: bool
    found: str
    mend: str = ""


@click.command("doctor")
@AS_JSON
def doctor(as_json: bool) -> None:
    """Say what this machine lacks, and test that the rules give the handbook's printed figures.

    Exit code 3 where something that is needed is missing, or a figure does not come out.
    """
    checks = list(looked_at())
    if as_json:
        print_json(
            {
                "checks": [vars(check) for check in checks],
                "healthy": all(check.ok or not check.needed for check in checks),
            }
        )
    else:
        for check in checks:
            word = "ok" if check.ok else "MISSING" if check.needed else "not here"
            click.echo(
                f"{word:<9}{check.name}: {check.found}"
                + (f"\n         {check.mend}" if not check.ok else "")
            )
    failed = [check.name for check in checks if check.needed and not check.ok]
    if failed:
        raise CheckFailed(f"Not in order: {', '.join(failed)}.")
    if not as_json:
        click.echo("\nEverything that is needed is in order.")


def looked_at() -> Iterator[Check]:
    """Look at Python, libraries, tools, the temporary folder, the national assumptions, and the
    handbook's figures.

    Source: req 368.
    """
    version = platform.python_version()
    yield Check(
        "Python", sys.version_info[:2] >= OLDEST, True, version, "Install Python 3.11 or newer."
    )
    for name in NEEDED:
        yield _library(name, True, "")
    for name, purpose in OPTIONAL.items():
        yield _library(name, False, purpose)
    for name, purpose in TOOLS.items():
        place = shutil.which(name)
        yield Check(
            name,
            place is not None,
            False,
            "found" if place else f"only needed for {purpose}",
            f"Install it if you want {purpose}.",
        )
    yield _tried(
        "temporary folder",
        _write_and_read,
        "Free some space, or point TMPDIR at a folder you may write to.",
    )
    yield _tried("national assumptions", _national, "Install wpb again.")
    yield _tried(
        "PDF that reads aloud", _pdf, "Install typst again: pip install --force-reinstall typst."
    )
    from wpb.commands.handbook_figures import self_test

    for test in self_test():
        yield Check(
            f"handbook {test.figure}",
            test.passes,
            True,
            (
                "pass"
                if test.passes
                else (
                    f"FAIL: printed {', '.join(test.printed)}; worked out"
                    f" {', '.join(test.worked_out)}"
                )
            ),
            "Install wpb again, and report it if it stays.",
        )


def _library(name: str, needed: bool, purpose: str) -> Check:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return Check(name, True, needed, version(name))
    except PackageNotFoundError:
        return Check(
            name,
            False,
            needed,
            "not installed" if needed else f"only needed for {purpose}",
            f"Install it: pip install {name}.",
        )


def _tried(name: str, attempt: Callable[[], str], mend: str) -> Check:
    try:
        return Check(name, True, True, attempt())
    except Exception as fault:  # noqa: BLE001 - what fails is the answer
        return Check(name, False, True, str(fault).split("\n", 1)[0], mend)


def _write_and_read() -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "written"
        path.write_text("wpb", encoding="utf-8")
        if path.read_text(encoding="utf-8") != "wpb":
            raise OSError("what was written could not be read back")
    free = shutil.disk_usage(tempfile.gettempdir()).free // 1_000_000_000
    return f"{free} GB free"


def _national() -> str:
    from wpb.kernel.assumptions import load_book
    from wpb.kernel.problems import ProblemLog
    from wpb.national import national_folder

    problems = ProblemLog()
    book = load_book(national_folder(), None, problems)
    problems.raise_if_errors()
    return f"{len(book.keys())} subjects"


def _pdf() -> str:
    from wpb.present.documents.as_pdf import pdf_bytes
    from wpb.present.documents.content import Document, Heading

    return (
        f"{len(pdf_bytes(Document('Test', 'Test', 'Draft', 'wpb', '', (Heading('Test'),))))} bytes"
    )
