"""Bad input as analysts meet it: files that are not what they seem, settings misspelt, pounds that
can't be told.
"""

from __future__ import annotations

import csv
import functools
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

import wpb
from wpb.kernel.identifiers import valid_nhs_number
from wpb.kernel.problems import InputProblems, Problem
from wpb.patients.synthesis import synthesise

PEOPLE = 1_500
REGISTER, ADMITTED = "person_register", "admitted_care"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synth") / "place"
    synthesise(folder, PEOPLE, 5, as_csv=True)
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Path:
    copied = tmp_path / "place"
    shutil.copytree(made, copied, ignore=shutil.ignore_patterns(".engine", "summaries", "results"))
    return copied


def records(place: Path, table: str) -> list[dict[str, str]]:
    with (place / "patients" / f"{table}.csv").open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def write(place: Path, table: str, rows: Sequence[dict[str, str]]) -> None:
    with (place / "patients" / f"{table}.csv").open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def problems(place: Path) -> dict[str, Problem]:
    """What a check tells, by code; a check that stops tells what stopped it."""
    try:
        return {problem.code: problem for problem in wpb.load(place).check()}
    except InputProblems as found:
        return {problem.code: problem for problem in found.problems}


def set_choices(place: Path, change: Callable[[str], str]) -> None:
    path = place / "patients" / "patients.yaml"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


@pytest.mark.req(99)
@pytest.mark.parametrize(
    "line",
    [b"1,2,3\r\n", b'"1,2,3\r\n', "9,\u00e9,ACU1\r\n".encode("latin-1")],
    ids=["cells short", "quotation mark left open", "not UTF-8"],
)
def test_one_bad_line_of_a_csv_file_is_named_and_the_columns_are_not_blamed(
    place: Path, line: bytes
) -> None:
    path = place / "patients" / f"{ADMITTED}.csv"
    write(place, ADMITTED, records(place, ADMITTED))
    lines = len(records(place, ADMITTED)) + 1
    with path.open("ab") as opened:
        opened.write(line)
    found = problems(place)
    assert "column_missing" not in found
    assert (
        f"patients/{ADMITTED}.csv can't be read at line {lines + 1:,}"
        in found["source_damaged"].what
    )


@pytest.mark.req(99)
def test_a_record_whose_line_starts_with_a_hash_is_counted_like_any_other(place: Path) -> None:
    rows = records(place, ADMITTED)
    write(place, ADMITTED, [row | {"record": f"#{row['record']}"} for row in rows])
    wpb.load(place).run()
    with (place / "patients" / "summaries" / "priced_activity.csv").open(
        encoding="utf-8"
    ) as opened:
        beds = [
            float(row["units"])
            for row in csv.DictReader(opened)
            if row["service_line"].endswith("BEDS")
        ]
    assert sum(beds) == sum(int(row["units"]) for row in rows)


@pytest.mark.req(99)
def test_lines_that_end_in_more_than_one_way_are_told_in_words(place: Path) -> None:
    write(place, ADMITTED, records(place, ADMITTED))
    path = place / "patients" / f"{ADMITTED}.csv"
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n", 40))
    assert "end in more than one way" in problems(place)["source_damaged"].what


@pytest.mark.req(99)
def test_a_column_in_other_letters_is_pointed_at_and_one_not_read_is_named(place: Path) -> None:
    write(
        place,
        ADMITTED,
        [
            {
                "Discharged_On" if name == "discharged_on" else name: value
                for name, value in row.items()
            }
            for row in records(place, ADMITTED)
        ],
    )
    assert "Discharged_On" in problems(place)["column_missing"].fix
    write(
        place,
        REGISTER,
        [
            {"date_left" if name == "left_on" else name: value for name, value in row.items()}
            for row in records(place, REGISTER)
        ],
    )
    write(
        place,
        ADMITTED,
        [{name.lower(): value for name, value in row.items()} for row in records(place, ADMITTED)],
    )
    told = problems(place)["columns_not_read"]
    assert "date_left" in told.what and "left_on" in told.fix


@pytest.mark.req(99)
@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.drop_columns(["units"]),
        lambda table: table.set_column(
            table.column_names.index("pseudonym"),
            "pseudonym",
            pa.array([f"P{row}" for row in range(len(table))]),
        ),
    ],
    ids=["a column fewer", "another type"],
)
def test_files_of_one_folder_that_differ_are_said_to_differ(
    place: Path, change: Callable[[pa.Table], pa.Table]
) -> None:
    rows = records(place, ADMITTED)
    table = pa.table(
        {
            name: pa.array(
                [
                    (
                        int(row[name])
                        if row[name].isdigit() and name in ("record", "pseudonym", "units")
                        else row[name]
                    )
                    for row in rows
                ]
            )
            for name in rows[0]
        }
    )
    (place / "patients" / f"{ADMITTED}.csv").unlink()
    folder = place / "patients" / ADMITTED
    folder.mkdir()
    parquet.write_table(table.slice(0, 50), folder / "a.parquet")
    parquet.write_table(change(table.slice(50)), folder / "b.parquet")
    told = problems(place)["source_uneven"].what
    assert told.startswith(f"patients/{ADMITTED} holds files that differ")


@pytest.mark.req(99)
@pytest.mark.parametrize(("unread", "undated"), [(80, 40), (2, 1), (80, 0)])
def test_pounds_of_units_that_cannot_be_read_are_not_told_as_nought(
    place: Path, unread: int, undated: int
) -> None:
    rows = records(place, ADMITTED)
    bad = [{"units": "two"}] * unread + [{"discharged_on": "01/02/2030"}] * undated
    sound: list[dict[str, str]] = [{}] * (len(rows) - len(bad))
    write(place, ADMITTED, [row | fault for row, fault in zip(rows, bad + sound, strict=True)])
    set_choices(place, lambda text: text.replace("stop_over_share: 0.1", "stop_over_share: 0.9"))
    told = problems(place)["records_wrong_type"].what
    if unread + undated < 10:
        assert told.startswith("Some records") and "few people are behind them" in told
    else:
        near = (len(rows) + 2) // 5 * 5
        assert told.startswith(f"About {unread + undated} of {near} records")
        assert "pounds that can't be told)" in told
        assert ("(about \u00a3" in told) == bool(undated)
    assert "\u00a30" not in told


@pytest.mark.req(99, 234)
def test_people_who_joined_after_the_year_or_left_before_it_are_no_fault(place: Path) -> None:
    rows = records(place, REGISTER)
    for number, row in enumerate(rows):
        if number % 3 == 0:
            row |= {"joined_on": "2031-10-01", "left_on": "", "died_on": ""}
        elif number % 3 == 1 and number % 2:
            row |= {"joined_on": "", "left_on": "2027-12-31", "died_on": ""}
    write(place, REGISTER, rows)
    found = problems(place)
    assert "register_ends_before_it_starts" not in found and "register_over_threshold" not in found
    assert found["register_outside_year"].severity == "note"


def _replaced(text: str, old: str, new: str) -> str:
    return text.replace(old, new)


@pytest.mark.req(99)
def test_records_that_are_faulty_twice_count_once_towards_the_threshold(place: Path) -> None:
    """Stays of one stranger that overlap one another: what is told is suppressed, what stops a run
    is the exact count.
    """
    rows, strange = records(place, ADMITTED), 60
    stay = {"pseudonym": "STRANGER"} | {
        day: rows[0][day] for day in ("admitted_on", "discharged_on")
    }
    write(
        place,
        ADMITTED,
        [row | (stay if number < strange else {}) for number, row in enumerate(rows)],
    )
    allowed = "0.1"
    for faulty, stops in ((strange + 0.5, False), (strange - 0.5, True)):
        share = str(faulty / len(rows))
        old, new = f"stop_over_share: {allowed}", f"stop_over_share: {share}"
        set_choices(place, functools.partial(_replaced, old=old, new=new))
        allowed, found = share, problems(place)
        assert "how many, and their pounds, are suppressed" in found["records_not_on_register"].what
        assert ("records_over_threshold" in found) == stops, faulty


@pytest.mark.req(180, 182, 99)
def test_pounds_that_no_activity_explains_grow_with_all_use_of_their_service_line(
    place: Path,
) -> None:
    """A record or two lost leaves an aligned contract with pounds unexplained: they are told, and
    the run goes on.
    """
    rows = records(place, ADMITTED)
    lost = next(
        number
        for number, row in enumerate(rows)
        if row["provider"] == "ACU1" and row["point_of_delivery"] == "elective"
    )
    write(
        place,
        ADMITTED,
        [row | ({"units": "0"} if number == lost else {}) for number, row in enumerate(rows)],
    )
    loaded = wpb.load(place)
    budget = loaded.run()
    assert "contract_unexplained" in {problem.code for problem in budget.problems}
    with (place / "patients" / "summaries" / "segment_use.csv").open(encoding="utf-8") as opened:
        use = list(csv.DictReader(opened))
    beds: dict[tuple[str, str], dict[str, float]] = {}
    for row in use:
        if row["service_line"] == "PLANNED_BEDS":
            beds.setdefault((row["segment"], row["age_band"]), {})[row["activity_type"]] = float(
                row["use_per_head"]
            )
    assert beds
    for of_cell in beds.values():
        assert of_cell[""] == pytest.approx(
            sum(use for kind, use in of_cell.items() if kind), rel=0.01
        )


@pytest.mark.req(38, 126)
def test_a_place_with_a_register_and_no_activity_is_read(place: Path) -> None:
    for table in (
        ADMITTED,
        "outpatient_care",
        "emergency_care",
        "community_contacts",
        "mental_health_clusters",
        "gp_appointments",
    ):
        (place / "patients" / f"{table}.csv").unlink()
    assert "engine_fault" not in problems(place)


@pytest.mark.parametrize(
    ("before", "after", "cell"),
    [
        ("age_from: 18", "age_from: eighteen", "cohort.age_from"),
        ("activity_year: 2029-30", "activity_year: 2029/30", "activity_year"),
        (
            "activity_year: 2029-30",
            "activity_year: 2029-30\nsources:\n  admitted_care: nowhere.csv",
            "sources.admitted_care",
        ),
        (
            "activity_year: 2029-30",
            "activity_year: 2029-30\nsources:\n  admited_care: {path: a.csv}",
            "sources.admited_care",
        ),
        ("consent: true", "consent: no", "information_governance.consent"),
        ("consent: true", "consents: true", "information_governance.consents"),
        ("[global_sum,", "[globalsum,", "appointments.payment_streams"),
        ("nurse: 0.55", "nurses: 0.55", "appointments.relative_price.nurses"),
    ],
)
@pytest.mark.req(99, 114, 130)
def test_settings_that_would_change_nothing_or_too_much_are_refused(
    place: Path, before: str, after: str, cell: str
) -> None:
    set_choices(place, lambda text: text.replace(before, after, 1))
    with pytest.raises(InputProblems) as found:
        wpb.load(place).run()
    assert cell in {problem.where.cell for problem in found.value.problems if problem.where}


@pytest.mark.req(99, 126)
@pytest.mark.parametrize(
    "change",
    [
        {"gross_value": "lots"},
        {"gross_value": "-100.00"},
        {"pseudonym": "NOBODY77"},
        {"in_scope_share": "2"},
    ],
)
def test_too_many_faulty_packages_stop_the_run(place: Path, change: dict[str, str]) -> None:
    rows = records(place, "person_care_packages")
    write(
        place,
        "person_care_packages",
        [row | (change if number % 2 else {}) for number, row in enumerate(rows)],
    )
    told = problems(place)
    assert told["packages_over_threshold"].severity == "error"
    assert (
        "\u00a30.00 gross)" not in told.get("packages_faulty", told["packages_over_threshold"]).what
    )


@pytest.mark.req(41, 45)
def test_block_money_in_a_schedule_is_not_added_on_top_of_priced_records_under_another_contract(
    place: Path,
) -> None:
    path = place / "patients" / "commissioned_activity.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    moved = [
        (
            line.replace(",COMMUNITY,", ",ACUTE2,").replace(",block,", ",proxy_priced,variable")
            if ",PODIATRY," in line
            else line
        )
        for line in lines
    ]
    assert moved != lines
    path.write_text("\n".join(moved) + "\n", encoding="utf-8")
    assert "counted twice" in problems(place)["block_and_priced"].what


@pytest.mark.req(102)
@pytest.mark.parametrize(
    ("one_in", "refused"), [(10, True), (0, False)], ids=["one in ten", "none but by chance"]
)
def test_a_few_nhs_numbers_among_pseudonyms_of_ten_digits_are_found(
    place: Path, one_in: int, refused: bool
) -> None:
    ten_digits = [f"{4_000_000_000 + 7 * number}" for number in range(40_000)]
    valid = [digits for digits in ten_digits if valid_nhs_number(digits)]
    rows = records(place, REGISTER)
    write(
        place,
        REGISTER,
        [
            row
            | {
                "residence": (
                    valid[number] if one_in and number % one_in == 0 else ten_digits[-1 - number]
                )
            }
            for number, row in enumerate(rows)
        ],
    )
    assert ("nhs_numbers" in problems(place)) == refused
