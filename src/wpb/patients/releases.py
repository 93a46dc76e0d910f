"""Earlier releases of the same place and year, remembered so that no difference between two of them
stands on a few people.

What is remembered is what groups of people contributed to each figure that was let out, in a folder
of its own that only this account can read. A run is a release once it writes its tables of people.
Source: handbook 2.4.5; req 100, 463.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from wpb.patients.gate import GROUPS, Contributions, DisclosureRule
from wpb.patients.private_files import open_private, write_private

RELEASED_FOLDER = ".released"
Place = tuple[str, str, str]
"""Table, row and column of a figure."""
Row = dict[str, object]


def passes(rule: DisclosureRule, before: Contributions, now: Contributions) -> bool:
    """Say whether the difference of two figures is nothing, or stands on enough people and no one
    dominates it.

    Each measure is judged by itself: so many groups of people as contribute another amount, at
    least so many people changed.
    Source: handbook 2.4.5; req 463.
    """
    if before.shape != now.shape:
        return False
    for change in now - before:
        if change.any() and not rule.fits(np.abs(change)[None, :]):
            return False
    return True


@dataclass
class Releases:
    """What earlier releases of a place and year let out, and what this run is about to."""

    path: Path
    rule: DisclosureRule
    compare: bool = True
    earlier: dict[Place, list[Contributions]] = field(default_factory=dict)
    """Every state in which a figure was let out, latest last."""
    hashes: list[str] = field(default_factory=list)
    """Hashes of the tables of those releases."""
    pools: dict[str, Any] = field(default_factory=dict)
    """What was counted with what."""
    rows: dict[str, list[Row]] = field(default_factory=dict)
    """Rows of tables that stay as they were while their differences would show few people."""
    now: dict[Place, Contributions] = field(default_factory=dict)
    new_rows: dict[str, list[Row]] = field(default_factory=dict)
    kept: list[Place] = field(default_factory=list)
    """Figures that stay as they were released."""

    @property
    def any_earlier(self) -> bool:
        """Whether there is a release to compare with."""
        return self.compare and bool(self.earlier)

    def judged(self, place: Place, cell: Contributions) -> Contributions:
        """The figure to let out: this run's where its difference from every earlier release passes,
        else the last one's.
        """
        before = self.earlier.get(place, []) if self.compare else []
        if all(passes(self.rule, each, cell) for each in before):
            self.now[place] = cell
            return cell
        self.now[place] = before[-1]
        self.kept.append(place)
        return before[-1]

    def allows(self, cells: Mapping[Place, Contributions], table: str, column: str = "") -> bool:
        """Say whether figures of a table, or of one column of it, may be let out as they are now:
        they are the same figures as were released, and each difference passes.
        """

        def of_part(places: Iterable[Place]) -> set[Place]:
            return {one for one in places if one[0] == table and column in ("", one[2])}

        before = of_part(self.earlier)
        if not self.any_earlier or not before:
            return True
        return before == of_part(cells) and all(
            passes(self.rule, each, cells[place])
            for place in before
            for each in self.earlier[place]
        )

    def remember(self, release: str) -> None:
        """Keep what this run let out, beside what earlier ones did. Source: req 463."""
        for place, cell in self.now.items():
            states = self.earlier.setdefault(place, [])
            if not any(np.array_equal(cell, each) for each in states):
                states.append(cell)
            elif not np.array_equal(cell, states[-1]):
                states[:] = [each for each in states if not np.array_equal(cell, each)] + [cell]
        if release not in self.hashes:
            self.hashes.append(release)
        written = {
            "rule": self.rule.told(),
            "releases": self.hashes,
            "pools": self.pools,
            "rows": self.rows | self.new_rows,
            "cells": [
                [*place, [spelt_cell(cell) for cell in states]]
                for place, states in sorted(self.earlier.items())
            ],
        }
        open_private(self.path.parent)
        write_private(self.path, json.dumps(written).encode())

    def digest(self) -> str:
        """Tells one state of what is remembered from another."""
        content = self.path.read_bytes() if self.compare and self.path.is_file() else b""
        return hashlib.sha256(content).hexdigest()


def read_releases(
    patients: Path, year: str, rule: DisclosureRule, compare: bool = True
) -> Releases:
    """Read what earlier releases of a year let out; nothing where there was none, or it was under
    another rule.
    """
    releases = Releases(patients / RELEASED_FOLDER / f"{year}.json", rule, compare)
    if not releases.path.is_file():
        return releases
    kept = json.loads(releases.path.read_text(encoding="utf-8"))
    if kept["rule"] != rule.told():
        return releases
    releases.hashes, releases.pools, releases.rows = kept["releases"], kept["pools"], kept["rows"]
    for table, row, column, states in kept["cells"]:
        releases.earlier[table, row, column] = [read_cell(state) for state in states]
    return releases


def spelt_cell(cell: Contributions) -> list[dict[str, int]]:
    """Spell what groups of people contribute, those with nothing left out."""
    return [{str(one): int(measure[one]) for one in np.flatnonzero(measure)} for measure in cell]


def read_cell(state: list[dict[str, int]]) -> Contributions:
    """Read what spelt_cell wrote."""
    cell = np.zeros((len(state), GROUPS), dtype=np.int64)
    for measure, found in enumerate(state):
        for group, amount in found.items():
            cell[measure, int(group)] = amount
    return cell


def forget_releases(patients: Path) -> bool:
    """Take away what is remembered of earlier releases; says whether there was any."""
    folder = patients / RELEASED_FOLDER
    if folder.is_symlink() or not folder.is_dir():
        return False
    found = list(folder.glob("*.json"))
    for path in found:
        path.unlink()
    return bool(found)
