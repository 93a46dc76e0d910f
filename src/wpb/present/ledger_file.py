"""The calculation ledger as one columnar file: every movement and the levels between them,
unrounded.

Source: handbook 3.7; req 367.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from wpb.kernel.ledger import Block, difference
from wpb.present.bridge import Move, baseline_moves, forecast_moves, other_moves, rule_name
from wpb.run import Budget

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = ("kind", "stage", "step", "figure", "line", "year", "amount_pence", "rule", "reason")


def ledger_table(budget: Budget) -> pa.Table:
    """Lay out every movement and level by line and year: kind, stage, step, figure, line, year,
    amount_pence, rule, reason.

    Movements of the stages 'current spend' and 'baseline' add to the baseline; with those of
    'forecast' of a year they add to that year's forecast. amount_pence is unrounded; a line with
    nothing has no row. `figure` with the year and line is what `wpb explain` opens.
    Source: handbook 3.7; req 367.
    """
    import pyarrow as pa

    parts = [*_movements(budget), *_levels(budget)]
    return pa.concat_tables(parts).unify_dictionaries().combine_chunks()


def write_ledger(table: pa.Table, path: Path) -> None:
    """Write the ledger as Parquet; the same table gives the same bytes."""
    import pyarrow.parquet as pq

    pq.write_table(
        table,
        path,
        compression="zstd",
        use_dictionary=[name for name in COLUMNS if name != "amount_pence"],
        write_statistics=False,
    )


def _movements(budget: Budget) -> Iterator[pa.Table]:
    settings = budget.model.settings
    for move in (*baseline_moves(budget), *forecast_moves(budget), *other_moves(budget)):
        standing = settings.spend_year if move.stage == "current spend" else settings.baseline_year
        yield _part("movement", move, standing)


def _levels(budget: Budget) -> Iterator[pa.Table]:
    settings, current = budget.model.settings, budget.current
    seen: set[str] = set()
    spend = [current.spend, current.in_scope, current.out_of_scope, current.unmapped]
    between = [
        ref.block
        for movement in budget.ledger.movements
        if movement.block.rule is difference
        for ref in movement.block.inputs.values()
    ]
    for block in (*spend, budget.baseline, *between, budget.forecast, budget.out_of_scope):
        if block.id not in seen:
            seen.add(block.id)
            standing = settings.spend_year if block in spend else settings.baseline_year
            yield _part("level", _as_move(block), standing)


def _as_move(block: Block) -> Move:
    return Move(
        "", block.title, block.axis, block.years, block.value[0], rule_name(block), "", block.id
    )


def _part(kind: str, move: Move, standing: str) -> pa.Table:
    """One movement or level: a row for each line and year that is not nought, in the order of
    lines.
    """
    import pyarrow as pa

    years = move.years or (standing,)
    lines, at = np.nonzero(np.broadcast_to(move.amounts, (len(move.axis), len(years))))
    reasons = [move.line_reasons.get(code, move.reason) for code in move.axis.codes]
    distinct = {reason: i for i, reason in enumerate(dict.fromkeys(reasons))}
    reason_of = np.array([distinct[reason] for reason in reasons], dtype=np.int32)
    columns = {
        name: _same(value, len(lines))
        for name, value in (
            ("kind", kind),
            ("stage", move.stage),
            ("step", move.step),
            ("figure", move.figure),
            ("rule", move.rule),
        )
    }
    columns["line"] = pa.DictionaryArray.from_arrays(
        pa.array(lines.astype(np.int32)), pa.array(move.axis.codes, pa.string())
    )
    columns["year"] = pa.DictionaryArray.from_arrays(
        pa.array(at.astype(np.int32)), pa.array(years, pa.string())
    )
    columns["amount_pence"] = pa.array(move.amounts[lines, at])
    columns["reason"] = pa.DictionaryArray.from_arrays(
        pa.array(reason_of[lines]), pa.array(list(distinct), pa.string())
    )
    return pa.table({name: columns[name] for name in COLUMNS})


def _same(value: str, count: int) -> pa.DictionaryArray:
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(count, dtype=np.int32)), pa.array([value], pa.string())
    )
