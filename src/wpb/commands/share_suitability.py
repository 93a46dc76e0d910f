"""`wpb share suitability`: which activity to share, and between whom."""

from __future__ import annotations

from pathlib import Path

import click

from wpb.commands.running import AS_JSON, print_json
from wpb.commands.share_files import read_text
from wpb.kernel.problems import ProblemLog


@click.command("suitability", short_help="Score what to share, and between whom.")
@click.argument("file", type=click.Path(path_type=Path))
@AS_JSON
def suitability(file: Path, as_json: bool) -> None:
    """Score the activities of FILE, a YAML file, on the handbook's eight tests, and say who should
    share.

    Each activity also goes through the Mid-Nottinghamshire flow: a risk is shared where it is
    significant in size and the parties answer for it together.
    """
    from wpb.kernel.lined_yaml import LinedPage, read_yaml
    from wpb.present.suitability_view import suitability_figures, suitability_lines
    from wpb.sharing.reading_suitability import read_suitability

    log = ProblemLog()
    found = read_yaml(read_text(file, log), file.name, log)
    log.raise_if_errors()
    given = read_suitability(found, LinedPage(file.name, log))
    log.raise_if_errors()
    figures = suitability_figures(given)
    if as_json:
        print_json(figures)
        return
    click.echo("\n".join(suitability_lines(figures)))
