"""The live workbook of a contract: versions, whole pence, instalments and shares follow the engine
to the penny.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import formualizer
import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

import wpb
from tests.live_models import counts, event, live, live_model, live_tables
from tests.models import Rows, book, make
from tests.unit.test_live_sharing import FINAL, PROVISIONAL, REVISED, settled
from tests.unit.test_live_workbook import PENNY, change, differences, recalculated
from wpb.api import LoadedModel
from wpb.input_sheets import _typed
from wpb.kernel.calendar import months_of
from wpb.kernel.problems import UsageProblem
from wpb.live import LiveContract, live_contract
from wpb.live.sharing import model_arrangements
from wpb.present.live_workbook import write_live_workbook
from wpb.present.live_workbook.contract_templates import CONTRACT_TEMPLATES, SHARING_TEMPLATES
from wpb.present.live_workbook.templates import TEMPLATES
from wpb.tables.arrangement_files import arrangement_texts

MIDSHIRE = Path(__file__).parents[2] / "examples" / "midshire"
UPDATES = [
    event("U1", "population_update", "2027-07-01", "2027-07-20"),
    event("U2", "population_update", "2028-04-01", "2028-06-20"),
    event("U3", "population_update", "2028-10-01", "2029-04-10"),
]
PARTNERS = [
    {
        "subcontract": "K1",
        "payee": "SUB",
        "rule": "share",
        "share": 0.123457,
        "starts_on": "2027-04-01",
        "reason": "Partner",
    },
    {
        "subcontract": "K2",
        "payee": "OUT",
        "rule": "fixed",
        "amount": 100_000.55,
        "starts_on": "2027-06-10",
        "reason": "Fixed",
    },
]
SCHEMES = [
    {
        "year": year,
        "scheme": scheme,
        "treatment": treatment,
        "rate": rate,
        "parts": "both",
        "basis": "test",
    }
    for year in ("2027-28", "2028-29", "2029-30")
    for scheme, treatment, rate in (("IPS", "top_sliced", 0.025), ("BESIDE", "beside", 0.011))
]


def registered(well: float, ill: float) -> Rows:
    """Three counts of registered people, moving by the people given."""
    return [
        row
        for day, known in (
            ("2027-07-01", "2027-07-15"),
            ("2028-04-01", "2028-06-15"),
            ("2028-10-01", "2029-04-08"),
        )
        for row in counts(
            day, {("P1", "well"): well, ("P2", "ill"): ill * (2 if day > "2028-05" else 1)}, known
        )
    ]


def contract(
    rule: str = "remaining_months", well: float = 37, ill: float = -11, **more: Any
) -> LiveContract:
    """A contract with three updates, the last known after its year, partners and schemes."""
    return live(
        UPDATES,
        {"in_year_rule": rule},
        population_counts=registered(well, ill),
        subcontracts=PARTNERS,
        incentive_choices=SCHEMES,
        **more,
    )


def written(found: LiveContract, folder: Path, name: str = "live.xlsx") -> Path:
    """Write a contract's live workbook over the tables of its model."""
    inputs = [
        _typed(table, found.model.tables[table])
        for table in (
            "direct_spend",
            "type_values",
            "population_counts",
            "subcontracts",
            "incentive_choices",
            "sharing_outturn",
        )
    ]
    write_live_workbook(found.budget, inputs, folder / name, live=found)
    return folder / name


def instalments(path: Path) -> dict[tuple[str, str], list[int]]:
    """The instalments of the sheet in whole pence: by payment and year, the last row that is not a
    correction.
    """
    sheet = openpyxl.load_workbook(path, data_only=True)["22 Instalments"]
    found = {}
    for row in sheet.iter_rows(min_row=8, values_only=True):
        if row[0] and row[5] and row[5] not in ("Counts from", "after the year"):
            found[str(row[0]).rsplit("(", 1)[1].rstrip(")"), str(row[3])] = [
                round(float(amount) * 100) for amount in row[21:33]
            ]
    return found


def paid(found: LiveContract) -> dict[tuple[str, str], list[int]]:
    """The engine's own instalments, corrections after the year left out."""
    by_month: dict[tuple[str, str], dict[str, int]] = {}
    for entry in found.settlement.entries:
        if entry.element != "item" and not entry.corrects:
            sign = (
                1
                if entry.posting.payee
                != next(
                    v.payments[entry.key].payer
                    for v in found.plan.versions
                    if entry.key in v.payments
                )
                else -1
            )
            by_month.setdefault((entry.key, entry.year), {})[entry.posting.month] = (
                sign * entry.posting.amount_pence
            )
    return {
        key: [months.get(month, 0) for month in months_of(key[1])]
        for key, months in by_month.items()
    }


@pytest.mark.req(210, 211, 212, 363)
@pytest.mark.parametrize("rule", ["remaining_months", "catch_up"])
def test_a_contracts_figures_recalculate_to_the_penny(rule: str, tmp_path: Path) -> None:
    found = contract(rule)
    out = written(found, tmp_path)
    again = recalculated(out)
    assert differences(out, again) == []
    assert instalments(again) == paid(found)
    held = [
        (row[0], row[2])
        for row in openpyxl.load_workbook(again, data_only=True)["2 Checks"].iter_rows(
            min_row=8, values_only=True
        )
        if row[0]
    ]
    assert {answer for _, answer in held} == {"Yes"}
    assert {
        "Parts A and B add to the annual payment, 2028-29",
        "Instalments and corrections add to each payment's value, 2028-29",
        "Partners and what the lead provider keeps add to the annual payment, 2027-28",
    } <= {words for words, _ in held}


@pytest.mark.req(212, 234)
@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("type_values", "value", 61.37),
        ("direct_spend", "value", 1_234_567.89),
        ("subcontracts", "share", 0.2),
        ("incentive_choices", "rate", 0.031),
    ],
)
def test_a_changed_input_moves_the_instalments_as_the_engine(
    table: str, column: str, value: float, tmp_path: Path
) -> None:
    out = written(contract(), tmp_path)
    sheet = openpyxl.load_workbook(out)[table]
    letters = next(cell.column_letter for cell in sheet[1] if cell.value == column)
    change(out, table, f"{letters}2", value)
    rows: dict[str, Any] = live_tables(
        UPDATES,
        population_counts=registered(37, -11),
        subcontracts=PARTNERS,
        incentive_choices=SCHEMES,
    )
    rows[table] = [{**rows[table][0], column: value}, *rows[table][1:]]
    engine = live_contract(make(rows), book())
    moved = instalments(recalculated(out))
    assert moved == paid(engine)
    assert moved != paid(contract())


@pytest.mark.req(286, 287, 364)
def test_shares_recalculate_and_what_is_due_is_what_the_engine_pays(tmp_path: Path) -> None:
    found = settled(tmp_path, [PROVISIONAL, FINAL, REVISED])
    out = written(found, tmp_path)
    again = recalculated(out)
    assert differences(out, again) == []
    rows = [
        row
        for row in openpyxl.load_workbook(again, data_only=True)["25 Shares to pay"].iter_rows(
            values_only=True
        )
        if row[0]
    ]
    names = {party["title"]: party["party"] for party in found.sharing.statements[0]["parties"]}
    due = [
        (names[str(row[0])], round(float(row[5]) * 100))
        for row in rows
        if row[0] in names and row[5] is not None
    ]
    assert due == [
        (party["party"], party["due_pence"])
        for stated in found.sharing.statements
        for party in stated["parties"]
    ]
    assert {
        row[2]
        for row in openpyxl.load_workbook(again, data_only=True)["2 Checks"].iter_rows(
            min_row=8, values_only=True
        )
        if row[0]
    } == {"Yes"}


@pytest.mark.req(286)
def test_a_changed_outturn_moves_the_shares_as_the_engine(tmp_path: Path) -> None:
    out = written(settled(tmp_path, [FINAL]), tmp_path)
    sheet = openpyxl.load_workbook(out)["sharing_outturn"]
    letters = next(cell.column_letter for cell in sheet[1] if cell.value == "outturn")
    change(out, "sharing_outturn", f"{letters}2", 1_171_717.17)
    engine = settled(tmp_path, [FINAL | {"outturn": 1_171_717.17}])
    rows = [
        row
        for row in openpyxl.load_workbook(recalculated(out), data_only=True)[
            "25 Shares to pay"
        ].iter_rows(values_only=True)
        if row[0]
    ]
    due = [
        round(float(row[5]) * 100)
        for row in rows
        if row[5] is not None and isinstance(row[5], int | float) and row[0] != "All parties"
    ]
    assert due == [party["due_pence"] for party in engine.sharing.statements[0]["parties"]]


@pytest.mark.req(367)
def test_every_rule_of_a_contract_and_of_sharing_has_a_formula(repo_root: Path) -> None:
    source = repo_root / "src" / "wpb"
    added: dict[str, set[str]] = {"contract": set(), "sharing": set()}
    for room, paths in (
        (
            "contract",
            [
                *(source / "contract").glob("*.py"),
                *(source / "incentives").glob("*.py"),
                *source.glob("live*.py"),
            ],
        ),
        (
            "sharing",
            [
                source / "sharing" / name
                for name in ("party_steps.py", "party_book.py", "step_kinds.py", "values.py")
            ],
        ),
    ):
        for path in paths:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr in ("add", "apply", "apply_on")
                    and len(node.args) > 1
                ):
                    rule = ast.unparse(node.args[1])
                    added[room].add(rule.removeprefix("steps."))
    named = {
        room: {
            rule
            for rule in rules
            if rule.isidentifier() and rule not in ("rule", "figure", "earned")
        }
        for room, rules in added.items()
    }
    assert named["contract"] >= {"annual_payment", "valued", "moved_people"} and named[
        "sharing"
    ] >= {"by_side", "gap", "tier_part"}
    assert sorted(named["contract"] - set(CONTRACT_TEMPLATES)) == []
    assert sorted(named["sharing"] - set(SHARING_TEMPLATES)) == []


@pytest.mark.req(212, 370)
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.integers(-900, 900),
    st.integers(-400, 400),
    st.sampled_from(["remaining_months", "catch_up"]),
    st.integers(1, 90_000_000),
    st.integers(0, 999_999),
)
def test_random_contracts_recalculate_to_the_penny(
    tmp_path: Path, well: int, ill: int, rule: str, spend: int, share: int
) -> None:
    partners = [{**PARTNERS[0], "share": share / 1_000_000}, PARTNERS[1]]
    rows = live_tables(
        UPDATES,
        {"in_year_rule": rule},
        population_counts=registered(well, ill),
        subcontracts=partners,
        incentive_choices=SCHEMES,
    )
    rows["direct_spend"] = [
        {**rows["direct_spend"][0], "value": spend / 100},
        *rows["direct_spend"][1:],
    ]
    found = live_contract(make(rows), book())
    out = written(found, tmp_path)
    again = recalculated(out)
    assert differences(out, again) == []
    assert instalments(again) == paid(found)


@pytest.mark.req(222, 369)
def test_what_rests_on_another_calculation_is_written_as_it_is(tmp_path: Path) -> None:
    """A model of a contract without events or agreement still has its Schedule 4A, and no
    instalments.
    """
    model = live_model()
    model.tables["contract_events"] = make({}).tables["contract_events"]
    found = live_contract(model, book())
    out = written(found, tmp_path)
    names = openpyxl.load_workbook(out).sheetnames
    assert "21 Schedule 4A" in names and "22 Instalments" not in names
    assert differences(out, recalculated(out)) == []


@pytest.mark.req(286, 367)
def test_arrangements_come_back_in_with_the_workbook(tmp_path: Path) -> None:
    settled(tmp_path, [FINAL])
    workbook = openpyxl.Workbook()
    for name, text in arrangement_texts(tmp_path):
        sheet = workbook.create_sheet(f"sharing {Path(name).stem}")
        for row, line in enumerate(text.splitlines(), 1):
            sheet.cell(row, 1, line)
    (tmp_path / "elsewhere").mkdir()
    workbook.save(tmp_path / "elsewhere" / "book.xlsx")
    assert (
        [one.name for one in model_arrangements(tmp_path / "elsewhere" / "book.xlsx")]
        == [one.name for one in model_arrangements(tmp_path)]
        == ["care"]
    )


def test_a_fault_leaves_the_workbook_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "live.xlsx"
    out.write_bytes(b"earlier")
    monkeypatch.delitem(TEMPLATES, "grow")
    with pytest.raises(UsageProblem, match="grow"):
        write_live_workbook(contract().budget, [], out)
    assert out.read_bytes() == b"earlier"
    assert [path.name for path in tmp_path.iterdir()] == ["live.xlsx"]


@pytest.fixture(scope="module")
def midshire(tmp_path_factory: pytest.TempPathFactory) -> tuple[LoadedModel, Path]:
    """Midshire, and its live workbook, away from its folder."""
    loaded = wpb.load(MIDSHIRE)
    out = tmp_path_factory.mktemp("midshire") / "midshire.xlsx"
    loaded.export("workbook", out)
    return loaded, out


@pytest.mark.deep(sample=0)
@pytest.mark.req(212, 286, 361, 363, 367)
def test_midshire_recalculates_to_the_penny(
    midshire: tuple[LoadedModel, Path], tmp_path: Path
) -> None:
    """All 839,000 formulas, by an engine of its own; what is left below a penny hangs on the last
    digits kept, the pennies do not.
    """
    _, out = midshire
    assert out.stat().st_size < 15_000_000
    summary = formualizer.recalculate_file(str(out), output=str(tmp_path / "again.xlsx"))
    assert (
        summary["total_errors"] == 0 and summary["evaluated"] == summary["total_formulas"] > 800_000
    )
    before, after = (
        CalamineWorkbook.from_path(str(out)),
        CalamineWorkbook.from_path(str(tmp_path / "again.xlsx")),
    )
    moved = []
    for name in before.sheet_names:
        rows, again = (
            book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for book in (before, after)
        )
        remainders = (
            range(12, 22)
            if name == "21 Schedule 4A"
            else range(8, 21)
            if name == "22 Instalments"
            else range(0)
        )
        for row, (one, other) in enumerate(zip(rows, again, strict=True), 1):
            moved += [
                f"{name}, row {row}: {a} and {b}"
                for at, (a, b) in enumerate(zip(one, other, strict=True))
                if a != b
                and at not in remainders
                and not (isinstance(a, float) and isinstance(b, float) and abs(a - b) < PENNY)
            ]
    assert moved == []


@pytest.mark.deep(sample=0)
@pytest.mark.req(232, 286, 367)
def test_midshires_workbook_settles_as_its_folder_does(midshire: tuple[LoadedModel, Path]) -> None:
    loaded, out = midshire
    again = wpb.load(out).contract
    assert [
        (p.month, p.payer, p.payee, p.amount_pence, p.reason) for p in again.settlement.postings
    ] == [
        (p.month, p.payer, p.payee, p.amount_pence, p.reason)
        for p in loaded.contract.settlement.postings
    ]
    assert (
        [one["parties"] for one in again.sharing.statements]
        == [one["parties"] for one in loaded.contract.sharing.statements]
        != []
    )
