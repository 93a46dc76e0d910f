"""What every test may ask for: the repository, public data kept beside it, and programs outside
Python.

A test that needs a program asks for its fixture (`chromium`, `postgresql`, `libreoffice`, `java`,
`pdftotext`). Where the program is absent the test is skipped and says what would run it; where CI
is true it fails instead, so that a build can never pass by leaving tests out.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import pytest

from tests import tiers

REPO_ROOT = Path(__file__).resolve().parent.parent


def in_ci() -> bool:
    """Whether this is a build that must leave no test out."""
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


def absent(program: str, package: str) -> NoReturn:
    """Skip a test for want of a program, or fail it in CI."""
    reason = (
        f"{program} is not on this machine; installing the Debian package {package}, or its like,"
        " runs this test"
    )
    if in_ci():
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def find_program(names: Sequence[str], folders: Sequence[str] = ()) -> Path | None:
    """Find a program on the path, or else in folders given as patterns; the newest version
    first.
    """
    for name in names:
        found = shutil.which(name)
        if found:
            return Path(found)
    for folder in folders:
        pattern = folder.lstrip("/")
        for place in sorted(Path("/").glob(pattern), reverse=True):
            for name in names:
                if (place / name).is_file():
                    return place / name
    return None


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose a tier."""
    tiers.add_options(parser)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run a sample of the deep tests, or all of them where asked."""
    tiers.choose(config, items)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say at the end which deep tests were run."""
    reports = [
        report
        for outcome in ("passed", "failed", "xfailed", "xpassed")
        for report in terminalreporter.getreports(outcome)
        if report.when == "call"
    ]
    if lines := tiers.summary(reports, config.getoption("--deep-seed")):
        terminalreporter.section("deep tests")
        terminalreporter.write_line("\n".join(lines))


@pytest.fixture(scope="session")
def repo_root() -> Path:
    """The folder that holds pyproject.toml."""
    return REPO_ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Public data files that are not part of the project, kept beside it by whoever studies
    them.
    """
    folder = REPO_ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(
            "public data files are not in ../shared/data; docs name where they are published"
        )
    return folder


@pytest.fixture(scope="session")
def chromium() -> Path:
    """A Chromium or Chrome to drive without a screen."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return find_program(names, ("/Applications/Google Chrome.app/Contents/MacOS",)) or absent(
        "Chromium", "chromium"
    )


@pytest.fixture(scope="session")
def postgresql() -> Path:
    """The folder of PostgreSQL's own programs (initdb, pg_ctl, psql)."""
    initdb = find_program(
        ("initdb",),
        (
            "/usr/lib/postgresql/*/bin",
            "/usr/local/opt/postgresql*/bin",
            "/opt/homebrew/opt/postgresql*/bin",
        ),
    )
    return (initdb or absent("PostgreSQL", "postgresql")).resolve().parent


@pytest.fixture(scope="session")
def libreoffice() -> Path:
    """LibreOffice, to open and recalculate workbooks without a screen."""
    return find_program(
        ("soffice", "libreoffice"), ("/Applications/LibreOffice.app/Contents/MacOS",)
    ) or absent("LibreOffice", "libreoffice-calc")


@pytest.fixture(scope="session")
def java() -> Path:
    """A Java runtime, for engines that need one."""
    return find_program(("java",)) or absent("Java", "default-jre-headless")


@pytest.fixture(scope="session")
def pdftotext() -> Path:
    """Poppler's pdftotext, to read PDFs back; pdftoppm and pdfinfo are beside it."""
    return find_program(("pdftotext",)) or absent("pdftotext", "poppler-utils")
