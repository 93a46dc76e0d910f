"""Makes examples/midshire: a fictitious place of about 300,000 people, the same to the byte each
time.

Run from anywhere with the project's own Python: python tools/make_midshire.py [folder]
"""

from __future__ import annotations

import csv
import datetime
import io
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "src")]

from midshire.acute import acute_rows  # noqa: E402
from midshire.assurance import assurance_rows  # noqa: E402
from midshire.blocks import block_rows  # noqa: E402
from midshire.care_records import care_record_rows  # noqa: E402
from midshire.contract_life import contract_rows  # noqa: E402
from midshire.direct import direct_rows  # noqa: E402
from midshire.money_over_time import money_rows  # noqa: E402
from midshire.place import make_lists, place_rows  # noqa: E402
from midshire.practices import package_rows, practice_rows  # noqa: E402
from midshire.reconciling import ledger_rows  # noqa: E402
from midshire.rows import Rows  # noqa: E402
from midshire.services import service_rows  # noqa: E402
from midshire.settings import ASSUMPTION_FILES, SETTINGS, assumptions_yaml, model_yaml  # noqa: E402
from midshire.shadowing import ARRANGEMENT, shadow_rows  # noqa: E402
from wpb.tables import ALL_TABLES  # noqa: E402

MADE_ON = datetime.datetime(2026, 12, 11)


def midshire_rows() -> Rows:
    """Make every input table of Midshire."""
    lists = make_lists()
    rows = place_rows(lists)
    rows.join(practice_rows(lists, rows))
    for more in (
        service_rows(),
        acute_rows(lists),
        block_rows(lists),
        package_rows(lists),
        direct_rows(lists),
        money_rows(),
        shadow_rows(),
        contract_rows(lists),
        assurance_rows(),
    ):
        rows.join(more)
    rows.join(care_record_rows(lists, rows))
    rows.join(ledger_rows(rows, lists))
    return rows


def write_tables(folder: Path, rows: Rows) -> None:
    """Write each table as a CSV file with its declared columns."""
    folder.mkdir(parents=True, exist_ok=True)
    for spec in ALL_TABLES:
        if spec.name not in rows.tables:
            continue
        text = io.StringIO()
        writer = csv.DictWriter(text, [column.name for column in spec.columns], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows.tables[spec.name])
        (folder / f"{spec.name}.csv").write_text(text.getvalue(), encoding="utf-8", newline="")


def write_workbook(path: Path, rows: Rows) -> None:
    """Write the Excel twin: the settings on a sheet called model, and each table on a sheet of its
    own.
    """
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties(
            {"title": "Midshire, a fictitious whole population budget", "created": MADE_ON}
        )
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("model")
        for number, line in enumerate((("setting", "value"), *SETTINGS)):
            for position, text in enumerate(line):
                sheet.write_string(
                    number, position, text.strip("[]"), bold if number == 0 else None
                )
        for spec in ALL_TABLES:
            if spec.name not in rows.tables:
                continue
            sheet = book.add_worksheet(spec.name)
            sheet.freeze_panes(1, 0)
            for position, column in enumerate(spec.columns):
                sheet.write_string(0, position, column.name, bold)
                for number, row in enumerate(rows.tables[spec.name], start=1):
                    text = row[column.name]
                    if text and column.is_number:
                        sheet.write_number(number, position, float(text))
                    elif text:
                        sheet.write_string(number, position, text)


def main(folder: Path) -> None:
    """Make the whole example in a folder."""
    rows = midshire_rows()
    write_tables(folder / "inputs", rows)
    (folder / "assumptions").mkdir(parents=True, exist_ok=True)
    for file in ASSUMPTION_FILES:
        (folder / "assumptions" / file).write_text(
            assumptions_yaml(file), encoding="utf-8", newline=""
        )
    (folder / "arrangements").mkdir(parents=True, exist_ok=True)
    (folder / "arrangements" / "urgent_care.yaml").write_text(
        ARRANGEMENT, encoding="utf-8", newline=""
    )
    (folder / "model.yaml").write_text(model_yaml(), encoding="utf-8", newline="")
    write_workbook(folder / "midshire.xlsx", rows)
    print(
        f"{folder}: {sum(len(table) for table in rows.tables.values()):,} rows in"
        f" {len(rows.tables)} tables"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "examples" / "midshire")
