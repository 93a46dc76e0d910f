"""The commands and the Python of the guides work as they stand, one page after another in a folder
of its own.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.typed import typed

GUIDES = (
    "first-budget",
    "first-hour-finance",
    "first-hour-analyst",
    "first-hour-reviewer",
    "system-owner",
    "extending",
)
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def place(repo_root: Path, folder: Path) -> Path:
    """Lay out what a guide's reader stands in: the bundled model, and nothing written yet."""
    for name in ("handbook", "first_budget"):
        shutil.copytree(
            repo_root / "examples" / name,
            folder / "examples" / name,
            ignore=shutil.ignore_patterns("results"),
        )
    return folder


@pytest.mark.parametrize("guide", GUIDES)
def test_what_a_guide_says_to_type_works(guide: str, repo_root: Path, tmp_path: Path) -> None:
    blocks = BLOCK.findall((repo_root / "docs" / f"{guide}.md").read_text(encoding="utf-8"))
    assert blocks
    folder, environment = place(repo_root, tmp_path), {**os.environ, "PYTHONUTF8": "1"}
    for line in (
        line
        for kind, text in blocks
        if kind == "console"
        for line in text.splitlines()
        if line.strip()
    ):
        done = typed(line, folder)
        assert done.code == 0, f"{line}\n{done.out[-800:]}\n{done.err[-800:]}"
        for named in re.findall(r"\bout/\S+\.(?:xlsx|pdf|docx|html)", line):
            assert (folder / named).is_file(), named
    python = "\n".join(text for kind, text in blocks if kind == "python")
    if python:
        ran = subprocess.run(
            [sys.executable, "-c", python],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        assert ran.returncode == 0 and "True" in ran.stdout, ran.stderr[-1500:]


LONGEST = 120
"""Lines a first command may print, so that a newcomer can read them."""


def test_the_first_commands_of_the_readme_work_in_order_and_print_what_can_be_read(
    repo_root: Path, tmp_path: Path
) -> None:
    section = (
        (repo_root / "README.md")
        .read_text(encoding="utf-8")
        .split("## The first minutes", 1)[1]
        .split("And for a contract", 1)[0]
    )
    commands = [
        re.split(r"\s{2,}", line.strip())[0]
        for line in section.splitlines()
        if line.startswith("    wpb ")
    ]
    assert [command.split()[1] for command in commands] == [
        "start",
        "run",
        "run",
        "explain",
        "new",
        "compare",
        "new",
        "check",
    ]
    for name in ("midshire", "first_budget"):
        shutil.copytree(
            repo_root / "examples" / name,
            tmp_path / "examples" / name,
            ignore=shutil.ignore_patterns("results"),
        )
    for command in commands:
        done = subprocess.run(
            [sys.executable, "-m", "wpb", *command.split()[1:]],
            cwd=tmp_path,
            env={**os.environ, "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        assert done.returncode == (1 if command == "wpb check mymodel" else 0), (
            f"{command}\n{done.stdout[-800:]}\n{done.stderr[-800:]}"
        )
        assert 0 < len(done.stdout.splitlines()) <= LONGEST, command


def test_paths_the_guides_name_are_there(repo_root: Path) -> None:
    lost = []
    for guide in ("handbook-guide", "extending", *GUIDES):
        text = (repo_root / "docs" / f"{guide}.md").read_text(encoding="utf-8")
        lost += [
            f"{guide}: {found}"
            for found in re.findall(r"`(src/wpb[\w/.]*)`", text)
            if not (repo_root / found).exists()
        ]
        for row in re.findall(r"^\|.*\|$", text, re.MULTILINE):
            folders = [
                str(Path(found).parent) for found in re.findall(r"`(src/wpb[\w/]*\.py)`", row)
            ]
            lost += [
                f"{guide}: {name}"
                for name in re.findall(r"`(\w+\.py)`", row)
                if not any((repo_root / folder / name).exists() for folder in folders)
            ]
    assert lost == []


def test_every_guide_of_the_first_hour_is_named_in_the_readme(repo_root: Path) -> None:
    readme = (repo_root / "README.md").read_text(encoding="utf-8")
    assert [
        guide
        for guide in (*GUIDES, "handbook-guide", "glossary", "limits")
        if f"docs/{guide}.md" not in readme
    ] == []


def test_frames_take_the_records(repo_root: Path) -> None:
    import pyarrow

    import wpb
    from wpb.present.result_tables import result_tables
    from wpb.present.whole_pence import WholePence

    rows = result_tables(WholePence(wpb.load(repo_root / "examples" / "handbook").run()))[
        "years"
    ].records()
    frame = pyarrow.Table.from_pylist(rows)
    assert frame.num_rows == len(rows) and frame.column("forecast_pence").to_pylist() == [
        row["forecast_pence"] for row in rows
    ]
