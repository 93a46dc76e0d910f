"""Words that do not fit a column of a terminal are cut with a sign, and a mark beside them
stays.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.test_pool_command import TEXT
from wpb.cli import main
from wpb.present.console import amount
from wpb.present.words import fitted
from wpb.web.explaining import spell_node


def test_words_are_cut_with_a_sign_that_they_go_on() -> None:
    assert fitted("Community trust", 15) == "Community trust"
    assert fitted("Community and mental health provider", 15) == "Community and…"


@pytest.mark.req(324)
def test_a_long_title_keeps_the_mark_that_its_money_is_ring_fenced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    title = "Disabled Facilities Grant, with the discretionary part of it, for homes of all kinds"
    assert "title: Disabled Facilities Grant" in TEXT
    (tmp_path / "pool.yaml").write_text(
        TEXT.replace("title: Disabled Facilities Grant", f'title: "{title}"'), encoding="utf-8"
    )
    assert main(["pool", "year", str(tmp_path), "--year", "2027-28"]) == 0
    line = next(
        line for line in capsys.readouterr().out.splitlines() if "Disabled Facilities" in line
    )
    assert line.startswith("  Disabled Facilities Grant, with") and "… * " in line


def test_a_plain_number_has_no_unit_behind_it() -> None:
    assert amount({"value": 0.93, "unit": "number"}) == "0.93"
    assert amount({"value": 3.0, "unit": "people"}) == "3 people"
    assert spell_node({"value": 0.93, "unit": "number"}, "£") == "0.93"
