"""A model as it was read: its settings and its typed tables, each value remembering its cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from wpb.kernel.problems import Problem
from wpb.tables.schema import TypedTable
from wpb.tables.settings import ModelSettings


@dataclass
class Model:
    """One model folder, read and checked: settings, tables by name (empty where absent) and what
    the check found.
    """

    folder: Path
    settings: ModelSettings
    tables: dict[str, TypedTable]
    warnings: list[Problem] = field(default_factory=list)
    input_hashes: dict[str, str] = field(default_factory=dict)
    """SHA-256 of every input file, by path inside the folder."""
    workbook: Path | None = None
    """The one workbook the model was read from, where it was."""
    record: tuple[tuple[str, bytes], ...] = ()
    """The files of its sealed record, by name in order; none where nothing was sealed."""
    is_held: bool = True
    """Whether its contract is held to that record; not where a question changes what was signed."""

    @property
    def arrangements_place(self) -> Path:
        """Where its arrangements are: the workbook it was read from, else its folder."""
        return self.workbook or self.folder

    def __getitem__(self, table: str) -> TypedTable:
        return self.tables[table]
