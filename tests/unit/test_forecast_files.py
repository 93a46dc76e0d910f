"""The forecast's settings and tables as files: read, checked with their cells, and calculated."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import wpb
from wpb.kernel.problems import InputProblems, Problem
from wpb.tables.settings import Choice

EXTRA = """
  presentation: additive_with_interaction
  population:
    projection: gla_capped_shlaa
    allocation_basis: ons
    reason: Housing is planned
  combination:
    method: each_stream_then_added
    agreed_by: Boards
    agreed_on: 2026-12-01
    reason: Each funder sees its own path
  savings:
    share_in_budget: 60%
    reason: Risk is shared while schemes are new
"""


@pytest.fixture
def midshire(repo_root: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "midshire"
    shutil.copytree(
        repo_root / "examples" / "midshire",
        folder,
        ignore=shutil.ignore_patterns(
            "results", "record", "*.xlsx", "provider_efficiency_plans.csv"
        ),
    )
    return folder


def write(folder: Path, table: str, text: str) -> None:
    (folder / "inputs" / f"{table}.csv").write_text(text, encoding="utf-8")


def with_settings(folder: Path, extra: str, core: str = "") -> None:
    words = (folder / "model.yaml").read_text(encoding="utf-8").split("\n")
    kept, dropping = [], False
    for line in words:
        if line.startswith("  ") and not line.startswith("   "):
            dropping = line.strip() in (
                "population:",
                "combination:",
                "savings:",
            ) or line.strip().startswith("presentation:")
        elif line and not line.startswith(" "):
            dropping = False
        if not dropping:
            kept.append(line)
    text = "\n".join(kept).replace("\nforecast:\n", f"\nforecast:{extra}", 1)
    (folder / "model.yaml").write_text(
        text.replace("    core:\n", f"    core:\n{core}", 1), encoding="utf-8"
    )


def of_code(problems: list[Problem], code: str) -> Problem:
    return next(problem for problem in problems if problem.code == code)


@pytest.mark.req(150, 154, 155, 158, 171, 175, 189)
def test_settings_of_the_forecast_are_read(midshire: Path) -> None:
    with_settings(midshire, EXTRA, core="      target_need: overall_core\n")
    settings = wpb.load(midshire).model.settings
    assert settings.presentation == "additive_with_interaction"
    assert (
        settings.population["allocation_basis"] == "ons"
        and settings.combination["agreed_on"] == "2026-12-01"
    )
    assert settings.savings_share == Choice("60%", "Risk is shared while schemes are new")
    assert settings.target_needs == {"core": "overall_core"}
    assert not settings.route_switches and not settings.route_presets


@pytest.mark.req(154, 148)
def test_a_switch_needs_only_what_the_model_cannot_measure(midshire: Path) -> None:
    with_settings(midshire, "\n", core="      switch_year: 2032-33\n")
    missing = {
        problem.where.cell
        for problem in wpb.load(midshire).check()
        if problem.code == "setting_missing" and problem.where
    }
    told = [
        problem.what for problem in wpb.load(midshire).check() if problem.code == "setting_missing"
    ]
    assert missing and not any(
        "population_share" in words or "service_share" in words for words in told
    )
    with_settings(
        midshire,
        "\n",
        core=(
            "      alignment:\n        minimum_share: 0.9\n        expected_growth_gap: 0\n       "
            " maximum_growth_gap: 0.005\n"
        ),
    )
    refused = of_code(wpb.load(midshire).check(), "alignment_low")
    assert refused.severity == "error" and "2032-33" in refused.what


@pytest.mark.req(385)
def test_a_sealed_contract_that_the_forecast_would_move_is_told_in_pounds(
    midshire: Path, repo_root: Path
) -> None:
    shutil.copytree(repo_root / "examples" / "midshire" / "record", midshire / "record")
    with_settings(midshire, EXTRA.replace("gla_capped_shlaa", "ons"))
    with pytest.raises(InputProblems) as refused:
        wpb.load(midshire).run()
    moved = [problem for problem in refused.value.problems if problem.code == "sealed_would_change"]
    assert moved and "£" in moved[0].what


@pytest.mark.req(189, 188)
def test_a_share_of_savings_left_to_sharing_moves_the_forecast_by_that_much(midshire: Path) -> None:
    whole = wpb.load(midshire).run()
    with_settings(
        midshire,
        EXTRA.replace("  presentation: additive_with_interaction\n", "").replace(
            "gla_capped_shlaa", "ons"
        ),
    )
    shared = wpb.load(midshire).run()
    assert whole.care_model is not None and shared.care_model is not None
    inside = shared.care_model.rows(True)
    left = shared.care_model.left_to_sharing.value[0, inside, 9].sum()
    assert left == pytest.approx(0.4 * whole.care_model.saving.value[0, inside, 9].sum())
    assert shared.forecast.value[0, :, 9].sum() - whole.forecast.value[
        0, :, 9
    ].sum() == pytest.approx(left)


@pytest.mark.req(179, 178, 193, 206)
def test_faults_in_the_tables_name_their_cells(midshire: Path) -> None:
    write(
        midshire,
        "rate_overrides",
        "override,applies_to,code,driver,year,rate,outside_provider_control,reason,evidence,owner\nO1,growth_category,community,demographic,2029-30,9%,true,Homes,,ICB\n",
    )
    write(
        midshire,
        "system_plan_totals",
        "plan,measure,commissioner,year,plan_value,tolerance,explanation\nSystem"
        " plan,forecast,,2029-30,1.00,0.01,\n",
    )
    found = wpb.load(midshire).check()
    held, differs = of_code(found, "held_for_evidence"), of_code(found, "plan_differs")
    assert held.where is not None and (held.where.file, held.where.cell) == (
        "inputs/rate_overrides.csv",
        "I2",
    )
    assert differs.where is not None and (differs.where.file, differs.where.cell) == (
        "inputs/system_plan_totals.csv",
        "E2",
    )
    write(
        midshire,
        "provider_efficiency_plans",
        "provider,service_line,year,planned_saving,cost_base,plan\nMRH,,2029-30,5000000,4000000,Plan\n",
    )
    refused = of_code(wpb.load(midshire).check(), "out_of_range")
    assert refused.severity == "error" and refused.where is not None and refused.where.cell == "D2"


@pytest.mark.req(367, 179, 191, 192)
def test_new_figures_are_explained_down_to_their_cells(midshire: Path) -> None:
    write(
        midshire,
        "provider_efficiency_plans",
        "provider,service_line,year,planned_saving,cost_base,plan\nMRH,,2029-30,5000000,200000000,Plan\n",
    )
    write(
        midshire,
        "efficiency_schemes",
        "scheme,name,programme_kind,level,service_line,distribution_key,commissioner,funding_stream,scope,share_in_budget,owner,plan\nQ1,Scheme,local,system,,spend,QZN,core,inside,,COO,Pathway\n",
    )
    write(midshire, "scheme_savings", "scheme,year,investment,saving\nQ1,2029-30,,250000\n")
    loaded = wpb.load(midshire)
    group = next(
        code
        for code in loaded.budget.ledger["line_rate/efficiency/planned_alone"].axis.codes
        if code.endswith("plan of MRH")
    )
    tree = loaded.explain(f"line_rate/efficiency/planned_alone/2029-30/{group}")
    assert tree["value"] == pytest.approx(0.025)
    assert {leaf["where"]["cell"] for leaf in tree["children"]} == {"D2", "E2"}
    parts = loaded.budget.ledger["scheme/Q1/saving"]
    assert parts.value[0, :, 2].sum() == pytest.approx(25_000_000)
    one = loaded.explain(f"scheme/Q1/saving/2029-30/{parts.axis.codes[0]}", depth=1)
    assert one["operation"] == "shared_by_key" and len(one["children"]) == 3
