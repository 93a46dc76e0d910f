"""Where the records are: CSV files, Parquet files or folders, a table of a database file or of a
cluster's catalogue.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path

from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.patients.engine import Source
from wpb.tables.schema import TableSpec

EDGE_BYTES = 1 << 18


def find_sources(
    folder: Path,
    tables: Mapping[str, TableSpec],
    named: Mapping[str, Mapping[str, str]],
    log: ProblemLog,
) -> dict[str, Source]:
    """Find each table's records: as settings name them, or as <table>.parquet, <table>/ or
    <table>.csv in the folder.

    Two places for one table, and an empty file, are problems; a table that is nowhere is left out.
    """
    found = {}
    for name in tables:
        if name in named:
            source = _named(folder, name, named[name], log)
        else:
            places = [
                place
                for place in (folder / f"{name}.parquet", folder / name, folder / f"{name}.csv")
                if place.exists()
            ]
            if len(places) > 1:
                log.error(
                    _cell(places[0]),
                    f"There are two places with records for {name}:"
                    f" {' and '.join(place.name for place in places)}.",
                    "Keep one of them.",
                    "source_twice",
                )
            source = _files(name, places[0], log) if places else None
        if source:
            found[name] = source
    return found


OURS = ("patients.yaml", "summaries", ".engine", ".released")


def tell_unused(
    folder: Path, names: Collection[str], sources: Mapping[str, Source], log: ProblemLog
) -> None:
    """Refuse files and folders beside the records that nothing reads: what no one reads, no one
    checks for what identifies people.

    Their names are counted and not shown, as a name may itself identify someone.
    Source: req 102, 462.
    """
    used = {Path(source.location).resolve() for source in sources.values() if source.location}
    used |= {place.parent for place in used if "*" in place.name}
    unused = [
        place
        for place in folder.iterdir()
        if place.name not in OURS
        and place.stem not in names
        and place.resolve() not in used
        and not place.name.startswith(".")
    ]
    if unused:
        log.error(
            Cell("patients", "", ""),
            f"Files or folders in patients that nothing reads: {len(unused):,}. What is not read is"
            " not checked for NHS numbers, names or dates of birth.",
            "Take them out, or name each as the table it is.",
            "patients_file_unused",
        )


def _named(folder: Path, name: str, given: Mapping[str, str], log: ProblemLog) -> Source | None:
    if "catalogue" in given:
        return Source(
            name,
            "catalogue",
            "",
            given["catalogue"],
            given["catalogue"],
            f"catalogue:{given['catalogue']}:{given.get('version', '')}",
        )
    if "database" in given:
        path = folder / given["database"]
        if not path.is_file() or not given.get("table"):
            log.error(
                _cell(path),
                f"The database for {name} is not there, or its table is not named.",
                "Give database: a DuckDB file, and table: a table in it.",
                "source_missing",
            )
            return None
        return Source(
            name,
            "database",
            str(path),
            given["table"],
            f"patients/{path.name}:{given['table']}",
            _fingerprint([path]),
        )
    place = folder / given.get("path", "")
    if not given.get("path") or not place.exists():
        log.error(
            Cell("patients/patients.yaml", "patients", f"sources.{name}"),
            f"The records for {name} are not at '{given.get('path', '')}'.",
            "Give a file or folder that is there.",
            "source_missing",
        )
        return None
    return _files(name, place, log)


def _files(name: str, place: Path, log: ProblemLog) -> Source | None:
    files = sorted(place.glob("*.parquet")) if place.is_dir() else [place]
    if not files:
        log.error(
            _cell(place),
            f"The folder {place.name} holds no Parquet file.",
            "Put the records there, or take the folder out.",
            "source_empty",
        )
        return None
    for file in files:
        if not file.stat().st_size:
            log.error(
                _cell(file),
                "The file is empty (0 bytes).",
                "Save it again from its source, or take it out.",
                "file_empty",
            )
            return None
    if place.suffix.lower() == ".csv":
        return Source(name, "csv", str(place), "", f"patients/{place.name}", _fingerprint(files))
    location = str(place / "*.parquet") if place.is_dir() else str(place)
    return Source(name, "parquet", location, "", f"patients/{place.name}", _fingerprint(files))


def bytes_of(source: Source) -> int:
    """Size of a source's files; 0 for a table of a catalogue, whose size is the cluster's to
    know.
    """
    if source.kind == "catalogue":
        return 0
    place = Path(source.location)
    return sum(
        file.stat().st_size
        for file in (place.parent.glob(place.name) if "*" in place.name else [place])
    )


def _fingerprint(files: list[Path]) -> str:
    """Digest names, sizes, times and both ends of files: a gigabyte is not read twice to know that
    it is the same.
    """
    digest = hashlib.sha256()
    for file in files:
        state = file.stat()
        digest.update(f"{file.name}:{state.st_size}:{state.st_mtime_ns}".encode())
        with file.open("rb") as opened:
            digest.update(opened.read(EDGE_BYTES))
            if state.st_size > EDGE_BYTES:
                opened.seek(max(EDGE_BYTES, state.st_size - EDGE_BYTES))
                digest.update(opened.read())
    return digest.hexdigest()


def _cell(place: Path) -> Cell:
    return Cell(f"patients/{place.name}", place.stem, "")
