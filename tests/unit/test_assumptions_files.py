"""Assumption files that are wrong: each fault named with its file and line, all at once, and
nothing wrong loads.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from wpb.kernel.assumptions import AssumptionBook, load_book
from wpb.kernel.problems import ProblemLog

BIBLIOGRAPHY = (
    "- {id: plan, title: Planning guidance, publisher: The centre, year: 2024, licence: open}\n"
)
GOOD = """key: unit_cost_uplift.acute
title: Acute cost pressure
unit: rate
values:
  - {year: 2024-25, value: 0.020, status: final, published: 2024-03, source: plan, locator: Table 1}
  - {year: 2025-26, value: 0.031, status: final, published: 2024-03, source: plan, locator: Table 1}
"""


def load(
    folder: Path, words: str | bytes, bibliography: str = BIBLIOGRAPHY, name: str = "uplift.yaml"
) -> tuple[AssumptionBook, ProblemLog]:
    country = folder / "national"
    country.mkdir()
    (country / "bibliography.yaml").write_text(bibliography, encoding="utf-8")
    (country / name).write_bytes(words if isinstance(words, bytes) else words.encode())
    problems = ProblemLog()
    return load_book(country, None, problems), problems


def test_a_good_file_loads_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    book, problems = load(tmp_path, b"\xef\xbb\xbf" + GOOD.encode())
    assert [str(problem) for problem in problems] == []
    assert book.years("unit_cost_uplift.acute") == ("2024-25", "2025-26")


FAULTS = [
    # what is changed, to what, line, what is said
    (
        ", source: plan, locator: Table 1}\n  - {year: 2025",
        ", locator: Table 1}\n  - {year: 2025",
        5,
        (
            "source is missing. A value needs a citation: enter the id of a source in"
            " bibliography.yaml."
        ),
    ),
    (
        "source: plan, locator: Table 1}\n  - {year: 2025",
        "source: plam, locator: Table 1}\n  - {year: 2025",
        5,
        "there is no source 'plam' in bibliography.yaml. Did you mean plan?",
    ),
    (
        "source: plan, locator: Table 1}\n  - {year: 2025",
        "source: some long document, locator: Table 1}\n  - {year: 2025",
        5,
        "there is no source 'some long document' in bibliography.yaml. Add it there",
    ),
    (
        "source: plan, locator: Table 1}\n  - {year: 2025",
        "source: plan}\n  - {year: 2025",
        5,
        "locator is missing. Say where in the source it stands",
    ),
    (
        "2025-26, value: 0.031, status: final, published: 2024-03,",
        "2025-26, value: 0.031, status: final,",
        6,
        (
            "published is missing. Say when it was published, as precisely as known: 2017, 2017-08"
            " or 2017-08-31."
        ),
    ),
    (
        "2025-26, value: 0.031, status: final, published: 2024-03,",
        "2025-26, value: 0.031, status: final, published: March 2024,",
        6,
        "published 'March 2024' is not a date.",
    ),
    (
        "2025-26, value: 0.031, status: final, published: 2024-03,",
        "2025-26, value: 0.031, status: final, published: 2024-13,",
        6,
        "published '2024-13' is not a date.",
    ),
    (
        "0.031, status: final",
        "0.031, status: draft",
        6,
        "status 'draft' is not one of final, forecast, consultation, placeholder.",
    ),
    (
        "0.031, status: final,",
        "0.031,",
        6,
        "status is missing. Enter one of final, forecast, consultation, placeholder.",
    ),
    (
        "value: 0.031",
        "value: thirty",
        6,
        "value 'thirty' is not a number. Enter a number, such as 0.025 (or 2.5%).",
    ),
    ("value: 0.031", "value: ", 6, "value is missing."),
    ("value: 0.031", "value: true", 6, "value 'True' is not a number."),
    ("value: 0.031", "value: .nan", 6, "value 'nan' is not a number."),
    ("value: 0.031", "value: .inf", 6, "value 'inf' is not a number."),
    (
        "value: 0.031",
        "value: 3.1",
        6,
        (
            "value 3.1 is not a rate: it would be 310%. Write 0.031 (or 3.1%) if that is what is"
            " meant."
        ),
    ),
    (
        "year: 2025-26",
        "year: 2025/26",
        6,
        "'2025/26' is not a financial year. Write it with a hyphen, such as 2025-26.",
    ),
    (
        "year: 2025-26",
        "year: 2025",
        6,
        "'2025' is not a financial year. Write it with a hyphen, such as 2025-26.",
    ),
    ("year: 2025-26", "year: 2025-27", 6, "'2025-27' is not a financial year."),
    ("year: 2025-26", "year: 1066-67", 6, "1066-67 is out of range. Check the year."),
    ("{year: 2025-26, ", "{", 6, "year is missing. Enter the year it is for, such as 2030-31."),
    (
        "{year: 2025-26, value",
        "{year: 2025-26, known_from: soon, value",
        6,
        "known_from 'soon' is not a date. Write it as 2030-04-01.",
    ),
    (
        "{year: 2025-26, value",
        "{year: 2025-26, withdrawn: 2025-02-30, value",
        6,
        "withdrawn '2025-02-30' is not a date.",
    ),
    (
        "{year: 2025-26, value",
        "{year: 2025-26, valeu: 1, value",
        6,
        "'valeu' is not a field here. Did you mean value?",
    ),
    (
        "{year: 2025-26, value",
        "{year: 2025-26, effective_from: 2025-10-01, value",
        6,
        (
            "the value changes within 2025-26, and in_year_change does not say how to take that."
            " Add in_year_change: step (a value by date) or day_weighted"
        ),
    ),
    (
        "{year: 2025-26, value",
        "{year: 2025-26, effective_from: 2026-10-01, value",
        6,
        "2026-10-01 is not in 2025-26. Enter a day from 2025-04-01 to 2026-03-31.",
    ),
    (
        "{year: 2025-26, value",
        "{year: 2025-26, reason: because, value",
        6,
        "'reason' is not a field here.",
    ),
    (
        "  - {year: 2025-26",
        "  - 0.031\n  - {year: 2025-26",
        6,
        "'0.031' is not a value with its year and citation.",
    ),
    (
        "key: unit_cost_uplift.acute",
        "key: Unit cost uplift",
        1,
        "'Unit cost uplift' is not a key. Use small letters, digits and underscores",
    ),
    ("key: unit_cost_uplift.acute\n", "", 1, "key is missing. Enter key."),
    ("title: Acute cost pressure", "title: ''", 2, "title is blank. Enter title."),
    (
        "unit: rate",
        "unit: percent",
        3,
        "unit 'percent' is not one of rate, share, ratio, pounds, count.",
    ),
    (
        "unit: rate",
        "unit: rate\nkind: pressure",
        4,
        "kind 'pressure' is not one of growth, efficiency, other.",
    ),
    (
        "unit: rate",
        "unit: rate\nin_year_change: maybe",
        4,
        "in_year_change 'maybe' is not one of forbid, step, day_weighted.",
    ),
    ("unit: rate", "unit: rate\nowner: me", 4, "'owner' is not a field here."),
]


@pytest.mark.req(159)
@pytest.mark.parametrize(
    ("old", "new", "line", "words"), FAULTS, ids=[words[:40] for *_, words in FAULTS]
)
def test_a_fault_names_its_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    assert GOOD.count(old) == 1
    book, problems = load(tmp_path, GOOD.replace(old, new))
    errors = [str(problem) for problem in problems.errors]
    assert len(errors) == 1
    assert errors[0].startswith(f"national/uplift.yaml, line {line}: ")
    assert words in errors[0]
    left = {value.year for subject in book.national.values() for value in subject.values}
    assert left != {"2024-25", "2025-26"} or "0.031" in errors[0], "what is at fault does not load"


@pytest.mark.req(159)
def test_a_change_within_the_year_needs_a_value_from_its_start(tmp_path: Path) -> None:
    words = GOOD.replace("unit: rate", "unit: rate\nin_year_change: day_weighted").replace(
        "{year: 2025-26,", "{year: 2025-26, effective_from: 2025-10-01,"
    )
    _, problems = load(tmp_path, words)
    assert [str(problem) for problem in problems] == [
        (
            "national/uplift.yaml, line 7: unit_cost_uplift.acute has a value from 2025-10-01"
            " and none"
            " from the start of 2025-26. Enter the value from 2025-04-01 as well."
        )
    ]


@pytest.mark.req(159)
def test_a_share_is_not_below_nought(tmp_path: Path) -> None:
    _, problems = load(
        tmp_path, GOOD.replace("unit: rate", "unit: share").replace("0.031", "-0.031")
    )
    assert "value -0.031 is not a share" in str(problems.errors[0])


def test_every_fault_is_reported_at_once(tmp_path: Path) -> None:
    words = GOOD.replace(
        "0.020, status: final, published: 2024-03,", "twenty, status: draft,"
    ).replace(
        "source: plan, locator: Table 1}\n  - {year: 2025-26",
        "source: plam, locator: Table 1}\n  - {year: 2025/26",
    )
    _, problems = load(tmp_path, words)
    assert [str(problem.where) for problem in problems.errors] == [
        "national/uplift.yaml, line 5"
    ] * 4 + ["national/uplift.yaml, line 6"]


@pytest.mark.parametrize(
    ("words", "place", "said"),
    [
        (b"", "national/uplift.yaml: ", "the file is empty."),
        (b"# only a remark\n", "national/uplift.yaml: ", "the file is empty."),
        (
            GOOD.replace("Acute cost", "Ac\xfbte cost").encode("latin-1"),
            "national/uplift.yaml: ",
            "the file is not written in UTF-8.",
        ),
        (
            b"key: a.b\ntitle: [unclosed\nunit: rate\n",
            "national/uplift.yaml, line 3: ",
            "the file is not valid YAML",
        ),
        (
            GOOD.replace("unit: rate", "unit: rate\nunit: share").encode(),
            "national/uplift.yaml, line 4: ",
            "the file is not valid YAML: found duplicate key",
        ),
        (
            b"just words\n",
            "national/uplift.yaml, line 1: ",
            "the file holds something that is not an entry",
        ),
        (
            GOOD[: GOOD.index("values:")].encode(),
            "national/uplift.yaml, line 1: ",
            "there are no values. Enter at least one, or say in a note why nothing is published.",
        ),
        (
            GOOD[: GOOD.index("  - ")].encode(),
            "national/uplift.yaml, line 4: ",
            "there are no values.",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_a_problem_and_no_traceback(
    tmp_path: Path, words: bytes, place: str, said: str
) -> None:
    book, problems = load(tmp_path, words)
    assert len(problems.errors) == 1
    assert str(problems.errors[0]).startswith(place)
    assert said in str(problems.errors[0])
    assert book.keys() == ()


def test_a_key_entered_twice_is_refused_wherever_it_is(tmp_path: Path) -> None:
    _, problems = load(
        tmp_path, "".join(f"- {block}" for block in [GOOD.replace("\n", "\n  ").rstrip(" ")] * 2)
    )
    assert [str(problem) for problem in problems] == [
        (
            "national/uplift.yaml, line 7: unit_cost_uplift.acute is entered twice, first at"
            " national/uplift.yaml, line 1. Put all its values under one key."
        )
    ]


@pytest.mark.parametrize(
    ("bibliography", "line", "said"),
    [
        (
            BIBLIOGRAPHY + "- {id: other, title: Another, publisher: The centre}\n",
            2,
            "year is missing. Enter a whole number, such as 2017.",
        ),
        (
            BIBLIOGRAPHY + "- {id: other, publisher: The centre, year: 2020}\n",
            2,
            "title is missing.",
        ),
        (BIBLIOGRAPHY * 2, 2, "the id 'plan' is used twice."),
        (
            BIBLIOGRAPHY + "- {id: other, title: T, publisher: P, year: 2020, adress: x}\n",
            2,
            "'adress' is not a field here. Did you mean address?",
        ),
    ],
)
def test_a_bibliography_that_is_wrong(
    tmp_path: Path, bibliography: str, line: int, said: str
) -> None:
    _, problems = load(tmp_path, GOOD, bibliography)
    assert len(problems.errors) == 1
    assert str(problems.errors[0]).startswith(f"national/bibliography.yaml, line {line}: ")
    assert said in str(problems.errors[0])


def test_a_subject_without_values_says_why_nothing_is_published(tmp_path: Path) -> None:
    words = (
        GOOD[: GOOD.index("values:")] + "note: Published in an interactive tool only.\nvalues: []\n"
    )
    book, problems = load(tmp_path, words)
    assert [str(problem) for problem in problems] == []
    assert book.years("unit_cost_uplift.acute") == ()


def test_no_folder_is_an_empty_book(tmp_path: Path) -> None:
    problems = ProblemLog()
    assert load_book(None, tmp_path / "assumptions", problems).keys() == ()
    assert len(problems) == 0
