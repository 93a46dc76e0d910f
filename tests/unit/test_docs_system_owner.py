"""The system owner's road on PostgreSQL, walked with the commands that the guide prints."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.unit.test_store import postgresql_url
from wpb.store.database import Database

__all__ = ["postgresql_url"]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)


def test_a_store_on_postgresql_is_made_dumped_and_restored_as_the_guide_says(
    repo_root: Path, tmp_path: Path, postgresql: Path, postgresql_url: str
) -> None:
    socket = postgresql_url.rpartition("=")[2]
    lines = [
        line
        for block in BLOCK.findall(
            (repo_root / "docs" / "system-owner.md").read_text(encoding="utf-8")
        )
        for line in block.splitlines()
    ]
    said, ran = "", []
    for line in lines:
        program, *arguments = shlex.split(line)
        ran.append(program)
        if program == "pip":
            continue
        if (
            program == "wpb" and arguments[0] == "serve"
        ):  # serving lays the tables out, which is what the rest needs
            Database(_here(arguments[-1], socket))
            continue
        command = (
            [sys.executable, "-m", "wpb", *(_here(word, socket) for word in arguments)]
            if program == "wpb"
            else [
                str(postgresql / program),
                *(socket if word == "dbhost" else word for word in arguments),
            ]
        )
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env={**os.environ, "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        assert done.returncode == 0, f"{line}\n{done.stderr[-800:]}"
        said += done.stdout
    assert ran == ["pip", "createdb", "wpb", "pg_dump", "createdb", "pg_restore", "wpb", "wpb"]
    assert "The trail holds" in said


def _here(word: str, socket: str) -> str:
    return re.sub(r"@dbhost/(\w+)", rf"@/\1?host={socket}", word)
