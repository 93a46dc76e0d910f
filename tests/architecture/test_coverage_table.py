"""The register, the rules and the tests agree; and the tool that says so sees what it should."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REGISTER = """# Requirements

## BK1 - Block contracts Step 1

| id | requirement | kind | source + section | inputs -> outputs |
|---|---|---|---|---|
| 1 BK1 | Spread by cost driver | C | S0 Fig 3 | a -> b |
| 2 BK1 | Spread by schedule value | C | S0 Fig 3 | a -> b |
| 3 BK1 | Spread equally | C | S0 Fig 3 | a -> b |
| 4 BK1 | Show all three | D | S0 Fig 3 | a -> b |
"""
RULE = '''"""Spreading. Source: handbook 2.4.2; req 4."""

class Spread:
    """Ways to spread.

    Source: handbook 2.4.2 Fig 3,
    Box 1; req 1-2
    and 3.

    Raises nothing; req 99 is not in the Source line.
    """
'''
TEST = """import pytest

pytestmark = pytest.mark.req(1)

class TestSpread:
    @pytest.mark.req(*range(2, 4))
    def test_equal(self): ...

    @pytest.mark.parametrize("way", [pytest.param(1, marks=pytest.mark.req(3))])
    def test_ways(self, way): ...
"""


def project(folder: Path, rule: str = RULE, test: str = TEST) -> Path:
    """Lay a project of one rule and one test."""
    for place, words in (
        ("docs/requirements.md", REGISTER),
        ("src/wpb/baseline/spread.py", rule),
        ("tests/unit/test_spread.py", test),
    ):
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words, encoding="utf-8")
    return folder


def coverage_table(repo_root: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-X", "utf8", repo_root / "tools" / "coverage_table.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8")


def test_rules_tests_and_table_agree(repo_root: Path) -> None:
    done = coverage_table(repo_root, "--check")
    assert done.returncode == 0, "\n" + done.stdout + done.stderr


def test_table_names_rules_and_tests(repo_root: Path, tmp_path: Path) -> None:
    project(tmp_path)
    assert coverage_table(repo_root, "--root", tmp_path).returncode == 0
    page = (tmp_path / "docs" / "coverage.md").read_text(encoding="utf-8")
    assert (
        "| 1 | Spread by cost driver | `baseline.spread:Spread` | `unit/test_spread.py` |" in page
    )
    assert (
        "| 3 | Spread equally | `baseline.spread:Spread` |"
        " `unit/test_spread.py::TestSpread.test_equal`<br>`unit/test_spread.py::TestSpread.test_ways` |"
        in page
    )
    assert "| 4 | Show all three |  |  |" in page
    assert "| [BK1 Block contracts Step 1](#bk1) | 4 | 3 |" in page
    assert coverage_table(repo_root, "--check", "--root", tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("rule", "test", "said"),
    [
        (
            RULE.replace("req 1-2", "req 1-2, 4"),
            TEST,
            "req 4 has a rule and no test: mark the test that shows baseline.spread:Spread",
        ),
        (
            RULE,
            TEST.replace("req(1)", "req(1, 4)"),
            (
                "req 4 has a test and no rule: name it in the `Source:` of what unit/test_spread.py"
                " shows"
            ),
        ),
        (
            RULE,
            TEST.replace("req(1)", "req(1, 5)"),
            "req 5 is not in docs/requirements.md; named by the test unit/test_spread.py",
        ),
        (RULE.replace("and 3.", "and 3, 4.5.2 of the same."), TEST, ""),
        (
            RULE.replace("req 1-2", "req 0-2"),
            TEST,
            "req 0 is not in docs/requirements.md; named by the rule baseline.spread:Spread",
        ),
        (
            RULE,
            TEST.replace("range(2, 4)", "WAYS"),
            (
                "unit/test_spread.py, line 6: write the mark's ids as whole numbers or"
                " *range(first, last + 1)"
            ),
        ),
        (RULE + "def (", TEST, "src/wpb/baseline/spread.py could not be read: "),
        (RULE, TEST + "# a note\n", ""),
    ],
)
def test_check_says_what_does_not_agree(
    repo_root: Path, tmp_path: Path, rule: str, test: str, said: str
) -> None:
    project(tmp_path)
    coverage_table(repo_root, "--root", tmp_path)
    project(tmp_path, rule, test)
    done = coverage_table(repo_root, "--check", "--root", tmp_path)
    if said:
        assert done.returncode == 1
        assert said in done.stdout
    else:
        assert (done.returncode, done.stdout) == (0, "")


def test_check_says_when_the_table_is_out_of_date(repo_root: Path, tmp_path: Path) -> None:
    project(tmp_path)
    done = coverage_table(repo_root, "--check", "--root", tmp_path)
    assert done.returncode == 1
    assert "docs/coverage.md is out of date: run python tools/coverage_table.py" in done.stdout
