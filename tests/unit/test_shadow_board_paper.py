"""The board paper: every figure in it is what its own commands print."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BLOCKS = {"shadow": "1", "scenarios": "2", "design": "3", "replay": "4"}


@pytest.mark.req(301)
@pytest.mark.deep(sample=1)
@pytest.mark.parametrize("block", BLOCKS)
def test_every_figure_of_the_board_paper_is_printed_by_its_command(
    block: str, repo_root: Path
) -> None:
    paper = (repo_root / "docs" / "board-paper.md").read_text(encoding="utf-8")
    assert paper.count("```sh") == len(BLOCKS)
    done = subprocess.run(
        [sys.executable, str(repo_root / "tools" / "board_paper.py"), "--check", BLOCKS[block]],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
