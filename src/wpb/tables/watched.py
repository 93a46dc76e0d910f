"""A model that notes which of its tables are read, so that a stage is worked out again only where
one of them changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from wpb.kernel.assumptions import AssumptionBook
from wpb.kernel.ledger import Ledger
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.schema import TypedTable

Found = TypeVar("Found")


class WatchedTables(dict[str, TypedTable]):
    """The tables of a model by name, and the names of those that were read."""

    def __init__(self, tables: Mapping[str, TypedTable], read: set[str] | None = None) -> None:
        super().__init__(tables)
        self.read: set[str] = set() if read is None else read

    def __getitem__(self, name: str) -> TypedTable:
        self.read.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Give a table, noting it as read."""
        self.read.add(name)
        return super().get(name, default)

    def __iter__(self) -> Iterator[str]:
        self.read.update(super().keys())
        return super().__iter__()

    def keys(self) -> Any:
        """Name every table; all of them count as read."""
        self.read.update(super().keys())
        return super().keys()

    def values(self) -> Any:
        """Give every table; all of them count as read."""
        self.read.update(super().keys())
        return super().values()

    def items(self) -> Any:
        """Give every table with its name; all of them count as read."""
        self.read.update(super().keys())
        return super().items()

    def __or__(self, others: Any) -> Any:
        """Put other tables in the place of some; what is read of the rest is noted here."""
        found = WatchedTables({}, self.read)
        dict.update(found, super().items())
        dict.update(found, others)
        return found


def watched(model: Model) -> Model:
    """Give a model whose tables note that they are read."""
    return Model(
        model.folder,
        model.settings,
        WatchedTables(model.tables),
        model.warnings,
        model.input_hashes,
    )


@dataclass(frozen=True)
class Stage(Generic[Found]):
    """What a stage of a calculation found, the ledger and problems as they stood after it, and what
    it was made from.
    """

    found: Found
    ledger: Ledger
    problems: ProblemLog
    model: Model
    """The model as the stage read it, from `watched`."""
    book: AssumptionBook | None = None

    def holds_for(self, model: Model, book: AssumptionBook | None = None) -> bool:
        """Say whether the stage would come out the same: settings, warnings, book and every table
        it read are the same.

        Source: handbook 3.7; req 367.
        """
        read = self.model.tables
        assert isinstance(read, WatchedTables)
        same = (
            self.book is book
            and self.model.settings == model.settings
            and self.model.warnings == model.warnings
        )
        return same and all(
            dict.get(read, name) is model.tables.get(name) for name in tuple(read.read)
        )

    def on_from(self) -> tuple[Ledger, ProblemLog]:
        """Give a ledger and problems to go on with; the stage keeps its own."""
        return self.ledger.fork(), ProblemLog(list(self.problems))
