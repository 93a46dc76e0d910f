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


DOORS = {
    "cli.py": "def main():\n    from wpb.commands.group import cli\n    cli()\n",
    "commands/__init__.py": "",
    "commands/group.py": "cli = object\n",
    "commands/catalogue.py": 'COMMANDS = {"spread": ("run", "Spread spend.")}\n',
    "commands/run.py": (
        "import click\nfrom wpb.baseline.spread import Spread\n\n"
        "@click.command()\ndef run():\n    return Spread()\n"
    ),
}


def project(folder: Path, rule: str = RULE, test: str = TEST, **doors: str) -> Path:
    """Lay a project of one rule, a command that reaches it, and one test."""
    written = {
        "docs/requirements.md": REGISTER,
        "src/wpb/baseline/spread.py": rule,
        "tests/unit/test_spread.py": test,
    } | {f"src/wpb/{name}": words for name, words in (DOORS | doors).items()}
    for place, words in written.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words, encoding="utf-8")
    return folder


def coverage_table(repo_root: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-X", "utf8", repo_root / "tools" / "coverage_table.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8")


def test_register_rules_and_tests_agree(repo_root: Path) -> None:
    done = coverage_table(repo_root, "--check")
    assert done.returncode == 0, "\n" + done.stdout + done.stderr


def test_table_names_rules_and_tests(repo_root: Path, tmp_path: Path) -> None:
    project(tmp_path)
    done = coverage_table(repo_root, "--root", tmp_path)
    assert (done.returncode, done.stdout.split(": ")[-1]) == (
        0,
        "3 of 4 rows have a rule and a test\n",
    )
    page = (tmp_path / "docs" / "coverage.md").read_text(encoding="utf-8")
    assert (
        "| 1 | Spread by cost driver | `baseline.spread:Spread` | `unit/test_spread.py` |" in page
    )
    assert (
        "| 3 | Spread equally | `baseline.spread:Spread` |"
        " `unit/test_spread.py::TestSpread.test_equal`<br>"
        "`unit/test_spread.py::TestSpread.test_ways` |" in page
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
    project(tmp_path, rule, test)
    done = coverage_table(repo_root, "--check", "--root", tmp_path)
    if said:
        assert done.returncode == 1
        assert said in done.stdout
    else:
        assert (done.returncode, done.stdout) == (0, "")


RUN = DOORS["commands/run.py"]
DRIVER = """

def by_driver():
    \"\"\"Spread by driver.

    Source: handbook 2.4.2; req 1-3.
    \"\"\"


WAYS = {"driver": by_driver}


class Book:
    def read(self):
        \"\"\"Read.

        Source: handbook 2.4.2; req 1-3.
        \"\"\"
"""


@pytest.mark.parametrize(
    ("use", "others", "rule"),
    [
        pytest.param("", {}, "", id="imported and never named"),
        pytest.param("    by_driver()\n", {}, "by_driver", id="called"),
        pytest.param("    return by_driver\n", {}, "by_driver", id="handed on"),
        pytest.param("    def by_driver(): ...\n    by_driver()\n", {}, "", id="a local name"),
        pytest.param("    return lambda by_driver: by_driver\n", {}, "", id="an argument"),
        pytest.param("    chosen: by_driver = 1\n", {}, "", id="an annotation alone"),
        pytest.param("    WAYS['driver']()\n", {}, "by_driver", id="through a table of ways"),
        pytest.param("    Book()\n", {}, "", id="a class without its method"),
        pytest.param("    Book().read()\n", {}, "Book.read", id="a method"),
        pytest.param("    getattr(Book(), 'read')()\n", {}, "Book.read", id="a method by name"),
        pytest.param("    return x.read()\n", {}, "", id="a method of another class"),
        pytest.param(
            "    from wpb import baseline\n    baseline.by_driver()\n",
            {"baseline/__init__.py": "from wpb.baseline.spread import by_driver\n"},
            "by_driver",
            id="through a package",
        ),
        pytest.param(
            "    from wpb.baseline import spread\n    for part in (spread,): part.by_driver()\n",
            {},
            "by_driver",
            id="of a module in a list",
        ),
        pytest.param(
            "",
            {"api.py": "from wpb.baseline.spread import WAYS\n"},
            "",
            id="imported by the interface",
        ),
        pytest.param(
            "",
            {"api.py": "from wpb.baseline.spread import WAYS\n\nways = WAYS\n"},
            "by_driver",
            id="through the interface",
        ),
        pytest.param(
            "",
            {"commands/left.py": RUN.replace("Spread", "by_driver")},
            "",
            id="by a command that is not in the catalogue",
        ),
    ],
)
def test_a_rule_counts_where_something_reaches_it(
    repo_root: Path, tmp_path: Path, use: str, others: dict[str, str], rule: str
) -> None:
    run = RUN.replace("import Spread", "import WAYS, Book, by_driver").replace(
        "    return Spread()\n", use or "    return None\n"
    )
    project(tmp_path, '"""Spreading."""\n' + DRIVER, **{"commands/run.py": run} | others)
    done = coverage_table(repo_root, "--check", "--root", tmp_path)
    if rule:
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        coverage_table(repo_root, "--root", tmp_path)
        page = (tmp_path / "docs" / "coverage.md").read_text(encoding="utf-8")
        assert f"| 1 | Spread by cost driver | `baseline.spread:{rule}` |" in page
    else:
        assert done.returncode == 1
        assert (
            "req 1 has a test, and no command, page or Python interface reaches its rule"
            " baseline.spread:Book.read, baseline.spread:by_driver: call it" in done.stdout
        )


def test_a_row_not_begun_is_no_problem(repo_root: Path, tmp_path: Path) -> None:
    project(tmp_path, '"""Spreading."""\n', "def test_nothing(): ...\n")
    done = coverage_table(repo_root, "--check", "--root", tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
