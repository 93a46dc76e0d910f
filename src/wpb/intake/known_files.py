"""Published files known by their content: which edition a file is, whatever its name and whatever
headings it shares with another edition.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class KnownFile:
    """A published file: its title, the financial year it is for, and its standing (final, draft or
    superseded).
    """

    title: str
    year: str
    standing: str

    @property
    def edition(self) -> str:
        """The title with its year."""
        return f"{self.title}, {self.year.replace('-', '/')}"


def known_file(path: Path) -> KnownFile | None:
    """Tell a published file by its content; None for one that is not known.

    The hash is of the text in UTF-8 with plain line ends, so that a byte-order mark, Windows line
    ends or a last empty line make no difference.
    Source: req 375.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (UnicodeDecodeError, OSError):
        return None
    plain = text.replace("\r\n", "\n").rstrip("\n")
    return _known().get(hashlib.sha256(plain.encode("utf-8")).hexdigest())


@cache
def _known() -> dict[str, KnownFile]:
    with (Path(__file__).parent / "known_files.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["content_hash"]: KnownFile(row["title"], row["year"], row["standing"])
            for row in csv.DictReader(lines)
        }
