"""Look every locked package up among the known vulnerabilities, at a release and never in a build.

    python tools/audit.py                    install pip-audit in an environment of its own, and ask
    python tools/audit.py --lock requirements-dev-lock.txt
    python tools/audit.py --read FILE        read what pip-audit wrote as JSON, without asking

It needs a network. Exit code 0: every package was looked up and none has a known vulnerability;
3: some have; 1: some or all could not be looked up, which is never the same as none.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

from locked import LOCK, Locked, packages

AUDITOR = "pip-audit>=2.10,<3"
LONGEST_WAIT_S = 600
NAMED = 3
"""Packages named of many that could not be looked up."""


def environment_program(environment: Path, name: str) -> Path:
    """Give the path of a program in an environment."""
    if os.name == "nt":
        return environment / "Scripts" / f"{name}.exe"
    return environment / "bin" / name


def ask(lock: Path, folder: Path) -> tuple[dict[str, Any] | None, str]:
    """Let pip-audit look a lock's packages up; give what it found, or nothing and its last words.

    Nothing of the lock is installed: its names and versions are sent.
    """
    venv.create(folder / "environment", with_pip=True)
    found = folder / "found.json"
    python = environment_program(folder / "environment", "python")
    steps = (
        [python, "-m", "pip", "--disable-pip-version-check", "install", "-q", AUDITOR],
        [
            *(environment_program(folder / "environment", "pip-audit"), "-r", lock),
            *("--disable-pip", "--require-hashes", "--progress-spinner", "off"),
            *("-f", "json", "-o", found),
        ],
    )
    words = ""
    for step in steps:
        try:
            done = subprocess.run(
                [str(part) for part in step],
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="replace",
                timeout=LONGEST_WAIT_S,
            )
        except subprocess.TimeoutExpired:
            return None, f"no answer within {LONGEST_WAIT_S} seconds"
        words = (done.stderr.strip() or done.stdout.strip()).rpartition("\n")[2]
        if done.returncode and not found.is_file():
            return None, words
    return json.loads(found.read_text(encoding="utf-8")), words


def verdict(locked: list[Locked], found: dict[str, Any]) -> tuple[int, list[str]]:
    """Judge what pip-audit found, package by package of the lock; give the exit code and lines.

    A package that it skipped, left out or saw in another version was not looked up.
    """
    looked_up = {
        (entry["name"], entry["version"]): entry["vulns"]
        for entry in found["dependencies"]
        if "vulns" in entry
    }
    here = [package for package in locked if package.is_for_here]
    unknown = [package for package in here if (package.name, package.version) not in looked_up]
    lines, vulnerable = [], False
    for package in here:
        for one in looked_up.get((package.name, package.version), ()):
            vulnerable = True
            mended = ", ".join(one.get("fix_versions") or ()) or "none yet"
            lines.append(
                f"{package.name} {package.version}: {one['id']}, fixed in {mended}. Take the fixed"
                " version into the lock, or say in the changelog why it does not matter here."
            )
    if unknown:
        names = ", ".join(f"{package.name} {package.version}" for package in unknown[:NAMED])
        more = f" and {len(unknown) - NAMED} more" if len(unknown) > NAMED else ""
        lines.append(
            f"Not audited: {len(unknown)} of {len(here)} packages could not be looked up ({names}"
            f"{more}). Ask again where the public list of vulnerabilities can be reached."
        )
    if not lines:
        lines = [f"All {len(here)} packages were looked up: no known vulnerabilities."]
    return (3 if vulnerable else 1 if unknown else 0), lines


def audit(lock: Path = LOCK) -> tuple[int, list[str]]:
    """Ask about a lock's packages; give the exit code and the lines that say what was found."""
    with tempfile.TemporaryDirectory(prefix="wpb-audit-") as folder:
        found, words = ask(lock.resolve(), Path(folder))
    if found is None:
        said = (
            "Not audited: the list of known vulnerabilities, or the package that asks it, could"
            f" not be reached ({words}). Try again where there is a network."
        )
        return 1, [said]
    return verdict(packages(lock), found)


def main() -> int:
    """Audit, or read an audit; give the exit code."""
    parser = argparse.ArgumentParser(description="Known vulnerabilities of what wpb installs.")
    parser.add_argument("--lock", type=Path, default=LOCK, help="the lock file to read")
    parser.add_argument("--read", type=Path, metavar="FILE", help="JSON that pip-audit wrote")
    arguments = parser.parse_args()
    if arguments.read:
        found = json.loads(arguments.read.read_text(encoding="utf-8"))
        exit_code, lines = verdict(packages(arguments.lock), found)
    else:
        exit_code, lines = audit(arguments.lock)
    for line in lines:
        print(line, file=sys.stderr if exit_code else sys.stdout)
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
