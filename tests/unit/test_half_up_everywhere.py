"""Sums that end on exactly half a penny, half a pound or half a unit go up wherever they are
decided or printed.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wpb.cli import main
from wpb.kernel.money import each_to_whole_pence, whole_pence
from wpb.kernel.problems import ProblemLog
from wpb.live.sharing_baseline import RebasedLine
from wpb.present.rebase_view import rebase_lines
from wpb.sharing.exposure import exposures
from wpb.store.overlay import spell_cell
from wpb.web.explaining import spell_node


@pytest.mark.req(292, 370)
def test_a_baseline_set_again_goes_half_up_as_every_other_sum() -> None:
    line = RebasedLine(
        "beds",
        {"2027-28": 10.0, "2028-29": 10.0, "2029-30": 10.0},
        {"2027-28": 1.0, "2028-29": 2.5, "2029-30": 4.5},
    )
    assert line.set_again("2028-29") == {"2027-28": 10.0, "2028-29": 3.0, "2029-30": 5.0}
    years = [
        {"year": year, "agreed": line.agreed[year], "now": line.now[year], "change_rate": 0.00125}
        for year in line.agreed
    ]
    text = "\n".join(
        rebase_lines(
            {
                "title": "Beds",
                "from_year": "2028-29",
                "reviews": [],
                "lines": [{"line": "beds", "years": years, "set_again": line.set_again("2028-29")}],
            }
        )
    )
    assert text.split("2028-29")[1].split()[:3] == ["10", "3", "0.13%"]


@pytest.mark.req(273, 370)
def test_a_projected_baseline_goes_half_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(
            [
                "share",
                "project",
                "2.5",
                "--first-year",
                "2030-31",
                "--years",
                "1",
                "--trend",
                "0%",
                "--demography",
                "0%",
                "--care-model",
                "0%",
            ]
        )
        == 0
    )
    assert "table: {2030-31: 3}" in capsys.readouterr().out


@pytest.mark.req(370)
@given(
    st.lists(st.floats(-1e12, 1e12) | st.integers(-(10**9), 10**9).map(lambda halves: halves / 2))
)
def test_an_array_of_sums_is_rounded_as_each_of_them_is(amounts: list[float]) -> None:
    given_amounts = np.array([*amounts, 0.49999999999999994, -0.5, 2.5])
    assert each_to_whole_pence(given_amounts).tolist() == [
        whole_pence(amount) for amount in given_amounts.tolist()
    ]
    assert np.isnan(each_to_whole_pence(np.array([np.nan]))).all()
    assert np.isinf(each_to_whole_pence(np.array([np.inf]))).all()


@pytest.mark.req(370)
def test_half_a_penny_goes_up_in_a_cell_in_a_tree_and_in_a_warning() -> None:
    # 100.5 pence are 1.005 pounds, which binary floating point holds a hair below.
    assert (
        spell_cell(100.5, "pounds"),
        spell_cell(-100.5, "pounds"),
        spell_cell(-0.2, "pounds"),
    ) == ("1.01", "-1.01", "0.00")
    assert spell_node({"value": 100.5, "unit": "pence"}, "£") == "£1.01"
    assert spell_node({"value": -250_000_050.5, "unit": "pence"}, "$") == "\u2212$2,500,000.51"
    log = ProblemLog()
    exposures("2027-28", {"scheme": {"PROV": 250.0}}, {}, log)
    assert "could lose £3 in 2027-28" in str(next(iter(log)))
