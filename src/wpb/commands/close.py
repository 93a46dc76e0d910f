"""`wpb close`: close a month and seal its payments."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from wpb.commands.live_model import MODEL
from wpb.commands.running import AS_JSON
from wpb.commands.sealing import ON, seal


@click.command("close", short_help="Close a month: seal its payments.")
@MODEL
@click.argument("month", metavar="MONTH")
@ON
@AS_JSON
def close_command(model: Path, month: str, on: datetime.datetime | None, as_json: bool) -> None:
    """Close MONTH, such as 2027-04, of MODEL's contract: its payments are kept and never worked
    out again.

    Months close in order, each after its last day. What becomes known later is paid in an open
    month, as a correction with its reason.
    """
    from wpb.live.sealing import month_file

    day = on.date() if on else datetime.date.today()
    seal(model, day, lambda live: month_file(live, month, day), as_json)
