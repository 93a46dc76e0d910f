"""Simulated runs: the plan when nothing is uncertain, the same figures for any number of workers,
accounts that balance, closed forms.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.shadow_models import shadow_budget, shadow_case, uncertain
from wpb.kernel.problems import InputProblems, ProblemLog, UsageProblem
from wpb.shadow import runs as running
from wpb.shadow.accounts import accounts
from wpb.shadow.draws import CHUNK_RUNS, draw, planned_values, stream
from wpb.shadow.engine import delayed, simulate
from wpb.shadow.outcome import chance, expected_shortfall, quantile_interval, runs_needed, spread
from wpb.shadow.runs import Cancelled, batch_rows, run_values, simulate_runs
from wpb.shadow.shadow_test import prepare, shadow_test

ALL_SORTS = [
    uncertain("PEOPLE", "population", centre=0.001, spread=0.004, persistence=0.5),
    uncertain("USE", "activity", distribution="lognormal", centre=1.0, spread=0.03),
    uncertain(
        "CHANCE", "activity", drawn="each", distribution="counts", yearly_count=900, spread=0.001
    ),
    uncertain(
        "BASE",
        "baseline_error",
        distribution="lognormal",
        centre=1.0,
        spread=0.02,
        persistence=1.0,
        applies_by="provider",
        applies_to="HOSP",
    ),
    uncertain("FUNDS", "allocation", centre=0.0, spread=0.005),
    uncertain(
        "COME",
        "care_model_delivery",
        distribution="pert",
        low=0.2,
        likely=0.8,
        high=1.1,
        persistence=1.0,
    ),
    uncertain(
        "LATE", "care_model_delay", distribution="pert", low=0, likely=0.5, high=2, persistence=1.0
    ),
]
IMPACTS = {
    "care_model_impacts": [
        {
            "programme": "P",
            "service_line": "S1",
            "commissioner": "ICB",
            "funding_stream": "core",
            "year": year,
            "investment": 5_000,
            "saving": saving,
            "recurrent": True,
            "scope": "inside",
            "owner": "a",
            "plan": "b",
        }
        for year, saving in (("2027-28", 2_000), ("2028-29", 8_000), ("2029-30", 20_000))
    ]
}


@pytest.mark.req(299, 300)
def test_the_planned_case_is_the_budget() -> None:
    budget = shadow_budget(ALL_SORTS, IMPACTS)
    case, declared = prepare(budget, (), ProblemLog())
    inside = np.array([cell.inside for cell in case.plan.cells])
    total = budget.affordability.total
    np.testing.assert_allclose(
        case.planned.spend[0, inside].sum(axis=0), total["forecast"].value[0, 0], rtol=1e-12
    )
    np.testing.assert_allclose(
        case.planned.spend[0, ~inside].sum(axis=0), total["out_of_scope"].value[0, 0], rtol=1e-12
    )
    rows = run_values(case, planned_values(declared, 1, 3))
    assert rows[0, case.columns["headroom"]] == pytest.approx(
        total["headroom"].value[0, 0], rel=1e-12
    )
    results = shadow_test(budget, runs=128)
    for party in results.parties:
        assert party.margin.principal == pytest.approx(
            tuple(results.planned.margin[0, results.plan.parties.index(party.terms)])
        )


@pytest.mark.req(299)
def test_with_nothing_uncertain_no_one_gains_or_loses() -> None:
    results = shadow_test(shadow_budget((), IMPACTS), runs=128)
    assert "no_uncertainty" in {problem.code for problem in results.problems}
    for party in results.parties:
        assert (
            party.gain.mean,
            party.gain.p5,
            party.gain.p95,
            party.gain.gain.value,
            party.gain.loss.value,
        ) == (0, 0, 0, 0, 0)


@pytest.mark.req(300)
def test_the_same_figures_for_any_number_of_workers_and_any_store(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = shadow_case(ALL_SORTS, IMPACTS)
    runs = CHUNK_RUNS * running.BATCH_CHUNKS * 2 + 17
    with simulate_runs(case, runs, 7, 1) as one, simulate_runs(case, runs, 7, 2) as two:
        monkeypatch.setattr(running, "IN_MEMORY_BYTES", 0)
        with simulate_runs(case, runs, 7, 1) as filed:
            for column in range(case.width):
                assert (one.column(column) == two.column(column)).all()
                assert (one.column(column) == filed.column(column)).all()
    with simulate_runs(case, 200, 7) as short:
        assert not (short.total("forecast") == short.total("forecast")[0]).all()


@pytest.mark.req(300)
def test_a_longer_run_begins_with_a_shorter_one_and_seeds_differ() -> None:
    case = shadow_case(ALL_SORTS, IMPACTS)
    short, long, other = (
        batch_rows(case, seed, range(chunks)) for seed, chunks in ((1, 1), (1, 2), (2, 1))
    )
    assert (long[:CHUNK_RUNS] == short).all()
    moved = case.columns["margin/LEAD"]
    assert not (other[:, moved] == short[:, moved]).any()
    assert abs(np.corrcoef(long[:CHUNK_RUNS, 0], long[CHUNK_RUNS:, 0])[0, 1]) < 5 / math.sqrt(
        CHUNK_RUNS
    )


@pytest.mark.req(300)
def test_a_change_to_one_uncertainty_leaves_the_draws_of_the_others() -> None:
    first = shadow_case(ALL_SORTS).plan.declared
    fewer = shadow_case(ALL_SORTS[1:]).plan.declared
    rows = shadow_case(ALL_SORTS).plan.rows_of_each
    before, after = draw(first, rows, 3, 1, 0), draw(fewer, rows, 3, 1, 0)
    for code in after:
        assert (before[code] == after[code]).all()


@pytest.mark.req(299, 333, 337)
def test_payments_between_parties_add_to_nought_in_every_run() -> None:
    case = shadow_case(ALL_SORTS, IMPACTS)
    now = simulate(case.plan, draw(case.plan.declared, case.plan.rows_of_each, 3, 1, 0))
    found = accounts(case.plan, now, case.planned)
    bought = [at for at, cell in enumerate(case.plan.cells) if cell.provider == ""]
    costs_of_care = found.cost.sum(axis=1) - (found.income.sum(axis=1) - now.allocation.sum(axis=1))
    own = now.spend[:, bought].sum(axis=1)
    for terms, row in zip(case.plan.parties, range(len(case.plan.parties)), strict=True):
        if terms.role == "provider":
            own = own + found.cost[:, row]
    np.testing.assert_allclose(costs_of_care, own, rtol=1e-9)


@pytest.mark.req(274, 300)
def test_lognormal_use_has_its_closed_form_gain_and_loss() -> None:
    """The lead pays the hospital for all it does out of a fixed budget: its loss is the hospital's
    spend in scope x (factor - 1).
    """
    sigma, runs = 0.05, CHUNK_RUNS * 120
    case = shadow_case(
        [
            uncertain(
                "USE",
                "activity",
                distribution="lognormal",
                centre=1.0,
                spread=sigma,
                applies_by="provider",
                applies_to="HOSP",
            )
        ]
    )
    with simulate_runs(case, runs, 11) as store:
        lost = -next(store.years("margin/LEAD"))
    at = next(
        row for row, cell in enumerate(case.plan.cells) if cell.inside and cell.provider == "HOSP"
    )
    worth = case.planned.spend[0, at, 0]
    assert worth == pytest.approx(500_000_00)
    mean, deviation = (
        worth * (math.exp(sigma**2 / 2) - 1),
        worth * math.sqrt(math.exp(sigma**2) * math.expm1(sigma**2)),
    )
    assert abs(lost.mean() - mean) < 4.5 * deviation / math.sqrt(runs)
    assert lost.std() == pytest.approx(deviation, rel=0.02)
    assert np.quantile(lost, 0.95) == pytest.approx(worth * math.expm1(1.6448536 * sigma), rel=0.03)
    assert (lost > 0).mean() == pytest.approx(0.5, abs=4.5 * 0.5 / math.sqrt(runs))


@pytest.mark.req(300)
def test_persistence_and_correlation_are_those_declared() -> None:
    rows = [
        uncertain(
            code,
            "allocation" if code == "B" else "population",
            centre=0.0,
            spread=0.01,
            persistence=0.6,
        )
        for code in ("A", "B")
    ]
    case = shadow_case(
        rows,
        {
            "uncertainty_correlations": [
                {"first": "A", "second": "B", "correlation": -0.7, "evidence": "test"}
            ]
        },
    )
    drawn = [draw(case.plan.declared, {}, 3, 5, chunk) for chunk in range(80)]
    first, second = (np.concatenate([one[code][:, 0] for one in drawn]) for code in ("A", "B"))
    near = 4.5 / math.sqrt(len(first))
    for year in range(3):
        assert np.corrcoef(first[:, year], second[:, year])[0, 1] == pytest.approx(-0.7, abs=near)
        assert first[:, year].std() == pytest.approx(0.01, rel=0.03)
    assert np.corrcoef(first[:, 0], first[:, 1])[0, 1] == pytest.approx(0.6, abs=near)
    assert np.corrcoef(first[:, 0], first[:, 2])[0, 1] == pytest.approx(0.36, abs=near)


@pytest.mark.req(190, 300)
def test_savings_come_late_along_their_own_path() -> None:
    saving = np.array([[[0.0, 10.0, 30.0, 60.0]]])
    late = delayed(saving, np.array([0.0, 0.5, 1.0, 2.25, 9.0]).reshape(-1, 1, 1))[:, 0]
    expected = np.array(
        [[0, 10, 30, 60], [0, 5, 20, 45], [0, 0, 10, 30], [0, 0, 0, 7.5], [0, 0, 0, 0]]
    )
    np.testing.assert_allclose(late, expected)


@pytest.mark.req(34)
def test_an_error_in_the_baseline_fans_out_as_growth_carries_it() -> None:
    case = shadow_case(
        [uncertain("PEOPLE", "population", centre=0.0, spread=0.01, persistence=0.0)]
    )
    with simulate_runs(case, CHUNK_RUNS * 40, 3) as store:
        deviations = [values.std() / values.mean() for values in store.years("forecast")]
    assert deviations == pytest.approx([0.01 * math.sqrt(year) for year in (1, 2, 3)], rel=0.05)


@pytest.mark.req(274)
def test_intervals_cover_the_truth_at_their_nominal_rate() -> None:
    random, trials, runs = np.random.default_rng(8), 1_200, 400
    of_chance = of_quantile = 0
    for _ in range(trials):
        values = random.standard_normal(runs)
        hit = chance(int((values < -1.2815515655).sum()), runs)
        of_chance += hit.low <= 0.1 <= hit.high
        low, high = quantile_interval(np.sort(values), 0.05)
        of_quantile += low <= -1.6448536 <= high
    assert of_chance / trials == pytest.approx(0.95, abs=0.03)
    assert 0.93 <= of_quantile / trials <= 0.995


def test_the_expected_shortfall_of_a_normal_is_its_closed_form() -> None:
    values = np.sort(np.random.default_rng(2).standard_normal(400_000))
    density = math.exp(-(1.6448536**2) / 2) / math.sqrt(2 * math.pi)
    assert expected_shortfall(values, 0.95) == pytest.approx(-density / 0.05, rel=0.01)
    assert expected_shortfall(values[:399], 0.95) is None
    assert runs_needed(0.01) == 2_000


def test_too_few_runs_are_refused_or_said_with_the_number_that_would_do() -> None:
    with pytest.raises(UsageProblem, match="2,000 for the 99% shortfall"):
        shadow_test(shadow_budget(ALL_SORTS, IMPACTS), runs=99)
    results = shadow_test(shadow_budget(ALL_SORTS, IMPACTS), runs=500)
    assert results.parties[0].gain.shortfall_95 is not None
    assert results.parties[0].gain.shortfall_99 is None
    assert any(
        problem.code == "few_runs" and "2,000" in problem.fix for problem in results.problems
    )


def test_a_simulation_can_be_stopped() -> None:
    with pytest.raises(Cancelled):
        simulate_runs(shadow_case(ALL_SORTS, IMPACTS), 5_000, 1, cancelled=lambda: True)


def _refused(uncertainties: list[dict[str, object]], **more: object) -> list[str]:
    with pytest.raises(InputProblems) as found:
        shadow_case(uncertainties, more)  # type: ignore[arg-type]
    return [
        f"{problem.what} {problem.fix}"
        for problem in found.value.problems
        if problem.severity == "error"
    ]


@pytest.mark.req(300)
def test_correlations_that_cannot_hold_together_are_refused_with_a_factor_that_would_do() -> None:
    rows = [uncertain(code, "population", centre=0.0, spread=0.01) for code in "ABC"]
    pairs = [
        {"first": first, "second": second, "correlation": value, "evidence": "test"}
        for first, second, value in (("A", "B", 0.9), ("B", "C", 0.9), ("A", "C", -0.9))
    ]
    (words,) = _refused(rows, uncertainty_correlations=pairs)
    factor = float(words.split("Multiplying every one by ")[1].split(" ")[0])
    tame = [pair | {"correlation": float(str(pair["correlation"])) * factor} for pair in pairs]
    assert len(shadow_case(rows, {"uncertainty_correlations": tame}).plan.declared.correlated) == 3


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (uncertain("X", "activity", centre=1.0, spread=-0.1), "above nought"),
        (uncertain("X", "activity", centre=1.0), "needs spread"),
        (
            uncertain("X", "activity", distribution="normal", centre=1.0, spread=0.5),
            "stay above nought",
        ),
        (uncertain("X", "population", centre=0.0, spread=3.0), "one point is 0.01"),
        (
            uncertain(
                "X", "population", centre=0.0, spread=0.01, applies_by="provider", applies_to="HOSP"
            ),
            "Choose one of: everything",
        ),
        (
            uncertain(
                "X",
                "activity",
                distribution="lognormal",
                centre=1.0,
                spread=0.1,
                applies_by="provider",
                applies_to="NOBODY",
            ),
            "no provider 'NOBODY'",
        ),
        (
            uncertain("X", "baseline_error", distribution="lognormal", centre=1.0, spread=0.1),
            "Enter 1",
        ),
        (uncertain("X", "population", drawn="each", centre=0.0, spread=0.01), "Enter shared"),
        (uncertain("X", "quality", centre=0.8, spread=0.2), "from 0 to 1"),
        (
            uncertain("X", "care_model_delay", centre=0.5, spread=0.5, persistence=1.0),
            "from nought up",
        ),
        (uncertain("X", "population", history="NONE"), "0 points"),
    ],
)
def test_what_cannot_be_is_refused_with_what_would_do(row: dict[str, object], words: str) -> None:
    assert any(words in found for found in _refused([row]))


def test_a_history_of_two_points_is_refused_and_of_six_is_weighed() -> None:
    def history(points: int) -> dict[str, list[dict[str, object]]]:
        return {
            "driver_history": [
                {
                    "series": "H",
                    "period": f"{2010 + at}-{11 + at}",
                    "value": 0.01 + 0.002 * (at % 3),
                    "source": "test",
                }
                for at in range(points)
            ]
        }

    row = uncertain("X", "population", history="H")
    assert any(
        "2 points" in words and "at least 4" in words for words in _refused([row], **history(2))
    )
    problems = ProblemLog()
    prepare(shadow_budget([row], history(6)), (), problems)
    assert [problem.code for problem in problems if problem.severity == "warning"] == [
        "history_thin"
    ]


def test_a_gain_under_half_a_penny_is_none() -> None:
    found = spread(np.array([-0.4, 0.0, 0.4, 60.0] * 30))
    assert (found.gain.value, found.loss.value) == (0.25, 0.0)


@pytest.mark.req(300)
def test_streams_of_chunks_seeds_and_uncertainties_are_independent() -> None:
    """Correlations of many pairs of streams spread as those of independent draws do: standard
    normal over the square root of their length.
    """
    length, places = (
        512,
        [
            (seed, chunk, code)
            for seed in (1, 2)
            for chunk in (0, 1, 2, 7_000)
            for code in (11, 12, 4_000_000_000)
        ],
    )
    drawn = np.stack([stream(*place).standard_normal(length) for place in places])
    found = np.asarray(np.corrcoef(drawn))[np.triu_indices(len(places), 1)] * math.sqrt(length)
    assert len(found) == 276
    assert found.std() == pytest.approx(1.0, abs=4.5 / math.sqrt(2 * len(found)))
    assert abs(found.mean()) < 4.5 / math.sqrt(len(found))
    assert np.abs(found).max() < 4.5
    pooled = np.sort(drawn.ravel())
    # The largest gap between the draws of all streams together and the normal, as Kolmogorov and
    # Smirnov have it.
    gap = np.abs(
        0.5 * (1 + np.vectorize(math.erf)(pooled / math.sqrt(2)))
        - (np.arange(len(pooled)) + 0.5) / len(pooled)
    ).max()
    assert gap < 1.95 / math.sqrt(len(pooled))
