"""What identifies people is refused in every column of every file of people's records, and
never shown.
"""

from __future__ import annotations

import csv
import json
import random
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner
from pyarrow import parquet

from wpb.commands.group import cli
from wpb.kernel.identifiers import look_at, names_a_person, valid_nhs_number, without_numbers
from wpb.patients.synthesis import synthesise

PEOPLE = 600
NUMBERS = [str(n) for n in range(9_434_765_000, 9_434_800_000) if valid_nhs_number(str(n))][:PEOPLE]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synth") / "place"
    synthesise(folder, PEOPLE, 5)
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Path:
    copied = tmp_path / "place"
    shutil.copytree(made, copied, ignore=shutil.ignore_patterns(".engine", "summaries", "results"))
    return copied


def add(place: Path, table: str, columns: Mapping[str, Callable[[int], object]]) -> None:
    path = next((place / "patients" / table).glob("*.parquet"))
    read = parquet.read_table(path)
    for name, value in columns.items():
        read = read.append_column(name, pa.array([value(row) for row in range(len(read))]))
    parquet.write_table(read, path)


def refused(place: Path) -> tuple[dict[str, set[str]], str]:
    """Codes of the errors by column, and everything that the command told of them."""
    told = CliRunner().invoke(cli, ["check", str(place), "--json"])
    found: dict[str, set[str]] = {}
    for problem in json.loads(told.stdout)["problems"]:
        if problem["severity"] == "error":
            found.setdefault((problem["where"] or {}).get("cell", ""), set()).add(problem["code"])
    return found, told.output


DISGUISES: dict[str, Callable[[str], object]] = {
    "apostrophe": lambda n: f"'{n}",
    "brackets": lambda n: f"({n[:3]}) {n[3:6]} {n[6:]}",
    "quotes": lambda n: f'"{n}"',
    "said": lambda n: f"id={n}",
    "suffix": lambda n: f"{n}A",
    "prefix": lambda n: f"NHS{n}",
    "float_text": lambda n: f"{n}.0",
    "exponent": lambda n: f"{n[0]}.{n[1:]}E9",
    "rounded": lambda n: f"{float(n):.2E}",
    "number": float,
    "whole": int,
    "prose": lambda n: f"seen by the team, {n}, twice",
    "two": lambda n: f"{n}; {n[:-1]}0",
    "wide": lambda n: "".join(chr(0xFF10 + int(digit)) for digit in n),
    "arabic": lambda n: "".join(chr(0x660 + int(digit)) for digit in n),
    "dotted": lambda n: f"{n[:3]}.{n[3:6]}.{n[6:]}",
    "listed": lambda n: [n, "x"],
    "whole_list": lambda n: [int(n)],
    "struct": lambda n: {"code": n},
    "json": lambda n: json.dumps({"ref": int(n)}),
}


@pytest.mark.req(102, 462)
def test_nhs_numbers_in_any_disguise_are_refused_and_never_shown(place: Path) -> None:
    columns = {
        f"extra_{name}": (lambda row, write=write: write(NUMBERS[row % PEOPLE]))
        for name, write in DISGUISES.items()
    }
    add(place, "outpatient_care", columns)
    found, told = refused(place)
    assert {name for name in columns if "nhs_numbers" not in found.get(name, set())} == set()
    shown = [
        number for number in NUMBERS if number in told or f"{number[:3]} {number[3:6]}" in told
    ]
    assert not shown


@pytest.mark.req(102, 462)
@pytest.mark.parametrize("name", ["names", "postcodes", "dates", "emails", "telephone_numbers"])
def test_values_that_identify_people_are_refused_by_what_they_are(place: Path, name: str) -> None:
    values = {
        "names": ["Mary Jones", "SMITH, John", "Mrs P Evans"],
        "postcodes": ["LS1 4AP", "SW1A 1AA", "M11AE"],
        "dates": ["12/03/1947", "1951-11-30", "3 Jan 1980"],
        "emails": ["a.person@example.org", "b@nhs.net", "c.d@example.com"],
        "telephone_numbers": ["07700 900123", "+44 7700 900456", "020 7946 0018"],
    }[name]
    add(place, "community_contacts", {"extra": lambda row: values[row % 3]})
    found, told = refused(place)
    assert found["extra"] == {f"identifying_{name}"}
    assert not [value for value in values if value in told]


@pytest.mark.req(102, 462)
def test_every_file_of_a_folder_and_every_row_group_is_looked_at(place: Path) -> None:
    path = next((place / "patients" / "gp_appointments").glob("*.parquet"))
    read = parquet.read_table(path)
    plain = read.append_column("extra", pa.array(["x"] * len(read)))
    parquet.write_table(plain, path)
    few = plain.slice(0, 30).drop_columns(["extra"]).append_column("extra", pa.array(NUMBERS[:30]))
    parquet.write_table(few, path.with_name("part-99999.parquet"))
    found, _ = refused(place)
    assert found["extra"] == {"nhs_numbers"}


@pytest.mark.req(102, 462)
def test_a_file_without_headings_shows_none_of_its_first_person(place: Path) -> None:
    shutil.rmtree(place / "patients" / "emergency_care")
    first = [NUMBERS[0], "Mary Jones", "12/03/1947", "LS1 4AP", "mary@example.org", "type_1", "1"]
    second = [NUMBERS[1], "John Smith", "13/04/1951", "LS1 4AR", "john@example.org", "type_1", "1"]
    with (place / "patients" / "emergency_care.csv").open(
        "w", newline="", encoding="utf-8"
    ) as opened:
        csv.writer(opened).writerows([first, second])
    found, told = refused(place)
    assert {"identifying_heading"} <= set().union(*found.values())
    assert not [value for value in (*first[:5], *second[:5]) if value in told]


@pytest.mark.req(102, 462)
def test_a_condition_named_after_a_number_and_files_that_nothing_reads_are_refused(
    place: Path,
) -> None:
    add(place, "person_register", {f"has_{NUMBERS[3]}": lambda row: True})
    (place / "patients" / f"{NUMBERS[4]}.xlsx").write_bytes(b"x")
    found, told = refused(place)
    assert "patients_file_unused" in found[""] and NUMBERS[4] not in told
    (place / "patients" / f"{NUMBERS[4]}.xlsx").unlink()
    found, told = refused(place)
    assert {"identifying_heading"} <= set().union(*found.values()) and NUMBERS[3] not in told


@pytest.mark.req(102)
def test_codes_that_pass_by_chance_are_let_through(place: Path) -> None:
    chance = random.Random(7)
    add(
        place,
        "gp_appointments",
        {
            "extra": lambda row: str(chance.randrange(10**9, 10**10)),
            "extra_number": lambda row: chance.randrange(10**9, 10**10),
            "extra_hash": lambda row: f"{chance.randrange(16**31, 16**32):x}",
            "extra_area": lambda row: f"E0{chance.randrange(10**6, 10**7)}",
        },
    )
    told = CliRunner().invoke(cli, ["check", str(place), "--json"])
    assert [
        p["what"] for p in json.loads(told.stdout)["problems"] if p["severity"] == "error"
    ] == []


HEADINGS = [
    "nhs_no",
    "NHSNo",
    "nhs-number",
    "nhsNumber",
    "NHS_NUMBER",
    "patient_name",
    "PatientName",
    "pt_name",
    "forename",
    "SURNAME",
    "DateOfBirth",
    "dateofbirth",
    "d.o.b.",
    "dob",
    "post_code",
    "PostCode",
    "postcode_1",
    "homePostcode",
    "home_address",
    "address1",
    "addr",
    "e-mail",
    "Email",
    "mobileNo",
    "phone",
    "TEL",
    "client_first_name",
    "next_of_kin",
    "born_on",
    "birth_date",
    "patientname",
    "patientdob",
    "telno",
    "contact_number",
    "maiden_name",
    "familyName",
    "given-name",
    "known_as",
    "nino",
]
OTHERS = [
    "pseudonym",
    "list_code",
    "provider",
    "provider_name",
    "practice_name",
    "hrg",
    "service_name",
    "age",
    "sex",
    "residence",
    "joined_on",
    "treatment_function",
    "record",
    "units",
    "has_diabetes",
    "package",
    "condition",
    "service",
    "cluster",
    "ward_name",
    "attendance",
    "discharge_method",
    "referral_source",
]


@pytest.mark.req(102, 462)
def test_headings_are_told_by_meaning() -> None:
    assert [heading for heading in HEADINGS if not names_a_person(heading)] == []
    assert [heading for heading in OTHERS if names_a_person(heading)] == []


@pytest.mark.req(102, 462)
def test_messages_hide_numbers_and_keep_sums_of_money() -> None:
    assert NUMBERS[0] not in without_numbers(f"The package {NUMBERS[0]} is out of range.")
    for kept in ("\u00a39,434,765,919", "\u00a346,012,345.67", "2030-04-01 12:30", "1234567890"):
        assert without_numbers(f"It is {kept} now.") == f"It is {kept} now."


@pytest.mark.req(102)
@pytest.mark.parametrize(
    "values",
    [
        ["District Nursing", "Therapy", "Podiatry"],
        ["White", "Black", "Asian", "Mixed", "Other"],
        ["AA22C", "LA04A", "E01000001"],
        ["2029-30", "2030-31"],
        ["home_visit", "clinic", "telephone"],
        [str(number) for number in range(20_000_001, 20_004_000)],
    ],
)
def test_codes_of_services_are_nobodys_names(values: list[str]) -> None:
    assert look_at(values).refused(dates_allowed=False) == {}
