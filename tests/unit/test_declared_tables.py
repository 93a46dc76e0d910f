"""A table is declared once: its columns are typed, and checks, help and codes come from there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.models import table
from tests.tiny_model import TinyModel
from wpb.intake.reading import read_model
from wpb.tables import ALL_TABLES, TABLE_CLASSES, TABLES_BY_NAME
from wpb.tables.contracts import ActivityMapping, Contracts
from wpb.tables.population import GpLists


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
