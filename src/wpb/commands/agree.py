"""`wpb agree`: seal what was signed."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from wpb.commands.live_model import MODEL
from wpb.commands.running import AS_JSON
from wpb.commands.sealing import ON, seal


@click.command("agree", short_help="Seal a signed contract's values and inputs.")
@MODEL
@ON
@AS_JSON
def agree_command(model: Path, on: datetime.datetime | None, as_json: bool) -> None:
    """Seal the agreement of MODEL's contract: its values by payer and year, its inputs by hash.

    Writes one file to the folder 'record' of the model. From then on an input that would move a
    signed value is refused, with the pounds it would move.
    """
    from wpb.live.sealing import agreement_file

    day = on.date() if on else datetime.date.today()
    seal(model, day, lambda live: agreement_file(live, day), as_json)
