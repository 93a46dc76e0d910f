"""The ICBs of a day, and a place's practices from a published file before or after they changed."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from wpb.commands.import_ import import_group
from wpb.intake.icbs import CHANGED, every_icb, icb_successions, icbs_on, pick_place
from wpb.kernel.problems import ProblemLog

LAYOUT = Path(__file__).parent.parent / "fixtures" / "practice_files" / "icb_layout.csv"
PLACES = {
    "A90001": ("QNQ", "NHS Frimley ICB", "Slough"),
    "A90002": ("QNQ", "NHS Frimley ICB", "Hart"),
    "A90003": ("QNQ", "NHS Frimley ICB", "Runnymede"),
    "B90001": ("QH8", "NHS Mid and South Essex ICB", "Basildon"),
    "B90002": ("QM7", "NHS Hertfordshire and West Essex ICB", "Harlow"),
    "B90003": ("QM7", "NHS Hertfordshire and West Essex ICB", "Watford"),
}


@pytest.fixture
def before_the_change(tmp_path: Path) -> Path:
    """The made-up practices under ICBs that closed on 31 March 2026."""
    with LAYOUT.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    path = tmp_path / "practices.csv"
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        for row in rows:
            code, name, district = PLACES[row["Practice_Code"]]
            writer.writerow(row | {"ICB": code, "ICBname": name, "LTLA": district})
    return path


@pytest.mark.req(380)
def test_there_are_42_icbs_before_and_36_after_and_everyone_goes_somewhere() -> None:
    last = CHANGED - timedelta(days=1)
    before, after = icbs_on(last), icbs_on(CHANGED)
    assert (len(before), len(after), len(icbs_on(date(2022, 6, 30)))) == (42, 36, 0)
    closed = {icb.code for icb in before} - {icb.code for icb in after}
    assert closed == {change.predecessor for change in icb_successions()}
    assert len(closed) == 12
    assert {change.successor for change in icb_successions()} <= {icb.name for icb in after}
    assert all(icb.source for icb in every_icb())
    assert all(change.source for change in icb_successions())
    unknown = [icb.name for icb in after if not icb.code]
    assert unknown == ["NHS Thames Valley ICB"]
    districts = Counter((change.predecessor, change.district) for change in icb_successions())
    assert max(districts.values()) == 1


@pytest.mark.req(380)
@pytest.mark.parametrize(
    ("wanted", "day", "code", "practices", "codes"),
    [
        ("essex", CHANGED, "D7T5G", ["B90001", "B90002"], []),
        ("d7t5g", CHANGED, "D7T5G", ["B90001", "B90002"], []),
        ("NHS Central East ICB", CHANGED, "S1Y5D", ["B90003"], []),
        ("QM7", date(2026, 3, 31), "QM7", ["B90002", "B90003"], []),
        ("Thames Valley=qxx", CHANGED, "QXX", ["A90001"], ["icb_of_practice_unknown"]),
        ("QRL", CHANGED, "QRL", ["A90002"], ["icb_of_practice_unknown"]),
        ("Thames Valley", CHANGED, "", [], ["icb_code_unknown"]),
        ("Essex=QQQ", CHANGED, "", [], ["icb_code_unknown"]),
        ("Frimley", CHANGED, "", [], ["icb_closed"]),
        ("Essex", date(2026, 3, 31), "", [], ["icb_not_open"]),
        ("Mordor", CHANGED, "", [], ["unknown_icb"]),
        ("QOC", CHANGED, "", [], ["no_practices"]),
    ],
)
def test_a_place_is_picked_by_code_or_name(
    before_the_change: Path,
    wanted: str,
    day: date,
    code: str,
    practices: list[str],
    codes: list[str],
) -> None:
    log = ProblemLog()
    picked = pick_place(before_the_change, wanted, day, log)
    assert (picked.code if picked else "") == code
    assert ([picked.practices.codes[row] for row in picked.rows] if picked else []) == practices
    told = [problem.code for problem in log if problem.severity != "note"]
    assert [one for one in told if one not in ("not_the_whole_of_england", "pmc_mix")] == codes


@pytest.mark.req(380)
def test_a_command_brings_the_practices_of_an_icb_of_today(
    before_the_change: Path, tmp_path: Path
) -> None:
    def run(*more: str) -> tuple[int, str]:
        result = CliRunner().invoke(
            import_group,
            ["practices", str(before_the_change), "--to", str(tmp_path / "m"), *more],
        )
        return result.exit_code, result.output

    assert run("--icb", "Essex", "--icb", "Central East", "--on", "2026-04-01")[0] == 0
    with (tmp_path / "m" / "inputs" / "gp_lists.csv").open(encoding="utf-8") as lines:
        found = {row["list_code"]: row["commissioner"] for row in csv.DictReader(lines)}
    assert found == {"B90001": "D7T5G", "B90002": "D7T5G", "B90003": "S1Y5D"}


@pytest.mark.req(380)
@pytest.mark.parametrize(
    ("name", "essex", "london"),
    [("aif_tool_2024_2025.csv", 213, 537), ("icb_tool_2025_2026.csv", 209, 525)],
)
def test_published_editions_give_the_practices_of_merged_icbs(
    shared_data: Path, name: str, essex: int, london: int
) -> None:
    for wanted, count in (("Essex", essex), ("Z9B2Z", london)):
        picked = pick_place(shared_data / name, wanted, CHANGED, ProblemLog())
        assert picked is not None
        assert len(picked.rows) == count
