"""`wpb correct`: enter what a newer wpb works out otherwise, as a dated correction."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from wpb.commands.live_model import MODEL
from wpb.commands.running import AS_JSON
from wpb.commands.sealing import ON, seal


@click.command("correct", short_help="Enter what a newer wpb works out otherwise.")
@MODEL
@click.option("--reason", required=True, help="Why, in the words that the posting will show.")
@ON
@AS_JSON
def correct_command(model: Path, reason: str, on: datetime.datetime | None, as_json: bool) -> None:
    """Enter what this wpb works out otherwise than was signed and closed in MODEL's contract.

    The difference of each closed month is posted in the first open month; signed values are
    worked out by this wpb from then on. `wpb check` says what the difference is, in pounds.
    """
    from wpb.live.sealing import correction_file

    day = on.date() if on else datetime.date.today()
    seal(model, day, lambda live: correction_file(live, day, reason), as_json)
