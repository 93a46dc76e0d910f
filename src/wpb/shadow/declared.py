"""What a model declares uncertain, read from its tables and checked: every fault with its cell and
what would mend it.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.problems import ProblemLog, UsageProblem
from wpb.run import Budget
from wpb.shadow.baseline_error import by_grade, known_bands
from wpb.shadow.distributions import Distribution, ImpossibleDistribution, from_range, made
from wpb.shadow.history import ENOUGH_POINTS, LEAST_POINTS, Fitted, fit
from wpb.tables.model import Model

Array = NDArray[np.float64]

RATE_DRIVERS = (
    "demographic",
    "non_demographic",
    "activity_growth",
    "cost_pressure",
    "combined",
    "efficiency",
)
POINTS_DRIVERS = (*RATE_DRIVERS, "population", "allocation")
NEUTRAL = {
    "activity": 1.0,
    "baseline_error": 1.0,
    "care_model_delivery": 1.0,
    "care_model_delay": 0.0,
    "quality": 1.0,
} | dict.fromkeys(POINTS_DRIVERS, 0.0)
"""The value of each driver at which everything goes as planned."""
STEP_OF = {"activity_growth": "activity"}
"""The growth step of a rate driver, where its name differs."""
ALLOWED = {
    **dict.fromkeys(RATE_DRIVERS, ("everything", "growth_category")),
    "activity": ("everything", "growth_category", "service_line", "provider", "commissioner"),
    "baseline_error": (
        "everything",
        "growth_category",
        "service_line",
        "provider",
        "commissioner",
        "grade",
    ),
    "population": ("everything",),
    "allocation": ("everything", "commissioner"),
    "care_model_delivery": ("everything", "programme"),
    "care_model_delay": ("everything", "programme"),
    "quality": ("everything", "measure"),
}


@dataclass(frozen=True)
class Uncertainty:
    """One thing that is uncertain: what it moves, its distribution, and how it lasts from year to
    year.
    """

    code: str
    title: str
    driver: str
    applies_by: str
    applies_to: str
    each: bool
    distribution: Distribution
    persistence: float
    weight: float
    evidence: str
    fitted: Fitted | None = None
    status: str = ""
    """The status of the assumption its size comes from, where that is not final."""
    by_side: bool = False
    """For an error of division: all it moves in scope share one draw, and all out of scope
    another.
    """

    @property
    def stream(self) -> int:
        """A number of its own for its random streams, the same whatever else is declared."""
        return zlib.crc32(self.code.encode())

    @property
    def neutral(self) -> float:
        """Its value when everything goes as planned."""
        return NEUTRAL[self.driver]


@dataclass(frozen=True)
class Declared:
    """All that is uncertain, and how shared uncertainties move together."""

    uncertainties: tuple[Uncertainty, ...]
    correlated: tuple[str, ...]
    """Uncertainties that move with another, in order of their codes."""
    mixing: Array
    """Lower triangle that turns independent draws of the correlated into correlated ones."""

    def of(self, driver: str) -> list[Uncertainty]:
        """The uncertainties of a driver."""
        return [found for found in self.uncertainties if found.driver == driver]

    def only(self, codes: Sequence[str]) -> Declared:
        """Some of the uncertainties; those that stay correlated move together as before."""
        kept = [place for place, code in enumerate(self.correlated) if code in codes]
        triangle = (
            np.linalg.cholesky((self.mixing @ self.mixing.T)[np.ix_(kept, kept)]).astype(np.float64)
            if kept
            else np.eye(0)
        )
        return Declared(
            tuple(one for one in self.uncertainties if one.code in codes),
            tuple(self.correlated[place] for place in kept),
            triangle,
        )


def narrowed(declared: Declared, names: Sequence[str]) -> Declared:
    """Keep the uncertainties that are named, and those that one row of the table stands for.

    Raises UsageProblem for a name that is not declared.
    Source: handbook 1.1.5; req 300, 412.
    """
    rows = list(dict.fromkeys(one.code.split(":")[0] for one in declared.uncertainties))
    for name in names:
        if name not in rows and all(one.code != name for one in declared.uncertainties):
            raise UsageProblem(
                f"there is no uncertainty '{name}'; there are {', '.join(rows) or 'none'}"
            )
    return declared.only(
        [
            one.code
            for one in declared.uncertainties
            if one.code in names or one.code.split(":")[0] in names
        ]
    )


def declared_uncertainties(budget: Budget, problems: ProblemLog) -> Declared:
    """Read what is uncertain; impossible parameters, correlations that cannot be, and histories too
    short are refused.

    Source: handbook 1.1.5, 2.4.1 footnote 29; req 34, 300.
    """
    model, table = budget.model, budget.model["uncertainties"]
    found = [
        one
        for row in range(len(table))
        for one in (
            _read_by_grade(budget, row, problems)
            if _is_by_grade(model, row)
            else _read(model, row, problems)
        )
    ]
    if not len(table):
        problems.warning(
            None,
            "No uncertainty is declared, so every run is the same as the plan.",
            "Fill in the table 'uncertainties'.",
            "no_uncertainty",
        )
    correlated, mixing = _correlations(model, found, problems)
    return Declared(tuple(found), correlated, mixing)


def _read(model: Model, row: int, problems: ProblemLog) -> list[Uncertainty]:
    table = model["uncertainties"]
    text = {
        column.name: str(table.columns[column.name][row])
        for column in table.spec.columns
        if not column.is_number
    }
    number = {
        column.name: float(table.numbers(column.name)[row])
        for column in table.spec.columns
        if column.is_number
    }
    driver, by = text["driver"], text["applies_by"]
    before = len(problems.errors)
    if by not in ALLOWED[driver]:
        problems.error(
            table.where(row, "applies_by"),
            f"{driver} cannot be applied by {by}.",
            f"Choose one of: {', '.join(ALLOWED[driver])}.",
            "uncertainty_applies",
        )
    if (by == "everything") == bool(text["applies_to"]):
        problems.error(
            table.where(row, "applies_to"),
            (
                "A code is needed, unless it applies to everything."
                if by != "everything"
                else "It applies to everything, so no code belongs here."
            ),
            "Enter the code, or choose everything and leave it blank.",
            "uncertainty_applies",
        )
    elif by != "everything" and text["applies_to"] not in _codes(model, by):
        problems.error(
            table.where(row, "applies_to"),
            f"There is no {by.replace('_', ' ')} '{text['applies_to']}'.",
            "Enter a code that is in the model's tables.",
            "uncertainty_applies",
        )
    if text["drawn"] == "each" and driver not in ("activity", "baseline_error"):
        problems.error(
            table.where(row, "drawn"),
            f"{driver} moves all it applies to; only activity and baseline_error can be drawn for"
            " each.",
            "Enter shared.",
            "uncertainty_drawn",
        )
    persistence = number["persistence"]
    if driver in ("baseline_error", "care_model_delay") and persistence != 1:
        problems.error(
            table.where(row, "persistence"),
            f"The {driver.replace('_', ' ')} of a run holds for the whole term.",
            "Enter 1.",
            "uncertainty_persistence",
        )
    fitted: Fitted | None = None
    distribution: Distribution | None = None
    try:
        if text["history"]:
            fitted = _from_history(model, row, text, problems)
            distribution = fitted.distribution if fitted else None
        else:
            distribution = _elicited(text, number)
    except ImpossibleDistribution as fault:
        problems.error(
            table.where(row, "distribution"),
            f"Uncertainty {text['uncertainty']}: {fault}.",
            "Correct the parameters of this row.",
            "impossible_distribution",
        )
    if distribution is None or len(problems.errors) > before:
        return []
    _check_sense(table.where(row, "distribution"), driver, distribution, problems)
    return [
        Uncertainty(
            text["uncertainty"],
            text["title"],
            driver,
            by,
            text["applies_to"],
            text["drawn"] == "each" or by == "grade",
            distribution,
            persistence,
            number["weight"] if math.isfinite(number["weight"]) else 1.0,
            text["evidence"],
            fitted,
            by_side=by == "grade" and text["drawn"] == "shared",
        )
    ]


def _is_by_grade(model: Model, row: int) -> bool:
    """Whether a row takes the error of each line's baseline from the line's own method grade."""
    columns = model["uncertainties"].columns
    return (
        str(columns["driver"][row]) == "baseline_error"
        and str(columns["applies_by"][row]) == "grade"
        and not str(columns["applies_to"][row])
    )


def _read_by_grade(budget: Budget, row: int, problems: ProblemLog) -> list[Uncertainty]:
    """One uncertainty for each grade (how spend is divided: the worse the grade, the wider), and
    one for each way in which a contract's total may be out.
    """
    table = budget.model["uncertainties"]
    text = {
        column.name: str(table.columns[column.name][row])
        for column in table.spec.columns
        if not column.is_number
    }
    covers, weight, before = (
        float(table.numbers("range_covers")[row]),
        float(table.numbers("weight")[row]),
        len(problems.errors),
    )
    if text["distribution"] != "lognormal" or any(
        math.isfinite(float(table.numbers(name)[row]))
        for name in ("low", "likely", "high", "centre", "spread")
    ):
        problems.error(
            table.where(row, "distribution"),
            "An error taken from the method grades is lognormal, and its size is the error band of"
            " each grade.",
            "Enter lognormal and leave low, likely, high, centre and spread blank, or name one"
            " grade in applies_to.",
            "uncertainty_grade",
        )
    if not 0 < covers < 1:
        problems.error(
            table.where(row, "range_covers"),
            "What part of lines lies within their error band is not known.",
            "Enter a share above 0 and below 1, for example 0.8.",
            "uncertainty_grade",
        )
    if float(table.numbers("persistence")[row]) != 1:
        problems.error(
            table.where(row, "persistence"),
            "The baseline error of a run holds for the whole term.",
            "Enter 1.",
            "uncertainty_persistence",
        )
    division, total = known_bands(budget, table.where(row, "applies_by"), problems)
    if len(problems.errors) > before:
        return []
    return [
        Uncertainty(
            f"{text['uncertainty']}:{name}",
            f"{text['title']}: {name}",
            "baseline_error",
            by,
            name,
            by == "division" or text["drawn"] == "each",
            by_grade(band.share, covers),
            1.0,
            weight if math.isfinite(weight) else 1.0,
            f"{text['evidence']}; error band {band.share:.1%}",
            status=band.status,
            by_side=by == "division" and text["drawn"] == "shared",
        )
        for by, bands in (("division", division), ("total", total))
        for name, band in bands.items()
    ]


def _check_sense(
    place: object, driver: str, distribution: Distribution, problems: ProblemLog
) -> None:
    low, high = (float(value) for value in distribution.quantile([0.0005, 0.9995]))
    if driver in ("activity", "baseline_error") and (low < 0 or not 0.2 <= distribution.mean <= 5):
        problems.error(
            place,  # type: ignore[arg-type]
            "A factor on spend should lie round 1 and stay above nought; this one has mean"
            f" {distribution.mean:.3g} and reaches {low:.3g}.",
            "Use lognormal, gamma or a range that stays above nought.",
            "uncertainty_sense",
        )
    elif driver == "care_model_delivery" and low < -1:
        problems.error(
            place,  # type: ignore[arg-type]
            f"The share of a saving that comes cannot fall to {low:.3g}.",
            "Use a triangular, pert or beta distribution.",
            "uncertainty_sense",
        )
    elif driver == "care_model_delay" and low < 0:
        problems.error(
            place,  # type: ignore[arg-type]
            "A saving cannot come before it is planned; a delay below nought is possible here.",
            "Use a distribution from nought up.",
            "uncertainty_sense",
        )
    elif driver == "quality" and (low < 0 or high > 1):
        problems.error(
            place,  # type: ignore[arg-type]
            "A quality score runs from 0 to 1.",
            "Use a beta, triangular or pert distribution within these ends.",
            "uncertainty_sense",
        )
    elif driver in POINTS_DRIVERS and max(abs(low), abs(high)) > 0.5:
        problems.error(
            place,  # type: ignore[arg-type]
            f"Points of growth from {low:.2g} to {high:.2g} are more than half the level a year.",
            "Enter points as decimals: one point is 0.01.",
            "uncertainty_sense",
        )


def _codes(model: Model, by: str) -> set[str]:
    tables = {
        "growth_category": ("growth_categories", "growth_category"),
        "service_line": ("service_lines", "service_line"),
        "provider": ("organisations", "organisation"),
        "commissioner": ("organisations", "organisation"),
        "programme": ("care_model_impacts", "programme"),
    }
    if by == "grade":
        return {"preferred", "second", "last"}
    if by == "measure":
        return set(model["uncertainties"].text("applies_to"))
    table, column = tables[by]
    codes = set(model[table].text(column))
    return codes | set(model["efficiency_schemes"].text("scheme")) if by == "programme" else codes


def _elicited(text: dict[str, str], number: dict[str, float]) -> Distribution:
    kind = text["distribution"]
    given = {name: value for name, value in number.items() if math.isfinite(value)}
    if "low" in given and "high" in given and kind != "beta":
        return from_range(
            kind, given["low"], given["high"], given.get("likely"), given.get("range_covers", 1.0)
        )
    names = {
        "normal": ("centre", "spread"),
        "lognormal": ("centre", "spread"),
        "student_t": ("centre", "spread", "likely"),
        "beta": ("centre", "spread", "low", "high"),
        "gamma": ("centre", "spread"),
        "counts": ("yearly_count", "spread"),
        "fixed": ("centre",),
    }.get(kind, ("low", "likely", "high"))
    absent = [name for name in names if name not in given and name != "likely"]
    if absent:
        raise ImpossibleDistribution(f"a {kind} distribution needs {', '.join(absent)}")
    if kind == "student_t":
        raise ImpossibleDistribution(
            "a Student t comes from history; name its series, or use normal or lognormal"
        )
    return made(kind, **{name: given[name] for name in names if name in given})


def _from_history(
    model: Model, row: int, text: dict[str, str], problems: ProblemLog
) -> Fitted | None:
    table, place = model["driver_history"], model["uncertainties"].where(row, "history")
    rows = sorted(
        table.rows_where("series", text["history"]),
        key=lambda found: str(table.columns["period"][found]),
    )
    driver, kind = text["driver"], text["distribution"]
    is_rate = driver in POINTS_DRIVERS
    if kind not in (
        ("normal", "student_t") if is_rate else ("student_t", "normal", "lognormal", "counts")
    ):
        problems.error(
            model["uncertainties"].where(row, "distribution"),
            f"A {kind} distribution is not fitted to the history of {driver}.",
            "Choose normal" + ("." if is_rate else ", lognormal or counts."),
            "history_kind",
        )
        return None
    values, expected = table.numbers("value")[rows], table.numbers("expected")[rows]
    periods = [str(table.columns["period"][found]) for found in rows]
    months = (
        tuple(periods)
        if all(
            len(period) == 7 and period[4] == "-" and period[5:].isdigit() and int(period[5:]) <= 12
            for period in periods
        )
        and _by_month(periods)
        else ()
    )
    if not is_rate and not np.isfinite(expected).all():
        problems.error(
            (
                table.where(rows[int(np.flatnonzero(~np.isfinite(expected))[0])], "expected")
                if rows
                else place
            ),
            f"Series {text['history']} needs what was expected in each period, to see how far what"
            " happened was from it.",
            "Enter the plan or the trend beside each value.",
            "history_expected",
        )
        return None
    try:
        found = fit(is_rate, "student_t" if kind == "normal" else kind, values, expected, months)
    except ValueError as fault:
        if isinstance(fault, ImpossibleDistribution):
            raise
        problems.error(
            place,
            f"Series '{text['history']}' has {len(rows)} points; no spread can be fitted to so"
            " few.",
            f"Give at least {LEAST_POINTS} whole years, better {ENOUGH_POINTS}, or elicit a range"
            " instead.",
            "history_short",
        )
        return None
    if found.points < ENOUGH_POINTS:
        problems.warning(
            place,
            f"Series '{text['history']}' has {found.points} points: its spread is known to within"
            f" {found.spread_error:.0%} (one standard error). The fit is widened for that.",
            f"{ENOUGH_POINTS} points would bring it to"
            f" {1 / math.sqrt(2 * (ENOUGH_POINTS - 1)):.0%}.",
            "history_thin",
        )
    if found.agreement < 0.05:
        problems.warning(
            place,
            "History does not look like the distribution fitted to it (p ="
            f" {found.agreement:.3f}).",
            "Look at observed and fitted values side by side, and choose another distribution or a"
            " range.",
            "history_fit",
        )
    return found


def _by_month(periods: list[str]) -> bool:
    """Tell months (2023-04) from years (2023-24): a year's second part is the one after its
    first.
    """
    return not all((int(period[:4]) + 1) % 100 == int(period[5:]) for period in periods)


def _correlations(
    model: Model, found: list[Uncertainty], problems: ProblemLog
) -> tuple[tuple[str, ...], Array]:
    table = model["uncertainty_correlations"]
    by_code = {one.code: one for one in found}
    pairs = []
    for row, (first, second, value) in enumerate(
        zip(
            table.text("first"),
            table.text("second"),
            table.numbers("correlation").tolist(),
            strict=True,
        )
    ):
        if first == second:
            problems.error(
                table.where(row, "second"),
                "An uncertainty always moves with itself.",
                "Name two different ones.",
                "correlation",
            )
        for code in (first, second):
            if code in by_code and by_code[code].each:
                problems.error(
                    table.where(row, "first"),
                    f"{code} is drawn for each service apart, so it cannot move with another.",
                    "Correlate the shared uncertainty beside it.",
                    "correlation",
                )
        if first in by_code and second in by_code:
            if by_code[first].persistence != by_code[second].persistence:
                problems.error(
                    table.where(row, "first"),
                    f"{first} and {second} last differently from year to year, so no one"
                    " correlation holds between them in every year.",
                    "Give both the same persistence.",
                    "correlation",
                )
            pairs.append((first, second, value))
    codes = tuple(sorted({code for first, second, _ in pairs for code in (first, second)}))
    matrix = np.eye(len(codes))
    for first, second, value in pairs:
        i, j = codes.index(first), codes.index(second)
        if matrix[i, j] not in (0.0, value):
            problems.error(
                None,
                f"The correlation of {first} and {second} is given twice, and differs.",
                "Keep one row.",
                "correlation",
            )
        matrix[i, j] = matrix[j, i] = value
    if not codes:
        return (), matrix
    lowest = float(np.linalg.eigvalsh(matrix)[0])
    if lowest < -1e-9:
        shrink = 1 / (1 - lowest)
        problems.error(
            table.where(0, "correlation"),
            "These correlations cannot all hold at once (the lowest eigenvalue of their matrix is"
            f" {lowest:.3f}).",
            f"Multiplying every one by {math.floor(shrink * 1000) / 1000:.3f} or less would do;"
            " better, look at the pairs again.",
            "correlation_matrix",
        )
        return (), np.eye(0)
    triangle: Array = np.linalg.cholesky(
        matrix + np.eye(len(codes)) * max(1e-12, -lowest + 1e-12)
    ).astype(np.float64)
    return codes, triangle
