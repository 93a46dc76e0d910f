"""Small model folders of an older schema, for the steps of an upgrade."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner

from wpb.commands.upgrade import upgrade_command

SCHEMA_1 = Path(__file__).parent / "fixtures" / "schemas" / "model_1"
"""A small model as it was written before folders stated a schema."""


def schema_1_copy(folder: Path) -> Path:
    """Copy the small model of schema 1, for a test to change."""
    return Path(shutil.copytree(SCHEMA_1, folder / "model_1"))


def upgraded(folder: Path, change: Callable[[Path], object] | None = None) -> Path:
    """Give a copy of the model of schema 1, changed by `change(folder)` and then upgraded by the
    command.
    """
    model = schema_1_copy(folder)
    if change is not None:
        change(model)
    ran = CliRunner().invoke(upgrade_command, [str(model)], standalone_mode=False)
    assert ran.exit_code == 0, ran.output
    return model


def table(model: Path, name: str) -> list[dict[str, str]]:
    """Read a table of a model folder as rows of text."""
    with (model / "inputs" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))
