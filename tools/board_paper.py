"""Runs the commands of docs/board-paper.md and writes what they print into the paper, so that no
figure in it is typed.

Run from anywhere with the project's own Python: python tools/board_paper.py [--check [BLOCK ...]]
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import sys
import tempfile
from pathlib import Path

from wpb.cli import main

ROOT = Path(__file__).resolve().parents[1]
PAPER = ROOT / "docs" / "board-paper.md"
STEP = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def printed(command: str, folder: Path) -> str:
    """Run one command of the paper and give what it prints, without the place of its files."""
    name, *arguments = shlex.split(command)
    if name != "wpb":
        raise ValueError(f"not a command of wpb: {command}")
    arguments = [str(ROOT / word) if word.startswith("examples/") else word for word in arguments]
    said = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(said):
        if main(arguments):
            raise ValueError(f"it did not work: {command}")
    lines = [
        line.rstrip()
        for line in said.getvalue().splitlines()
        if not line.startswith("The report page")
    ]
    return "\n".join(lines).strip() + "\n"


def steps(text: str) -> list[tuple[str, list[str]]]:
    """The commands of the paper, block by block, each with the blocks of figures they print."""
    found: list[tuple[str, list[str]]] = []
    for kind, body in STEP.findall(text):
        if kind == "sh":
            found.append((body, []))
        else:
            found[-1][1].append(body)
    return found


def filled(text: str) -> str:
    """Give the paper with every block of figures written by the command before it."""
    latest = ""
    with tempfile.TemporaryDirectory() as folder:

        def fill(step: re.Match[str]) -> str:
            nonlocal latest
            if step[1] == "sh":
                latest = printed_by(step[2], Path(folder))
                return step[0]
            return f"```text\n{latest}```"

        return STEP.sub(fill, text)


def printed_by(commands: str, folder: Path) -> str:
    """Run a block of commands and give what they print."""
    return "".join(printed(command, folder) for command in commands.splitlines())


def main_check(paper: str, blocks: list[str]) -> int:
    """Compare blocks of commands (all where none is named, the first is 1) with their figures."""
    for number, (commands, figures) in enumerate(steps(paper), 1):
        if blocks and str(number) not in blocks:
            continue
        with tempfile.TemporaryDirectory() as folder:
            if figures != [printed_by(commands, Path(folder))] * len(figures):
                print(
                    f"{PAPER.name} is not what its commands print, in block {number}; run python"
                    " tools/board_paper.py",
                    file=sys.stderr,
                )
                return 1
    return 0


if __name__ == "__main__":
    paper = PAPER.read_text(encoding="utf-8")
    if sys.argv[1:2] == ["--check"]:
        sys.exit(main_check(paper, sys.argv[2:]))
    PAPER.write_text(filled(paper), encoding="utf-8", newline="\n")
