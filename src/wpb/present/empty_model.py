"""An empty model to fill in: model.yaml with a comment on every setting, CSV headings, and the
Excel template.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from wpb import __version__
from wpb.kernel.problems import UsageProblem
from wpb.present.template import write_template
from wpb.tables.schema import TableSpec
from wpb.tables.settings_shape import (
    MODEL_SCHEMA,
    SCHEMA_SETTING,
    SETTINGS,
    VERSION_SETTING,
    Setting,
)
from wpb.tables.stages import first_tables

TEMPLATE_FILE = "inputs-template.xlsx"
INTRODUCTION = """\
# The settings of this model: who, when, for how long, and the choices made, each with its reason.
# Fill in every line that ends in a colon, unless it may be blank. Write years as 2030-31 and dates as 2030-04-01.
# Put quotes around text that holds a colon. Then run `wpb check` on this folder: it reports all that is wrong at once.
"""
ROUTES_EXAMPLE = """\
  # For each funding stream of the table funding_streams, how it is projected and why:
  #   national_assumptions: by growth category, from dated assumptions
  #   allocation_growth: at the growth of its own allocation, where scope and population match the stream
  routes:
    # core:
    #   route: national_assumptions
    #   reason: The scope is far narrower than the stream.
    # primary_medical:
    #   route: allocation_growth
    #   reason: Nearly all primary medical care is in scope.
    #   alignment:
"""
NO_GROWTH_EXAMPLE = """\
  # For each growth category whose growth_method is none, why it does not grow:
  no_growth:
    # fixed: Rents are fixed for the whole term.
"""
EXTENSION_EXAMPLE = """\
  # Assumptions carried past their last published year, how and why; every output shows them:
  extend:
    # - key: activity_growth.community
    #   how: hold_last        # or average, the mean of the published rates
    #   until: 2039-40
    #   reason: No later rate is published.
"""


def write_empty_model(folder: Path, tables: Sequence[TableSpec] = ()) -> list[Path]:
    """Write an empty model folder: model.yaml, one CSV with headings for each table, and the Excel
    template.

    tables: those to write; of a first budget alone where none are given. Gives the files written.

    Raises UsageProblem where the folder holds anything already: nothing is overwritten.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageProblem(
            f"{folder} is there already and is not empty, so nothing was written. Choose a new"
            " folder."
        )
    inputs = folder / "inputs"
    inputs.mkdir(parents=True)
    (folder / "assumptions").mkdir()
    settings = folder / "model.yaml"
    settings.write_text(settings_text(), encoding="utf-8", newline="\n")
    template = folder / TEMPLATE_FILE
    shown = tables or first_tables()
    write_template(template, shown)
    return [settings, template, *(write_headings(inputs, spec) for spec in shown)]


def write_headings(inputs: Path, spec: TableSpec) -> Path:
    """Write a table with its headings and no rows to a folder of inputs, and give the file."""
    path = inputs / f"{spec.name}.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerow([column.name for column in spec.columns])
    return path


def settings_text() -> str:
    """Write model.yaml with every setting blank and a comment that says what it is for, with an
    example.
    """
    lines = [INTRODUCTION]
    group: list[str] = []
    for setting in SETTINGS:
        if "{}" in setting.key:
            continue
        *parents, name = setting.key.split(".")
        shared = 0
        while shared < min(len(parents), len(group)) and parents[shared] == group[shared]:
            shared += 1
        if shared < len(group) and group and parents[:1] != group[:1]:
            lines += _closing(group[0])
        lines += [
            f"{'' if depth else chr(10)}{'  ' * depth}{parents[depth]}:"
            for depth in range(shared, len(parents))
        ]
        group = parents
        lines += _leaf(setting, name, "  " * len(parents))
    return "\n".join([*lines, *_closing(group[0] if group else "")])


def written_by_wpb() -> dict[str, str]:
    """Give the settings that wpb fills in itself: the schema of what it writes, and its version."""
    return {SCHEMA_SETTING: str(MODEL_SCHEMA), VERSION_SETTING: __version__}


def _leaf(setting: Setting, name: str, indent: str) -> list[str]:
    example = f"; for example {setting.example}" if setting.example else ""
    choices = (
        f" (any of {', '.join(setting.choices)})"
        if setting.kind == "choices"
        else f" ({', '.join(setting.choices)})"
        if setting.choices
        else ""
    )
    blank = "" if setting.required else " (may be blank)"
    value = written_by_wpb().get(setting.key, "[]" if setting.kind == "choices" else "")
    return [
        f"{indent}# {setting.help}{choices}{blank}{example}",
        f"{indent}{name}:{f' {value}' if value else ''}",
    ]


def _closing(group: str) -> list[str]:
    """The parts of a group whose names the user chooses, as commented examples."""
    if group == "forecast":
        shown = [
            setting
            for setting in SETTINGS
            if setting.key.startswith("forecast.routes.{}.")
            and setting.key.rpartition(".")[2] not in ("route", "reason")
        ]
        measures = [
            "    #  "
            f" {'  ' if '.alignment.' in setting.key else ''}{setting.key.rpartition('.')[2]}:"
            f" {setting.example}  # {setting.help}"
            for setting in shown
        ]
        return [ROUTES_EXAMPLE + "\n".join(measures), NO_GROWTH_EXAMPLE.rstrip()]
    return [EXTENSION_EXAMPLE] if group == "assumptions" else []
