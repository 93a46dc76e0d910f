"""What a file from somebody else may not do: unfold without end, or run in a spreadsheet."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from wpb.cli import main
from wpb.kernel.spreadsheet_text import safe_csv, safe_text, unsafe_text

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{letter}: &{letter} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, letter in zip("abcdefgh", "bcdefghi", strict=True)
)
DEEP = "a: " + "[" * 5000 + "]" * 5000 + "\n"
LONG = f"a: {'9' * 6000}\n"


def _tiny(repo_root: Path, place: Path) -> Path:
    return Path(shutil.copytree(repo_root / "tests" / "fixtures" / "tiny", place / "tiny"))


def _settings(model: Path, text: str) -> list[str]:
    (model / "model.yaml").write_text(text, encoding="utf-8")
    return ["check", str(model), "--json"]


def _assumptions(model: Path, text: str) -> list[str]:
    (model / "assumptions").mkdir(exist_ok=True)
    (model / "assumptions" / "own.yaml").write_text(text, encoding="utf-8")
    return ["check", str(model), "--json"]


def _people(model: Path, text: str) -> list[str]:
    (model / "patients").mkdir()
    (model / "patients" / "patients.yaml").write_text(text, encoding="utf-8")
    return ["run", str(model), "--out", str(model.parent / "out"), "--json"]


def _arrangement(model: Path, text: str) -> list[str]:
    (model.parent / "terms.yaml").write_text(text, encoding="utf-8")
    return ["share", "check", str(model.parent / "terms.yaml")]


def _pool(model: Path, text: str) -> list[str]:
    (model.parent / "pool.yaml").write_text(text, encoding="utf-8")
    return ["pool", "check", str(model.parent / "pool.yaml")]


@pytest.mark.parametrize("text", [BOMB, DEEP, LONG], ids=["aliases", "depth", "digits"])
@pytest.mark.parametrize("into", [_settings, _assumptions, _people, _arrangement, _pool])
def test_a_few_lines_never_unfold_to_billions(
    repo_root: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    into: Callable[[Path, str], list[str]],
    text: str,
) -> None:
    assert len(BOMB) < 600
    code = main(into(_tiny(repo_root, tmp_path), text))
    said = "".join(capsys.readouterr())
    assert code == 1 and "Traceback" not in said, said[-500:]
    if text is BOMB and into in (_settings, _assumptions):
        assert "repeats a part by name" in said and "line 2" in said


@given(some.text(alphabet="=+-@\t\r'19.eE,\n x", max_size=12))
def test_marking_text_is_undone_by_reading_it_back(text: str) -> None:
    marked = safe_text(text)
    assert unsafe_text(marked) == text
    begins = marked[:1]
    assert begins not in set("=+@\t\r") or not marked
    assert begins != "-" or marked[1:2].isdigit()


def test_a_table_of_csv_comes_back_as_it_was(repo_root: Path, tmp_path: Path) -> None:
    """What the app gives out as CSV goes back into a model folder and reads the same."""
    import wpb

    model = _tiny(repo_root, tmp_path)
    path = model / "inputs" / "organisations.csv"
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    at = rows[0].index("name")
    rows[1][at], rows[2][at] = "=1+1", "'-already marked"
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    before = list(wpb.load(model).model["organisations"].text("name"))
    path.write_text(safe_csv(text.getvalue()), encoding="utf-8", newline="")
    assert "\n" in path.read_text() and ",=1+1" not in path.read_text()
    assert list(wpb.load(model).model["organisations"].text("name")) == before
    assert before[0] == "=1+1"
