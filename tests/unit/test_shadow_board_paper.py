"""The board paper: every figure in it is what its own commands print."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.req(301)
def test_every_figure_of_the_board_paper_is_printed_by_its_command(repo_root: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(repo_root / "tools" / "board_paper.py"), "--check"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
