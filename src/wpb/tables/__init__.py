"""Every input table, declared once: used by the readers, the checker, the Excel template and the
docs.
"""

from wpb.tables import (
    assurance,
    contract_evidence,
    contract_life,
    contracts,
    data_repair,
    efficiency,
    forecasting,
    population,
    scope_records,
    segments,
    shadowing,
    spend,
)
from wpb.tables.declared import Table
from wpb.tables.schema import TableSpec

TABLE_CLASSES: tuple[type[Table], ...] = (
    *population.TABLES,
    *contracts.TABLES,
    *spend.TABLES,
    *forecasting.TABLES,
    *segments.TABLES,
    *efficiency.TABLES,
    *assurance.TABLES,
    *scope_records.TABLES,
    *data_repair.TABLES,
    *contract_evidence.TABLES,
    *contract_life.TABLES,
    *shadowing.TABLES,
)
ALL_TABLES: tuple[TableSpec, ...] = tuple(declared.spec for declared in TABLE_CLASSES)
TABLES_BY_NAME: dict[str, TableSpec] = {spec.name: spec for spec in ALL_TABLES}

__all__ = ["ALL_TABLES", "TABLES_BY_NAME", "TABLE_CLASSES", "TableSpec"]
