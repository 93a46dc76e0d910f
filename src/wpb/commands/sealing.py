"""What `wpb agree`, `wpb close` and `wpb correct` share: the day, the contract as known on it, and
the file that is written.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wpb.commands.live_model import opened
from wpb.commands.running import print_json, progress_reporter
from wpb.kernel.money import pounds

if TYPE_CHECKING:
    from wpb.live import LiveContract
    from wpb.live.sealing import RecordFile

ON = click.option(
    "--on",
    "on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day it is done, such as 2027-05-20; today by default.",
)


def seal(
    model: Path,
    day: datetime.date,
    make: Callable[[LiveContract], RecordFile],
    as_json: bool,
) -> None:
    """Work the contract out as known on a day, write one file of its record, and say what was
    sealed.

    Raises InputProblems where the contract can't be worked out, or is not what was sealed;
    UsageProblem where there is nothing to seal.
    """
    from wpb.live.sealing import sealed_figures, write_file
    from wpb.tables.sealed_record import read_record

    with progress_reporter() as progress:
        live = opened(model, datetime.datetime.combine(day, datetime.time()), progress)
        file = make(live)
        write_file(live.model.folder, file)
    from wpb.kernel.problems import ProblemLog

    entry = read_record([*live.model.record, (file.name, file.content)], ProblemLog()).entries[-1]
    figures = sealed_figures(file, entry)
    if as_json:
        print_json(figures)
        return
    words = {
        "agreement": f"The agreement is sealed: {pounds(figures['lifetime_pence'], 2)} over the"
        " term, by payer and year.",
        "month": f"{entry.month} is closed: {len(entry.postings)} postings,"
        f" {pounds(figures['paid_pence'], 2)} paid.",
        "correction": f"The correction is entered: {len(entry.postings)} postings in"
        f" {entry.month}, {pounds(figures['paid_pence'], 2)} paid.",
    }
    click.echo(words[entry.kind])
    click.echo(f"Written to {figures['file']}, dated {entry.on}.")
    click.echo(f"Hash: {entry.digest}")
    click.echo("Keep the hash outside this folder, with the minutes: `wpb check --head HASH`.")
    if day > datetime.date.today():
        click.echo("The day given is after today by this machine's clock; the file says so.")
