"""`wpb people check` finds what published tables give away, and says so with exit code 3."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wpb.cli import main

pytestmark = pytest.mark.req(463)

BY_LIST = "list_code,A,total\nx,50000,50000\ntotal,50000,50000"
BY_SEGMENT = "segment,A,total\nwell,40000,40000\nfrail,10000,10000\ntotal,50000,50000"
VALUES = "segment,people,pence_per_head\nwell,100,400\nfrail,40,250"
USE = "service_line,condition,age_band,pooled_with,person_years,units_per_head\n"
SAFE = {
    "pence_by_list_and_service": BY_LIST,
    "pence_by_segment_and_service": BY_SEGMENT,
    "value_by_segment": VALUES,
}


def write(folder: Path, tables: dict[str, str], told: dict[str, object] | None = None) -> Path:
    (folder / "people").mkdir(parents=True, exist_ok=True)
    for name, text in tables.items():
        (folder / "people" / f"{name}.csv").write_text(text, encoding="utf-8")
    if told is not None:
        (folder / "people" / "output_check.json").write_text(json.dumps(told), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        (
            {
                "pence_by_list_and_service": (
                    "list_code,A,B,total\nx,50000,held back,50002\ntotal,50000,2,50002"
                )
            },
            "x, B: the table's own totals give it",
        ),
        (
            {"pence_by_list_and_service": "list_code,A,total\nx,49000,49000\ntotal,50000,50000"},
            "total, A: the parts leave 1,000 of it",
        ),
        (
            {"pence_by_list_and_service": BY_LIST.replace("50000", "51000")},
            "total, A: the parts leave 1,000 of it",
        ),
        (
            {"integrated_care_cohort": "part,people,pence\ncohort,100,40000\nothers,40,9000"},
            "the parts leave 1,000 of it",
        ),
        ({"value_by_segment": VALUES.replace("250", "1250")}, "at most 8.0 person-years"),
        ({"use_per_head": f"{USE}A,any,0-4,,100,0.05"}, "at most 5.1 units"),
        (
            {"use_per_head": f"{USE}A,any,0-4,,100,1\nA,frail,0-4,,100,0.96"},
            "use of everyone less theirs",
        ),
        ({"target_group_by_list": "list_code,people\nx,5"}, "people: 5"),
        (
            {"integrated_care_cohort": "part,people,pence\ncohort,100,41000\nothers,40,9000"},
            "less well: 1,000 pence are of about 0 people",
        ),
    ],
)
def test_what_gives_a_few_people_away_is_found(
    tables: dict[str, str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["people", "check", str(write(tmp_path, SAFE | tables))]) == 3
    assert told in capsys.readouterr().out


def test_a_small_number_in_the_words_of_a_problem_is_found(tmp_path: Path) -> None:
    write(tmp_path, SAFE)
    for what, ends in (("3 people have one", 3), ("1,203 people have one", 0)):
        (tmp_path / "problems.csv").write_text(
            f'severity,code,file,what\nnote,x,patients/y,"{what}"', encoding="utf-8"
        )
        assert main(["people", "check", str(tmp_path)]) == ends


def test_tables_that_give_nothing_away_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["people", "check", str(write(tmp_path, SAFE)), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert not told["exposed"] and all(not one["exposed"] for one in told["checks"])


def test_tables_changed_after_the_run_and_failing_cells_are_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = {"value_by_segment": {"cells_that_fail": 2}}
    write(tmp_path, SAFE, {"release": "0" * 64, "tables": tables})
    assert main(["people", "check", str(tmp_path)]) == 3
    out = capsys.readouterr().out
    assert "not those that the run wrote" in out and "says that 2 fail" in out


def test_a_difference_from_an_earlier_release_is_found_unless_the_run_judged_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from wpb.patients.output_check import release_hash

    before = write(tmp_path / "before", SAFE)
    more = {name: text.replace("50000", "50700") for name, text in SAFE.items()}
    more["pence_by_segment_and_service"] = BY_SEGMENT.replace("50000", "50700").replace(
        "10000", "10700"
    )
    now = write(tmp_path / "now", SAFE | more)
    check = ["people", "check", str(now), "--earlier", str(before)]
    assert main(check) == 3
    assert "frail, A: differs by 700" in capsys.readouterr().out
    write(now, {}, {"judged_against": [release_hash(before / "people")]})
    assert main(check) == 0
    assert main(["people", "check", str(before), "--earlier", str(before)]) == 0


def test_a_folder_without_tables_is_wrong_usage(tmp_path: Path) -> None:
    assert main(["people", "check", str(tmp_path)]) == 2
