"""Records in which the rooms of the chain meet: the scope, budget lines, and what each baseline
route hands on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from wpb.kernel.ledger import Axis, Block
from wpb.kernel.places import Cell

Element = Literal[
    "wpap", "activity_paid", "incentive", "personal_budget", "pass_through", "excluded"
]
"""How a line is paid: within the annual payment, by activity, as an incentive, as a personal
budget, passed through outside the budget's growth, or barred from the budget.
"""

GRADES = {1: "preferred", 2: "second", 3: "last"}
"""Method quality of handbook Table 2: 1 preferred option, 2 second option, 3 last option."""


@dataclass(frozen=True)
class Line:
    """One budget line: what it pays for, who pays whom, and how its figures were reached."""

    code: str
    name: str
    commissioner: str
    provider: str
    contract: str
    service_line: str
    activity_type: str
    funding_stream: str
    payment_basis: str
    population: str
    """The population profile whose share in scope the line takes."""
    grade: int
    grade_reason: str
    effective_year: str
    element: Element = "wpap"
    automatic_uplift: bool = True
    recurrent: bool = True
    place: Cell | None = None
    growth_category: str = ""
    """Growth category agreed for a line without automatic uplift; blank where none was."""
    pricing_regime: str = ""
    price_base_year: str = ""
    """Year of the prices its spend stands at; blank where that is the year it is for."""
    left_out: str = ""
    """Why the line is left out of the budget, where it is by a rule or an agreement."""


@dataclass(frozen=True)
class Route:
    """What one of the baseline's routes hands on: its lines and the spend on each, [run, line, 1]
    in pence.
    """

    name: str
    lines: tuple[Line, ...]
    spend: Block


@dataclass(frozen=True)
class Scope:
    """Who and what is in scope: lists, services, and the years lines join."""

    lists: Axis
    list_commissioner: tuple[str, ...]
    list_kind: tuple[str, ...]
    participation: tuple[str, ...]
    population: tuple[float, ...]
    service_scope: dict[str, str]
    service_from: dict[str, str]
    growth_category: dict[str, str]
    part_scope: dict[tuple[str, str], bool]
    funder: dict[str, str]
    stream_kind: dict[str, str]
    places: dict[str, Cell] = field(default_factory=dict)
    """Cells by 'list/<code>', 'service/<code>' or 'part/<service>/<activity type>'."""

    def list_in_scope(self, list_code: str) -> bool:
        """Whether people on a list are in the budget's population: every list that takes part in
        some form.
        """
        return self.participation[self.lists.positions[list_code]] != "none"

    def line_in_scope(self, line: Line) -> bool:
        """Whether a line's service is in scope in some year: its service line, or for part-in lines
        its activity type.

        Pounds without activity on a part-in service have no activity type to put them in, so they
        stay out.
        """
        scope = self.service_scope[line.service_line]
        if scope == "part":
            return self.part_scope.get((line.service_line, line.activity_type), False)
        return scope == "in"

    def place_of_scope(self, line: Line) -> Cell:
        """The cell that puts a line in or out of scope."""
        if self.service_scope[line.service_line] == "part":
            return self.places.get(
                f"part/{line.service_line}/{line.activity_type}",
                self.places[f"service/{line.service_line}"],
            )
        return self.places[f"service/{line.service_line}"]


def part_of(funder: str) -> str:
    """Say which part of the annual payment a line falls in: A for NHS-funded, B for council-funded
    care.

    Source: overview 2, 3.3.3; req 132, 211.
    """
    return "B" if funder == "council" else "A"


@dataclass(frozen=True)
class BudgetLines:
    """All budget lines of a model in one order, with the axis they share."""

    lines: tuple[Line, ...]
    axis: Axis

    def rows_by(self, codes: Axis, attribute: str) -> list[int]:
        """The row of `codes` each line goes to by one of its attributes (-1 where it isn't
        there).
        """
        return [codes.positions.get(str(getattr(line, attribute)), -1) for line in self.lines]

    def axis_of(self, name: str, attribute: str) -> Axis:
        """The distinct values of an attribute, sorted, as an axis."""
        return Axis(
            name,
            tuple(
                sorted(
                    {
                        str(getattr(line, attribute))
                        for line in self.lines
                        if getattr(line, attribute)
                    }
                )
            ),
        )


SectionValue = str | int | float | bool | None
SectionKind = Literal[
    "code", "text", "year", "date", "pounds", "rate", "share", "count", "number", "yes_no"
]
"""pounds: whole pence; rate and share: decimals; the rest as in wpb.tables.schema."""


@dataclass(frozen=True)
class SectionColumn:
    """One column of a section: its name, its heading and the kind of its values."""

    name: str
    heading: str
    kind: SectionKind = "text"


@dataclass(frozen=True)
class Section:
    """A small table a room hands on for the report and the workbook, in plain values, with a note
    for the reader.
    """

    name: str
    title: str
    note: str
    columns: tuple[SectionColumn, ...]
    rows: tuple[tuple[SectionValue, ...], ...]

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(
                f"section {self.name} has a row with more or fewer values than columns"
            )


def year_columns(years: tuple[str, ...], kind: SectionKind = "pounds") -> tuple[SectionColumn, ...]:
    """One column a year, headed by the year."""
    return tuple(SectionColumn(year, year, kind) for year in years)
