"""What the commands of a live contract share: opening a model and working its contract out."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from wpb.live import LiveContract

MODEL = click.argument("model", type=click.Path(path_type=Path))
KNOWN_ON = click.option(
    "--as-known-on",
    "known_on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Count only what was known by this date.",
)


def opened(
    model: Path, known_on: datetime.datetime | None, progress: Callable[[str], None]
) -> LiveContract:
    """Read a model and work out its contract, as known on a day."""
    import wpb

    return wpb.load(model, f"{known_on:%Y-%m-%d}" if known_on else "", progress).contract
