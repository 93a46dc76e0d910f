"""The two tiers of tests, run by pytest itself on a small family of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

FAMILY = """
import pytest

@pytest.mark.deep(sample=2)
@pytest.mark.parametrize("case", range(9))
def test_heavy(case):
    assert case < 9

def test_quick():
    assert True
"""
CONFTEST = """
from tests.conftest import pytest_addoption, pytest_collection_modifyitems, pytest_terminal_summary
"""


def run(repo_root: Path, folder: Path, *words: str) -> str:
    (folder / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (folder / "test_family.py").write_text(FAMILY, encoding="utf-8")
    (folder / "pytest.ini").write_text(
        f"[pytest]\npythonpath = {repo_root.as_posix()}\nmarkers = deep(sample): heavy\n", "utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words],
        cwd=folder,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def sample_in(text: str) -> str:
    """The line that names the sample."""
    return next(line for line in text.splitlines() if "test_heavy (" in line)


def test_a_build_runs_a_sample_that_it_names_and_a_deep_run_all(
    repo_root: Path, tmp_path: Path
) -> None:
    sampled = run(repo_root, tmp_path)
    assert "3 passed, 7 deselected" in sampled
    assert "2 of 9: test_family.py::test_heavy (" in sampled
    assert "The sample is drawn by --deep-seed 1; --deep runs them all." in sampled
    other = run(repo_root, tmp_path, "--deep-seed", "3")
    assert sample_in(other) != sample_in(sampled)
    whole = run(repo_root, tmp_path, "--deep", "-p", "xdist", "-n", "2")
    assert "10 passed" in whole and "9 of 9: test_family.py::test_heavy\n" in whole
