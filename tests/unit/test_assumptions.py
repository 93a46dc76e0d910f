"""Dated look-up: vintages, what was known on a date, changes within a year, extension, and local
values.
"""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from wpb.commands.assumptions import assumptions
from wpb.kernel.assumptions import Assumption, AssumptionBook, MissingAssumption, load_book
from wpb.kernel.assumptions.values import DatedValue, Subject, spell_years
from wpb.kernel.calendar import days_in, financial_year, first_day
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.tables.settings import Extension

BIBLIOGRAPHY = """
- {id: plan, title: Planning guidance, publisher: The centre, year: 2024, licence: open}
- {id: update, title: Update, publisher: The centre, year: 2025, licence: open}
"""
UPLIFT = """
key: unit_cost_uplift.acute
title: Acute cost pressure
unit: rate
values:
  - {year: 2024-25, value: 0.020, status: final, published: 2024-03, source: plan, locator: Table 1}
  - {year: 2025-26, value: 0.025, status: forecast, published: 2024-03, source: plan, locator: Table 1}
  - {year: 2025-26, value: 0.031, status: final, published: 2025-03-14, source: update, locator: page 2}
  - {year: 2026-27, value: 0.030, status: forecast, published: 2024-03, source: plan, locator: Table 1}
  - {year: 2026-27, value: 0.040, status: consultation, published: 2025-12, source: update, locator: page 9}
"""
LOCAL = """
key: unit_cost_uplift.acute
reason: The trust's pay bill has more doctors in it than the country's.
evidence: Pay bill analysis agreed in October 2025
owner: Director of finance
outside_provider_control: true
values:
  - {year: 2025-26, value: 3.5%, status: final, published: 2025-10-01, source: Finance committee paper 12}
"""

Books = Callable[..., tuple[AssumptionBook, ProblemLog]]


@pytest.fixture
def books(tmp_path: Path) -> Books:
    """Write national and local files and load them."""

    def load(
        national: str | dict[str, str] = UPLIFT, local: str | None = None
    ) -> tuple[AssumptionBook, ProblemLog]:
        country, place = tmp_path / "national", tmp_path / "model" / "assumptions"
        country.mkdir(parents=True)
        place.mkdir(parents=True)
        (country / "bibliography.yaml").write_text(BIBLIOGRAPHY, encoding="utf-8")
        for name, words in (
            national if isinstance(national, dict) else {"uplift": national}
        ).items():
            (country / f"{name}.yaml").write_text(words, encoding="utf-8")
        if local is not None:
            (place / "ours.yaml").write_text(local, encoding="utf-8")
        problems = ProblemLog()
        return load_book(country, place, problems), problems

    return load


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def said(problems: ProblemLog) -> list[str]:
    return [str(problem) for problem in problems]


KEY = "unit_cost_uplift.acute"


@pytest.mark.req(159)
@pytest.mark.parametrize(
    ("known_on", "value", "vintage", "status"),
    [
        ("2024-03-31", 0.025, "2024-03", "forecast"),
        ("2025-03-13", 0.025, "2024-03", "forecast"),
        ("2025-03-14", 0.031, "2025-03-14", "final"),
        (None, 0.031, "2025-03-14", "final"),
    ],
)
def test_the_latest_vintage_known_on_a_date_counts(
    books: Books, known_on: str | None, value: float, vintage: str, status: str
) -> None:
    book, _ = books()
    found = book.look_up(KEY, "2025-26", known_on=day(known_on) if known_on else None)
    assert (found.value, found.citation.vintage, found.status) == (value, vintage, status)
    assert found.citation.source == (
        "The centre, Planning guidance (2024)"
        if vintage == "2024-03"
        else "The centre, Update (2025)"
    )


@pytest.mark.req(159)
def test_a_month_counts_as_known_at_its_end_unless_the_day_is_given(books: Books) -> None:
    book, _ = books(
        UPLIFT.replace(
            "{year: 2024-25, value: 0.020,", "{year: 2024-25, known_from: 2024-03-20, value: 0.020,"
        )
    )
    assert book.find(KEY, "2024-25", day("2024-03-20")) is not None
    assert book.find(KEY, "2025-26", day("2024-03-20")) is None
    assert book.find(KEY, "2025-26", day("2024-03-31")) is not None


@pytest.mark.req(159)
def test_a_consultation_never_takes_the_place_of_a_firmer_value(books: Books) -> None:
    book, _ = books()
    assert [
        book.look_up(KEY, "2026-27", known_on=on).value
        for on in (day("2024-06-01"), day("2026-01-01"), None)
    ] == [0.030] * 3


@pytest.mark.req(159)
def test_a_consultation_counts_where_nothing_firmer_is_known(books: Books) -> None:
    book, _ = books(
        UPLIFT.replace(
            "2026-27, value: 0.030, status: forecast", "2026-27, value: 0.030, status: placeholder"
        )
    )
    assert [
        book.look_up(KEY, "2026-27", known_on=on).status
        for on in (day("2025-12-30"), day("2025-12-31"))
    ] == ["placeholder", "consultation"]


@pytest.mark.req(159)
def test_a_withdrawn_value_is_known_only_until_it_is_withdrawn(books: Books) -> None:
    book, problems = books(
        UPLIFT.replace("published: 2025-03-14,", "published: 2025-03-14, withdrawn: 2025-06-01,")
    )
    assert said(problems) == []
    assert [
        book.look_up(KEY, "2025-26", known_on=on).value
        for on in (day("2025-05-31"), day("2025-06-01"), None)
    ] == [0.031, 0.025, 0.025]


@pytest.mark.req(153, 159)
def test_a_missing_year_says_what_there_is_and_how_to_mend_it(books: Books) -> None:
    book, _ = books()
    with pytest.raises(MissingAssumption) as refused:
        book.look_up(KEY, "2027-28")
    assert (
        str(refused.value)
        == "unit_cost_uplift.acute has no value for 2027-28; it has 2024-25 to 2026-27. Enter a"
        " local assumption for it, or say in model.yaml how to extend it."
    )
    with pytest.raises(
        MissingAssumption,
        match=r"has no value for 2025-26 as known on 1 January 2024; it has none\.",
    ):
        book.look_up(KEY, "2025-26", known_on=day("2024-01-01"))
    with pytest.raises(
        MissingAssumption,
        match=(
            r"there is no assumption 'unit_cost_uplift\.acut'\. Did you mean"
            r" unit_cost_uplift\.acute\?"
        ),
    ):
        book.look_up("unit_cost_uplift.acut", "2025-26")


@pytest.mark.req(153)
def test_rates_report_everything_missing_at_once_and_never_give_a_usable_figure(
    books: Books,
) -> None:
    book, _ = books()
    problems, where = ProblemLog(), Cell("growth_categories.csv", "growth_categories", "D4")
    given = [
        *book.rates(KEY, ("2025-26", "2027-28", "2028-29"), problems=problems, where=where),
        *book.rates("nothing.like_it", ("2025-26",), problems=problems, where=where),
    ]
    assert said(problems) == [
        (
            "growth_categories.csv, sheet growth_categories, cell D4: unit_cost_uplift.acute has no"
            " value for 2027-28 to 2028-29; it has 2024-25 to 2026-27. Enter a local assumption for"
            " it, or say in model.yaml how to extend it."
        ),
        (
            "growth_categories.csv, sheet growth_categories, cell D4: there is no assumption"
            " 'nothing.like_it'. `wpb assumptions list` shows what there is; a local one can be"
            " entered in the model's assumptions folder."
        ),
    ]
    assert all(math.isnan(rate.value) for rate in given)
    with pytest.raises(MissingAssumption):
        book.rates(KEY, ("2027-28",))


@pytest.mark.req(153)
@pytest.mark.parametrize(
    ("how", "value", "words"),
    [
        (
            "hold_last",
            0.030,
            "carried past 2026-27: 3%, the value for 2026-27, held; reason: no later guidance",
        ),
        (
            "average",
            0.027,
            (
                "carried past 2026-27: the mean of the 3 published years, 2024-25 to 2026-27;"
                " reason: no later guidance"
            ),
        ),
    ],
)
def test_an_extension_shows_in_every_output(
    books: Books, how: str, value: float, words: str
) -> None:
    book, _ = books()
    found = book.rates(
        KEY,
        ("2026-27", "2027-28", "2028-29"),
        [Extension(KEY, how, "2028-29", "no later guidance")],
    )
    assert [rate.value for rate in found] == pytest.approx([0.030, value, value], abs=1e-15)
    assert [rate.extended for rate in found] == [False, True, True]
    assert [(rate.year, rate.status) for rate in found] == [
        ("2026-27", "forecast"),
        ("2027-28", "extended"),
        ("2028-29", "extended"),
    ]
    assert found[2].citation.note == words


@pytest.mark.req(153)
@pytest.mark.parametrize(
    ("extension", "words"),
    [
        (
            Extension(KEY, "hold_last", "2027-28", "so far"),
            (
                "has no value for 2028-29; it has 2024-25 to 2026-27. model.yaml extends it to"
                " 2027-28 and no further."
            ),
        ),
        (
            Extension(KEY, "double_it", "2030-31", "so far"),
            "by 'double_it', which is not a way to extend. Write hold_last or average",
        ),
        (
            Extension(KEY, "hold_last", "2030-31", " "),
            "model.yaml extends unit_cost_uplift.acute without a reason.",
        ),
        (
            Extension("another.key", "hold_last", "2030-31", "so far"),
            "has no value for 2027-28 to 2028-29",
        ),
    ],
)
def test_an_extension_that_does_not_hold_is_a_problem(
    books: Books, extension: Extension, words: str
) -> None:
    book, _ = books()
    problems = ProblemLog()
    book.rates(KEY, ("2027-28", "2028-29"), [extension], problems=problems)
    assert len(problems) == 1
    assert words in said(problems)[0]


@pytest.mark.req(153)
def test_an_extension_fills_no_gap_between_published_years(books: Books) -> None:
    book, _ = books(UPLIFT.replace("year: 2025-26", "year: 2023-24"))
    with pytest.raises(
        MissingAssumption, match=r"no value for 2025-26; it has 2023-24 to 2024-25, 2026-27"
    ):
        book.rates(KEY, ("2025-26", "2027-28"), [Extension(KEY, "hold_last", "2030-31", "so far")])


@pytest.mark.req(153)
def test_an_extension_holds_the_value_known_at_the_time(books: Books) -> None:
    book, _ = books()
    early = book.rates(
        KEY,
        ("2027-28",),
        [Extension(KEY, "average", "2030-31", "so far")],
        known_on=day("2024-06-01"),
    )
    assert early[0].value == pytest.approx((0.020 + 0.025 + 0.030) / 3)


IN_YEAR = """
key: pay.rate
title: Pay
unit: rate
in_year_change: HOW
values:
  - {year: 2025-26, value: 0.04, status: final, published: 2025-02, source: plan, locator: p1}
  - {year: 2025-26, value: 0.05, effective_from: 2025-10-01, status: final, published: 2025-07, source: update, locator: p1}
"""


@pytest.mark.req(159)
def test_a_change_within_the_year_is_weighted_by_days_where_the_subject_says_so(
    books: Books,
) -> None:
    book, problems = books(IN_YEAR.replace("HOW", "day_weighted"))
    assert said(problems) == []
    found = book.look_up("pay.rate", "2025-26")
    assert found.value == pytest.approx((0.04 * 183 + 0.05 * 182) / 365, abs=1e-15)
    assert found.citation.note == "weighted by days in force: 4% for 183 days; 5% for 182 days"
    assert book.look_up("pay.rate", "2025-26", known_on=day("2025-07-30")).value == 0.04


@pytest.mark.req(159)
def test_a_step_within_the_year_has_a_value_by_date_and_none_for_the_year(books: Books) -> None:
    book, _ = books(IN_YEAR.replace("HOW", "step"))
    assert [
        book.look_up_at("pay.rate", on).value for on in (day("2025-09-30"), day("2025-10-01"))
    ] == [0.04, 0.05]
    with pytest.raises(
        MissingAssumption,
        match=(
            r"changes within 2025-26 \(4% for 183 days; 5% for 182 days\), so it has no one value"
            r" for the year\. Ask for its value on a date"
        ),
    ):
        book.look_up("pay.rate", "2025-26")


@pytest.mark.req(159)
def test_a_later_publication_for_the_whole_year_replaces_an_earlier_change_within_it(
    books: Books,
) -> None:
    later = (
        "  - {year: 2025-26, value: 0.06, status: final, published: 2025-12, source: update,"
        " locator: p3}\n"
    )
    book, _ = books(IN_YEAR.replace("HOW", "day_weighted") + later)
    assert book.look_up("pay.rate", "2025-26").value == 0.06


@pytest.mark.req(179)
def test_a_local_value_records_the_national_value_it_displaces(books: Books) -> None:
    book, problems = books(UPLIFT, LOCAL)
    assert said(problems) == []
    found = book.look_up(KEY, "2025-26")
    assert (found.value, found.local, found.owner, found.unit) == (
        0.035,
        True,
        "Director of finance",
        "rate",
    )
    assert found.displaced is not None
    assert (found.displaced.value, found.displaced.citation.vintage, found.displaced.local) == (
        0.031,
        "2025-03-14",
        False,
    )
    assert found.citation.note.endswith(
        "owner: Director of finance; in place of the national 3.1% (The centre, Update (2025),"
        " 2025-03-14)"
    )
    assert book.look_up(KEY, "2024-25").displaced is None


@pytest.mark.req(159, 179)
def test_a_local_value_does_not_count_before_it_was_known(books: Books) -> None:
    book, _ = books(UPLIFT, LOCAL)
    assert [
        book.look_up(KEY, "2025-26", known_on=on).value
        for on in (day("2025-09-30"), day("2025-10-01"))
    ] == [0.031, 0.035]
    signed = book.look_up(KEY, "2025-26", known_on=day("2025-10-01"))
    assert signed.displaced is not None and signed.displaced.value == 0.031


@pytest.mark.req(177)
@pytest.mark.parametrize(
    ("control", "words"),
    [
        (
            "outside_provider_control: false",
            (
                "the local unit_cost_uplift.acute for 2025-26 is a driver that the provider"
                " controls. Leave it out"
            ),
        ),
        (
            "",
            (
                "does not say whether the driver is outside the provider's control. Enter"
                " outside_provider_control: true"
            ),
        ),
    ],
)
def test_only_drivers_outside_the_providers_control_are_accepted(
    books: Books, control: str, words: str
) -> None:
    book, problems = books(UPLIFT, LOCAL.replace("outside_provider_control: true", control))
    assert [problem.code for problem in problems] == ["provider_control"]
    assert said(problems)[0].startswith("assumptions/ours.yaml, line 8: ")
    assert words in said(problems)[0]
    assert book.look_up(KEY, "2025-26").value == 0.031, "the national value stands"


@pytest.mark.req(178)
@pytest.mark.parametrize("evidence", ["evidence: ''", "evidence: to follow", "evidence: TBC", ""])
def test_pressure_above_the_national_level_is_held_until_evidence_is_attached(
    books: Books, evidence: str
) -> None:
    book, problems = books(
        UPLIFT, LOCAL.replace("evidence: Pay bill analysis agreed in October 2025", evidence)
    )
    assert [problem.code for problem in problems] == ["held_for_evidence"]
    assert (
        "is held: 3.5% is above the national 3.1%, and no evidence is attached."
        in said(problems)[0]
    )
    assert book.look_up(KEY, "2025-26").value == 0.031


@pytest.mark.req(178)
def test_evidence_that_names_a_file_must_be_in_the_model_folder(
    books: Books, tmp_path: Path
) -> None:
    with_file = LOCAL.replace("Pay bill analysis agreed in October 2025", "evidence/pay-bill.pdf")
    _, problems = books(UPLIFT, with_file)
    assert (
        "rests on 'evidence/pay-bill.pdf', which is not in the model folder." in said(problems)[0]
    )
    (tmp_path / "model" / "evidence").mkdir()
    (tmp_path / "model" / "evidence" / "pay-bill.pdf").write_bytes(b"%PDF")
    again = ProblemLog()
    book = load_book(tmp_path / "national", tmp_path / "model" / "assumptions", again)
    assert said(again) == []
    assert book.look_up(KEY, "2025-26").value == 0.035


@pytest.mark.req(178, 179)
@pytest.mark.parametrize("field", ["reason", "owner", "evidence"])
def test_a_local_value_below_the_national_one_needs_its_grounds_too(
    books: Books, field: str
) -> None:
    lower = "\n".join(
        line
        for line in LOCAL.replace("3.5%", "1%").splitlines()
        if not line.startswith(f"{field}:")
    )
    _, problems = books(UPLIFT, lower)
    assert len(problems) == 1
    assert f"the local unit_cost_uplift.acute for 2025-26 has no {field}." in said(problems)[0]


@pytest.mark.req(177)
def test_a_local_efficiency_is_no_driver_of_growth(books: Books) -> None:
    local = """
    key: provider_efficiency.community
    title: Community efficiency agreed here
    unit: rate
    kind: efficiency
    reason: agreed locally
    evidence: contract schedule 3
    owner: Director of finance
    values:
      - {year: 2025-26, value: 0.015, status: final, published: 2025-03, source: Contract schedule 3}
    """
    book, problems = books(UPLIFT, "\n".join(line[4:] for line in local.splitlines()))
    assert said(problems) == []
    found = book.look_up("provider_efficiency.community", "2025-26")
    assert (found.value, found.displaced, found.citation.source) == (
        0.015,
        None,
        "Contract schedule 3",
    )


@pytest.mark.req(179)
def test_a_local_value_may_not_change_what_a_key_means(books: Books) -> None:
    _, problems = books(UPLIFT, LOCAL.replace("reason:", "unit: share\nreason:", 1))
    assert "unit_cost_uplift.acute is a rate nationally and a share here." in said(problems)[0]


@pytest.mark.req(159)
def test_the_book_logs_each_figure_it_gave_once(books: Books) -> None:
    book, _ = books()
    assert not book.used
    book.look_up(KEY, "2025-26")
    book.look_up(KEY, "2025-26")
    book.look_up(KEY, "2025-26", known_on=day("2024-12-31"))
    book.rates(KEY, ("2024-25", "2027-28"), [Extension(KEY, "hold_last", "2027-28", "so far")])
    book.find(KEY, "2026-27")
    assert [(rate.year, rate.value, rate.extended) for rate in book.used] == [
        ("2024-25", 0.020, False),
        ("2025-26", 0.025, False),
        ("2025-26", 0.031, False),
        ("2027-28", 0.030, True),
    ]
    assert all(isinstance(rate, Assumption) and json.dumps(rate.as_dict()) for rate in book.used)


def test_describe_keeps_every_vintage(books: Books) -> None:
    book, _ = books(UPLIFT, LOCAL)
    described = book.describe(KEY)
    assert (described["key"], described["title"], described["unit"], described["kind"]) == (
        KEY,
        "Acute cost pressure",
        "rate",
        "growth",
    )
    assert [(value["year"], value["published"], value["local"]) for value in described["values"]][
        1:4
    ] == [
        ("2025-26", "2024-03", False),
        ("2025-26", "2025-03-14", False),
        ("2025-26", "2025-10-01", True),
    ]
    assert described["values"][0]["where"]["cell"] == "line 6"


def test_years_are_written_as_runs() -> None:
    assert (
        spell_years(["2021-22", "2016-17", "2017-18", "2018-19"]) == "2016-17 to 2018-19, 2021-22"
    )
    assert spell_years(["1999-00", "2000-01"]) == "1999-00 to 2000-01"


@st.composite
def vintages(draw: st.DrawFn) -> list[DatedValue]:
    """Values of one year with any starts within it and any days of publication, the first from 1
    April.
    """
    year = "2027-28"
    count = draw(st.integers(1, 5))
    made = []
    for position in range(count):
        starts = first_day(year) + datetime.timedelta(
            days=0 if position == 0 else draw(st.integers(0, days_in(year) - 1))
        )
        known = datetime.date(2026, 1, 1) + datetime.timedelta(days=draw(st.integers(0, 600)))
        value = draw(st.floats(-0.2, 0.2, allow_nan=False))
        made.append(
            DatedValue(
                year,
                value,
                draw(st.sampled_from(["final", "forecast"])),
                known.isoformat(),
                known,
                "a source",
                "",
                "",
                Cell("a.yaml", "", "line 1"),
                starts,
            )
        )
    return made


@pytest.mark.req(159)
@settings(max_examples=50, deadline=None)
@given(vintages(), st.randoms(use_true_random=False))
def test_a_day_weighted_value_is_the_mean_of_its_days_whatever_the_order_of_entry(
    values: list[DatedValue], chance: object
) -> None:
    year = "2027-28"
    shuffled = list(values)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    def book(entered: list[DatedValue]) -> AssumptionBook:
        return AssumptionBook(
            [
                Subject(
                    "a.rate",
                    "A rate",
                    "rate",
                    "growth",
                    "day_weighted",
                    "",
                    tuple(entered),
                    Cell("a.yaml", "", "line 1"),
                )
            ]
        )

    found = book(values).look_up("a.rate", year)
    by_day = [
        book(values).look_up_at("a.rate", first_day(year) + datetime.timedelta(days=offset)).value
        for offset in range(days_in(year))
    ]
    assert found.value == pytest.approx(math.fsum(by_day) / len(by_day), abs=1e-12)
    ties = len({(value.known_from, value.starts, value.status) for value in values}) < len(values)
    assert ties or book(shuffled).look_up("a.rate", year).value == pytest.approx(
        found.value, abs=1e-12
    )


@pytest.mark.req(153)
@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-0.5, 0.5, allow_nan=False), min_size=1, max_size=8), st.integers(1, 6))
def test_an_extended_rate_lies_within_what_was_published(values: list[float], beyond: int) -> None:
    known = datetime.date(2024, 1, 1)
    entered = tuple(
        DatedValue(
            financial_year(2024 + n),
            value,
            "final",
            "2024",
            known,
            "a source",
            "",
            "",
            Cell("a.yaml", "", "line 1"),
            datetime.date(2024 + n, 4, 1),
        )
        for n, value in enumerate(values)
    )
    book = AssumptionBook(
        [
            Subject(
                "a.rate",
                "A rate",
                "rate",
                "growth",
                "forbid",
                "",
                entered,
                Cell("a.yaml", "", "line 1"),
            )
        ]
    )
    year = financial_year(2024 + len(values) - 1 + beyond)
    for how in ("hold_last", "average"):
        (found,) = book.rates("a.rate", [year], [Extension("a.rate", how, year, "so far")])
        assert min(values) - 1e-12 <= found.value <= max(values) + 1e-12
        assert found.extended and found.status == "extended"


class TestCommand:
    """`wpb assumptions list`, `show` and `check`."""

    def test_list_and_show_the_national_ones(self) -> None:
        listed = json.loads(
            CliRunner().invoke(assumptions, ["list", "--json"], catch_exceptions=False).stdout
        )
        rows = {row["key"]: row for row in listed["assumptions"]}
        assert rows["unit_cost_uplift.hchs"]["years"][-1] == "2020-21"
        assert rows["gdp_deflator"]["not_final"][0] == "2025-26"
        shown = json.loads(
            CliRunner()
            .invoke(
                assumptions,
                ["show", "gdp_deflator", "--as-known-on", "2017-12-31", "--json"],
                catch_exceptions=False,
            )
            .stdout
        )
        assert [round(answer["value"], 4) for answer in shown["in_use"]] == [
            0.015,
            0.018,
            0.021,
            0.019,
            0.02,
        ]
        plain = CliRunner().invoke(
            assumptions, ["show", "payment_scheme.cost_uplift"], catch_exceptions=False
        )
        assert "  * 2025-26     4.83%  2025-06-27  [" in plain.stdout
        assert "    2025-26     4.15%  2025-04-04  [" in plain.stdout
        assert (
            "unit_cost_uplift.hchs\n    HCHS cost pressure; 2016-17 to 2020-21\n"
            in CliRunner().invoke(assumptions, ["list"], catch_exceptions=False).stdout
        )

    def test_an_unknown_key_is_wrong_usage(self) -> None:
        done = CliRunner().invoke(assumptions, ["show", "gdp_deflater"])
        assert done.exit_code == 2
        assert "Did you mean gdp_deflator or " in done.output

    def test_check_a_models_own(self, tmp_path: Path) -> None:
        folder = tmp_path / "assumptions"
        folder.mkdir()
        local = LOCAL.replace(KEY, "gdp_deflator")
        (folder / "ours.yaml").write_text(local, encoding="utf-8")
        good = CliRunner().invoke(assumptions, ["check", str(tmp_path)], catch_exceptions=False)
        assert good.exit_code == 0
        assert "gdp_deflator 2025-26: 3.5% in place of the national 2.94%" in good.stdout
        (folder / "ours.yaml").write_text(
            local.replace("owner: Director of finance\n", ""), encoding="utf-8"
        )
        bad = CliRunner().invoke(assumptions, ["check", str(tmp_path)], catch_exceptions=False)
        assert bad.exit_code == 1
        assert (
            "assumptions/ours.yaml, line 7: the local gdp_deflator for 2025-26 has no owner. Enter"
            " owner: who answers for it." in bad.stderr
        )
        report = json.loads(
            CliRunner()
            .invoke(assumptions, ["check", str(tmp_path), "--json"], catch_exceptions=False)
            .stdout
        )
        assert [(problem["code"], problem["where"]["cell"]) for problem in report["problems"]] == [
            ("local_grounds", "line 7")
        ]
