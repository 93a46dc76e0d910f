"""A model folder in memory, as a step of an upgrade sees it: its settings and tables, as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from wpb.intake.grids import Grid, Raw, as_entered
from wpb.intake.headings import COMMENT, first_row_after_notes
from wpb.intake.settings_files import Entry
from wpb.kernel.places import Cell

Value = str | float | int
"""A value that a step gives: text, or a number that a workbook keeps as one."""


@dataclass(frozen=True)
class Change:
    """One change of a folder: which file (or sheet), what and why."""

    file: str
    what: str
    why: str


@dataclass(frozen=True)
class SettingEdit:
    """One edit of the settings, for whoever writes them: rename gives the new key as its value."""

    act: Literal["set", "rename", "remove"]
    key: str
    value: str = ""


@dataclass
class _Told:
    """The changes made so far and the reason for those being made."""

    changes: list[Change] = field(default_factory=list)
    why: str = ""

    def add(self, file: str, what: str) -> None:
        self.changes.append(Change(file, what, self.why))


class SettingsView:
    """The settings by dotted key."""

    def __init__(self, entries: dict[str, Entry], file: str, told: _Told):
        """Hold a copy of the entries; the edits are kept beside them."""
        self.entries = dict(entries)
        self.edits: list[SettingEdit] = []
        self.file, self._told = file, told

    def get(self, key: str) -> str:
        """Give a setting as entered; '' where it is blank or not there."""
        entry = self.entries.get(key)
        return entry.text if entry else ""

    def set(self, key: str, value: str) -> None:
        """Set a setting, new or not."""
        there = self.entries.get(key)
        if there is not None and there.text == value:
            return
        where = there.where if there else Cell(self.file, "model", "")
        self.entries[key] = Entry(value, where)
        self._note(
            SettingEdit("set", key, value),
            f"sets '{key}' to '{value}' (was '{there.text}')"
            if there and there.text
            else f"adds the setting '{key}: {value}'",
        )

    def rename(self, key: str, new_key: str) -> None:
        """Rename a setting, with all that stands under it; the parts before the last stay."""
        if key not in self.entries or new_key in self.entries:
            return
        if key.rpartition(".")[0] != new_key.rpartition(".")[0]:
            raise ValueError("a renamed setting stays in its group")
        self.entries = {
            new_key + name.removeprefix(key)
            if name == key or name.startswith(f"{key}.")
            else name: entry
            for name, entry in self.entries.items()
        }
        self._note(
            SettingEdit("rename", key, new_key), f"renames the setting '{key}' to '{new_key}'"
        )

    def remove(self, key: str) -> None:
        """Take out a setting that holds one value."""
        entry = self.entries.pop(key, None)
        if entry is not None:
            self._note(
                SettingEdit("remove", key), f"takes out the setting '{key}' (was '{entry.text}')"
            )

    def _note(self, edit: SettingEdit, what: str) -> None:
        self.edits.append(edit)
        self._told.add(self.file, what)


class TableView:
    """One table: the columns on its heading row and the rows below."""

    def __init__(self, name: str, grid: Grid, told: _Told):
        """See the table on a grid; the grid is copied before its first change."""
        self.name, self.grid, self._told = name, grid, told
        self.read = grid
        """The table as it was read."""
        self.heading = first_row_after_notes(grid)

    @property
    def changed(self) -> bool:
        """Whether anything on the sheet is no longer as it was read."""
        return self.grid is not self.read

    @property
    def columns(self) -> list[str]:
        """The headings, in order; '' where a column has none."""
        if self.heading >= len(self.grid.rows):
            return []
        return [as_entered(value).strip(" ") for value in self.grid.rows[self.heading]]

    def has(self, *columns: str) -> bool:
        """Whether the table has all these columns."""
        return set(columns) <= set(self.columns)

    def rows(self) -> list[dict[str, str]]:
        """Give every row below the heading, as text by column, blank ones too."""
        columns = self.columns
        return [
            {
                name: as_entered(self.grid.value(row, position)).strip(" ")
                for position, name in enumerate(columns)
                if name
            }
            for row in range(self.heading + 1, len(self.grid.rows))
        ]

    def column(self, name: str) -> list[str]:
        """Give a column as text, one value a row."""
        return [row[name] for row in self.rows()]

    def add_column(self, name: str, values: Sequence[Value]) -> None:
        """Add a column on the right with a value for each row; nothing where it is there already.

        Raises ValueError where there is not one value for each row.
        """
        if not self.columns or self.has(name):
            return
        first = self.heading + 1
        if len(values) != len(self.grid.rows) - first:
            raise ValueError(f"{self.name}.{name}: one value for each row of the table")
        position = self._first_free_column()
        filled = [
            (row, value) for row, value in enumerate(values, start=first) if not self._is_blank(row)
        ]
        self._put(self.heading, position, name)
        for row, value in filled:
            self._put(row, position, value)
        blank = sum(value == "" for _, value in filled)
        left = f", {blank} of them left blank" if blank else ""
        self._note(f"adds the column '{name}' ({len(filled)} rows{left})")

    def rename_column(self, name: str, new_name: str) -> None:
        """Rename a column; nothing where it is not there, or the new name is."""
        if self.has(name) and not self.has(new_name):
            self._put(self.heading, self.columns.index(name), new_name)
            self._note(f"renames the column '{name}' to '{new_name}'")

    def retire_column(self, name: str) -> None:
        """Leave a column unread: its heading now starts with '#', its values stay."""
        if self.has(name):
            self._put(self.heading, self.columns.index(name), f"{COMMENT} {name}")
            self._note(f"keeps the column '{name}' as a note that is not read ('{COMMENT} {name}')")

    def replace_values(self, name: str, new_values: Mapping[str, Value]) -> None:
        """Put new values in place of old ones in a column, wherever an old one is entered."""
        if not self.has(name):
            return
        position = self.columns.index(name)
        counts: dict[str, int] = {}
        for row, value in enumerate(self.column(name), start=self.heading + 1):
            if value in new_values:
                self._put(row, position, new_values[value])
                counts[value] = counts.get(value, 0) + 1
        for value, count in counts.items():
            self._note(
                f"writes '{new_values[value]}' for '{value}' in the column '{name}'"
                f" ({count} row{'s' if count > 1 else ''})"
            )

    def set_column(self, name: str, values: Sequence[Value]) -> None:
        """Set every value of a column that is there; only those that differ are changed."""
        if not self.has(name):
            return
        position, changed = self.columns.index(name), 0
        pairs = zip(self.column(name), values, strict=True)
        for row, (old, new) in enumerate(pairs, start=self.heading + 1):
            if old != as_entered(new) and not self._is_blank(row):
                self._put(row, position, new)
                changed += 1
        if changed:
            self._note(f"changes {changed} values of the column '{name}'")

    def add_row(self, row: Mapping[str, Value]) -> None:
        """Add a row at the end; nothing where a row with these values is there."""
        if not self.has(*row):
            return
        wanted = {name: as_entered(value) for name, value in row.items()}
        if any(all(there[name] == text for name, text in wanted.items()) for there in self.rows()):
            return
        columns, at = self.columns, len(self.grid.rows)
        for name, value in row.items():
            self._put(at, columns.index(name), value)
        self._note(f"adds the row {', '.join(f'{name} {text}' for name, text in wanted.items())}")

    def _first_free_column(self) -> int:
        used = [
            position + 1
            for row in self.grid.rows
            for position, value in enumerate(row)
            if as_entered(value).strip(" ")
        ]
        return max(used, default=0)

    def _is_blank(self, row: int) -> bool:
        return not any(as_entered(value).strip(" ") for value in self.grid.rows[row])

    def _put(self, row: int, position: int, value: Value) -> None:
        if self.grid is self.read:
            self.grid = Grid(
                self.read.file,
                self.read.sheet,
                self.read.source,
                [list(each) for each in self.read.rows],
                self.read.merged,
                self.read.hidden,
                self.read.shown_in,
            )
        while len(self.grid.rows) <= row:
            self.grid.rows.append([])
        values = self.grid.rows[row]
        blank: Raw = "" if self.grid.source != "parquet" else None
        values.extend([blank] * (position + 1 - len(values)))
        values[position] = as_entered(value) if self.grid.source == "csv" else value

    def _note(self, what: str) -> None:
        self._told.add(self.place, what)

    @property
    def place(self) -> str:
        """The file the table stands in, and its sheet where that is a workbook."""
        sheet = f", sheet {self.grid.sheet}" if self.grid.source == "excel" else ""
        return f"{self.grid.file}{sheet}"


class FolderView:
    """A model folder in memory: what a step reads and changes."""

    def __init__(self, entries: dict[str, Entry], settings_file: str, grids: Mapping[str, Grid]):
        """See a folder by its settings and its tables, none of which is changed in place."""
        self._told = _Told()
        self.settings = SettingsView(entries, settings_file, self._told)
        self.tables = {name: TableView(name, grid, self._told) for name, grid in grids.items()}

    @property
    def changes(self) -> list[Change]:
        """Every change made so far, in words."""
        return self._told.changes

    def table(self, name: str) -> TableView | None:
        """Give a table by name; None where the folder does not have it."""
        return self.tables.get(name)

    @contextmanager
    def because(self, why: str) -> Iterator[None]:
        """Give the changes made meanwhile a reason."""
        self._told.why = why
        yield
        self._told.why = ""


def as_amount(text: str) -> float | None:
    """Read an amount such as '£1,200.50' or '1200.5' as it was entered; None where it is not
    one.
    """
    try:
        return float(text.replace(",", "").replace("£", "").strip())
    except ValueError:
        return None
