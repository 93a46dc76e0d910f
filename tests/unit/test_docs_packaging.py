"""The wheel holds what it needs, and works away from the project's folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import release


@pytest.fixture(scope="module")
def wheel(repo_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(folder)],
        cwd=repo_root,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert len(list(folder.glob("*.tar.gz"))) == 1
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_file_of_the_package(wheel: Path, repo_root: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "src/wpb"], cwd=repo_root, capture_output=True, text=True
    ).stdout.split()
    if not tracked:
        pytest.skip("this is not a git checkout")
    assert [
        name
        for name in tracked
        if (repo_root / name).is_file() and name.removeprefix("src/") not in held
    ] == []
    assert not [name for name in held if name.startswith(("tests/", "examples/"))]


def test_the_wheel_and_the_archive_describe_themselves_rightly(
    wheel: Path, repo_root: Path
) -> None:
    archive = next(wheel.parent.glob("*.tar.gz"))
    files = release.check_metadata(archive, wheel, release.project_version(repo_root))
    assert {"LICENSE", "README.md", "dev.py", "tools/release.py", "docs/releasing.md"} <= set(files)


def test_the_example_runs_from_the_wheel(wheel: Path, repo_root: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed"), "PYTHONUTF8": "1"}
    for arguments in (
        ("run", str(repo_root / "examples" / "handbook"), "--out", str(tmp_path / "results")),
        (
            "export",
            "workbook",
            str(repo_root / "examples" / "handbook"),
            str(tmp_path / "live.xlsx"),
        ),
        ("doctor",),
    ):
        script = (
            f"import sys, wpb; assert wpb.__file__.startswith({str(tmp_path)!r}), wpb.__file__;"
            f" from wpb.cli import main; sys.exit(main({list(arguments)!r}))"
        )
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        assert done.returncode == 0, done.stderr[-1500:]
    assert (tmp_path / "results" / "report.html").is_file() and (tmp_path / "live.xlsx").is_file()


def test_the_examples_go_with_the_wheel(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed"), "PYTHONUTF8": "1"}
    for arguments in (
        ("new", "place", "--example", "handbook"),
        ("run", "place"),
        ("new", "shared", "--example", "us_shared_savings"),
        ("share", "settle", "shared", "shared/results.csv"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "wpb", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        assert done.returncode == 0, done.stderr[-1500:]
    assert (tmp_path / "place" / "results" / "report.html").is_file()
    assert not [name for name in zipfile.ZipFile(wheel).namelist() if "/results/" in name]
    again = subprocess.run(
        [sys.executable, "-m", "wpb", "new", "place", "--example", "midshire"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert again.returncode == 2 and "not an empty folder" in again.stderr
