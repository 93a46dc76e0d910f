"""Seal examples/midshire anew, after a change of its inputs: its agreement, and every month of its
table closed_months, each on its day.

Run it from the root of the repository: python tools/seal_midshire.py
"""

from __future__ import annotations

import datetime
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import wpb
from wpb.contract.terms import on_day
from wpb.kernel.problems import ProblemLog
from wpb.live.sealed import Held, inputs_of
from wpb.live.sealing import RecordFile, agreement_file, month_file, write_file
from wpb.tables.sealed_record import FOLDER, read_record

MIDSHIRE = Path("examples/midshire")


def main(folder: Path) -> int:
    """Write the record of a folder anew, from one working-out: what is known after a month was
    closed alters nothing of it.
    """
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
    live = wpb.load(folder).contract
    closed = live.model["closed_months"]
    files: list[RecordFile] = []

    def seal(make: RecordFile) -> None:
        write_file(folder, make)
        files.append(make)
        record = read_record([(one.name, one.content) for one in files], ProblemLog())
        nets = live.held.nets_now
        live.held = replace(
            Held(record, inputs_of(live.model)),
            nets_now=nets,
            schedule_now=live.held.schedule_now,
        )

    signed: datetime.date = live.history.agreed.known_on
    seal(agreement_file(live, signed))
    for month, day in zip(closed.text("month"), closed.text("closed_on"), strict=True):
        seal(month_file(live, month, on_day(day)))
    sys.stdout.write(f"{len(files)} files written to {folder / FOLDER}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else MIDSHIRE))
