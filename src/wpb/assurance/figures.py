"""The figures of a forecast that assurance looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from wpb.kernel.ledger import Block, Ledger
from wpb.tables.model import Model
from wpb.tables.records import BudgetLines, Scope

STAND_INS = {"", "-", "none", "n/a", "na", "tbc", "tba", "tbd", "to follow", "pending", "todo", "?"}


def is_said(words: str) -> bool:
    """Say whether a text is there at all, and is not a stand-in such as 'tbc'.

    Source: handbook 1.1.6; req 205.
    """
    return words.lower().strip(" .") not in STAND_INS


class SavingLine(Protocol):
    """A line on which a programme costs or saves."""

    @property
    def code(self) -> str:
        """Its code."""

    @property
    def programme(self) -> str:
        """Programme, scheme or shift."""

    @property
    def service_line(self) -> str:
        """Service line it changes."""

    @property
    def commissioner(self) -> str:
        """Commissioner whose spend it changes."""

    @property
    def inside(self) -> bool:
        """Whether it changes spend inside the budget."""

    @property
    def kind(self) -> str:
        """care_model, scheme, overlay, shift or unidentified."""

    @property
    def programme_kind(self) -> str:
        """National programme it belongs to."""

    @property
    def owner(self) -> str:
        """Who delivers it."""

    @property
    def plan(self) -> str:
        """How it will be realised."""


@dataclass(frozen=True)
class Figures:
    """A forecast and its allocations, as the forecast room hands them on.

    cells: commissioner and stream of each row of `by_cell`; by_cell, by_commissioner, by_stream,
    total: allocation, forecast, out_of_scope and headroom by year; before_efficiency,
    after_efficiency: levels inside the budget [line, year]; impact_saving, impact_net: [impact
    line, year], None where there is no impact.
    """

    model: Model
    scope: Scope
    ledger: Ledger
    lines: BudgetLines
    forecast: Block
    before_efficiency: Block
    after_efficiency: Block
    do_nothing: Block
    impact_lines: Sequence[SavingLine]
    impact_saving: Block | None
    impact_net: Block | None
    cells: tuple[tuple[str, str], ...]
    by_cell: Mapping[str, Block]
    by_commissioner: Mapping[str, Block]
    by_stream: Mapping[str, Block]
    total: Mapping[str, Block]
    residual_by_party: Block | None

    @property
    def years(self) -> tuple[str, ...]:
        """The contract years."""
        return self.model.settings.years
