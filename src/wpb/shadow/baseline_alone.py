"""What the error of the baseline does by itself: to spend in scope and out of it, to the
affordability margin, and to the lead provider, who bears what care truly costs.

Source: handbook 2.4.1 footnote 29; req 33, 34, 412.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wpb.shadow.accounts import accounts
from wpb.shadow.baseline_parts import is_by_parts
from wpb.shadow.draws import CHUNK_RUNS
from wpb.shadow.outcome import Fan, Spread, fan, spread
from wpb.shadow.runs import Case, batch_rows, batches_of
from wpb.shadow.workers import Workers, at_work

Array = NDArray[np.float64]

BASELINE_RUNS = 1_024


@dataclass(frozen=True)
class BaselineAlone:
    """How far results depart from plan when only the baseline may be out, in pence.

    forecast: in scope; out_of_scope; total: both; headroom: by year. lead: gain or loss of the
    lead provider by year, lead_term over the term; None where it is not under test.
    totals_known: whether no contract's own total is uncertain, so that errors only divide it.
    """

    runs: int
    forecast: Fan
    out_of_scope: Fan
    total: Fan
    headroom: Fan
    lead_provider: str
    lead: Fan | None
    lead_term: Spread | None
    totals_known: bool


def baseline_alone(case: Case, seed: int, workers: int | Workers = 1) -> BaselineAlone | None:
    """Run the error of the baseline by itself; None where the model declares none.

    departure = run - plan, year by year
    Source: handbook 2.4.1 footnote 29; req 34, 412.
    """
    errors = case.plan.declared.of("baseline_error")
    if not errors:
        return None
    alone = replace(case.plan, declared=case.plan.declared.only([one.code for one in errors]))
    only = Case(alone, case.planned)
    batches = batches_of(BASELINE_RUNS // CHUNK_RUNS, 2)
    with at_work(workers) as crew:
        found = dict(crew.each(batch_rows, only, [(seed, batch) for batch in batches]))
    rows = np.concatenate([found[place] for place in range(len(batches))])
    planned = accounts(alone, case.planned, case.planned)
    inside = np.array([cell.inside for cell in alone.cells])
    spend, allocation = case.planned.spend[0], case.planned.allocation[0]

    def departure(name: str, plan: Array) -> Array:
        return np.asarray(rows[:, only.columns[name]] - plan, dtype=np.float64)

    forecast = departure("forecast", spend[inside].sum(axis=0))
    out_of_scope = departure("out_of_scope", spend[~inside].sum(axis=0))
    headroom = departure("headroom", allocation.sum(axis=0) - spend.sum(axis=0))
    place = {terms.organisation: at for at, terms in enumerate(alone.parties)}.get(alone.lead)
    lead = None if place is None else departure(f"margin/{alone.lead}", planned.margin[0, place])
    return BaselineAlone(
        len(rows),
        _by_year(forecast),
        _by_year(out_of_scope),
        _by_year(forecast + out_of_scope),
        _by_year(headroom),
        alone.lead,
        None if lead is None else _by_year(lead),
        None if lead is None else spread(lead.sum(axis=1)),
        all(is_by_parts(one) and one.applies_by != "total" for one in errors),
    )


def _by_year(values: Array) -> Fan:
    return fan([0.0] * values.shape[1], list(values.T))
