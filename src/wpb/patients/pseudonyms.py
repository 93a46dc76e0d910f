"""Keyed pseudonyms: NHS numbers become pseudonyms under a key that stays outside every model.

The same key gives the same pseudonym in every file, so records of several sources link; without the
key nothing leads back. Files are streamed, and are written whole or not at all.
Source: handbook 2.4.5; req 102, 462.
"""

from __future__ import annotations

import csv
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wpb.kernel.identifiers import names_a_person, ten_digit_numbers, valid_nhs_number
from wpb.kernel.places import Cell
from wpb.kernel.problems import InputProblems, Problem, UsageProblem
from wpb.patients.private_files import FILE_MODE

HEADER = "wpb people key 1"
KEY_BYTES = 32
PSEUDONYM_BYTES = 16
"""128 bits: two people of sixty million share a pseudonym once in 10^23 tries."""
PURPOSE = b"wpb people"
ROWS = 65_536
OLD = "old_pseudonym"


@dataclass(frozen=True)
class Key:
    """A secret from which pseudonyms are made."""

    secret: bytes

    @property
    def name(self) -> str:
        """Tells one key from another, so that two sites can see that theirs is the same."""
        return hashlib.blake2b(b"name", key=self.secret, digest_size=4, person=PURPOSE).hexdigest()

    def pseudonym(self, nhs_number: str) -> str:
        """The pseudonym of an NHS number: 128 bits of its hash with BLAKE2b under the key.

        Source: RFC 7693 (keyed hashing); req 462.
        """
        return hashlib.blake2b(
            nhs_number.encode(),
            key=self.secret,
            digest_size=PSEUDONYM_BYTES,
            person=PURPOSE,
        ).hexdigest()


@dataclass
class Counted:
    """Rows of one file, and of how many the NHS number is blank or not valid."""

    rows: int = 0
    blank: int = 0
    invalid: int = 0
    mismatched: int = 0
    """Rows whose pseudonym is not that of the old key."""
    identifying: tuple[int, ...] = ()
    """Positions of the columns that the room would refuse by their headings."""


def make_key(path: Path) -> Key:
    """Write a new key to a file that only this account can read.

    Raises UsageProblem where the place lies inside a model folder, or holds something already.
    """
    _refuse_inside_a_model(path)
    key = Key(secrets.token_bytes(KEY_BYTES))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    except FileExistsError:
        raise UsageProblem(
            f"{path} is there already. A key is never written over: pseudonyms made with it could"
            " not be made again."
        ) from None
    except OSError as fault:
        raise UsageProblem(f"{path} can't be written ({fault.strerror}).") from None
    with os.fdopen(handle, "w", encoding="ascii") as opened:
        os.chmod(path, FILE_MODE)
        opened.write(f"{HEADER}\n{key.secret.hex()}\n")
    return key


def read_key(path: Path) -> Key:
    """Read a key.

    Raises UsageProblem where it is no key of ours, lies inside a model folder, or other accounts
    can read it.
    """
    _refuse_inside_a_model(path)
    try:
        if os.name != "nt" and path.stat().st_mode & 0o077:
            raise UsageProblem(f"Other accounts can read {path}. Close it first: chmod 600 {path}")
        lines = path.read_text(encoding="ascii").splitlines()
        secret = bytes.fromhex(lines[1]) if lines[:1] == [HEADER] else b""
    except (OSError, ValueError, IndexError):
        secret = b""
    if len(secret) != KEY_BYTES:
        raise UsageProblem(f"{path} is no key made by `wpb people key`.")
    return Key(secret)


def _refuse_inside_a_model(path: Path) -> None:
    for folder in path.resolve().parents:
        if (folder / "model.yaml").is_file() or (folder / "patients" / "patients.yaml").is_file():
            raise UsageProblem(
                f"{path} lies inside the model folder {folder.name}. A key is kept away from the"
                " records: whoever has both can look people up."
            )


def nhs_number_of(cell: object) -> str:
    """The valid NHS number that a cell holds, however it is written; '' where it holds none or
    several.
    """
    if isinstance(cell, bytes):
        cell = cell.decode("utf-8", "replace")
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    found = set(ten_digit_numbers(str(cell)))
    return found.pop() if len(found) == 1 and all(map(valid_nhs_number, found)) else ""


def pseudonymise(
    source: Path,
    target: Path,
    key: Key,
    column: str,
    *,
    name: str = "pseudonym",
    drop: Sequence[str] = (),
    blank_invalid: bool = False,
) -> Counted:
    """Write a CSV or Parquet file again with pseudonyms in place of NHS numbers, row by row.

    Blank numbers stay blank. Nothing is written where a number is not valid, unless those are to
    become blank.
    Raises InputProblems with counts, UsageProblem.
    Source: req 102, 462.
    """
    counted = Counted()

    def change(cell: object) -> str:
        text = "" if cell is None else str(cell).strip()
        if not text or text.lower() == "nan":
            counted.blank += 1
            return ""
        number = nhs_number_of(cell)
        if not number:
            counted.invalid += 1
            return ""
        return key.pseudonym(number)

    with _whole_or_not(target) as part:
        _write_again(source, part, column, name, drop, change, counted)
        if counted.invalid and not blank_invalid:
            raise InputProblems([_not_valid(source, column, counted)])
    return counted


def _not_valid(source: Path, column: str, counted: Counted) -> Problem:
    return Problem(
        "error",
        Cell(source.name, "", ""),
        f"{counted.invalid:,} of {counted.rows:,} rows hold no valid NHS number in the column"
        " of NHS"
        f" numbers ({counted.blank:,} more are blank). Nothing was written.",
        "Correct them at their source, or give --blank-invalid to leave their pseudonyms blank.",
        "nhs_number_invalid",
    )


def rotate(
    source: Path, target: Path, old: Key, new: Key, column: str, name: str = "pseudonym"
) -> Counted:
    """Write a linking table again under a new key: NHS numbers stay, each pseudonym becomes that of
    the new key, and the old one is kept in a column of its own, so that kept files can follow.

    Raises InputProblems where a number is not valid, or a pseudonym is not that of the old key.
    Source: req 102, 462.
    """
    counted = Counted()
    with (
        _whole_or_not(target) as part,
        source.open(encoding="utf-8-sig", newline="") as opened,
        part.open("w", encoding="utf-8", newline="") as written,
    ):
        reader = csv.reader(opened)
        heading = next(reader, [])
        number_at, pseudonym_at = (_position(heading, wanted, source) for wanted in (column, name))
        writer = csv.writer(written)
        writer.writerow([*heading, OLD])
        for row in _even_rows(reader, heading, source):
            counted.rows += 1
            number = nhs_number_of(row[number_at])
            if not number:
                counted.invalid += 1
            elif row[pseudonym_at] != old.pseudonym(number):
                counted.mismatched += 1
            else:
                before, row[pseudonym_at] = row[pseudonym_at], new.pseudonym(number)
                writer.writerow([*row, before])
        if counted.invalid or counted.mismatched:
            raise InputProblems([_not_linked(source, counted)])
    return counted


def _not_linked(source: Path, counted: Counted) -> Problem:
    return Problem(
        "error",
        Cell(source.name, "", ""),
        f"Of {counted.rows:,} rows, {counted.invalid:,} hold no valid NHS number and"
        f" {counted.mismatched:,} a pseudonym that the old key does not give. Nothing was written.",
        "Give the key that the table was made with, and correct the numbers.",
        "linking_table",
    )


def _write_again(
    source: Path,
    part: Path,
    column: str,
    name: str,
    drop: Sequence[str],
    change: Callable[[object], str],
    counted: Counted,
) -> None:
    if source.suffix.lower() == ".parquet":
        _parquet_again(source, part, column, name, drop, change, counted)
    elif source.suffix.lower() == ".csv":
        _csv_again(source, part, column, name, drop, change, counted)
    else:
        raise UsageProblem(f"{source.name} is neither CSV nor Parquet.")


def _csv_again(
    source: Path,
    part: Path,
    column: str,
    name: str,
    drop: Sequence[str],
    change: Callable[[object], str],
    counted: Counted,
) -> None:
    with (
        source.open(encoding="utf-8-sig", newline="") as opened,
        part.open("w", encoding="utf-8", newline="") as written,
    ):
        reader, writer = csv.reader(opened), csv.writer(written)
        heading = next(reader, [])
        at = _position(heading, column, source)
        dropped = {_position(heading, wanted, source) for wanted in drop}
        kept = [place for place in range(len(heading)) if place not in dropped]
        names = [name if place == at else heading[place] for place in kept]
        counted.identifying = _identifying(names)
        writer.writerow(names)
        for row in _even_rows(reader, heading, source):
            counted.rows += 1
            row[at] = change(row[at])
            writer.writerow([row[place] for place in kept])


def _parquet_again(
    source: Path,
    part: Path,
    column: str,
    name: str,
    drop: Sequence[str],
    change: Callable[[object], str],
    counted: Counted,
) -> None:
    import pyarrow
    from pyarrow import parquet

    try:
        opened = parquet.ParquetFile(source)
    except (OSError, pyarrow.ArrowInvalid):
        raise UsageProblem(f"{source.name} can't be read as Parquet.") from None
    heading = opened.schema_arrow.names
    at = _position(heading, column, source)
    dropped = {_position(heading, wanted, source) for wanted in drop}
    kept = [place for place in range(len(heading)) if place not in dropped]
    fields = [
        pyarrow.field(name, pyarrow.string()) if place == at else opened.schema_arrow.field(place)
        for place in kept
    ]
    schema = pyarrow.schema(fields)
    counted.identifying = _identifying(schema.names)
    with parquet.ParquetWriter(part, schema) as writer:
        for batch in opened.iter_batches(ROWS):
            counted.rows += len(batch)
            columns: list[Any] = [
                pyarrow.array(
                    [change(cell) or None for cell in batch.column(place).to_pylist()]
                ).cast(pyarrow.string())
                if place == at
                else batch.column(place)
                for place in kept
            ]
            writer.write_batch(pyarrow.record_batch(columns, schema=schema))


def _identifying(names: Sequence[str]) -> tuple[int, ...]:
    return tuple(number for number, name in enumerate(names, 1) if names_a_person(name))


def _position(heading: Sequence[str], wanted: str, source: Path) -> int:
    found = [place for place, name in enumerate(heading) if name.strip() == wanted.strip()]
    if len(found) != 1:
        raise UsageProblem(
            f"{source.name} has {'no' if not found else 'more than one'} column called {wanted}."
        )
    return found[0]


def _even_rows(
    reader: Iterator[list[str]], heading: Sequence[str], source: Path
) -> Iterator[list[str]]:
    for number, row in enumerate(reader, 2):
        if not row:
            continue
        if len(row) != len(heading):
            raise InputProblems(
                [
                    Problem(
                        "error",
                        Cell(source.name, "", f"row {number}"),
                        f"The row has {len(row)} cells, the first line {len(heading)}. Nothing was"
                        " written.",
                        "Save the file again as CSV, with text that holds commas in quotes.",
                        "row_uneven",
                    )
                ]
            )
        yield row


@contextmanager
def _whole_or_not(target: Path) -> Iterator[Path]:
    """A file for this account alone to write to, put in its place only when it is whole."""
    if target.exists():
        raise UsageProblem(f"{target} is there already. Give another place, or take it away.")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part-{os.getpid()}")
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE))
    os.chmod(part, FILE_MODE)
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
