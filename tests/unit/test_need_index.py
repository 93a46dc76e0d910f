"""Need indices of groups of practices, and target shares: the rule, and `wpb index`."""

from __future__ import annotations

import csv
import json
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from wpb.cli import main
from wpb.commands.index import index as index_command
from wpb.kernel.problems import InputProblems
from wpb.scope.need_index import need_index, people_of, target_allocation

FIXTURES = Path(__file__).parent.parent / "fixtures" / "practice_files"
ICB_FILE = FIXTURES / "icb_layout.csv"
COLUMNS = {
    "general_and_acute": "G&A WP",
    "community": "CS WP",
    "mental_health": "MH WP",
    "maternity": "Mat WP",
    "prescribing": "Prescr WP",
    "overall_core": "Final WP",
    "primary_medical_care": "Final PMC WP",
    "primary_medical_care_need": "Primary Medical Care WP",
    "health_inequalities": "Health Ineq WP",
}
people = st.floats(min_value=0.5, max_value=2e5)


def index(*arguments: str | Path) -> Result:
    return CliRunner().invoke(index_command, [str(argument) for argument in arguments])


def printed(*arguments: str | Path) -> dict[str, Any]:
    result = index(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def errors_of(result: Result) -> list[str]:
    assert isinstance(result.exception, InputProblems), result.output
    return [str(problem) for problem in result.exception.problems if problem.severity == "error"]


# The rule


@pytest.mark.req(44, 155)
def test_an_index_is_need_per_head_over_need_per_head() -> None:
    # 9,000 weighted for 8,000 people against 60,000 for 60,000; 5,000 for 10,000 against the same
    found = need_index(
        np.array([[9000.0], [5000.0]]),
        np.array([8000.0, 10000.0]),
        np.array([60000.0]),
        np.array(60000.0),
    )
    assert found.tolist() == [[1.125], [0.5]]


@given(st.lists(st.tuples(people, people), min_size=1, max_size=8))
@settings(max_examples=50)
def test_indices_weighted_by_population_average_to_one(lists: list[tuple[float, float]]) -> None:
    population, weighted = (
        np.array([pair[0] for pair in lists]),
        np.array([[pair[1]] for pair in lists]),
    )
    index = need_index(weighted, population, weighted.sum(axis=0), np.array(population.sum()))
    assert np.average(index[:, 0], weights=population) == pytest.approx(1)


@given(st.lists(people, min_size=1, max_size=30), st.randoms())
@settings(max_examples=50)
def test_the_order_of_practices_changes_nothing(lists: list[float], random: Any) -> None:
    shuffled = list(range(len(lists)))
    random.shuffle(shuffled)
    assert people_of(range(len(lists)), np.array(lists)) == people_of(shuffled, np.array(lists))


@pytest.mark.parametrize(("population", "whole"), [(0.0, 60000.0), (8000.0, 0.0)])
def test_nobody_has_no_index(population: float, whole: float) -> None:
    with pytest.raises(ValueError, match="no people"):
        need_index(np.array([[1.0]]), np.array([population]), np.array([1.0]), np.array(whole))


def test_a_need_of_nobody_has_no_index() -> None:
    with pytest.raises(ValueError, match="nobody"):
        need_index(np.array([[1.0]]), np.array([1.0]), np.array([0.0]), np.array(1.0))


@pytest.mark.req(155)
def test_a_target_is_the_share_of_weighted_population() -> None:
    assert target_allocation(
        np.array(1_000_000.0), np.array([8720.0, 21680.0]), np.array(30400.0)
    ) == pytest.approx([286842.105263, 713157.894737])
    with pytest.raises(ValueError, match="nought"):
        target_allocation(np.array(1.0), np.array([0.0]), np.array(0.0))


# The command


@pytest.mark.req(44, 155)
def test_groups_are_printed_with_populations_and_indices() -> None:
    found = printed(
        ICB_FILE, "--icb", "QAA", "--group", "Castle=A90001", "--group", "Other two=A90002,A90003"
    )
    castle, others = found["groups"]
    assert (castle["name"], castle["population"], others["name"], others["population"]) == (
        "Castle",
        8000,
        "Other two",
        22000,
    )
    assert list(castle["indices"]) == list(COLUMNS)
    # (8,800 / 8,000) / (31,000 / 30,000) and (22,200 / 22,000) / (31,000 / 30,000)
    assert castle["indices"]["general_and_acute"] == {"weighted_population": 8800, "index": 1.065}
    assert others["indices"]["general_and_acute"] == {"weighted_population": 22200, "index": 0.977}
    # final and need of primary medical care apart: (8,410 / 8,000) / (30,050 / 30,000); (8,200 /
    # 8,000) / (30,200 / 30,000)
    assert castle["indices"]["primary_medical_care"] == {"weighted_population": 8410, "index": 1.05}
    assert castle["indices"]["primary_medical_care_need"] == {
        "weighted_population": 8200,
        "index": 1.018,
    }
    # the ICB over England: (31,000 / 30,000) / (60,000 / 60,000)
    assert (found["icb"]["code"], found["icb"]["population"]) == ("QAA", 30000)
    assert found["icb"]["indices"]["general_and_acute"] == {
        "weighted_population": 31000,
        "index": 1.033,
    }


def test_people_and_indices_are_rounded_half_up_from_unrounded_values() -> None:
    found = printed(
        ICB_FILE,
        "--icb",
        "QAA",
        "--group",
        "a=A90001",
        "--group",
        "b=A90002",
        "--group",
        "c=A90003",
    )
    assert [group["population"] for group in found["groups"]] == [8000, 12000, 10001]
    assert found["groups"][0]["indices"]["maternity"]["index"] == 1.001


def test_every_wrong_code_is_named_at_once() -> None:
    result = index(
        ICB_FILE,
        "--icb",
        "QAA",
        "--group",
        "North=A90001,a90002,A90001",
        "--group",
        "South=A90001,B90001",
        "--group",
        "South=A99999",
    )
    errors = errors_of(result)
    assert result.stdout == ""
    assert [
        error
        for error in errors
        if "no practice a90002 (group 'North')" in error and "A90002" in error.split("nearest")[1]
    ]
    assert [error for error in errors if "A90001 is in group 'North' twice" in error]
    assert [
        error
        for error in errors
        if "A90001 is in group 'South' as well as in group 'North'" in error
    ]
    assert [
        error
        for error in errors
        if "B90001 (group 'South') belongs to QBB NHS Eastmere ICB" in error
    ]
    assert [error for error in errors if "Two groups are called 'South'" in error]
    assert [error for error in errors if "no practice A99999" in error]
    assert len(errors) == 6


def test_wrong_codes_end_in_exit_code_1_and_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", str(ICB_FILE), "--icb", "QAA", "--group", "North=A99999"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert (
        "icb_layout.csv" in told.err
        and "no practice A99999" in told.err
        and "Traceback" not in told.err
    )
    assert main(["index", str(ICB_FILE), "--icb", "QAA", "--group", "North=B90001", "--json"]) == 1
    assert [problem["code"] for problem in json.loads(capsys.readouterr().out)["problems"]] == [
        "practice_of_another_icb"
    ]


def test_an_unknown_icb_does_not_hide_unknown_practices() -> None:
    errors = errors_of(index(ICB_FILE, "--icb", "QZZ", "--group", "North=A99999"))
    assert ["no ICB 'QZZ'" in errors[0], "no practice A99999" in errors[1], len(errors)] == [
        True,
        True,
        2,
    ]


def test_a_group_of_nobody_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text(
        ICB_FILE.read_text(encoding="utf-8-sig").replace(",8000,8800,", ",0,8800,"),
        encoding="utf-8",
    )
    assert [
        "Castle has no people" in error
        for error in errors_of(index(path, "--icb", "QAA", "--group", "Castle=A90001"))
    ] == [True]
    path.write_text(
        ICB_FILE.read_text(encoding="utf-8-sig")
        .replace(",16500,", ",0,")
        .replace(",9100,", ",0,")
        .replace(",4400,4400,", ",0,4400,"),
        encoding="utf-8",
    )
    assert [
        "NHS Eastmere ICB has a weighted population of nought" in error
        for error in errors_of(index(path, "--icb", "QBB"))
    ] == [True]


@pytest.mark.parametrize("group", ["A90001", "=A90001", "North=", "North=A90001,,A90002"])
def test_a_group_that_is_not_written_as_one_is_wrong_usage(group: str) -> None:
    result = index(ICB_FILE, "--icb", "QAA", "--group", group)
    assert result.exit_code == 2
    assert "North=A81001,A81002" in result.stderr


def test_a_part_of_england_is_said_to_be_one(tmp_path: Path) -> None:
    path = tmp_path / "part.csv"
    path.write_text(
        "\n".join(ICB_FILE.read_text(encoding="utf-8").splitlines()[:4]), encoding="utf-8"
    )
    result = index(path, "--icb", "QAA")
    assert result.exit_code == 0
    assert "do not rely on an ICB's index over England" in result.stderr
    assert [problem["code"] for problem in printed(path, "--icb", "QAA")["problems"]] == [
        "not_the_whole_of_england"
    ]


def test_the_table_for_a_reader() -> None:
    result = index(ICB_FILE, "--icb", "QAA", "--group", "Castle=A90001")
    assert result.stdout.splitlines()[12:16] == [
        "Castle: 8,000 people, 1 practice",
        "  Need                         Weighted people    Index  (QAA = 1.000)",
        "  General and acute                      8,800    1.065",
        "  Community services                     9,200    1.131",
    ]


@pytest.mark.req(155)
def test_target_allocations_add_to_the_allocation_to_the_penny() -> None:
    found = printed(
        ICB_FILE,
        "--icb",
        "QAA",
        "--group",
        "Castle=A90001",
        "--group",
        "Riverside=A90002",
        "--allocation",
        "overall_core=1000000",
        "--allocation",
        "primary_medical_care=90000.01",
    )
    core, primary = found["target_allocations"]
    # £1,000,000 x 8,720 / 30,400 and x 12,150 / 30,400
    assert [(target["name"], target["target_pence"]) for target in core["targets"]] == [
        ("Castle", 28_684_211),
        ("Riverside", 39_967_105),
        ("the rest of the ICB", 31_348_684),
    ]
    assert (
        primary["allocation_pence"]
        == 9_000_001
        == sum(target["target_pence"] for target in primary["targets"])
    )
    assert index(ICB_FILE, "--icb", "QAA", "--allocation", "core=1").exit_code == 2


# The published file, against decimals worked out row by row


@pytest.mark.req(44, 155)
@pytest.mark.parametrize(
    ("name", "icb", "population"),
    [
        ("icb_tool_2025_2026.csv", "ICB", "Population"),
        ("aif_tool_2024_2025.csv", "ICS22", "pop 2022/23"),
    ],
)
def test_published_practices_against_exact_decimals(
    shared_data: Path, name: str, icb: str, population: str
) -> None:
    with (shared_data / name).open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    of_icb = [row for row in rows if row[icb] == "QOC"]
    groups = {"West": of_icb[:7], "East": of_icb[20:33]}

    def add(chosen: list[dict[str, str]], column: str) -> Decimal:
        return sum((Decimal(row[column]) for row in chosen), Decimal(0))

    def expected(
        chosen: list[dict[str, str]], whole: list[dict[str, str]], column: str
    ) -> dict[str, float | int]:
        ratio = (add(chosen, column) / add(chosen, population)) / (
            add(whole, column) / add(whole, population)
        )
        return {
            "weighted_population": int(add(chosen, column).quantize(Decimal(1), ROUND_HALF_UP)),
            "index": float(ratio.quantize(Decimal("0.001"), ROUND_HALF_UP)),
        }

    options = [
        option
        for title, chosen in groups.items()
        for option in ("--group", f"{title}={','.join(row['Practice_Code'] for row in chosen)}")
    ]
    found = printed(shared_data / name, "--icb", "Shropshire, Telford and Wrekin", *options)
    assert found["problems"] == []
    assert found["icb"]["indices"] == {
        need: expected(of_icb, rows, column) for need, column in COLUMNS.items()
    }
    for group, chosen in zip(found["groups"], groups.values(), strict=True):
        assert group["population"] == int(
            add(chosen, population).quantize(Decimal(1), ROUND_HALF_UP)
        )
        assert group["indices"] == {
            need: expected(chosen, of_icb, column) for need, column in COLUMNS.items()
        }
