"""The way in: what dev.py says, and a lock file that serves every machine and names none."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest


def dev(repo_root: Path, *words: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run dev.py as somebody with another Python would meet it: `before` is run first in the same
    process.
    """
    program = (
        "import runpy, sys, importlib.util\nsys.argv = ['dev.py',"
        f" *{list(words)!r}]\n{before}\nrunpy.run_path('dev.py', run_name='__main__')"
    )
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=repo_root,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
    )


def locked(repo_root: Path, lock: str) -> dict[str, list[str]]:
    """Give each locked package with its versions' hashes."""
    packages: dict[str, list[str]] = {}
    for entry in re.split(r"\n(?=[a-z0-9])", (repo_root / lock).read_text(encoding="utf-8")):
        if name := re.match(r"([a-z0-9-]+)==", entry):
            packages[name[1]] = re.findall(r"--hash=sha256:([0-9a-f]{64})", entry)
    return packages


@pytest.mark.parametrize(
    ("lock", "groups"),
    [("requirements-lock.txt", ("build",)), ("requirements-dev-lock.txt", ("build", "dev"))],
)
def test_a_lock_has_every_dependency_with_hashes(
    repo_root: Path, lock: str, groups: tuple[str, ...]
) -> None:
    settings = tomllib.loads((repo_root / "pyproject.toml").read_text(encoding="utf-8"))
    asked = settings["project"]["dependencies"] + settings["build-system"]["requires"]
    asked += [
        requirement
        for group in groups
        for requirement in settings["dependency-groups"][group]
        if isinstance(requirement, str)
    ]
    names = {
        re.sub(r"[^A-Za-z0-9._-].*", "", requirement).lower().replace("_", "-").replace(".", "-")
        for requirement in asked
    }
    packages = locked(repo_root, lock)
    assert names - set(packages) == set()
    assert [name for name, hashes in packages.items() if not hashes] == []


def test_what_runs_is_what_is_tested(repo_root: Path) -> None:
    versions = [
        dict(
            re.findall(
                r"^([a-z0-9-]+)==(\S+)",
                (repo_root / lock).read_text(encoding="utf-8"),
                re.MULTILINE,
            )
        )
        for lock in ("requirements-lock.txt", "requirements-dev-lock.txt")
    ]
    assert {name: versions[1].get(name) for name in versions[0]} == versions[0]


def test_older_python_is_told_what_to_get(repo_root: Path) -> None:
    done = dev(repo_root, "test", "-k", "money", before="sys.version_info = (3, 10, 13)")
    assert done.returncode == 1
    assert "wpb needs Python 3.11 or newer" in done.stderr
    assert "python3 dev.py test -k money" in done.stderr
    assert "Traceback" not in done.stderr


def test_python_without_ensurepip_is_told_what_to_install(repo_root: Path) -> None:
    before = (
        "real = importlib.util.find_spec\nimportlib.util.find_spec = lambda name: None if name =="
        " 'ensurepip' else real(name)"
    )
    done = dev(repo_root, "demo", before=before)
    assert done.returncode == 1
    assert (
        f"sudo apt-get install python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        in done.stderr
    )
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "exit_code"), [((), 2), (("dmeo",), 2), (("demo", "more"), 2), (("--help",), 0)]
)
def test_wrong_words_get_the_right_ones(
    repo_root: Path, words: tuple[str, ...], exit_code: int
) -> None:
    done = dev(repo_root, *words)
    assert done.returncode == exit_code
    assert "python dev.py demo" in (done.stderr if exit_code else done.stdout)
