"""Writes a scenario's changes into a copy of the folder's own files, so that it can become a
version of its own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wpb.kernel.assumptions.values import Subject
from wpb.kernel.money import round_half_up
from wpb.kernel.safe_yaml import load_yaml, yaml_reader
from wpb.store.frozen import RECORD
from wpb.store.overlay import Change, lay_over, spell_cell, unit_of
from wpb.store.refusals import Conflict
from wpb.tables.model import Model
from wpb.tables.schema import TypedTable


def bake(
    content: Mapping[str, bytes],
    model: Model,
    local: Mapping[str, Subject],
    changes: Sequence[Change],
) -> dict[str, bytes]:
    """Give the folder's files with changes written in; only the changed cells differ.

    Raises Conflict for a change that can only be tried: of a workbook's or Parquet table's cells,
    or of a national assumption.
    """
    from wpb.kernel.assumptions import AssumptionBook

    # a changed folder is another proposal: the record belongs to the one it was made from
    found = {name: each for name, each in content.items() if not name.startswith(RECORD)}
    laid, _ = lay_over(
        model,
        AssumptionBook((), local.values()),
        [change for change in changes if change.kind != "add"],
    )
    for name in dict.fromkeys(change.table for change in changes if change.kind != "add"):
        columns = list(
            dict.fromkeys(
                change.column for change in changes if change.kind != "add" and change.table == name
            )
        )
        table = model[name]
        if table.file not in found or not table.file.endswith(".csv"):
            raise Conflict(
                f"The table {name} is not a CSV file of this model, so make this change in your own"
                " file and bring it as an upload."
            )
        found[table.file] = _written(found[table.file], table, laid[name], columns)
    for change in changes:
        if change.kind == "add":
            subject = local.get(change.table)
            if subject is None:
                raise Conflict(
                    f"'{change.table}' is a national assumption. A local one needs evidence and an"
                    " owner: add it to the model's assumptions and bring it as an upload."
                )
            found[subject.where.file] = _added(found[subject.where.file], change)
    return found


def _written(
    content: bytes, before: TypedTable, after: TypedTable, columns: Sequence[str]
) -> bytes:
    marked = content.startswith(b"\xef\xbb\xbf")
    text = content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    for column in columns:
        place, unit = before.column_positions[column], unit_of(before, column)
        old, new = before.numbers(column), after.numbers(column)
        for row in np.flatnonzero(~((old == new) | (np.isnan(old) & np.isnan(new)))).tolist():
            rows[before.row_numbers[row] - 1][place] = spell_cell(float(new[row]), unit)
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\r\n" if "\r\n" in text else "\n").writerows(rows)
    return (b"\xef\xbb\xbf" if marked else b"") + written.getvalue().encode()


def _added(content: bytes, change: Change) -> bytes:
    yaml = yaml_reader()
    yaml.preserve_quotes = True
    yaml.width = 100_000
    entries: Any = load_yaml(content.decode(), yaml)
    for entry in entries if isinstance(entries, list) else entries.get("assumptions", []):
        if entry["key"] == change.table:
            for value in entry["values"]:
                value["value"] = float(round_half_up(float(value["value"]) + change.value, 10))
    written = io.StringIO()
    yaml.dump(entries, written)
    return written.getvalue().encode()
