"""From a published file to the tables of a model: GP lists with their weights, and national unit
costs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from wpb.intake.practice_files import PracticeFile
from wpb.intake.table_writing import PlannedTable, Row, plan_table
from wpb.intake.unit_cost_files import NationalUnitCost
from wpb.kernel.problems import ProblemLog
from wpb.tables import TABLES_BY_NAME
from wpb.tables.population import NEEDS


def plan_practices(
    practices: PracticeFile,
    icbs: Sequence[str],
    folder: Path,
    participation: Mapping[int, str],
    replace: bool,
    log: ProblemLog,
) -> tuple[PlannedTable, PlannedTable]:
    """Plan a model's gp_lists and list_weights for one ICB or more: one list a practice, nine
    weights a list.

    participation: how each practice takes part, by row of the file. Populations and weights are
    written as the file has them, unrounded. Where --replace puts a practice in the place of one
    that is there, the neighbourhood it was given stays; a practice of this ICB that the file no
    longer has is taken out. Unregistered and elsewhere groups, and other commissioners' practices,
    stay.

    Records an error where practices of this ICB are there already and `replace` is not asked for.
    Source: handbook Summary, fn 40, 2.4 Encompass; req 2, 44, 103, 155.
    """
    members = [row for icb in icbs for row in practices.rows_of_icb(icb)]

    def of_this_icb(row: Row) -> bool:
        return (
            row.get("commissioner", "").strip() in icbs
            and row.get("kind", "").strip() == "practice"
        )

    lists = plan_table(
        folder,
        TABLES_BY_NAME["gp_lists"],
        [_gp_list(practices, row, participation[row]) for row in members],
        of_this_icb,
        replace,
        log,
    )
    neighbourhoods = {row["list_code"]: row.get("neighbourhood", "") for row in lists.replaced}
    lists = dataclasses.replace(
        lists,
        rows=tuple(
            {
                **row,
                "neighbourhood": neighbourhoods.get(row["list_code"], row.get("neighbourhood", "")),
            }
            for row in lists.rows
        ),
    )
    outgoing = {row["list_code"].strip() for row in lists.replaced}
    weights = [
        {
            "list_code": practices.codes[row],
            "need": need,
            "weighted_population": practices.entered(row, need),
        }
        for row in members
        for need in NEEDS
    ]
    return lists, plan_table(
        folder,
        TABLES_BY_NAME["list_weights"],
        weights,
        lambda row: row.get("list_code", "").strip() in outgoing,
        replace,
        log,
    )


def _gp_list(practices: PracticeFile, row: int, participation: str) -> dict[str, str]:
    return {
        "list_code": practices.codes[row],
        "name": practices.names[row],
        "kind": "practice",
        "commissioner": practices.icb_codes[row],
        "participation": participation,
        "population": practices.entered(row, "population"),
        "neighbourhood": "",
    }


def plan_unit_costs(
    costs: Sequence[NationalUnitCost], folder: Path, replace: bool, log: ProblemLog
) -> PlannedTable:
    """Plan a model's national_unit_costs, one row an activity type, each unit cost in pounds as
    published.

    Records an error where an activity type is there already and `replace` is not asked for.
    Source: handbook Fig 10; req 87, 88.
    """
    rows = [
        {
            "activity_type": cost.activity_type,
            "category": cost.category,
            "unit_cost": cost.unit_cost,
            "collection_year": cost.collection_year,
        }
        for cost in costs
    ]
    return plan_table(
        folder, TABLES_BY_NAME["national_unit_costs"], rows, lambda row: False, replace, log
    )
