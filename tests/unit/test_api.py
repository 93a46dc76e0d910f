"""The Python interface: names that stay, frames of the reader's choice, charts that show
themselves, and the same papers.
"""

from __future__ import annotations

import inspect
import re
import warnings
from pathlib import Path

import pytest

import wpb
from wpb.api import LoadedModel
from wpb.kernel.problems import UsageProblem

HANDBOOK = Path(__file__).parents[2] / "examples" / "handbook"
NAMES = Path(__file__).parents[1] / "golden" / "interface.txt"


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    return wpb.load(HANDBOOK)


def interface() -> list[str]:
    """Every public name of the Python interface, with what it takes."""
    found = [
        f"wpb.{name}{inspect.signature(wpb.load) if name == 'load' else ''}"
        for name in sorted(wpb.__all__)
    ]
    for name, member in sorted(vars(LoadedModel).items()):
        if not name.startswith("_"):
            found.append(
                f"wpb.LoadedModel.{name}"
                f"{inspect.signature(member) if inspect.isfunction(member) else ''}"
            )
    return [re.sub(r"<function (\w+) at 0x\w+>", r"\1", line) for line in found]


def test_names_of_the_interface_stay() -> None:
    """A line that goes is a promise broken: keep the old name for two minor versions, as
    docs/first-hour-analyst.md says.
    """
    assert interface() == NAMES.read_text(encoding="utf-8").splitlines()


def test_a_name_that_moved_still_works_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(wpb.RENAMED, "open_model", ("load", "0.4"))
    with pytest.warns(
        DeprecationWarning,
        match=r"wpb.open_model is now wpb.load; the old name goes in version 0\.4",
    ):
        assert wpb.open_model is wpb.load
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert wpb.load(HANDBOOK).path == HANDBOOK
    with pytest.raises(AttributeError):
        _ = wpb.nothing_of_that_name


@pytest.mark.req(361, 362)
def test_tables_come_as_frames_of_the_readers_choice(model: LoadedModel) -> None:
    table = model.tables["forecast_by_year"]
    arrow, pandas = table.frame(), table.frame("pandas")
    assert arrow.to_pylist() == table.records()
    assert pandas["amount_pence"].sum() == sum(table.column("amount_pence"))
    assert list(pandas.columns) == [column.name for column in table.columns]


def test_a_library_that_is_not_there_is_named(model: LoadedModel) -> None:
    with pytest.raises(UsageProblem, match="pip install no_such_library"):
        model.tables["years"].frame("no_such_library")  # type: ignore[arg-type]


@pytest.mark.req(362)
def test_charts_show_themselves_and_say_the_same_in_words(model: LoadedModel) -> None:
    assert {"bridge-scope", "path-lines", "headroom"} <= set(model.charts)
    for chart in model.charts.values():
        assert chart._repr_svg_().startswith("<svg") and len(chart.description) > 40


@pytest.mark.req(361)
def test_papers_and_workbook_are_written_from_python(model: LoadedModel, tmp_path: Path) -> None:
    model.export("workbook", tmp_path / "new" / "live.xlsx")
    model.export("board-paper", tmp_path / "board.html", mark="Version 2")
    assert (tmp_path / "new" / "live.xlsx").is_file()
    assert "Version 2" in (tmp_path / "board.html").read_text(encoding="utf-8")
    for name, out in (("board-papers", "a.pdf"), ("workbook", "a.pdf"), ("board-paper", "a.odt")):
        with pytest.raises(UsageProblem):
            model.export(name, tmp_path / out)
