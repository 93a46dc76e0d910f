"""The tutorial on real practices, followed word by word: its files written, its commands run, its
figures found.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.typed import typed

TUTORIAL = "docs/tutorial-real-practices.md"
STEP = re.compile(
    r"(?:^In `(?P<path>[^`]+)`:\n\n)?^```(?P<kind>\w+)\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
DOWNLOADS = {
    "practices_2025_26.csv": "icb_tool_2025_2026.csv",
    "unit_costs_2024_25.csv": "ncc_2024_25.csv",
}


@dataclass(frozen=True)
class Followed:
    """The folder the tutorial was followed in, what each command printed, and the figures it
    shows.
    """

    folder: Path
    printed: dict[str, str]
    shown: list[tuple[str, str]]


@pytest.fixture(scope="module")
def followed(
    repo_root: Path, shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Followed:
    folder = tmp_path_factory.mktemp("tutorial")
    for name, kept_as in DOWNLOADS.items():
        shutil.copyfile(shared_data / kept_as, folder / name)
    printed: dict[str, str] = {}
    shown: list[tuple[str, str]] = []
    latest = ""
    for step in STEP.finditer((repo_root / TUTORIAL).read_text(encoding="utf-8")):
        path, kind, body = step["path"], step["kind"], step["body"]
        if kind == "sh":
            latest = ""
            for command in body.splitlines():
                done = typed(command, folder)
                assert done.code == 0, f"{command}\n{done.out}\n{done.err}"
                printed[command] = done.out
                latest += done.out
        elif kind == "text":
            shown += [(line, latest) for line in body.splitlines()]
        else:
            assert path, f"no file is named for:\n{body}"
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(body, encoding="utf-8")
    return Followed(folder, printed, shown)


def test_every_step_of_the_tutorial_is_read(repo_root: Path) -> None:
    text = (repo_root / TUTORIAL).read_text(encoding="utf-8")
    steps = list(STEP.finditer(text))
    assert text.count("```") == 2 * len(steps)
    assert {step["kind"] for step in steps} == {"sh", "text", "csv", "yaml"}
    commands = [
        line.split()[:2]
        for step in steps
        if step["kind"] == "sh"
        for line in step["body"].splitlines()
    ]
    assert {second for _, second in commands} == {
        "index",
        "new",
        "import",
        "check",
        "run",
        "explain",
    }


def test_the_tutorial_prints_what_it_shows(followed: Followed) -> None:
    missing = [line for line, printed in followed.shown if line not in printed.splitlines()]
    assert missing == []


@pytest.mark.req(44)
def test_lists_in_scope_take_their_weighted_share(followed: Followed) -> None:
    with (followed.folder / "practices_2025_26.csv").open(
        encoding="utf-8-sig", newline=""
    ) as lines:
        of_icb = [row for row in csv.DictReader(lines) if row["ICB"] == "QOC"]

    def share(column: str) -> float:
        inside = sum(float(row[column]) for row in of_icb if row["LTLA"] == "Telford and Wrekin")
        return inside / sum(float(row[column]) for row in of_icb)

    done = typed(
        "wpb explain telford population/in_scope_share/mental_health.QOC --depth 0 --json",
        followed.folder,
    )
    assert json.loads(done.out)["value"] == pytest.approx(share("MH WP"), rel=1e-12)
    assert (f"{share('MH WP'):.1%}", f"{share('Population'):.1%}") == ("41.7%", "38.6%")
    assert 3e6 < (share("MH WP") - share("Population")) * 105e6 < 4e6


def test_the_model_of_the_tutorial_runs_to_a_budget(followed: Followed) -> None:
    done = typed("wpb run telford --json", followed.folder)
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert [year["year"] for year in found["years"]] == [
        "2026-27",
        "2027-28",
        "2028-29",
        "2029-30",
        "2030-31",
    ]
    assert f"{found['baseline_pence'] / 1e8:.0f}" == "318"
    assert [contract["residual_pence"] for contract in found["contracts"]] == [0]
    assert [problem["code"] for problem in found["problems"] if problem["severity"] != "note"] == [
        "unregistered_residents",
        "national_factor",
    ]
