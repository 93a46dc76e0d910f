"""The run manifest: what went in, what was assumed, what came out, by which versions; the same
gives the same, byte for byte.

Source: handbook 3.7; req 366, 367.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

import wpb
from wpb.kernel.json_shapes import shape_name
from wpb.present.record_tables import assumptions_used
from wpb.present.whole_pence import WholePence

MANIFEST, TIMINGS = "manifest.json", "timings.json"
FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    """What makes a run: inputs and outputs by hash, assumption vintages, versions, engine and
    seed.
    """

    schema: str
    format: int
    model: str
    title: str
    currency: str
    known_on: str
    baseline_year: str
    years: tuple[str, ...]
    engine: str
    runs: int
    seed: int | None
    versions: dict[str, str]
    inputs: dict[str, str]
    assumptions: list[dict[str, Any]]
    outputs: dict[str, str]

    def as_json(self) -> str:
        """Spell the manifest as JSON, keys in order."""
        return json.dumps(asdict(self), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def make_manifest(whole: WholePence, files: Iterable[Path]) -> Manifest:
    """Make the manifest of a budget and the files written for it.

    Source: handbook 3.7; req 366, 367.
    """
    settings = whole.budget.model.settings
    vintages: dict[tuple[str, str, str, bool], list[str]] = {}
    for used in assumptions_used(whole):
        vintages.setdefault((used.key, used.citation.vintage, used.status, used.local), []).append(
            used.year
        )
    return Manifest(
        schema=shape_name("manifest"),
        format=FORMAT,
        model=settings.model,
        title=settings.title,
        currency=settings.currency,
        known_on=settings.known_on,
        baseline_year=settings.baseline_year,
        years=whole.budget.years,
        engine="numpy",
        runs=1,
        seed=None,
        versions={
            "wpb": wpb.__version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
        },
        inputs=dict(sorted(whole.budget.model.input_hashes.items())),
        assumptions=[
            {
                "key": key,
                "vintage": vintage,
                "status": status,
                "local": local,
                "years": sorted(years),
            }
            for (key, vintage, status, local), years in sorted(vintages.items())
        ],
        outputs={path.name: file_hash(path) for path in sorted(files)},
    )


def file_hash(path: Path) -> str:
    """Give the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
