"""Every printed cell of the handbook's figures, from the bundled model of them; the traps beside
them.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import wpb
from wpb.kernel.explain import explain
from wpb.kernel.money import round_half_up
from wpb.run import Budget

YEARS = ("2016-17", "2017-18", "2018-19", "2019-20", "2020-21")
LINES = {
    "A&E": "FIG17.AE.AE",
    "outpatient": "FIG17.OUTPATIENT.OP",
    "elective": "FIG17.ELECTIVE.EL",
    "non-elective": "FIG17.NONELECTIVE.NEL",
}
DRUG_ACTIVITY = ("ADULT_HOME", "ADULT_CLINIC", "CHILD_HOME", "CHILD_CLINIC")

# Unrounded uplifts inferred from the printed outputs of Figs 15 and 17 (not published): they
# reproduce every cell.
INFERRED_UPLIFTS = (0.032744, 0.024573, 0.021741, 0.021706, 0.030406)


@pytest.fixture(scope="module")
def handbook(repo_root: Path) -> Budget:
    return wpb.load(repo_root / "examples" / "handbook").run()


@pytest.fixture(scope="module")
def with_inferred_uplifts(repo_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Budget:
    folder = tmp_path_factory.mktemp("figures") / "handbook"
    shutil.copytree(
        repo_root / "examples" / "handbook", folder, ignore=shutil.ignore_patterns("results")
    )
    values = "\n".join(
        f"    - {{year: {year}, value: {value}, status: placeholder, published: 2017-09, source:"
        " handbook-2017, locator: 'Figs 15, 17 (inferred)'}"
        for year, value in zip(YEARS, INFERRED_UPLIFTS, strict=True)
    )
    (folder / "assumptions" / "inferred.yaml").write_text(
        "- key: unit_cost_uplift.hchs\n  title: Unit cost uplift with the decimals the figures"
        " imply\n  unit: rate\n  kind: growth\n  reason: A test fixture\n  evidence: Printed cells"
        " of Figs 15 and 17\n  owner: Tests\n  outside_provider_control: true\n  values:\n"
        + values
        + "\n",
        encoding="utf-8",
    )
    return wpb.load(folder).run()


def figure(budget: Budget, name: str) -> float:
    return float(explain(budget.ledger, name, 0)["value"])


def shown(value: float, places: int = 0) -> str:
    return f"{round_half_up(value, places):,}"


@pytest.mark.req(56, 59, 63)
def test_figure_4_splits_the_contract_by_direct_cost(handbook: Budget) -> None:
    pounds = [
        figure(handbook, f"contract/FIG04/step_1/{service}") / 100
        for service in ("DIABETES", "DEMENTIA", "SALT")
    ]
    assert [shown(value) for value in pounds] == ["153,846", "269,231", "76,923"]
    assert [shown(value / 5000) for value in pounds] == ["31", "54", "15"]
    assert sum(pounds) == pytest.approx(500_000, abs=1e-6)
    assert [500_000 * percent / 100 for percent in (31, 54, 15)] == [
        155_000,
        270_000,
        75_000,
    ], "shares rounded for display would pay other sums"


@pytest.mark.req(77, 78)
def test_figure_6_shares_dietetics_sixty_forty(handbook: Budget) -> None:
    assert figure(handbook, "contract/FIG06/step_2/DIABETIC.DIETETICS") == pytest.approx(600)
    assert figure(handbook, "contract/FIG06/step_2/CARDIO.DIETETICS") == pytest.approx(400)
    assert figure(handbook, "contract/FIG06/step_2/DIABETIC.INSULIN") == 500


@pytest.mark.req(80, 63)
def test_figure_8_weighs_activity(handbook: Budget) -> None:
    weighted = [
        figure(handbook, f"contract/FIG08/weighted_activity/DRUGS.{kind}") for kind in DRUG_ACTIVITY
    ]
    assert weighted == pytest.approx([14_945.0, 3_031.2, 527.5, 6_315.0])
    assert shown(sum(weighted)) == "24,819"
    assert [shown(100 * value / sum(weighted)) for value in weighted] == ["60", "12", "2", "25"]
    pounds = [
        figure(handbook, f"contract/FIG08/step_3/DRUGS.{kind}") / 100 for kind in DRUG_ACTIVITY
    ]
    assert [shown(value) for value in pounds] == ["1,806,501", "366,401", "63,762", "763,336"]
    rounded_weights = [14_945, 3_031, 527.5, 6_315]
    assert [shown(3_000_000 * value / sum(rounded_weights)) for value in rounded_weights] == [
        "1,806,515",
        "366,380",
        "63,763",
        "763,342",
    ], "the trap: weights rounded for display"


@pytest.mark.req(87, 88)
def test_figure_10_scales_national_costs_to_the_contract(handbook: Budget) -> None:
    national = [
        figure(handbook, f"contract/FIG10/weight/DRUGSREF.{kind}") / 100 for kind in DRUG_ACTIVITY
    ]
    activity = [
        figure(handbook, f"contract/FIG10/step_2/DRUGSREF.{kind}") for kind in DRUG_ACTIVITY
    ]
    assert [shown(value) for value in national] == ["121", "60", "273", "267"]
    assert [shown(cost * units) for cost, units in zip(national, activity, strict=True)] == [
        "1,807,108",
        "225,507",
        "57,564",
        "561,383",
    ]
    modelled = figure(handbook, "contract/FIG10/all_weighted_activity/DRUGSREF") / 100
    assert shown(modelled) in (
        "2,651,561",
        "2,651,562",
    ), "the printed parts add to one more than the printed total"
    factor = figure(handbook, "contract/FIG10/pence_per_weighted_unit/DRUGSREF")
    assert shown(factor, 2) == "1.13"
    local = [
        figure(handbook, f"contract/FIG10/step_3/DRUGSREF.{kind}") / 100 / units
        for kind, units in zip(DRUG_ACTIVITY, activity, strict=True)
    ]
    assert [shown(value, 2) for value in local] == ["136.81", "67.34", "308.67", "301.74"]
    displayed = [121, 60, 273, 267]
    trap = 3_000_000 / sum(cost * units for cost, units in zip(displayed, activity, strict=True))
    assert [shown(cost * trap, 2) for cost in displayed] == [
        "136.71",
        "67.79",
        "308.44",
        "301.66",
    ], "the trap: unit costs as displayed"


@pytest.mark.req(91)
def test_figure_11_gives_every_case_the_same_average(handbook: Budget) -> None:
    kinds = ("PHONE", "CLINIC", "HOME")
    units = [figure(handbook, f"contract/FIG11/step_2/CASES.{kind}") for kind in kinds]
    assert sum(units) == 58_252
    averages = [
        figure(handbook, f"contract/FIG11/step_3/CASES.{kind}") / 100 / count
        for kind, count in zip(kinds, units, strict=True)
    ]
    assert {shown(value, 2) for value in averages} == {"42.92"}
    assert sum(averages[i] * units[i] for i in range(3)) == pytest.approx(2_500_000)
    assert pytest.approx(2_500_175.84) == 42.92 * 58_252, "the trap: the average rounded first"


PRINTED_UNIT_COSTS = {
    "A&E": (129, 132, 135, 138, 142),
    "outpatient": (114, 116, 119, 122, 125),
    "elective": (3098, 3174, 3243, 3314, 3415),
    "non-elective": (1549, 1587, 1622, 1657, 1707),
}
PRINTED_ACTIVITY = {
    "A&E": (71_596, 73_236, 74_942, 76_666, 78_398),
    "outpatient": (238_671, 247_884, 257_477, 267_312, 277_363),
    "elective": (25_490, 26_013, 26_548, 27_079, 27_607),
    "non-elective": (25_518, 26_071, 26_653, 27_236, 27_822),
}
PRINTED_COST_THOUSANDS = {
    "A&E": (9_243, 9_687, 10_128, 10_586, 11_154),
    "outpatient": (27_113, 28_852, 30_620, 32_480, 34_726),
    "elective": (78_974, 82_573, 86_107, 89_735, 94_267),
    "non-elective": (39_530, 41_380, 43_222, 45_128, 47_499),
}
PRINTED_TOTAL_THOUSANDS = (154_860, 162_492, 170_077, 177_928, 187_646)


def path(budget: Budget, block: str, line: str, pence: float) -> list[int]:
    return [
        int(round_half_up(figure(budget, f"{block}/{year}/{LINES[line]}") / pence))
        for year in YEARS
    ]


@pytest.mark.req(163)
def test_figure_15_unit_costs_with_the_printed_uplifts_match_but_for_two_cells(
    handbook: Budget,
) -> None:
    missed = [
        (line, YEARS[i], found, printed)
        for line, row in PRINTED_UNIT_COSTS.items()
        for i, (found, printed) in enumerate(
            zip(path(handbook, "unit_cost_path", line, 100), row, strict=True)
        )
        if found != printed
    ]
    assert missed == [("outpatient", "2019-20", 121, 122), ("elective", "2020-21", 3414, 3415)]


@pytest.mark.req(163)
@pytest.mark.parametrize("line", PRINTED_UNIT_COSTS)
def test_figure_15_unit_costs_with_unrounded_uplifts_match_in_full(
    with_inferred_uplifts: Budget, line: str
) -> None:
    assert (
        tuple(path(with_inferred_uplifts, "unit_cost_path", line, 100)) == PRINTED_UNIT_COSTS[line]
    )


@pytest.mark.req(164)
@pytest.mark.parametrize("line", PRINTED_ACTIVITY)
def test_figure_16_activity(handbook: Budget, line: str) -> None:
    assert tuple(path(handbook, "activity_path", line, 1)) == PRINTED_ACTIVITY[line]


@pytest.mark.req(164)
def test_figure_16_fails_where_each_year_is_rounded_before_the_next(handbook: Budget) -> None:
    missed = 0
    for line, code in LINES.items():
        level = round(figure(handbook, f"priced/units/{code}"))
        group = {
            "A&E": "AE",
            "outpatient": "OUTPATIENT",
            "elective": "ELECTIVE",
            "non-elective": "NONELECTIVE",
        }[line]
        for year, printed in zip(YEARS, PRINTED_ACTIVITY[line], strict=True):
            level = int(
                round_half_up(
                    level * (1 + figure(handbook, f"growth_rate/activity/{year}/{group}"))
                )
            )
            missed += level != printed
    assert missed == 9


@pytest.mark.req(165, 370)
@pytest.mark.parametrize("line", PRINTED_COST_THOUSANDS)
def test_figure_17_cost_is_unrounded_unit_cost_times_unrounded_activity(
    with_inferred_uplifts: Budget, line: str
) -> None:
    assert (
        tuple(path(with_inferred_uplifts, "forecast", line, 100_000))
        == PRINTED_COST_THOUSANDS[line]
    )


@pytest.mark.req(165, 370)
def test_figure_17_totals_come_from_unrounded_parts(with_inferred_uplifts: Budget) -> None:
    totals = [
        sum(figure(with_inferred_uplifts, f"forecast/{year}/{code}") for code in LINES.values())
        / 100_000
        for year in YEARS
    ]
    assert tuple(int(round_half_up(value)) for value in totals) == PRINTED_TOTAL_THOUSANDS
    assert sum(row[3] for row in PRINTED_COST_THOUSANDS.values()) == 177_929, (
        "the printed parts of 2019/20 add to one more than the printed total"
    )


@pytest.mark.req(165)
def test_figure_17_with_rounded_factors_matches_nowhere(handbook: Budget) -> None:
    matches = sum(
        int(round_half_up(unit * activity / 1000)) == printed
        for line in LINES
        for unit, activity, printed in zip(
            PRINTED_UNIT_COSTS[line],
            PRINTED_ACTIVITY[line],
            PRINTED_COST_THOUSANDS[line],
            strict=True,
        )
    )
    assert matches == 0
    unrounded = sum(
        found == printed
        for line in LINES
        for found, printed in zip(
            path(handbook, "forecast", line, 100_000), PRINTED_COST_THOUSANDS[line], strict=True
        )
    )
    assert unrounded == 1, "with the printed two-decimal uplifts one cell of twenty matches"
