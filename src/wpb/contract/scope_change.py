"""A service line that joins or leaves the contract during the term.

Source: handbook 4.3 (pace of service scope development), 4.4; req 223, 244.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wpb.contract.events import Event
from wpb.contract.terms import Terms
from wpb.kernel.ledger import Array, Axis, Block, Ledger, Ref
from wpb.kernel.problems import ProblemLog
from wpb.tables.contract_records import FrozenLines


def joining_lines(out_of_scope_pence: Array, population_share: Array) -> Array:
    """What a service that joins brings: its forecast outside the budget x share of the contract's
    people.

    Source: handbook 2.3, 4.3; req 223.
    """
    return out_of_scope_pence * population_share


def leaving_lines(forecast_pence: Array) -> Array:
    """What a service that leaves takes: its forecast in the budget, taken away.

    Source: handbook 4.3; req 223.
    """
    return -forecast_pence


def scope_factor(change_pence: Array, lines_pence: Array) -> Array:
    """How the services a mover is valued for have changed: 1 + change of scope / lines before it; 1
    where there were none.

    Source: handbook 4.4 (one mover is paid once, for the services in the contract); req 234, 244.
    """
    return 1 + np.divide(
        change_pence,
        lines_pence,
        out=np.zeros_like(change_pence * lines_pence),
        where=lines_pence != 0,
    )


@dataclass(frozen=True)
class ScopeChange:
    """A change of scope: its yearly effect by cell."""

    event: Event
    rate: Block


def undone(rate_pence: Array) -> Array:
    """A change of scope that turns an earlier one back: what that brought or took, the other way.

    Source: handbook 4.3; req 223.
    """
    return -rate_pence


def scope_change(
    event: Event,
    before: Sequence[ScopeChange],
    lines: FrozenLines,
    terms: Terms,
    cells: Axis,
    ledger: Ledger,
    problems: ProblemLog,
) -> ScopeChange | None:
    """Work out what a service line brings or takes, from the forecast that was frozen at the
    agreement.

    before: the changes of scope known so far. A service that comes back, or leaves again, moves
    what it moved then.
    Source: handbook 4.3; req 223.
    """
    name = f"wpb/scope/{event.code}"
    last = max(
        (change for change in before if change.event.service_line == event.service_line),
        key=lambda change: change.event.effective_on,
        default=None,
    )
    if last is not None:
        return _turned_back(event, last, terms, cells, ledger, problems)
    if event.direction == "leaves":
        rows = [
            i
            for i, (line, element) in enumerate(zip(lines.service_line, lines.element, strict=True))
            if line == event.service_line and element == "wpap"
        ]
        source, who = (
            lines.forecast,
            [f"{lines.commissioner[i]}.{lines.funding_stream[i]}" for i in rows],
        )
    else:
        rows = [
            i for i, line in enumerate(lines.outside_service_line) if line == event.service_line
        ]
        source, who = (
            lines.out_of_scope,
            [f"{lines.outside_commissioner[i]}.{lines.outside_stream[i]}" for i in rows],
        )
    if not rows or not source.value[0, rows].any():
        side = "inside" if event.direction == "leaves" else "outside"
        problems.error(
            event.place,
            f"{event.code}: service line '{event.service_line}' has no money {side} the budget to"
            " move.",
            "Check the service line and the direction.",
            "scope_change_empty",
        )
        return None
    strange = sorted({cell for cell in who if cell not in cells.positions})
    if strange:
        problems.error(
            event.place,
            f"{event.code}: {', '.join(strange)} pays for nothing in the contract yet.",
            "A new payer joins by a new agreement of the contract's parts.",
            "no_payer",
        )
        return None
    at = np.array(rows, dtype=np.int64)
    axis = Axis("budget line", tuple(source.axis.codes[i] for i in rows))
    if event.direction == "leaves":
        moved = ledger.add(
            f"{name}/lines",
            leaving_lines,
            axis,
            "pence",
            terms.years,
            "Lines that leave",
            forecast_pence=Ref(source, at),
        )
    else:
        moved = ledger.add(
            f"{name}/lines",
            joining_lines,
            axis,
            "pence",
            terms.years,
            "Lines that join",
            out_of_scope_pence=Ref(source, at),
            population_share=Ref(lines.population_share, lines.profile[at]),
        )
    rate = ledger.total(
        f"{name}/rate",
        cells,
        (moved, [cells.positions[cell] for cell in who]),
        title=f"Yearly effect of {event.code}",
    )
    return ScopeChange(event, rate)


def _turned_back(
    event: Event, last: ScopeChange, terms: Terms, cells: Axis, ledger: Ledger, problems: ProblemLog
) -> ScopeChange | None:
    earlier = last.event
    if earlier.effective_on >= event.effective_on:
        problems.error(
            event.place,
            f"{event.code}: service line '{event.service_line}' already has a later change of"
            f" scope, {earlier.code}, on {earlier.effective_on}.",
            "A service's changes take effect one after another; correct the dates.",
            "scope_order",
        )
        return None
    if earlier.direction == event.direction:
        done = "joined" if event.direction == "joins" else "left"
        problems.error(
            event.place,
            f"{event.code}: service line '{event.service_line}' has {done} already, by"
            f" {earlier.code} on {earlier.effective_on}.",
            "Take one of the two events out.",
            "scope_change_twice",
        )
        return None
    rate = ledger.add(
        f"wpb/scope/{event.code}/rate",
        undone,
        cells,
        "pence",
        terms.years,
        f"Yearly effect of {event.code}",
        rate_pence=last.rate,
    )
    return ScopeChange(event, rate)
