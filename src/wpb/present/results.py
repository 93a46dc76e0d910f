"""Everything a run writes: ledger, tables, workbook, report and manifest - all of it, or nothing.

Source: handbook 3.7; req 361, 362, 366, 367.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from wpb.kernel.problems import UsageProblem
from wpb.present.csv_results import write_csv
from wpb.present.evidence_table import evidence_table
from wpb.present.ledger_file import ledger_table, write_ledger
from wpb.present.manifest import MANIFEST, TIMINGS, Manifest, make_manifest
from wpb.present.report import write_report
from wpb.present.result_tables import result_tables
from wpb.present.section_tables import section_tables
from wpb.present.whole_pence import WholePence
from wpb.present.workbook import write_workbook
from wpb.run import Budget

LEDGER, WORKBOOK, REPORT = "ledger.parquet", "workbook.xlsx", "report.html"
ABANDONED_SECONDS = 86_400
Progress = Callable[[str], None]


def write_results(
    budget: Budget,
    out: Path,
    progress: Progress = lambda stage: None,
    timings: Mapping[str, float] | None = None,
) -> Manifest:
    """Write a budget's results to a folder and give the manifest.

    Everything is written beside the folder first and then takes its place, so that a run that fails
    or is stopped leaves earlier results as they were. The same budget gives the same bytes,
    timings.json apart; `timings` (seconds by stage) are those of the stages before.

    Raises UsageProblem where the folder holds something other than results.
    Source: handbook 3.7; req 361, 362, 366, 367.
    """
    _check_place(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    seconds = dict(timings or {})
    _clear_abandoned(out)
    fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".partial", dir=out.parent))
    try:
        manifest = _write_all(budget, fresh, progress, seconds)
        (fresh / TIMINGS).write_text(
            json.dumps({stage: round(taken, 3) for stage, taken in seconds.items()}, indent=2)
            + "\n",
            encoding="utf-8",
        )
        fresh.chmod(0o755)
        _take_place(fresh, out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return manifest


def _write_all(
    budget: Budget, folder: Path, progress: Progress, seconds: dict[str, float]
) -> Manifest:
    whole = WholePence(budget)
    with _timed("result tables", progress, seconds):
        tables = result_tables(whole) | section_tables(budget)
        evidence = evidence_table(budget.model)
        files = tables | ({evidence.name: evidence} if len(evidence) else {})
        for table in files.values():
            write_csv(table, folder)
    with _timed("ledger", progress, seconds):
        write_ledger(ledger_table(budget), folder / LEDGER)
    with _timed("workbook", progress, seconds):
        write_workbook(files, budget.model.settings, folder / WORKBOOK)
    with _timed("report", progress, seconds):
        write_report(whole, tables, folder / REPORT)
    manifest = make_manifest(whole, folder.iterdir())
    (folder / MANIFEST).write_text(manifest.as_json(), encoding="utf-8")
    return manifest


@contextmanager
def _timed(stage: str, progress: Progress, seconds: dict[str, float]) -> Iterator[None]:
    progress(stage)
    start = time.perf_counter()
    yield
    seconds[stage] = time.perf_counter() - start


def _check_place(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise UsageProblem(f"{out} is a file, so results cannot be written there. Name a folder.")
    if out.is_dir() and any(out.iterdir()) and not (out / MANIFEST).is_file():
        raise UsageProblem(
            f"{out} holds something other than results, so it is left as it is. Name a new or an"
            " empty folder."
        )


def _clear_abandoned(out: Path) -> None:
    """Take away what runs that were killed left beside the folder; a day old, it is no longer being
    written by anyone.
    """
    for left in out.parent.glob(f".{out.name}.*.partial"):
        if left.is_dir() and time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def _take_place(fresh: Path, out: Path) -> None:
    """Put the new folder in the place of the old one; what a person added to the old one moves
    over.
    """
    if not out.exists():
        fresh.rename(out)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".earlier", dir=out.parent))
    earlier = old / out.name
    out.rename(earlier)
    try:
        fresh.rename(out)
    except BaseException:
        earlier.rename(out)
        old.rmdir()
        raise
    _keep_additions(earlier, out)
    shutil.rmtree(old, ignore_errors=True)


def _keep_additions(earlier: Path, out: Path) -> None:
    try:
        written = {
            MANIFEST,
            TIMINGS,
            *json.loads((earlier / MANIFEST).read_text(encoding="utf-8"))["outputs"],
        }
    except (ValueError, KeyError, TypeError):
        written = {path.name for path in out.iterdir()}
    for path in earlier.iterdir():
        if path.name not in written and not (out / path.name).exists():
            path.rename(out / path.name)
