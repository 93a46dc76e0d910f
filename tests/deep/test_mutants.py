"""Small changes of the calculation, drawn by a seed: the tests notice nine in ten of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SEED, COUNT, AT_LEAST = 1, 200, 0.9


def tried(repo_root: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, str(repo_root / "tools" / "mutants.py"), "run", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the tool runs each mutant in a fork")
def test_mutants_of_the_pooled_fund_die(repo_root: Path) -> None:
    """The sample of every build: quick ones, and each must die."""
    words = ("--only", "wpb.pooling", "--count", "4", "--seed", str(SEED), "--at-least", "1")
    said = tried(repo_root, *words)
    assert said.count("killed     ") == 4
    assert f"Seed {SEED}: 4 killed, 0 survived, 0 equivalent, of 4; 100.0%" in said


@pytest.mark.deep(sample=0)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the tool runs each mutant in a fork")
def test_nine_in_ten_mutants_of_the_calculation_die(repo_root: Path) -> None:
    tried(repo_root, "--count", str(COUNT), "--seed", str(SEED), "--at-least", str(AT_LEAST))
