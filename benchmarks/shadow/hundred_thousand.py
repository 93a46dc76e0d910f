"""Simulated runs of 200 lines over ten years through forecast, incentives and sharing, beside the
same draws and arithmetic in bare arrays.

    python benchmarks/shadow/hundred_thousand.py [runs]

Prints how many times the bare way the engine takes, what part of it the draws are, its peak memory,
and how one and two workers share the work. Both ways draw from the same streams, and their totals
are compared first.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bare import bare_chunk

from tests.models import calculated, direct, place
from tests.shadow_models import ORGANISATIONS, uncertain
from wpb.commands.share_files import kind_of
from wpb.commands.share_parties import read_parties
from wpb.kernel.lined_yaml import read_yaml
from wpb.kernel.problems import ProblemLog
from wpb.shadow.draws import CHUNK_RUNS, draw
from wpb.shadow.runs import Case, batch_rows, simulate_runs
from wpb.shadow.shadow_test import prepare
from wpb.sharing.reading import Page

LINES, YEARS = 200, 10
MOST_TIMES_BARE, MOST_MB = 2.0, 1_000
ARRANGEMENT = (Path(__file__).parent / "arrangement.yaml").read_text(encoding="utf-8")
UNCERTAINTIES = [
    uncertain(
        "CHANCE", "activity", drawn="each", distribution="lognormal", centre=1.0, spread=0.03
    ),
    uncertain("USE", "non_demographic", centre=0.0, spread=0.004, persistence=0.5),
    uncertain("PRICES", "cost_pressure", centre=0.0, spread=0.004, persistence=0.5),
    uncertain("PEOPLE", "population", centre=0.0, spread=0.003, persistence=0.5),
    uncertain(
        "BASE", "baseline_error", distribution="lognormal", centre=1.0, spread=0.02, persistence=1.0
    ),
    uncertain("QUALITY", "quality", distribution="pert", low=0.5, likely=0.9, high=1.0),
]


def the_case() -> Case:
    """A place of 200 service lines at one hospital and one community trust, growing for ten
    years.
    """
    services = [
        {
            "service_line": f"S{at:03d}",
            "name": f"Service {at}",
            "scope": "in",
            "growth_category": f"G{at % 8}",
        }
        for at in range(LINES)
    ]
    growth = [
        {
            "growth_category": f"G{at}",
            "name": f"Group {at}",
            "growth_method": "unit_cost_and_activity",
            "cost_rate": "local.price",
            "demographic_rate": "local.people",
            "non_demographic_rate": "local.use",
            "efficiency_rate": "local.save",
        }
        for at in range(8)
    ]
    spend = [
        direct(
            f"L{at:03d}",
            100_000 + 500 * at,
            service_line=f"S{at:03d}",
            provider="HOSP" if at % 2 else "COMM",
            population_method="whole_contract",
        )
        for at in range(LINES)
    ]
    parties = [
        {
            "organisation": "LEAD",
            "follows_activity": 0,
            "follows_prices": 0.5,
            "follows_population": 1,
            "fixed_cost_share": 0,
            "evidence": "made",
        },
        {
            "organisation": "HOSP",
            "follows_activity": 1,
            "follows_prices": 0.5,
            "fixed_cost_share": 0.6,
            "evidence": "made",
        },
        {
            "organisation": "COMM",
            "follows_activity": 0,
            "follows_prices": 0.5,
            "fixed_cost_share": 0.8,
            "evidence": "made",
        },
    ]
    links = [
        {"arrangement": "made", "line": "hospital", "service_line": f"S{at:03d}", "scope": "inside"}
        for at in range(1, LINES, 20)
    ]
    years = [f"{year}-{(year + 1) % 100:02d}" for year in range(2027, 2037)]
    allocations = [
        {
            "commissioner": c,
            "funding_stream": s,
            "year": y,
            "allocation": 40_000_000,
            "certainty": "firm",
            "source": "made",
        }
        for c, s in (("ICB", "core"), ("COUNCIL", "care"))
        for y in years
    ]
    tables = place(
        organisations=ORGANISATIONS,
        service_lines=services,
        growth_categories=growth,
        direct_spend=spend,
        shadow_parties=parties,
        shadow_sharing=links,
        uncertainties=UNCERTAINTIES,
        allocations=allocations,
    )
    from wpb.tables.settings import Choice

    budget = calculated(
        tables,
        Path(__file__).parent / "assumptions",
        lead_provider="LEAD",
        contract_years=YEARS,
        forecast_routes={"core": Choice("national_assumptions", "made")},
    )
    page = Page("arrangement.yaml", ProblemLog())
    found = read_yaml(ARRANGEMENT, "arrangement.yaml", page.log)
    assert kind_of(found, page) == "parties"
    return prepare(budget, [read_parties(found, page)], ProblemLog())[0]


def processor_seconds() -> tuple[float, float]:
    """Processor time of this process, and of workers that have ended: on a busy machine they say
    what the clock cannot.
    """
    found = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    here, ended = (one.ru_utime + one.ru_stime for one in found)
    return here, ended


def main(runs: int) -> int:
    """Print the ratio to the bare way, the draws' part, and peak memory."""
    case = the_case()
    plan = case.plan
    chunks = range(max(1, min(runs, 100_000) // CHUNK_RUNS // 8))
    print(
        f"{len(plan.row_keys)} rows, {len(plan.cells)} cells, {len(plan.years)} years, {CHUNK_RUNS}"
        " runs a chunk"
    )
    engine = batch_rows(case, 1, range(2))
    bare = np.concatenate([bare_chunk(case, 1, chunk) for chunk in range(2)])
    np.testing.assert_allclose(
        bare,
        np.stack(
            [
                engine[:, case.columns[name]].sum(axis=1)
                for name in ("forecast", "margin/LEAD", "margin/HOSP", "margin/COMM", "margin/ICB")
            ],
            axis=1,
        ),
        rtol=1e-9,
        atol=1.0,
    )
    ratios, parts, alone = [], [], []
    for _ in range(5):
        seconds = []
        for work in (
            lambda chunk: batch_rows(case, 1, range(chunk, chunk + 1)),
            lambda chunk: bare_chunk(case, 1, chunk),
            lambda chunk: draw(plan.declared, plan.rows_of_each, YEARS, 1, chunk),
        ):
            start = time.process_time()
            for chunk in chunks:
                work(chunk)
            seconds.append(time.process_time() - start)
        ratios.append(seconds[0] / seconds[1])
        parts.append(seconds[2] / seconds[0])
        alone.append(seconds[0] / seconds[2])
    print(
        f"engine over bare: {statistics.median(ratios):.2f} (from {min(ratios):.2f} to"
        f" {max(ratios):.2f}); draws are {statistics.median(parts):.0%} of the engine, which takes"
        f" {statistics.median(alone):.1f} times the draws alone"
    )
    for workers in (1, 2):
        start, before = time.perf_counter(), processor_seconds()
        with simulate_runs(case, runs, 1, workers) as store:
            mean = float(store.total("margin/LEAD").mean())
        main_seconds, worker_seconds = (
            round(now - then, 1) for now, then in zip(processor_seconds(), before, strict=True)
        )
        print(
            json.dumps(
                {
                    "runs": runs,
                    "workers": workers,
                    "seconds": round(time.perf_counter() - start, 1),
                    "main_processor_seconds": main_seconds,
                    "workers_processor_seconds": worker_seconds,
                    "mean_margin_of_lead_pence": round(mean),
                    "peak_mb": round(
                        max(
                            resource.getrusage(who).ru_maxrss
                            for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
                        )
                        * 1024
                        / 1e6
                    ),
                }
            )
        )
    peak_mb = (
        max(
            resource.getrusage(who).ru_maxrss
            for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        * 1024
        / 1e6
    )
    return 0 if statistics.median(ratios) <= MOST_TIMES_BARE and peak_mb < MOST_MB else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
