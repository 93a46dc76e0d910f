"""The doctor finds what is missing and tests the handbook's figures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from wpb.commands import doctor, handbook_figures
from wpb.commands.running import CheckFailed


@pytest.mark.req(368)
def test_every_printed_figure_comes_out() -> None:
    tests = handbook_figures.self_test()
    assert len(tests) == 6
    assert [(test.figure, test.worked_out) for test in tests if not test.passes] == []


@pytest.mark.req(368)
def test_a_figure_that_does_not_come_out_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handbook_figures, "UPLIFTS", (0.04, 0.0246, 0.0217, 0.0217, 0.0304))
    done = CliRunner().invoke(doctor.doctor)
    assert isinstance(done.exception, CheckFailed) and "Fig 15" in str(done.exception)
    assert "FAIL: printed 129" in done.output


def test_the_doctor_answers_in_words_and_json() -> None:
    assert "Everything that is needed is in order." in CliRunner().invoke(doctor.doctor).output
    found = json.loads(CliRunner().invoke(doctor.doctor, ["--json"]).output)
    assert found["healthy"] and {"name", "ok", "needed", "found", "mend"} == set(found["checks"][0])


def test_a_missing_library_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "NEEDED", ("click", "no-such-library"))
    done = CliRunner().invoke(doctor.doctor)
    assert isinstance(done.exception, CheckFailed) and "pip install no-such-library" in done.output


def test_every_needed_library_is_looked_for(repo_root: Path) -> None:
    import re
    import tomllib

    declared = tomllib.loads((repo_root / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "dependencies"
    ]
    missing = {re.split(r"[<>=\[;]", name)[0].lower() for name in doctor.NEEDED} - {
        re.split(r"[<>=\[;]", name)[0].lower() for name in declared
    }
    assert missing == set()
