"""Which schema a folder is of, and reading an older one as if it were of today's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from wpb.intake.grids import Grid
from wpb.intake.settings_files import Entry
from wpb.intake.upgrades.step import apply_steps
from wpb.intake.upgrades.view import FolderView
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.tables.settings_shape import MODEL_SCHEMA, SCHEMA_SETTING, VERSION_SETTING

MARKER = ".wpb-upgrade.json"
"""Stands in a folder while it is being rewritten."""


def stated_schema(entries: Mapping[str, Entry], log: ProblemLog) -> int | None:
    """Give the schema that settings state, 1 where they state none; None, with the problem logged,
    where it is no schema that this wpb reads.

    Source: req 443.
    """
    entry = entries.get(SCHEMA_SETTING)
    if entry is None:
        return 1
    if not re.fullmatch(r"[1-9][0-9]{0,5}", entry.text):
        shown = f"'{entry.text}' is not a schema" if entry.text else "The schema is blank"
        log.error(
            entry.where,
            f"{shown}: it is a whole number, {MODEL_SCHEMA} for a folder that this wpb writes.",
            f"Write 'schema: {MODEL_SCHEMA}', or take the line out if the folder was made before"
            " schemas were stated; then run `wpb upgrade` on it.",
            "schema_wrong",
        )
        return None
    schema = int(entry.text)
    if schema > MODEL_SCHEMA:
        refuse_newer(entry.where, schema, entries, log)
        return None
    return schema


def refuse_newer(where: Cell, schema: int, entries: Mapping[str, Entry], log: ProblemLog) -> None:
    """Log that a folder was written by a newer wpb, and by which, where it says so."""
    from wpb import __version__

    maker = entries.get(VERSION_SETTING)
    made_by = f"wpb {maker.text}" if maker and maker.text else "a newer wpb"
    log.error(
        where,
        f"The folder is of schema {schema}, written by {made_by}; this is wpb {__version__}, which"
        f" reads schemas 1 to {MODEL_SCHEMA}.",
        f"Install {made_by} or newer to read it. Nothing was changed.",
        "schema_newer",
    )


def report_unfinished(folder: Path, log: ProblemLog) -> bool:
    """Say whether an upgrade of a folder was stopped half way, and log it."""
    if not (folder / MARKER).exists():
        return False
    log.error(
        Cell(MARKER, "", ""),
        "An upgrade of this folder was stopped half way, so some of its files may be of an older"
        " schema than others.",
        "Run `wpb upgrade` on it: it puts the files back from the backup and upgrades them again.",
        "upgrade_unfinished",
    )
    return True


def refuse_mixed(stated: int, others: Iterable[tuple[Cell, int]], log: ProblemLog) -> None:
    """Log each workbook of the folder that states another schema than the settings do."""
    for where, schema in others:
        if schema != stated:
            log.error(
                where,
                f"This workbook is of schema {schema}, but the settings are of schema {stated}.",
                f"Run `wpb upgrade` on the folder, which brings both to schema {MODEL_SCHEMA}.",
                "schema_mixed",
            )


def adapted(
    entries: dict[str, Entry],
    settings_file: str,
    grids: Mapping[str, Grid],
    schema: int,
    log: ProblemLog,
) -> FolderView:
    """Bring the settings and tables of an older folder to today's schema in memory, with one note.

    Source: req 443.
    """
    view = FolderView(entries, settings_file, grids)
    apply_steps(view, schema)
    read_so = [
        f"{change.file} {change.what}"
        for change in view.changes
        if not change.what.startswith(f"adds the setting '{SCHEMA_SETTING}:")
    ]
    how = f" It was read so: {'; '.join(read_so)}." if read_so else ""
    log.note(
        Cell(settings_file, "model", ""),
        f"This folder is of schema {schema}; today's is {MODEL_SCHEMA}.{how}",
        "`wpb upgrade` rewrites it; until then it goes on being read so.",
        "schema_older",
    )
    return view
