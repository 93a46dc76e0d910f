"""Whether every line of the model ties to the commissioner's own ledger, and by how much it
doesn't.

Source: handbook 2.4.1; req 18.
"""

from __future__ import annotations

from wpb.baseline.current_spend import CurrentSpend
from wpb.kernel.arithmetic import less
from wpb.kernel.ledger import Axis, Block, Ledger
from wpb.kernel.money import pounds
from wpb.kernel.problems import ProblemLog
from wpb.tables.leaves import table_leaf
from wpb.tables.model import Model


def ledger_ties(
    model: Model, current: CurrentSpend, ledger: Ledger, problems: ProblemLog
) -> Block | None:
    """Compare the model's lines with each commissioner's ledger: ledger - lines; a difference is
    shown, never spread.

    Source: handbook 2.4.1; req 18.
    """
    table = model["commissioner_ledger"]
    if not len(table):
        problems.warning(
            None,
            "There is no commissioner's ledger to tie the lines to.",
            "Fill in commissioner_ledger.",
            "ledger_missing",
        )
        return None
    rows = range(len(table))
    accounts = table_leaf(
        ledger,
        "reconciliation/account",
        Axis("account", tuple(table.key_of(row) for row in rows)),
        "pence",
        table,
        "ledger_value",
        rows,
        "Ledger account",
    )
    axis = Axis(
        "commissioner",
        tuple(
            sorted(
                {*table.text("commissioner"), *(line.commissioner for line in current.lines.lines)}
            )
        ),
    )
    in_ledger = ledger.total(
        "reconciliation/ledger",
        axis,
        (accounts, [axis.positions[c] for c in table.text("commissioner")]),
        title="Commissioner's ledger",
    )
    modelled = ledger.total(
        "reconciliation/lines",
        axis,
        (current.spend, [axis.positions[line.commissioner] for line in current.lines.lines]),
        title="Lines of the model",
    )
    difference = ledger.add(
        "reconciliation/difference",
        less,
        axis,
        "pence",
        whole=in_ledger,
        part=modelled,
        title="Ledger less lines",
    )
    for row, commissioner in enumerate(axis.codes):
        gap = difference.at(row, 0)
        if abs(gap) >= 0.5:
            where = next(
                (
                    table.where(r, "ledger_value")
                    for r in table.rows_where("commissioner", commissioner)
                ),
                None,
            )
            problems.warning(
                where,
                f"{commissioner}'s ledger is {pounds(in_ledger.at(row, 0), 2)} and its lines add to"
                f" {pounds(modelled.at(row, 0), 2)}: {pounds(gap, 2)} apart.",
                "Find the difference, or explain it in the ledger's description.",
                "ledger_difference",
            )
    return difference
