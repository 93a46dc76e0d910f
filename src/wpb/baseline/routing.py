"""What the baseline's routes share: the model, the scope, the ledger, the population profiles and
the problems.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from wpb.baseline.population_shares import PopulationShares
from wpb.kernel.ledger import Axis, Block, Ledger
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.records import Scope
from wpb.tables.schema import TypedTable

CARVE_OUT_GRADES = {
    "activity_by_list": (1, "activity recorded by GP list"),
    "whole_contract": (1, "the contract serves only lists in scope"),
    "patient_groups": (2, "activity mapped to patient groups"),
    "weighted_carve_out": (2, "weighted carve-out"),
    "condition_carve_out": (2, "carve-out by disease prevalence"),
    "boundary_carve_out": (2, "carve-out by residents of the payer's area"),
    "population_carve_out": (3, "population-proportional carve-out, the least accurate"),
}


@dataclass(frozen=True)
class Routing:
    """The things every route needs."""

    model: Model
    scope: Scope
    ledger: Ledger
    shares: PopulationShares
    problems: ProblemLog

    def on(self, model: Model, ledger: Ledger, problems: ProblemLog) -> Routing:
        """Go on with another ledger and other problems, on a model whose tables may be watched."""
        return Routing(model, self.scope, ledger, self.shares.on(model, problems), problems)

    def carve_out(self, table: TypedTable, row: int, commissioner: str) -> str:
        """The population profile of a row that names a carve-out (or serves only lists in
        scope).
        """
        method = str(table.columns["population_method"][row])
        driver = str(table.columns["carve_out_driver"][row])
        place = table.where(row, "population_method")
        covers = (
            "*"
            if "carve_out_covers" in table.columns
            and table.columns["carve_out_covers"][row] == "all_lists"
            else commissioner
        )
        if commissioner not in self.scope.list_commissioner:
            covers = "*"
        if method == "whole_contract":
            return self.shares.whole(place)
        if method == "population_carve_out":
            return self.shares.population_carve_out(covers, place)
        if method == "boundary_carve_out":
            return self.shares.boundary_carve_out(commissioner, place)
        if method == "weighted_carve_out":
            return self.shares.weighted_carve_out(driver, covers, place)
        return self.shares.condition_carve_out(driver, covers, place)


def cell_leaf(
    ledger: Ledger,
    block_id: str,
    axis: Axis,
    unit: str,
    values: Sequence[float],
    place: Callable[[int], Cell],
    title: str = "",
) -> Block:
    """Enter figures that a cell decides, such as a flag, as a leaf.

    Source: handbook 3.7; req 367.
    """
    return ledger.leaf(
        block_id,
        axis,
        unit,
        np.asarray(values, dtype=np.float64),
        lambda row, year: place(row),
        title=title,
    )
