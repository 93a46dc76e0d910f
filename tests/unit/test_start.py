"""`wpb start`: a first budget from a ledger extract, a contract schedule and a practice list."""

from __future__ import annotations

import csv
import io
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import wpb
from wpb.cli import main
from wpb.run import Budget

pytestmark = pytest.mark.req(372)
LEDGER, SCHEDULE, PRACTICES = "ledger_month_9.csv", "contract_schedule.csv", "practice_list.csv"
Start = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(scope="module")
def example(repo_root: Path) -> Path:
    return repo_root / "examples" / "first_budget"


@pytest.fixture(scope="module")
def made(example: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "first"
    assert main(["start", str(folder), "--answers", str(example / "answers.yaml"), "--json"]) == 0
    return folder


@pytest.fixture(scope="module")
def budget(made: Path) -> Budget:
    return wpb.load(made).run()


@pytest.fixture
def files(example: Path, tmp_path: Path) -> Path:
    shutil.copytree(example, tmp_path / "files")
    return tmp_path / "files"


@pytest.fixture
def start(files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Start:
    """Run the command on changed files and answers; gives the exit code and what was printed."""

    def run(changes: dict[str, Any] | None = None, out: str = "out") -> tuple[int, dict[str, Any]]:
        path = files / "answers.yaml"
        yaml = YAML(pure=True)
        content = yaml.load(path)
        for key, value in (changes or {}).items():
            *parents, last = key.split("/")
            within = content
            for parent in parents:
                within = within.setdefault(parent, {})
            if value is None:
                within.pop(last, None)
            else:
                within[last] = value
        yaml.dump(content, path)
        capsys.readouterr()
        code = main(["start", str(tmp_path / out), "--answers", str(path), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def codes(told: dict[str, Any]) -> set[str]:
    return {problem["code"] for problem in told["problems"] if problem["severity"] == "error"}


@pytest.mark.req(437, 439)
def test_the_schedule_ties_from_the_ledger_to_the_budget(start: Start, budget: Budget) -> None:
    code, told = start()
    assert code == 0 and told["typed_values"] <= 100
    steps = [(row["what"], row["pounds"], row["is_level"]) for row in told["schedule"]]
    levels = [float(pounds) for _, pounds, level in steps if level]
    assert levels == [98343720.00, 98359220.00, 98275220.00]
    running = 0.0
    for _, pounds, level in steps[1:]:
        running = running if level else running + float(pounds)
    assert levels[0] + running == levels[-1]
    spend = float(budget.current.spend.value.sum()) / 100
    normalised = (
        float(budget.adjusted.in_scope.value.sum())
        + float(budget.adjusted.out_of_scope.value.sum())
    ) / 100
    assert spend == pytest.approx(levels[1], abs=0.005)
    assert normalised == pytest.approx(levels[2], abs=0.005)


@pytest.mark.req(437, 442)
def test_the_run_shows_the_schedule_and_what_rests_on_placeholders(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(made), "--no-files", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    before, between = 0, 0
    for row in told["ledger_to_baseline"]:
        if row["is_total"]:
            assert before + between == row["amount_pence"] or not before
            before, between = row["amount_pence"], 0
        else:
            between += row["amount_pence"]
    assert told["ledger_to_baseline"][0]["amount_pence"] == 9834372000
    assert before == told["baseline_pence"]
    resting = told["illustrative"]
    rests = {row["placeholder"]: row["rests_pence"] for row in resting["placeholders"]}
    assert rests["local.efficiency_acute"] == 4632000000
    assert resting["stamp"].startswith("Illustrative: £")
    assert "2036-37" in resting["margin_not_determined"]


@pytest.mark.req(442)
def test_a_margin_on_a_made_up_allocation_is_not_determined(
    start: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start({"funding": None})[0] == 0
    assert main(["run", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "Illustrative: £" in said and said.count("not determined") == 10
    report = (tmp_path / "out" / "results" / "report.html").read_text(encoding="utf-8")
    assert "From the ledger to the baseline" in report and "Resting on placeholders" in report


def test_contracts_are_contracts_with_methods_and_lists(budget: Budget) -> None:
    contracts = budget.model["contracts"]
    assert list(contracts.text("payment_basis")) == ["aligned", "block", "block"]
    assert not [line for line in budget.model["direct_spend"].text("budget_line") if "TB-" in line]
    value = {
        code: float(budget.ledger[f"contract/{code}"].value.sum()) / 100
        for code in contracts.text("contract")
    }
    assert value == pytest.approx(
        {"TB-ACU-01": 46_320_000, "TB-COM-01": 10_235_500, "TB-MH-01": 11_480_000}
    )


def test_the_same_answers_and_permuted_rows_give_the_same_model(
    start: Start, files: Path, made: Path, tmp_path: Path
) -> None:
    for name, first, last in ((LEDGER, 4, -1), (SCHEDULE, 4, -3), (PRACTICES, 1, None)):
        with (files / name).open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))
        body = rows[first:last]
        random.Random(1).shuffle(body)
        with (files / name).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([*rows[:first], *body, *(rows[last:] if last else [])])
    assert start()[0] == 0
    for path in sorted(made.rglob("*")):
        place = path.relative_to(made)
        if path.is_file() and place.parts[0] in ("inputs", "assumptions", "model.yaml"):
            assert (tmp_path / "out" / place).read_bytes() == path.read_bytes(), place


@pytest.mark.req(374)
@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"ledger/year_column": None}, "answer_needed"),
        ({"ledger/year_column": "year_to_date"}, "answer_unknown"),
        ({"ledger/control_totals/budget": 98343720.01}, "control_total"),
        ({"ledger/control_totals/outturn": None}, "answer_needed"),
        ({"contracts/times": None}, "answer_needed"),
        ({"contracts/replaces/TB-MH-01": "611201"}, "line_replaced_twice"),
        ({"contracts/replaces/TB-MH-01": "999"}, "line_unknown"),
        ({"practices/people": 53556}, "control_total"),
        ({"practices/payments": 1}, "control_total"),
        ({"scope/611999": None}, "answer_needed"),
        ({"scope/611999": "perhaps"}, "answer_unknown"),
        ({"funding/letter/core/2027-28/total": 93540001}, "allocation_parts"),
        ({"growth/cost_uplift/2027-28": 29}, "not_a_rate"),
        ({"ledger/colour": "blue"}, "answer_unknown"),
    ],
)
def test_nothing_unsure_is_taken_and_a_failure_writes_nothing(
    start: Start, changes: dict[str, Any], wanted: str, tmp_path: Path
) -> None:
    code, told = start(changes)
    assert code == 1 and wanted in codes(told)
    assert all(problem["where"] and problem["fix"] for problem in told["problems"])
    assert [path.name for path in tmp_path.iterdir()] == ["files"]


DIRTY = [
    (LEDGER, "Annual budget", "Annual budget £000", "answer_needed"),
    (LEDGER, "Annual budget", "Annual budget EUR", "currency"),
    (LEDGER, '"4,910,000.00"', "4,910,000.00", "row_too_long"),
    (LEDGER, '"4,910,000.00"', "#REF!", "not_a_number"),
    (LEDGER, '"4,910,000.00"', "*", "answer_needed"),
    (LEDGER, '"4,910,000.00"', "", "amount_missing"),
    (LEDGER, "611201,Community services,52151005", "611201,Community services,", "code_missing"),
    (SCHEDULE, "5330,0,5330", "5330,0,5331", "parts_of_value"),
    (SCHEDULE, "5330,0,5330", "-5330,0,-5330", "amount_negative"),
    (SCHEDULE, "RVP,Block,Talking", "RVP,Spot,Talking", "answer_needed"),
    (PRACTICES, "Y98002", "y98001", "row_duplicate"),
]


@pytest.mark.req(373)
@pytest.mark.parametrize(("name", "old", "new", "wanted"), DIRTY)
def test_dirty_files_are_told_by_their_place(
    start: Start, files: Path, name: str, old: str, new: str, wanted: str
) -> None:
    edit(files / name, old, new)
    code, told = start()
    assert code == 1 and wanted in codes(told), told["problems"]


@pytest.mark.req(373)
def test_a_line_there_twice_and_a_total_by_value_are_questions(start: Start, files: Path) -> None:
    line = next(
        row for row in (files / LEDGER).read_text(encoding="utf-8").splitlines() if "Talking" in row
    )
    edit(files / LEDGER, line, f"{line}\n{line}")
    code, told = start()
    assert code == 1 and "duplicates" in str(told["problems"])
    code, told = start({"ledger/duplicates": "leave_out"})
    assert code == 0


@pytest.mark.req(373, 374)
def test_a_control_total_settles_what_only_looks_like_a_total(start: Start, files: Path) -> None:
    sums = "611201,Community services,52151009,Sum of these,10220000,0,0,10232000,0\n611301,M"
    edit(files / LEDGER, "611301,M", sums)
    code, told = start()
    assert code == 0 and told["schedule"][0]["pounds"] == "98343720"
    assert told["accounts"][0]["left_out"][0]["rows"] == [13, 27]
    code, told = start({"ledger/control_totals": dict.fromkeys(("budget", "outturn"), "none")})
    assert code == 1 and "look like totals" in str(told["problems"])


def test_a_start_is_remembered_and_made_again(
    start: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert start()[0] == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert main(["start", str(out), "--no-input"]) == 0
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    edit(out / "inputs" / "contracts.csv", "TB-MH-01", "TB-MH-02")
    assert main(["start", str(out), "--no-input"]) == 2
    assert "inputs/contracts.csv" in capsys.readouterr().err


class Typed(io.StringIO):
    """What a person types at a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_person_is_asked_and_asked_again(
    files: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = files / "answers.yaml"
    for line in (
        "  year_column: budget",
        "    budget: 98343720.00",
        '  "611999": out running_costs',
    ):
        edit(path, line, "")
    typed = Typed("1\n98343720.01\n98343720\n1\n")
    monkeypatch.setattr("sys.stdin", typed)
    assert main(["start", str(tmp_path / "out"), "--answers", str(path)]) == 0
    said = capsys.readouterr().out
    assert "Step 2 of 8" in said and "Step 5 of 8" in said and "a difference of -0.01" in said
    told = (tmp_path / "out" / "answers.yaml").read_text(encoding="utf-8")
    assert "year_column: budget" in told and "out running_costs" in told


@pytest.mark.req(380)
def test_an_icb_brings_its_practices_from_the_published_file(
    start: Start, repo_root: Path, files: Path
) -> None:
    published = repo_root.parent.parent / "shared" / "data" / "icb_tool_2025_2026.csv"
    if not published.is_file():
        published = repo_root.parent / "shared" / "data" / "icb_tool_2025_2026.csv"
    if not published.is_file():
        pytest.skip("the published file is not here")
    changes = {
        "place/icb": "QWE",
        "place/icb_name": None,
        "funding/streams": {"primary_medical": "611401"},
        "practices": {"file": str(published), "people": "none"},
    }
    code, told = start(changes)
    assert code == 0, told["problems"]
    with (files.parent / "out" / "inputs" / "gp_lists.csv").open(encoding="utf-8") as stream:
        lists = list(csv.DictReader(stream))
    assert len(lists) > 100 and {row["commissioner"] for row in lists} == {"QWE"}
    code, told = start({"place/icb": "QRV"}, "other")
    assert code == 1 and "icb_closed" in codes(told)


@pytest.mark.req(438, 442)
def test_an_unknown_never_stops_a_first_budget_and_is_never_hidden(start: Start) -> None:
    code, told = start({"funding": None, "growth": None, "normalisation": None})
    assert code == 0
    assert {row["certainty"] for row in told["allocations"]} == {"placeholder"}
    said = " ".join(row["what"] for row in told["assumed"])
    for word in ("allocation of core", "GDP deflator", "population", "Efficiency", "recurs"):
        assert word in said
