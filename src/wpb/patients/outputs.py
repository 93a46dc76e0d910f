"""Every cell that leaves, for the output checker of the environment where the records are: who is
behind it, the largest person's share of it and the rule that was applied.

The list of cells stays in the engine's folder, as the people behind a cell are not for readers.
What is published holds its hash, the rule and the number of cells by table and rule.
Source: handbook 2.4.5; req 100, 462, 463.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields, replace
from pathlib import Path
from typing import Literal

import numpy as np

from wpb.kernel.spreadsheet_text import safe_text
from wpb.patients.gate import UNITS, Contributions, DisclosureRule, largest_share
from wpb.patients.pooling import Pooling, summed
from wpb.patients.private_files import ENGINE_FOLDER, open_private, write_private
from wpb.patients.spending import ChargeKey

CELLS_FILE = "NOT_FOR_RELEASE_output_cells.csv"
"""In the engine's folder, open to one account."""
SUMMARY_FILE = "output_check.json"
"""Beside the published tables."""
MOST_TOLD = 50
"""People are told apart up to so many: above it a cell says so and no more."""
Applied = Literal["released", "pooled", "suppressed", "earlier figure kept"]
THREE_FIGURES, EXACT = "three figures", ""
"""How a figure is coarsened; '' where it is not."""


@dataclass(frozen=True)
class OutputCell:
    """One figure that left, or was kept from leaving."""

    table: str
    row: str
    column: str
    people_at_least: str
    """Distinct people, never too high; 'more than 50' above that."""
    largest_share: str
    """The largest part that one person has in any measure of it, never too low; '' for counts."""
    rule_applied: Applied
    coarsened: str
    """How the figure is told less closely than it is known; '' where it is exact."""
    passes: str
    """Whether it stands on enough people and no one dominates it, or does not leave: yes or no."""


@dataclass
class Outputs:
    """The cells of a run as they leave, in the order in which they are made."""

    rule: DisclosureRule
    cells: list[OutputCell] = field(default_factory=list)
    contributions: dict[tuple[str, str, str], Contributions] = field(default_factory=dict)
    """What each group of people contributes to the figures that this process made."""

    def kept_as_released(self, places: Collection[tuple[str, str, str]]) -> None:
        """Note that figures stay as an earlier release has them, or are left out."""
        self.cells = [
            replace(cell, rule_applied="earlier figure kept", passes="yes")
            if (cell.table, cell.row, cell.column) in places
            else cell
            for cell in self.cells
        ]

    def add(
        self,
        place: tuple[str, str, str],
        cell: Contributions,
        applied: Applied = "released",
        coarsened: str = EXACT,
    ) -> None:
        """Note a figure by table, row and column, with what each group of people contributes.

        A figure that nobody is behind is noted too, and passes: it is a zero that is told.
        """
        if applied != "suppressed":
            self.contributions[place] = cell
        people = int(np.count_nonzero(cell[UNITS]))
        self._note(place, people, f"{largest_share(cell):.1%}", applied, coarsened, cell)

    def add_count(
        self,
        place: tuple[str, str, str],
        people: int,
        applied: Applied = "released",
        coarsened: str = EXACT,
    ) -> None:
        """Note a count of people, in which everyone counts once."""
        self._note(place, people, "", applied, coarsened, None)

    def _note(
        self,
        place: tuple[str, str, str],
        people: int,
        share: str,
        applied: Applied,
        coarsened: str,
        cell: Contributions | None,
    ) -> None:
        enough = not people or people >= self.rule.smallest
        fits = enough and (cell is None or not people or not self.rule.dominated(cell))
        passes = applied in ("suppressed", "earlier figure kept") or fits
        told = f"more than {MOST_TOLD}" if people > MOST_TOLD else str(people)
        self.cells.append(
            OutputCell(*place, told, share, applied, coarsened, "yes" if passes else "no")
        )

    def failing(self) -> list[OutputCell]:
        """The cells that leave and do not fit the rule."""
        return [cell for cell in self.cells if cell.passes == "no"]


def note_pooled(
    outputs: Outputs,
    table: str,
    row: str,
    shown: Mapping[str, Contributions],
    pools: Mapping[str, str],
    base: int = 0,
    whole: str = "total",
) -> None:
    """Note the lists and pools of one row, and their total.

    `pools` has the pool of each list that is in one; `base` is what figures by list are told to the
    nearest of, 0 where they are exact.
    """
    coarsened = f"nearest {base}" if base else EXACT
    for name, cell in sorted(shown.items()):
        pooled = name in pools.values()
        outputs.add((table, row, name), cell, "pooled" if pooled else "released", coarsened)
    if shown:
        measures = next(iter(shown.values())).shape[0]
        outputs.add((table, row, whole), summed(shown.values(), measures), "released")


def note_activity(
    outputs: Outputs,
    cells: Mapping[ChargeKey, Mapping[str, Contributions]],
    pooling: Pooling,
    base: int,
) -> None:
    """Note use by pooled activity and list or pool, and the activities of which nothing leaves.

    Source: handbook 2.4.5; req 463.
    """
    joined = set(pooling.charges.values())
    for key, by_list in sorted(cells.items()):
        row = "|".join(key)
        if key in pooling.alone:
            whole = summed(by_list.values(), 2)
            outputs.add(("activity_by_list", row, "total"), whole, "suppressed")
            continue
        pools = pooling.lists.get(key, {})
        shown: dict[str, Contributions] = {}
        for code, cell in by_list.items():
            name = pools.get(code, code)
            shown[name] = shown[name] + cell if name in shown else cell
        every = {name: name for name in shown} if key in joined else pools
        note_pooled(outputs, "activity_by_list", row, shown, every, base)


def spelt(cells: Sequence[OutputCell]) -> bytes:
    """Spell cells as the CSV file that an output checker opens."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([each.name for each in fields(OutputCell)])
    writer.writerows([safe_text(part) for part in astuple(cell)] for cell in cells)
    return out.getvalue().encode()


def write_cells(patients: Path, cells: Sequence[OutputCell]) -> str:
    """Write the list of cells to the engine's folder, for this account alone; gives its hash.

    Source: handbook 2.4.5; req 462, 463.
    """
    content = spelt(cells)
    write_private(open_private(patients / ENGINE_FOLDER) / CELLS_FILE, content)
    return hashlib.sha256(content).hexdigest()


def summary(outputs: Outputs, cells_hash: str) -> dict[str, object]:
    """Say what may be said outside: the rule, the cells by table and rule, and those that fail."""
    tables: dict[str, dict[str, int]] = {}
    for cell in outputs.cells:
        of_table = tables.setdefault(cell.table, {"cells": 0, "cells_that_fail": 0})
        of_table["cells"] += 1
        of_table["cells_that_fail"] += cell.passes == "no"
        name = cell.rule_applied.replace(" ", "_")
        of_table[name] = of_table.get(name, 0) + 1
    return {
        "rule": outputs.rule.told(),
        "smallest_count": outputs.rule.smallest,
        "tables": {name: dict(sorted(found.items())) for name, found in sorted(tables.items())},
        "list_of_cells_sha256": cells_hash,
    }


def write_summary(told: Mapping[str, object], folder: Path) -> None:
    """Write what may be said outside beside the published tables."""
    (folder / SUMMARY_FILE).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
