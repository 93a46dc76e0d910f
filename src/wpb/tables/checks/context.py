"""What the checks across tables share, and how one is declared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from wpb.kernel.words import nearest
from wpb.tables.checking import Among
from wpb.tables.declared import Table
from wpb.tables.methods.facts import BY_BLOCK_METHODS
from wpb.tables.schema import Column
from wpb.tables.settings import ModelSettings

Rows = list[int]
Named = str | type[Table]
ACTIVITY_NAMED_IN = (
    ("contract_activity", "activity_type"),
    ("activity_mapping", "activity_type"),
    ("priced_activity", "point_of_delivery"),
)
"""Tables that say what a contract provides, each with the column that names the kind of activity.
"""


def _name(table: Named) -> str:
    return table if isinstance(table, str) else table.spec.name


@dataclass
class Context(Among):
    """The tables of a model with its settings, while they are checked against one another."""

    settings: ModelSettings
    _provided: dict[str, set[tuple[str, str]]] = field(
        default_factory=lambda: defaultdict(set), init=False
    )

    def value(self, table: str, row: int, column: str) -> str:
        """A text value of a row."""
        return str(self.tables[table].columns[column][row])

    def rows_by(self, table: str, *columns: str) -> Mapping[tuple[str, ...], Rows]:
        """The rows of a table by the values of some of its columns."""
        return self.tables[table].groups(*columns)

    def rows_of(self, table: Named, contract: str) -> Rows:
        """The rows of a table that belong to a contract."""
        return self.rows_by(_name(table), "contract").get((contract,), [])

    def error(
        self, table: Named, row: int, column: str | Column, what: str, fix: str, code: str
    ) -> None:
        """Log an error at a cell."""
        name = column if isinstance(column, str) else column.name
        self.log.error(self.tables[_name(table)].where(row, name), what, fix, code)

    def contracts(self, *bases: str) -> list[tuple[int, str]]:
        """Row and code of the contracts on some payment bases; block takes in all whose total the
        block methods take apart.
        """
        bases_of, wanted = (
            self["contracts"].text("payment_basis"),
            {*bases, *(BY_BLOCK_METHODS if "block" in bases else ())},
        )
        return [
            (row, code)
            for row, code in enumerate(self["contracts"].text("contract"))
            if bases_of[row] in wanted and code
        ]

    def activity_types(self, contract: str) -> dict[str, int]:
        """Activity types of a block contract, each with its row."""
        return {
            self.value("contract_activity", row, "activity_type"): row
            for row in self.rows_of("contract_activity", contract)
        }

    def service_activity(self, contract: str) -> set[tuple[str, str]]:
        """Service line and activity type of everything a contract provides, by block activity,
        mapping or priced activity.
        """
        if not self._provided:
            for table, kind in ACTIVITY_NAMED_IN:
                for code, *named in self[table].groups("contract", "service_line", kind):
                    if all(named):
                        self._provided[code].add((named[0], named[1]))
        return self._provided.get(contract, set())


CheckAcross = Callable[[Context], None]
ACROSS: list[CheckAcross] = []
"""Every check across tables and settings, in the order they are run."""


def across(check: CheckAcross) -> CheckAcross:
    """Declare a check that looks across tables or settings; it is run for every model."""
    ACROSS.append(check)
    return check


def hint(word: str, known: Iterable[str]) -> str:
    """Ask 'Did you mean ...? ' with the nearest known code, or '' where none is near."""
    found = nearest(word, known)
    return f"Did you mean '{found}'? " if found else ""


def listed(words: Iterable[str], most: int = 5) -> str:
    """List words with commas, the first few and how many more."""
    found = list(words)
    return ", ".join(found[:most]) + (f" and {len(found) - most} more" if len(found) > most else "")
