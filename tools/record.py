"""Write every figure and every word that the examples give, and set two such records side by side.

    python tools/record.py write OUT                    a record of this folder's examples and code
    python tools/record.py write OUT --tree OTHER       of another checkout, by its own code
    python tools/record.py write OUT --only handbook    of one example; may be repeated
    python tools/record.py write OUT --skip live        without the workbooks of formulas (slow)
    python tools/record.py compare A B --words FILE     what moved from A to B

A record holds nothing of time, path or machine: two records of two clean checkouts are equal. It is
text, one file a part, in three forms: `.figures.gz` (blocks of a ledger: each unrounded figure by
block, row and year), `.values` (keys and values of JSON and tables) and `.words` (papers, reports,
and workbooks a row a line). `INDEX` gives the hash of each part and one of the whole record.

`compare` ends with 0 where nothing moved, and with 3 where anything did.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import difflib
import gzip
import hashlib
import io
import json
import os
import re
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FIGURES, VALUES, WORDS = ".figures.gz", ".values", ".words"
INDEX, LEFT_OUT = "INDEX", "LEFT_OUT"
MODELS = ("handbook", "midshire", "poor_data")
OTHERS = ("pooled_budget", "sharing", "us_shared_savings")
SKIPPABLE = {
    "live": "live_workbook/",
    "papers": "papers/",
    "shadow": "shadow.",
    "report": "results/report.",
}
"""What may be left out, and how its parts begin within an example."""
PASSED_BY = ("manifest.json", "timings.json")
"""Files of a run that hold hashes, versions and seconds; what they vouch for is recorded itself."""
SHADOW_RUNS, SHADOW_SEED = 100, 1
HASHES_OF_RUNS = ("manifest",)
"""Fields that hold a hash of versions and of all else: they would move with anything."""
FIRST_PLACES = 5
EXACT, CHANGED = 0, 3


# Writing ------------------------------------------------------------------------------------------


@dataclass
class Recorder:
    """A record being written: its folder, and what was left out."""

    folder: Path
    skipped: frozenset[str]
    hashes: dict[str, str] = field(default_factory=dict)

    def put(self, part: str, text: str) -> None:
        """Keep one part; an ending of `.gz` compresses it, the same each time."""
        content = text.encode()
        path = self.folder / part
        path.parent.mkdir(parents=True, exist_ok=True)
        if part in self.hashes:
            raise ValueError(f"the record already has a part {part}")
        self.hashes[part] = hashlib.sha256(content).hexdigest()
        path.write_bytes(gzip.compress(content, 5, mtime=0) if part.endswith(".gz") else content)

    def close(self, examples: Iterable[str]) -> str:
        """Write the index, and what was left out, and give the hash of the whole record."""
        left_out = sorted({*self.skipped, *MODELS, *OTHERS} - set(examples))
        (self.folder / LEFT_OUT).write_text("".join(f"{name}\n" for name in left_out), "utf-8")
        lines = [f"{digest}  {part}" for part, digest in sorted(self.hashes.items())]
        whole = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        text = "\n".join([f"{whole}  the whole record", *lines]) + "\n"
        (self.folder / INDEX).write_text(text, encoding="utf-8")
        return whole


def write(folder: Path, tree: Path, only: Sequence[str], skipped: Iterable[str]) -> str:
    """Write the record of a checkout's examples, calculated by that checkout's own code."""
    if folder.exists() and any(folder.iterdir()):
        raise SystemExit(f"{folder} is not empty. Name a folder that is new.")
    recorder = Recorder(folder.resolve(), frozenset(skipped))
    sys.path.insert(0, str(tree / "src"))
    os.chdir(tree)
    import wpb

    if Path(wpb.__file__).resolve().parents[1] != (tree / "src").resolve():
        raise SystemExit(f"wpb was imported from {wpb.__file__}, not from {tree}.")
    with tempfile.TemporaryDirectory() as scratch, each_model_read_once():
        for name in only:
            print(f"{name} ...", flush=True)
            if name in MODELS:
                record_model(name, recorder, Path(scratch))
            elif name == "pooled_budget":
                record_pool(name, recorder)
            else:
                record_sharing(name, recorder)
    return recorder.close(only)


@contextlib.contextmanager
def each_model_read_once() -> Iterator[None]:
    """Let the commands of one process share the model they read; figures never change once made."""
    from wpb import api

    kept: dict[tuple[str, str], api.LoadedModel] = {}
    load = api.load

    def load_once(
        path: str | Path,
        as_known_on: str = "",
        progress: Callable[[str], None] = lambda stage: None,
        *_: Any,
        **__: Any,
    ) -> api.LoadedModel:
        key = (str(path), as_known_on)
        if key not in kept:
            kept[key] = load(path, as_known_on)
        kept[key].progress = progress
        progress("reading")
        return kept[key]

    api.load = load_once
    try:
        yield
    finally:
        api.load = load


@dataclass(frozen=True)
class Done:
    """How a command ended: its exit code, and what it printed."""

    code: int
    printed: str
    told: str

    def text(self) -> str:
        """All of it, for a record of words."""
        return f"exit code {self.code}\n{self.printed}"


def command(*words: str) -> Done:
    """Run one command of wpb in this process, as its own way in does."""
    from wpb.cli import main

    printed, told = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(told):
        code = main(list(words))
    return Done(code, printed.getvalue(), told.getvalue())


def record_json(part: str, recorder: Recorder, *words: str) -> Any:
    """Record what a command prints as JSON, key by key; as words where it ends otherwise."""
    done = command(*words, "--json")
    try:
        found = json.loads(done.printed)
    except ValueError:
        recorder.put(part + WORDS, done.text() + done.told)
        return None
    lines = [f"exit_code\t{done.code}", *(f"{key}\t{value}" for key, value in flattened(found))]
    recorder.put(part + VALUES, "\n".join(lines) + "\n")
    return found if done.code == 0 else None


def record_words(part: str, recorder: Recorder, *words: str) -> None:
    """Record what a command prints for a reader."""
    recorder.put(part + WORDS, command(*words).text())


def record_model(name: str, recorder: Recorder, scratch: Path) -> None:
    """Record a model: its figures, tables, workbooks, papers, contract, settlement and shadow."""
    import wpb

    model = f"examples/{name}"
    loaded = wpb.load(model)
    record_json(f"{name}/check", recorder, "check", model)
    recorder.put(f"{name}/budget{FIGURES}", blocks_text(loaded.budget.ledger))
    out = scratch / name
    done = command("run", model, "--out", str(out))
    if done.code:
        recorder.put(f"{name}/run{WORDS}", done.text() + done.told)
    record_results(name, out, recorder)
    for table in loaded.tables.values():
        for_one = io.StringIO()
        csv.writer(for_one, lineterminator="\n").writerows(
            [[column.name for column in table.columns], *(map(spelt, row) for row in table.rows)]
        )
        recorder.put(f"{name}/tables/{table.name}{VALUES}", table_values(for_one.getvalue()))
    if len(loaded.model["contract_terms"]):
        record_contract(name, loaded, recorder)
    if len(loaded.model["uncertainties"]) and "shadow" not in recorder.skipped:
        settings = ("--runs", str(SHADOW_RUNS), "--seed", str(SHADOW_SEED), "--workers", "1")
        record_json(f"{name}/shadow", recorder, "shadow", model, *settings, "--no-files")
    if "papers" not in recorder.skipped:
        record_papers(name, loaded, recorder)
    if "live" not in recorder.skipped:
        path = scratch / f"{name}_live.xlsx"
        loaded.export("workbook", path)
        record_file(f"{name}/live_workbook", path, recorder)


def record_results(name: str, out: Path, recorder: Recorder) -> None:
    """Record the files of a run; of those that are the result tables again, names and hashes."""
    listed = []
    for path in sorted(out.rglob("*")):
        if path.suffix == ".csv":
            listed.append(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}")
        elif path.is_file():
            record_file(f"{name}/results/{path.stem}", path, recorder)
    recorder.put(f"{name}/results/files{WORDS}", "\n".join(listed) + "\n")


def record_contract(name: str, loaded: Any, recorder: Recorder) -> None:
    """Record a live contract: its figures, versions, postings, statements, schemes and exposure."""
    model = f"examples/{name}"
    recorder.put(f"{name}/contract{FIGURES}", blocks_text(loaded.contract.ledger))
    record_json(f"{name}/contract_versions", recorder, "contract", model)
    settled = record_json(f"{name}/settlement", recorder, "settle", model)
    record_json(f"{name}/incentives", recorder, "incentives", model)
    record_json(f"{name}/exposure", recorder, "share", "exposure", model)
    for year in [row["year"] for row in settled["years"]] if settled else []:
        record_json(f"{name}/providers_{year}", recorder, "settle", model, "--providers", year)
    for party in sorted(settled["balances"]) if settled else []:
        words = ("statement", model, "--party", party)
        record_words(f"{name}/statement_{file_name(party)}", recorder, *words)


def record_papers(name: str, loaded: Any, recorder: Recorder) -> None:
    """Record each paper's text; of one that a model can't have, the reason."""
    from wpb.kernel.problems import InputProblems, UsageProblem
    from wpb.present.documents import DOCUMENTS, make_document
    from wpb.present.documents.as_page import page_text

    papers = loaded.papers()
    for document in DOCUMENTS:
        try:
            text = page_words(page_text(make_document(document, papers)))
        except (InputProblems, UsageProblem) as refused:
            text = f"not made: {refused}\n"
        recorder.put(f"{name}/papers/{document}{WORDS}", text)


def record_pool(name: str, recorder: Recorder) -> None:
    """Record a pooled fund: its check, its case, and each year with the figures behind it."""
    pool = f"examples/{name}"
    record_json(f"{name}/check", recorder, "pool", "check", pool)
    record_json(f"{name}/case", recorder, "pool", "case", pool)
    text = Path(pool, "pool.yaml").read_text(encoding="utf-8")
    named = set(re.findall(r"\b20\d\d-\d\d\b", text))
    for year in sorted(year for year in named if int(year[2:4]) + 1 == int(year[5:])):
        with ledgers_made() as ledgers:
            record_json(f"{name}/year_{year}", recorder, "pool", "year", pool, "--year", year)
        record_ledgers(f"{name}/year_{year}", ledgers, recorder)
        record_json(f"{name}/reviews_{year}", recorder, "pool", "reviews", pool, "--year", year)


def record_sharing(name: str, recorder: Recorder) -> None:
    """Record each arrangement of a folder: its terms and what it settles, with the figures
    behind.
    """
    for file in sorted(Path("examples", name).glob("*.yaml")):
        part, path = f"{name}/{file.stem}", file.as_posix()
        if file.stem in ("suitability", "alliance"):
            record_json(part, recorder, "share", file.stem, path)
            continue
        record_json(f"{part}_check", recorder, "share", "check", path)
        record_json(f"{part}_terms", recorder, "share", "term-sheet", path)
        results = file.with_name(
            "results.csv" if file.stem == "arrangement" else f"{file.stem}.csv"
        )
        measures = file.with_name(f"{file.stem}_measures.csv")
        more = ("--measures", measures.as_posix()) if measures.exists() else ()
        with ledgers_made() as ledgers:
            words = ("share", "settle", path, results.as_posix(), *more)
            record_json(f"{part}_settled", recorder, *words)
        record_ledgers(f"{part}_settled", ledgers, recorder)


@contextlib.contextmanager
def ledgers_made() -> Iterator[list[Any]]:
    """Collect every ledger that is begun meanwhile: the unrounded figures behind a command."""
    from wpb.kernel.ledger import Ledger

    begun: list[Any] = []
    begin = Ledger.__init__

    def begin_and_note(self: Ledger, *words: Any, **named: Any) -> None:
        begin(self, *words, **named)
        begun.append(self)

    Ledger.__init__ = begin_and_note  # type: ignore[method-assign]
    try:
        yield begun
    finally:
        Ledger.__init__ = begin  # type: ignore[method-assign]


def record_ledgers(part: str, ledgers: Sequence[Any], recorder: Recorder) -> None:
    """Record the figures of ledgers in the order they were begun; empty ones are passed by."""
    filled = [ledger for ledger in ledgers if ledger.blocks]
    for number, ledger in enumerate(filled):
        suffix = "" if len(filled) == 1 else f"_{number + 1}"
        recorder.put(f"{part}{suffix}{FIGURES}", blocks_text(ledger))


def record_file(part: str, path: Path, recorder: Recorder) -> None:
    """Record one file of a run by its kind."""
    if path.name in PASSED_BY or (path.suffix == ".html" and "report" in recorder.skipped):
        return
    if path.suffix == ".html":
        recorder.put(part + WORDS, page_words(path.read_text(encoding="utf-8")))
    elif path.suffix == ".xlsx":
        for sheet, text in workbook_words(path):
            recorder.put(f"{part}/{file_name(sheet)}{WORDS}", text)
    elif path.suffix == ".parquet":
        recorder.put(part + WORDS, parquet_digest(path))
    else:
        recorder.put(f"{part}{path.suffix}{WORDS}", path.read_text(encoding="utf-8"))


def blocks_text(ledger: Any) -> str:
    """Spell a ledger: a line `# block, unit, years` and a line `row, figures` for each of its rows.

    Figures are Python's shortest exact spelling of each number; several runs of one row are
    parted by a stroke.
    """
    lines = []
    for block in sorted(ledger, key=lambda found: found.id):
        years = " ".join(block.years) if block.years else "-"
        lines.append(f"# {block.id}\t{block.unit}\t{years}")
        value = block.value
        for row in sorted(range(len(block.axis)), key=lambda at: str(block.axis.codes[at])):
            runs = (" ".join(map(repr, run)) for run in value[:, row, :].tolist())
            lines.append(f"{block.axis.codes[row]}\t{'|'.join(runs)}")
    return "\n".join(lines) + "\n"


def spelt(value: object) -> str:
    """Spell a value exactly: nothing for what is absent."""
    return "" if value is None else repr(value) if isinstance(value, float) else str(value)


def flattened(found: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """Give each value of JSON by its path; a row of a list is named by its own codes, so that a row
    put in before it does not move it.
    """
    if isinstance(found, Mapping):
        for name, value in found.items():
            if name not in HASHES_OF_RUNS:
                yield from flattened(value, f"{at}/{name}")
    elif isinstance(found, list) and found and all(isinstance(row, Mapping) for row in found):
        for key, row in zip(row_keys(found), found, strict=True):
            yield from flattened(row, f"{at}[{key}]")
    elif isinstance(found, list):
        for number, value in enumerate(found):
            yield from flattened(value, f"{at}[{number}]")
    else:
        yield at, json.dumps(found, ensure_ascii=False)


def table_values(text: str) -> str:
    """Spell a CSV as keys and values: `[row's codes]/column`."""
    heading, *rows = list(csv.reader(io.StringIO(text))) or [[]]
    found = [dict(zip(heading, row, strict=False)) for row in rows]
    lines = [f"columns\t{' '.join(heading)}"]
    for key, row in zip(row_keys(found), found, strict=True):
        lines += [f"[{key}]/{name}\t{one_line(value)}" for name, value in row.items()]
    return "\n".join(lines) + "\n"


def row_keys(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name each row by as few of its fields as tell rows apart: codes and years before words, never
    numbers; a row with a namesake gets a number after its name.
    """
    names = list(rows[0]) if rows else []
    given = {
        name: [text if isinstance(text := row.get(name), str) else "" for row in rows]
        for name in names
    }
    texts = [name for name in names if any(given[name]) and not any(map(is_number, given[name]))]
    by_kind = sorted(texts, key=lambda name: any(" " in text for text in given[name]))
    keys, distinct = [""] * len(rows), min(1, len(rows))
    for name in by_kind:
        longer = [f"{key},{text}" for key, text in zip(keys, given[name], strict=True)]
        if (count := len(set(longer))) > distinct or not any(keys):
            keys, distinct = longer, count
        if distinct == len(rows):
            break
    seen: Counter[str] = Counter()
    found = []
    for key in (one_line(key).lstrip(",") for key in keys):
        seen[key] += 1
        found.append(key if seen[key] == 1 else f"{key}#{seen[key]}")
    return found


def one_line(text: str) -> str:
    """Put text on one line, without the tab that parts key and value."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\r", "").replace("\n", "\\n")


def file_name(text: str) -> str:
    """Make a code or a sheet's name safe for a file."""
    return re.sub(r"[^\w.-]+", "_", text)


class PageWords(HTMLParser):
    """Takes the text of a page, a line for each paragraph, heading, cell or label."""

    INLINE = frozenset(
        {"a", "b", "i", "em", "strong", "span", "code", "sup", "sub", "small", "tspan"}
    )
    SILENT = frozenset({"script", "style"})

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = [""]
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, unless the tag stands within one."""
        self.silent += tag in self.SILENT
        if tag in ("td", "th"):
            self.lines[-1] += " | "
        elif tag not in self.INLINE:
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        """End a silent part."""
        self.silent -= tag in self.SILENT
        if tag not in self.INLINE and tag not in ("td", "th"):
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        """Take words."""
        if not self.silent:
            self.lines[-1] += data


def page_words(html: str) -> str:
    """Give the words of a page, without its layout."""
    reader = PageWords()
    reader.feed(html)
    lines = (" ".join(line.split()) for line in reader.lines)
    return "\n".join(line for line in lines if line.strip(" |")) + "\n"


MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def workbook_words(path: Path) -> Iterator[tuple[str, str]]:
    """Give each sheet of a workbook: a line a row, `column=value` and `column:formula` of a cell.

    Read from the file itself, so that what is recorded is what a reader's spreadsheet gets.
    """
    with zipfile.ZipFile(path) as book:
        strings = shared_strings(book)
        links = {
            link.get("Id"): str(link.get("Target"))
            for link in ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))
        }
        root = ElementTree.fromstring(book.read("xl/workbook.xml"))
        for sheet in root.iter(f"{MAIN}sheet"):
            target = links[sheet.get(RELATION)].removeprefix("/xl/")
            with book.open(f"xl/{target}") as stream:
                lines = list(sheet_lines(stream, strings))
            yield str(sheet.get("name")), "\n".join(lines) + "\n"


def shared_strings(book: zipfile.ZipFile) -> list[str]:
    """List the texts that cells of a workbook point at."""
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    root = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
    return ["".join(part.text or "" for part in item.iter(f"{MAIN}t")) for item in root]


def sheet_lines(stream: Any, strings: Sequence[str]) -> Iterator[str]:
    """Give the rows of one sheet as lines."""
    for _, element in ElementTree.iterparse(stream):
        if element.tag != f"{MAIN}row":
            continue
        cells = []
        for cell in element:
            column = re.sub(r"\d+$", "", cell.get("r", ""))
            kind, value = cell.get("t"), cell.findtext(f"{MAIN}v")
            if kind == "inlineStr":
                value = "".join(part.text or "" for part in cell.iter(f"{MAIN}t"))
            elif kind == "s" and value is not None:
                value = strings[int(value)]
            formula = cell.findtext(f"{MAIN}f")
            if formula is not None:
                cells.append(f"{column}:{one_line(formula)}")
            if value is not None:
                cells.append(f"{column}={one_line(value)}")
        element.clear()
        if cells:
            yield "\t".join(cells)


def parquet_digest(path: Path) -> str:
    """Say what a Parquet file holds: its columns, rows, and a hash of its values."""
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(path)
    lines = [f"{table.num_rows} rows"]
    for name in table.column_names:
        values = "\n".join(map(spelt, table.column(name).to_pylist()))
        digest = hashlib.sha256(values.encode()).hexdigest()
        lines.append(f"{name} {table.schema.field(name).type} {digest}")
    return "\n".join(lines) + "\n"


# Comparing ----------------------------------------------------------------------------------------


@dataclass
class Moved:
    """What moved in one part or block: figures with their places, and keys that came and went."""

    name: str
    figures: list[tuple[str, float, float]] = field(default_factory=list)
    words: list[tuple[str, str, str]] = field(default_factory=list)
    appeared: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.figures or self.words or self.appeared or self.gone)

    def lines(self) -> list[str]:
        """Say it: how many, the largest, and the first places."""
        said = []
        if self.figures:
            place, before, after = max(self.figures, key=lambda found: abs(found[2] - found[1]))
            said.append(
                f"  {self.name}: {len(self.figures):,} figures moved; the largest is {place}:"
                f" {before!r} -> {after!r} ({after - before:+.6g})"
            )
            said += [
                f"    {place}: {before!r} -> {after!r}"
                for place, before, after in self.figures[:FIRST_PLACES]
            ]
        for what, places in (("appeared", self.appeared), ("gone", self.gone)):
            if places:
                first = ", ".join(places[:FIRST_PLACES])
                said.append(f"  {self.name}: {len(places):,} {what}: {first}")
        if self.words:
            said.append(f"  {self.name}: {len(self.words):,} words or codes changed")
        return said


@dataclass
class Comparison:
    """All that moved between two records: lines to print, a diff of words, and counts."""

    lines: list[str] = field(default_factory=list)
    diff: list[str] = field(default_factory=list)
    figures: int = 0
    printed: int = 0
    words: int = 0
    parts: int = 0
    """Parts that appeared or are gone."""
    left_out: list[str] = field(default_factory=list)
    """What one of the two was written without, so that it could not be compared."""

    @property
    def code(self) -> int:
        """The exit code: 0 where nothing moved."""
        return CHANGED if self.figures or self.printed or self.words or self.parts else EXACT

    def add(self, moved: Moved) -> None:
        """Count and say what moved in one block or part."""
        self.figures += len(moved.figures) + len(moved.appeared) + len(moved.gone)
        self.words += len(moved.words)
        self.lines += moved.lines()
        if moved.words:
            self.diff += [f"--- {moved.name}", f"+++ {moved.name}"]
            for place, before, after in moved.words:
                self.diff += [f"@@ {place} @@", f"-{before}", f"+{after}"]


def compare(a: Path, b: Path) -> Comparison:
    """Set two records side by side, part by part.

    Raises SystemExit for a folder that holds no record.
    """
    found, hashes = Comparison(), (read_index(a), read_index(b))
    left_out = sorted({*read_left_out(a), *read_left_out(b)})
    found.left_out = left_out
    for part in sorted(set(hashes[0]) | set(hashes[1])):
        before, after = (digests.get(part) for digests in hashes)
        if before == after or is_left_out(part, left_out):
            continue
        if before is None or after is None:
            found.parts += 1
            found.lines.append(f"  {part}: the part {'appeared' if before is None else 'is gone'}")
        elif part.endswith(FIGURES):
            for moved in compare_blocks(part, read_part(a / part), read_part(b / part)):
                found.add(moved)
        elif part.endswith(VALUES):
            found.add(compare_values(part, read_part(a / part), read_part(b / part)))
        else:
            compare_words(part, read_part(a / part), read_part(b / part), found)
    return found


def read_index(folder: Path) -> dict[str, str]:
    """Read the hash of each part of a record."""
    if not (folder / INDEX).is_file():
        raise SystemExit(f"{folder} holds no record: it has no file {INDEX}.")
    lines = (folder / INDEX).read_text(encoding="utf-8").splitlines()[1:]
    return {part: digest for digest, _, part in (line.partition("  ") for line in lines)}


def read_left_out(folder: Path) -> list[str]:
    """Read what a record was written without; nothing where it does not say."""
    path = folder / LEFT_OUT
    return path.read_text(encoding="utf-8").split() if path.is_file() else []


def is_left_out(part: str, left_out: Iterable[str]) -> bool:
    """Whether a part belongs to what was left out: an example, or a kind of part of any."""
    example, _, rest = part.partition("/")
    return any(
        name == example or (name in SKIPPABLE and rest.startswith(SKIPPABLE[name]))
        for name in left_out
    )


def read_part(path: Path) -> str:
    """Read one part of a record as text."""
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode()


def compare_blocks(part: str, a: str, b: str) -> Iterator[Moved]:
    """Compare ledgers block by block, figure by figure."""
    before, after = blocks_read(a), blocks_read(b)
    for block in sorted(set(before) | set(after)):
        moved = Moved(f"{part.removesuffix(FIGURES)} {block}")
        if block not in after:
            moved.gone = [f"the block, {len(before[block][1]):,} rows"]
        elif block not in before:
            moved.appeared = [f"the block, {len(after[block][1]):,} rows"]
        elif before[block] != after[block]:
            _compare_block(moved, before[block], after[block])
        if moved:
            yield moved


Rows = dict[str, str]


def blocks_read(text: str) -> dict[str, tuple[tuple[str, str], Rows]]:
    """Read the blocks of a ledger: unit and years, and the spelt figures of each row."""
    found: dict[str, tuple[tuple[str, str], Rows]] = {}
    rows: Rows = {}
    for line in text.splitlines():
        if line.startswith("# "):
            block, unit, years = line[2:].split("\t")
            rows = {}
            found[block] = (unit, years), rows
        else:
            code, _, figures = line.partition("\t")
            rows[code] = figures
    return found


def _compare_block(
    moved: Moved, before: tuple[tuple[str, str], Rows], after: tuple[tuple[str, str], Rows]
) -> None:
    if before[0] != after[0]:
        moved.words.append(("unit and years", " ".join(before[0]), " ".join(after[0])))
    moved.gone = sorted(set(before[1]) - set(after[1]))
    moved.appeared = sorted(set(after[1]) - set(before[1]))
    for row, figures in before[1].items():
        if row in after[1] and after[1][row] != figures:
            olds, news = (
                by_year(text, years[1])
                for text, years in ((figures, before[0]), (after[1][row], after[0]))
            )
            for year in sorted(set(olds) | set(news)):
                place = f"{row}/{year}".rstrip("/-")
                if year not in news:
                    moved.gone.append(place)
                elif year not in olds:
                    moved.appeared.append(place)
                elif olds[year] != news[year]:
                    moved.figures.append((place, float(olds[year]), float(news[year])))


def by_year(figures: str, years: str) -> dict[str, str]:
    """Give the figures of a row by year, and by run where there are several."""
    found = {}
    runs = figures.split("|")
    for number, run in enumerate(runs):
        ending = f" run {number}" if len(runs) > 1 else ""
        for year, figure in zip(years.split(" "), run.split(" "), strict=True):
            found[f"{year}{ending}"] = figure
    return found


def compare_values(part: str, a: str, b: str) -> Moved:
    """Compare keys and values; two numbers that differ are a figure that moved, all else words."""
    moved = Moved(part.removesuffix(VALUES))
    before, after = (
        dict(line.partition("\t")[::2] for line in text.splitlines()) for text in (a, b)
    )
    moved.gone = [key for key in before if key not in after]
    moved.appeared = [key for key in after if key not in before]
    for key, old in before.items():
        new = after.get(key, old)
        if old == new:
            continue
        if is_number(old) and is_number(new):
            moved.figures.append((key, float(old), float(new)))
        else:
            moved.words.append((key, old, new))
    return moved


def is_number(text: str) -> bool:
    """Whether a text is a plain number."""
    return bool(re.fullmatch(r"-?\d+(\.\d+)?(e[-+]?\d+)?", text, re.IGNORECASE))


def compare_words(part: str, a: str, b: str, found: Comparison) -> None:
    """Compare text line by line; a changed line whose words stay the same is a printed figure."""
    name = part.removesuffix(WORDS)
    lines = list(
        difflib.unified_diff(a.splitlines(), b.splitlines(), f"a/{name}", f"b/{name}", lineterm="")
    )
    taken = Counter(masked(line[1:]) for line in lines[2:] if line.startswith("-"))
    put_in = Counter(masked(line[1:]) for line in lines[2:] if line.startswith("+"))
    printed = (taken & put_in).total()
    words = max((taken - put_in).total(), (put_in - taken).total())
    found.printed += printed
    found.words += words
    found.diff += lines
    found.lines.append(
        f"  {name}: {printed:,} lines with another figure, {words:,} with other words"
    )


def masked(line: str) -> str:
    """A line with every number taken out of it."""
    return re.sub(r"\d[\d,]*(\.\d+)?(e[-+]?\d+)?", "0", line)


# The command --------------------------------------------------------------------------------------


def told(found: Comparison) -> str:
    """Say what a comparison found, the sum of it last."""
    note = [f"Left out of one of them: {', '.join(found.left_out)}."] if found.left_out else []
    if found.code == EXACT:
        return "\n".join(["The two records are equal.", *note])
    return "\n".join(
        [
            *found.lines,
            *note,
            (
                f"{found.figures:,} figures by id moved, appeared or are gone; {found.printed:,}"
                f" printed lines have another figure; {found.words:,} changes of words;"
                f" {found.parts:,} parts appeared or are gone."
            ),
        ]
    )


def arguments_read(words: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    writing = commands.add_parser("write", help="write a record")
    writing.add_argument("out", type=Path)
    writing.add_argument("--tree", type=Path, default=ROOT, help="the checkout to record")
    writing.add_argument("--only", action="append", default=[], choices=[*MODELS, *OTHERS])
    writing.add_argument("--skip", action="append", default=[], choices=SKIPPABLE)
    comparing = commands.add_parser("compare", help="say what moved from one record to another")
    comparing.add_argument("a", type=Path)
    comparing.add_argument("b", type=Path)
    comparing.add_argument("--words", type=Path, help="write changes of words to this file")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None, say: Callable[[str], None] = print) -> int:
    """Write or compare, and give the exit code."""
    given = arguments_read(words)
    if given.command == "write":
        only = [name for name in (*MODELS, *OTHERS) if name in given.only or not given.only]
        whole = write(given.out, given.tree.resolve(), only, given.skip)
        say(f"{whole}  {given.out}")
        return EXACT
    found = compare(given.a, given.b)
    if given.words:
        given.words.write_text("\n".join(found.diff) + "\n", encoding="utf-8")
    say(told(found))
    return found.code


if __name__ == "__main__":
    raise SystemExit(main())
