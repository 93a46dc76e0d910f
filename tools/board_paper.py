"""Runs the commands of docs/board-paper.md and writes what they print into the paper, so that no
figure in it is typed.

Run from anywhere with the project's own Python: python tools/board_paper.py [--check]
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAPER = ROOT / "docs" / "board-paper.md"
STEP = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def printed(command: str, folder: Path) -> str:
    """Run one command of the paper and give what it prints, without the place of its files."""
    name, *arguments = shlex.split(command)
    if name != "wpb":
        raise ValueError(f"not a command of wpb: {command}")
    arguments = [str(ROOT / word) if word.startswith("examples/") else word for word in arguments]
    done = subprocess.run(
        [sys.executable, "-m", "wpb", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    lines = [
        line.rstrip() for line in done.stdout.splitlines() if not line.startswith("The report page")
    ]
    return "\n".join(lines).strip() + "\n"


def filled(text: str) -> str:
    """Give the paper with every block of figures written by the command before it."""
    latest = ""
    with tempfile.TemporaryDirectory() as folder:

        def fill(step: re.Match[str]) -> str:
            nonlocal latest
            if step[1] == "sh":
                latest = "".join(printed(command, Path(folder)) for command in step[2].splitlines())
                return step[0]
            return f"```text\n{latest}```"

        return STEP.sub(fill, text)


if __name__ == "__main__":
    paper = PAPER.read_text(encoding="utf-8")
    afresh = filled(paper)
    if "--check" in sys.argv:
        sys.exit(
            0
            if afresh == paper
            else (
                "docs/board-paper.md is not what its commands print; run python"
                " tools/board_paper.py"
            )
        )
    PAPER.write_text(afresh, encoding="utf-8", newline="\n")
