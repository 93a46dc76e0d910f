"""The latest shadow test that was run of a folder, read from the store as result tables.

Source: handbook 1.1.5, 6.6; req 299-301.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping

from sqlalchemy import select

from wpb.present.result_table import ResultTable
from wpb.present.shadow_results import tables_from_json
from wpb.store.database import Database
from wpb.store.jobs import DONE
from wpb.store.shape import files, jobs

KIND = "shadow"
KEPT = "tables.json"
NAMES = (
    "shadow_run",
    "shadow_parties",
    "shadow_fan",
    "shadow_affordable",
    "shadow_tornado",
    "shadow_drivers",
    "shadow_baselines",
    "shadow_chance",
    "shadow_models",
    "shadow_criteria",
    "shadow_problems",
)


def latest(database: Database, folder: str) -> str:
    """Name the latest shadow test of a folder that is done; '' where there is none."""
    with database.reading() as connection:
        row = connection.execute(
            select(jobs.c.id)
            .where(jobs.c.kind == KIND, jobs.c.folder == folder, jobs.c.standing == DONE)
            .order_by(jobs.c.id.desc())
            .limit(1)
        ).first()
    return f" run {row.id}" if row is not None else ""


class LatestShadow(Mapping[str, ResultTable]):
    """The results of a folder's latest shadow test by name; read again when a newer one is done."""

    def __init__(self, database: Database | None, folder: str):
        self.database, self.folder = database, folder
        self._run, self._tables = "", dict[str, ResultTable]()

    def _now(self) -> dict[str, ResultTable]:
        run = latest(self.database, self.folder) if self.database is not None else ""
        if run != self._run and self.database is not None:
            with self.database.reading() as connection:
                row = connection.execute(
                    select(files.c.content)
                    .join(jobs, jobs.c.file == files.c.sha256)
                    .where(jobs.c.id == int(run.split()[1]))
                ).first()
            self._tables = (
                {table.name: table for table in tables_from_json(_kept(bytes(row.content)))}
                if row is not None
                else {}
            )
            self._run = run
        return self._tables

    def __getitem__(self, name: str) -> ResultTable:
        if name not in NAMES:
            raise KeyError(name)
        return self._now()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())


def _kept(packed: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return archive.read(KEPT).decode()
