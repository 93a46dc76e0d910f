"""What no file of the project may say: a path of one machine, an address of one index, a note from
its own making.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

FORBIDDEN = {
    "a path of one machine": r"(?<![\w./:-])/(?:work|home|root|Users|tmp)/[\w.-]+|[A-Z]:\\Users\\",
    "an index of packages": r"--(?:extra-)?index-url[ =]\S|--find-links[ =]\S|https?://[^/\s]*@",
    "a note from its making": (
        r"\bsub-?agents?\b|\b(?:cl)a(?:ude)\b|\banthrop\w*|\bco-authored-by\b|\bdecisions?"
        r" \d+\b|\bissue #?\d+\b|\bworked_examples\.md\b|\bpolicy_facts\b"
    ),
}
TEXT = {
    ".cff",
    ".cfg",
    ".css",
    ".csv",
    ".html",
    ".js",
    ".json",
    ".md",
    ".py",
    ".sql",
    ".toml",
    ".txt",
    ".typ",
    ".yaml",
    ".yml",
    "",
}


def project_files(repo_root: Path) -> list[Path]:
    """List the files git keeps, or all of them in a source archive."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=repo_root, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("this is not a git checkout, so which files are the project's is not known")
    return [
        repo_root / name
        for name in listed.stdout.split("\0")
        if name and (repo_root / name).is_file()
    ]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_says(repo_root: Path, what: str) -> None:
    pattern = re.compile(FORBIDDEN[what], re.IGNORECASE if what == "a note from its making" else 0)
    found = []
    for path in project_files(repo_root):
        if path.suffix in TEXT:
            for number, line in enumerate(
                path.read_text(encoding="utf-8", errors="replace").splitlines(), 1
            ):
                if words := pattern.search(line):
                    found.append(f"{path.relative_to(repo_root).as_posix()}:{number}: {words[0]}")
    assert not found, "\n" + "\n".join(found)
