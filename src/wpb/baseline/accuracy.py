"""How far out the baseline may be: by the grade of each line's method, the age of its sources, and
part-year estimates.

Source: handbook 2.4.1, Table 2.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass

from wpb.baseline.part_year import Season
from wpb.baseline.spend_subjects import repairs, subject_of
from wpb.kernel.assumptions import AssumptionBook
from wpb.kernel.ledger import Block
from wpb.kernel.money import pounds, whole_pence
from wpb.tables.findings import Finding, judged, not_checked, passed
from wpb.tables.limits import limit
from wpb.tables.model import Model
from wpb.tables.records import GRADES, BudgetLines, Line, Section, SectionColumn

BAND_KEYS = {1: "error_band.preferred", 2: "error_band.second", 3: "error_band.last"}
UNDIVIDED_BAND = "error_band.last_undivided"
ROLLED_BAND = "error_band.rolled_forward"
TWICE_LAST = ("undivided", "simple average")
"""Step 1 undivided and Step 3 a simple average: handbook 2.4.4 says that accuracy is lower still.
"""


@dataclass(frozen=True)
class ErrorBand:
    """How far out a line may be, either way, as a share of it, and from what.

    division: the part that the method grade adds, which only moves spend between the lines and
    lists of one contract. total: the part that makes the contract's whole spend uncertain (rolled
    forward, part of a year, out of date); zero where it is known.
    """

    share: float
    reason: str
    division: float
    division_reason: str
    total: float
    total_reason: str


def is_twice_last(line: Line) -> bool:
    """Whether a line reached its figure by the last option at both Step 1 and Step 3.

    Source: handbook 2.4.4 end; req 92.
    """
    return all(words in line.grade_reason for words in TWICE_LAST)


def combined(shares: list[float]) -> float:
    """Several independent errors of one line together: square root of the sum of squares.

    Source: handbook 2.4.1 footnote 29; req 33.
    """
    return math.sqrt(math.fsum(share**2 for share in shares))


def error_bands(
    model: Model, book: AssumptionBook, lines: BudgetLines, learnt: dict[str, Season]
) -> list[ErrorBand | None]:
    """Give each line's error band; None where the assumptions give no band for its grade.

    A line's band joins that of its grade (wider where the last option was used twice), of
    rolled-forward or part-year spend, and of a source that can't be brought up to date, as
    independent errors.
    Source: handbook 2.4.1, Table 2; req 33, 37.
    """
    known_on = (
        datetime.date.fromisoformat(model.settings.known_on) if model.settings.known_on else None
    )
    year = model.settings.spend_year
    given = {
        key: book.look_up(key, year, known_on).value
        for key in (*BAND_KEYS.values(), UNDIVIDED_BAND, ROLLED_BAND)
        if book.find(key, year, known_on) is not None
    }
    repaired, sources = repairs(model), _source_errors(model)
    cache: dict[tuple[int, bool, str], ErrorBand | None] = {}
    found = []
    for line in lines.lines:
        key = (
            line.grade,
            is_twice_last(line),
            subject_of(line) if subject_of(line) in repaired or subject_of(line) in sources else "",
        )
        if key not in cache:
            cache[key] = _band(line, given, repaired, sources, learnt)
        found.append(cache[key])
    return found


def _band(
    line: Line,
    given: dict[str, float],
    repaired: dict[str, str],
    sources: dict[str, float],
    learnt: dict[str, Season],
) -> ErrorBand | None:
    graded = (
        UNDIVIDED_BAND if is_twice_last(line) and UNDIVIDED_BAND in given else BAND_KEYS[line.grade]
    )
    if graded not in given:
        return None
    parts = [(given[graded], f"{GRADES[line.grade]} method")]
    subject = subject_of(line)
    if repaired.get(subject) == "rolled_forward" and ROLLED_BAND in given:
        parts.append((given[ROLLED_BAND], "rolled forward"))
    season = learnt.get(subject) if repaired.get(subject) == "part_year" else None
    if season is not None and not math.isnan(season.relative_error):
        parts.append((season.relative_error, "part of a year"))
    if subject in sources:
        parts.append((sources[subject], "source out of date"))
    whole = parts[1:]
    return ErrorBand(
        combined([share for share, _ in parts]),
        ", ".join(words for _, words in parts),
        *parts[0],
        combined([share for share, _ in whole]),
        ", ".join(words for _, words in whole),
    )


def _source_errors(model: Model) -> dict[str, float]:
    table, found = model["data_sources"], dict[str, list[float]]()
    errors = table.numbers("error_share")
    for row, (covers, current) in enumerate(
        zip(table.text("covers"), table.flags("can_be_updated"), strict=True)
    ):
        if not current and not math.isnan(errors[row]):
            found.setdefault(covers, []).append(float(errors[row]))
    return {covers: combined(shares) for covers, shares in found.items()}


def check_sources(model: Model) -> list[Finding]:
    """Warn of old sources, reviews that are overdue, and data that can't be brought up to date and
    carry no range.

    Source: handbook 2.4.1; req 33.
    """
    table = model["data_sources"]
    if not len(table):
        return [
            not_checked(
                "data_source",
                "sources",
                "Enter each source, its date and its review in data_sources.",
            )
        ]
    oldest, today, found = (
        limit(model, "source_age_days"),
        datetime.date.fromisoformat(model.settings.prepared_on),
        [],
    )
    errors = table.numbers("error_share")
    for row, name in enumerate(table.text("dataset")):
        age = (today - datetime.date.fromisoformat(str(table.columns["source_date"][row]))).days
        current = table.flags("can_be_updated")[row]
        if not current and math.isnan(errors[row]):
            found.append(
                judged(
                    "source_range",
                    name,
                    False,
                    f"{name} can't be brought up to date, and nothing says how far out it may be.",
                    "Enter error_share, so that the range is carried forward.",
                    table.where(row, "error_share"),
                )
            )
        words = (
            f"{name} stands at {table.columns['source_date'][row]}, {age} days before this model"
            f" was prepared; it was reviewed on {table.columns['reviewed_on'][row]} by"
            f" {table.columns['reviewed_by'][row]}."
        )
        found.append(
            judged(
                "source_age",
                name,
                age <= oldest or not current,
                words,
                "Bring it up to date.",
                table.where(row, "source_date"),
            )
        )
        due = datetime.date.fromisoformat(str(table.columns["next_review"][row]))
        found.append(
            judged(
                "source_review",
                name,
                due >= today,
                f"The next review of {name} is due on {due.isoformat()}.",
                "Review it, and enter what was found.",
                table.where(row, "next_review"),
            )
        )
    return found


def check_bands(bands: list[ErrorBand | None]) -> Finding:
    """Say whether every line has an error band.

    Source: handbook 2.4.1; req 33.
    """
    without = sum(band is None for band in bands)
    if without == len(bands):
        return not_checked(
            "error_band",
            "baseline",
            "Enter local assumptions error_band.preferred, error_band.second and error_band.last,"
            " as shares, with their evidence.",
        )
    return (
        passed("error_band", "baseline", "Every line has an error band.")
        if not without
        else judged(
            "error_band",
            "baseline",
            False,
            f"{without} lines have a grade with no error band.",
            "Enter the missing error_band assumption.",
        )
    )


@dataclass(frozen=True)
class BaselineRange:
    """The baseline of some lines, and how far out it may be: if all lines err one way, and if
    contracts err apart.
    """

    baseline_pence: float
    together_pence: float
    apart_pence: float


def baseline_range(
    lines: BudgetLines, baseline: Block, bands: list[ErrorBand | None], rows: list[int]
) -> BaselineRange:
    """Add lines' error bands up: together = sum of band x line; apart = square root of the sum over
    contracts of (sum of band x line)^2.

    Source: handbook 2.4.1 footnote 29; req 33.
    """
    amounts = baseline.value[0, :, 0]
    errors: dict[str, float] = {}
    for row in rows:
        band = bands[row]
        if band is not None:
            name = subject_of(lines.lines[row])
            errors[name] = errors.get(name, 0.0) + band.share * abs(float(amounts[row]))
    return BaselineRange(
        float(amounts[rows].sum()), math.fsum(errors.values()), combined(list(errors.values()))
    )


def accuracy_section(lines: BudgetLines, baseline: Block, bands: list[ErrorBand | None]) -> Section:
    """Give the baseline with its range, by what each line's error comes from and in total.

    Source: handbook 2.4.1, Table 2; req 33, 37.
    """
    columns = (
        SectionColumn("source_of_error", "Error from"),
        SectionColumn("lines", "Lines", "count"),
        SectionColumn("baseline_pence", "Baseline", "pounds"),
        SectionColumn("together_pence", "Out by, if all err one way", "pounds"),
        SectionColumn("apart_pence", "Out by, if contracts err apart", "pounds"),
    )
    live = [row for row in range(len(lines.lines)) if baseline.at(row, 0)]
    kinds: dict[str, list[int]] = {}
    for row in live:
        band = bands[row]
        kinds.setdefault(
            band.reason if band else f"{GRADES[lines.lines[row].grade]} method, no band entered", []
        ).append(row)
    rows = []
    for name, chosen in (*sorted(kinds.items()), ("whole baseline", live)):
        found = baseline_range(lines, baseline, bands, chosen)
        rows.append(
            (
                name,
                len(chosen),
                whole_pence(found.baseline_pence),
                whole_pence(found.together_pence),
                whole_pence(found.apart_pence),
            )
        )
    whole = baseline_range(lines, baseline, bands, live)
    note = (
        f"The baseline of {pounds(whole.baseline_pence)} may be out by {pounds(whole.apart_pence)}"
        f" to {pounds(whole.together_pence)}, by the bands entered."
        if whole.together_pence
        else "No error bands were entered, so only the grades are known."
    )
    return Section("accuracy", "How far out the baseline may be", note, columns, tuple(rows))


def sources_section(model: Model) -> Section:
    """List each source with its date and its reviews.

    Source: handbook 2.4.1; req 33.
    """
    table = model["data_sources"]
    names = (
        "dataset",
        "covers",
        "source_date",
        "reviewed_on",
        "next_review",
        "reviewed_by",
        "finding",
    )
    columns = (
        *(SectionColumn(name, table.spec.column(name).help) for name in names),
        SectionColumn("error_share", "Out by", "share"),
    )
    errors = table.numbers("error_share")
    rows = tuple(
        (
            *(str(table.columns[name][row]) for name in names),
            None if math.isnan(errors[row]) else float(errors[row]),
        )
        for row in range(len(table))
    )
    return Section(
        "data_sources",
        "Accuracy review",
        "Where the data come from, when they were reviewed, and what was found.",
        columns,
        rows,
    )
