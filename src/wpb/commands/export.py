"""`wpb export`: a budget as a workbook of formulas, or as one of its documents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from wpb.present.documents.papers import Papers

DOCUMENT_NAMES = {
    "board-paper": "The budget in brief, its bridge, path and affordability.",
    "due-diligence": "Sources, methods, reconciliations, checks and sign-offs.",
    "assumption-log": "Assumptions with source, date, owner and evidence; choices of method.",
    "bidder-workings": "The calculation as every bidder may see it.",
    "public-summary": "The value and how it works, in plain words.",
    "reviewer-pack": "What was set by hand, what balances, what matters most, what changed.",
    "schedule-4a": "Annual payments by payer and part, instalments, update rules.",
    "indicative-values": "Values for the whole term and how they may change.",
    "term-sheet": "Terms of gain and loss sharing.",
    "gain-loss-statement": "Each settlement of gains and losses, party by party.",
    "risk-allocation": "Who bears which risk, and the most each party could lose.",
    "local-payment": "Statement of a locally agreed payment, to complete and publish.",
    "best-interests": "Record of the patients' best interests test, to complete.",
}
"""Every document and its line of help, so that help imports none of them."""


@click.group("export")
def export() -> None:
    """Write a model or its results in another form."""


@export.command("workbook")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--mark", default="Draft", show_default=True, help="Mark on the cover, such as a version."
)
def workbook(model: Path, out: Path, mark: str) -> None:
    """Write MODEL as a workbook of formulas: change a yellow figure and the budget follows.

    The workbook can be read back: `wpb run OUT.xlsx` gives the same budget.
    """
    import wpb
    from wpb.commands.running import progress_reporter

    with progress_reporter() as progress:
        wpb.load(model, progress=progress).export("workbook", out, mark)
    click.echo(f"Wrote {out}.")


def _document_command(name: str, help_line: str) -> click.Command:
    @click.command(
        name,
        help=f"{help_line} Write it from MODEL to OUT: a .pdf, .docx or .html file.",
        short_help=help_line,
    )
    @click.argument("model", type=click.Path(path_type=Path))
    @click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
    @click.option(
        "--mark", default="Draft", show_default=True, help="Mark on every page, such as a version."
    )
    def document(model: Path, out: Path, mark: str) -> None:
        from wpb.commands.running import progress_reporter
        from wpb.kernel.problems import UsageProblem
        from wpb.present.documents import make_document, write_document
        from wpb.present.documents.writing import FORMS

        if out.suffix.lower() not in FORMS:
            raise UsageProblem(f"{out} should end in .pdf, .docx or .html.")
        with progress_reporter() as progress:
            papers = _papers(model, mark, progress)
            progress("writing the document")
            write_document(make_document(name, papers), out)
        click.echo(f"Wrote {out}.")

    return document


def _papers(model: Path, mark: str, progress: Callable[[str], None]) -> Papers:
    """Bring together what documents of a model are made from."""
    import wpb

    return wpb.load(model, progress=progress).papers(mark)


for _name, _help in DOCUMENT_NAMES.items():
    export.add_command(_document_command(_name, _help))
