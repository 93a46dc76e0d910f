"""model.yaml is read to settings that keep their lines, and every problem in it is named at its
line.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from wpb.intake.settings_files import read_settings_file
from wpb.intake.settings_reader import build_settings
from wpb.kernel.problems import ProblemLog
from wpb.tables.settings import Choice, Extension, ModelSettings

SAMPLE = Path(__file__).parents[1] / "fixtures" / "tiny" / "model.yaml"


def read(path: Path) -> tuple[ModelSettings | None, ProblemLog]:
    log = ProblemLog()
    entries = read_settings_file(path, log)
    return (build_settings(entries, log) if entries is not None else None), log


def read_changed(tmp_path: Path, old: str, new: str) -> tuple[ModelSettings | None, ProblemLog]:
    text = SAMPLE.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path = tmp_path / "model.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return read(path)


def test_the_sample_reads_whole() -> None:
    settings, log = read(SAMPLE)
    assert not log.problems
    assert settings is not None
    assert settings.title == "Tinyshire whole population budget"
    assert settings.years[0] == "2030-31" and settings.years[-1] == "2039-40"
    assert settings.conversion_steps == () and settings.first_growth_year == "2030-31"
    assert settings.efficiency_method == Choice(
        "additive", "The finance group quotes one net uplift."
    )
    assert settings.forecast_routes["core"].option == "national_assumptions"
    assert settings.alignment == {
        "primary_medical": {
            "population_share": 0.97,
            "service_share": 0.92,
            "minimum_share": 0.85,
            "expected_growth_gap": 0.0,
            "maximum_growth_gap": 0.005,
        }
    }
    assert settings.extensions[0] == Extension(
        "unit_cost_uplift.hchs", "hold_last", "2039-40", "No later rate is published."
    )
    assert [extension.key for extension in settings.extensions[3:]] == [
        "total_cost_growth.primary_care_drugs",
        "gdp_deflator",
        "provider_efficiency.acute",
    ]
    assert settings.no_growth_reasons == {"fixed": "Rents are fixed for the whole term."}


def test_settings_remember_their_lines() -> None:
    settings, _ = read(SAMPLE)
    assert settings is not None
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    for key, text in (
        ("contract.first_year", "first_year:"),
        ("spend_year", "spend_year:"),
        ("forecast.routes.core.route", "route: national"),
    ):
        cell = settings.where(key)
        assert text in lines[int(cell.cell.removeprefix("line ")) - 1]
        assert (cell.file, cell.sheet) == ("model.yaml", "model")


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("currency: GBP", "curency: GBP", 3, "Did you mean 'currency'?"),
        ("currency: GBP", "currency: pounds", 3, "three capital letters"),
        ("prepared_on: 2030-01-15", "prepared_on: 15/01/2030", 5, "year-month-day"),
        ("form: mixed", "form: mixd", 7, "Did you mean 'mixed'?"),
        ("first_year: 2030-31", "first_year: 2030/31", 10, "Write it as 2030-31"),
        ("first_year: 2030-31", "first_year: 2030-32", 10, "Write it as 2030-31"),
        ("first_year: 2030-31", "first_year: 1998-99", 10, "from 2010-11"),
        ("years: 10", "years: ten", 11, "whole number from 1 to 16"),
        ("spend_year: 2029-30", "spend_year: 2032-33", 14, "Correct one of the two years"),
        ("steps: []", "steps: [demographic, inflation]", 16, "'demographic, inflation'"),
        ("method: additive", "method: aditive", 20, "Did you mean 'additive'?"),
        ("route: allocation_growth", "route: allocation", 27, "Did you mean 'allocation_growth'?"),
        ("service_share: 0.92", "service_share: 92", 31, "share from 0 to 1"),
        ("service_share: 0.92", "service_shar: 0.92", 31, "Did you mean 'service_share'?"),
        ("until: 2039-40\n", "until: 2039\n", 46, "Write it as 2039-40"),
        ("title: Tinyshire whole population budget", "title:", 2, "is blank"),
    ],
)
def test_a_wrong_setting_is_named_at_its_line_with_a_mend(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    _, log = read_changed(tmp_path, old, new)
    found = [
        problem for problem in log.errors if problem.where and problem.where.cell == f"line {line}"
    ]
    assert found and any(words in f"{problem.what} {problem.fix}" for problem in found), [
        str(problem) for problem in log
    ]


def test_conversion_needs_a_reason_and_the_year_before(tmp_path: Path) -> None:
    _, log = read_changed(tmp_path, "steps: []", "steps: [cost_pressure]")
    assert [problem.code for problem in log.errors] == ["setting_missing"]
    _, log = read_changed(
        tmp_path,
        "spend_year: 2029-30\n  convert:\n    steps: []",
        "spend_year: 2028-29\n  convert:\n    steps: [cost_pressure]\n    reason: Agreed",
    )
    assert [problem.code for problem in log.errors] == ["conversion_years"]
    settings, log = read_changed(
        tmp_path, "steps: []", "steps: [cost_pressure]\n    reason: Agreed"
    )
    assert not log.problems and settings is not None and settings.first_growth_year == "2031-32"


def test_every_problem_is_reported_at_once(tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    path.write_text("model: x\nmodle: y\ncontract:\n  first_year: 2030\n", encoding="utf-8")
    settings, log = read(path)
    assert settings is None
    missing = {problem.what for problem in log.errors if problem.code == "setting_missing"}
    assert (
        "The setting 'title' is missing." in missing
        and "The setting 'baseline.spend_year' is missing." in missing
    )
    assert {problem.code for problem in log.errors} == {
        "setting_missing",
        "setting_unknown",
        "setting_wrong",
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"title: a: b\n", "quotes around text that holds a colon"),
        (b"model: x\ntitle: Caf\xe9\n", "UTF-8"),
        (b"- one\n- two\n", "list of settings"),
        (b"model: x\nmodel: y\n", "set twice"),
        (b"contract: ten years\n", "should hold settings of its own"),
    ],
)
def test_a_broken_file_is_refused_in_plain_words(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "model.yaml"
    path.write_bytes(content)
    _, log = read(path)
    assert any(words in f"{problem.what} {problem.fix}" for problem in log.errors)
