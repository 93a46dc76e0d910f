"""One place's records worked up in three independent ways: by the room, by hand-written SQL and by
a pandas script.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "patients"
RESULTS = ("by_list", "by_profile", "by_person")


def worked_up(folder: Path, measure: str) -> dict[str, int]:
    """Pence of each result by one way of doing the job."""
    done = subprocess.run(
        [sys.executable, str(BENCHMARK / "measure.py"), str(folder), "--measures", measure],
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout.removeprefix(measure).strip())
    return {name: told["result"][name] for name in RESULTS}


@pytest.mark.parametrize("pseudonyms", ["whole numbers", "text"])
def test_room_hand_written_sql_and_pandas_find_the_same_pence(
    pseudonyms: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARK))
    importlib.import_module("made_records").make(
        tmp_path, people=4_000, records=60_000, text_keys=pseudonyms == "text"
    )
    room = worked_up(tmp_path, "pipeline")
    assert room["by_list"] == room["by_profile"] > room["by_person"] > 0
    assert worked_up(tmp_path, "pandas_whole") == room
    if pseudonyms == "whole numbers":
        assert worked_up(tmp_path, "hand") == room
