"""A table is declared once: its columns are typed, and checks, help and codes come from there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.models import table
from tests.tiny_model import TinyModel
from wpb.cli import main
from wpb.intake.grids import Grid
from wpb.intake.reading import read_model
from wpb.intake.table_checks import check_declared
from wpb.intake.typing_tables import type_table
from wpb.kernel.problems import ProblemLog
from wpb.tables import ALL_TABLES, TABLE_CLASSES, TABLES_BY_NAME
from wpb.tables.contracts import ActivityMapping, Contracts
from wpb.tables.declared import Code, Count, Table, Text, YesNo
from wpb.tables.population import GpLists
from wpb.tables.rules import RequiredWhen


def test_columns_are_read_by_name_with_their_types(tmp_path: Path) -> None:
    model = read_model(TinyModel(tmp_path).folder)
    contracts, lists = Contracts.of(model), GpLists.of(model)
    assert list(contracts.contract) == list(model["contracts"].text("contract"))
    assert contracts.value is model["contracts"].numbers("value")
    assert lists.population.sum() > 0 and len(lists) == len(model["gp_lists"])
    assert contracts.cell(1, Contracts.value) == model["contracts"].where(1, "value")
    assert contracts.grouped(Contracts.provider) == model["contracts"].groups("provider")


def test_a_misspelt_column_is_a_type_error() -> None:
    # The type checker refuses each line below, and would say so if it no longer did.
    contracts = Contracts(table("contracts", []))
    with pytest.raises(AttributeError):
        contracts.valeu  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError):
        contracts.cell(0, Contracts.valeu)  # type: ignore[attr-defined]
    assert contracts.value.tolist() == []


def test_every_declaration_stands_by_itself() -> None:
    assert tuple(declared.spec for declared in TABLE_CLASSES) == ALL_TABLES
    for declared in TABLE_CLASSES:
        spec = declared.spec
        assert spec.key and spec.columns and spec.help and spec.source, spec.name
        assert [column.name for column in declared.one_row_per] == list(spec.key)
        for column in spec.columns:
            assert getattr(declared, column.name).name == column.name
            other, _, name = column.refers_to.partition(".")
            if column.refers_to:
                assert TABLES_BY_NAME[other].column(name).kind == "code", column
    assert "shares_total" in {code for check in ActivityMapping.spec.checks for code in check.codes}


class Walks(
    Table, name="walks", title="Walks", purpose="Walks that are paid for.", source="handbook 2.1"
):
    walk = Code("Walk")
    guided = YesNo("Whether someone leads it")
    guide = Text("Who leads it", required=False)
    people = Count("People")
    one_row_per = (walk,)
    checks = (
        RequiredWhen(
            guide,
            guided,
            (True,),
            "The walk '{walk}' is guided, and no guide is named.",
            "Enter the guide.",
            "guide_missing",
        ),
    )


def test_a_table_and_its_check_are_one_declaration() -> None:
    rows: list[list[Any]] = [["walk", "guided", "guide", "people"]]
    rows += [[f"W{number}", "yes", "", 5] for number in range(5)]
    log = ProblemLog()
    read = type_table(Grid("inputs/walks.csv", "walks", "csv", rows), Walks.spec, "GBP", log)
    assert read is not None and Walks(read).people.sum() == 25
    check_declared({"walks": read}, set(), None, log)
    told = [problem for problem in log if problem.code == "guide_missing"]
    assert [problem.where.cell for problem in told if problem.where] == ["C2", "C3", "C4"]
    assert told[0].what == "The walk 'W0' is guided, and no guide is named."
    assert told[2].what.endswith("So it is on 2 more rows.") and told[2].fix == "Enter the guide."


def test_tables_and_codes_are_shown_as_declared(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tables", "contracts"]) == 0
    told = capsys.readouterr().out
    assert "fixed_value (pounds; zero or more; may be blank; a figure follows it)" in told
    assert "fixed_value_missing" in told
    for code in ("fixed_value_missing", "price_missing", "year_gap", "covers_unknown"):
        assert main(["codes", code]) == 0, code
        assert capsys.readouterr().out.startswith(code)
    assert main(["tables", "contract"]) == 2
    assert "Did you mean 'contracts'" in capsys.readouterr().err
