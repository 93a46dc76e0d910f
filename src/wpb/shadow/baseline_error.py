"""How far out each line's baseline may be, taken from the grade of the method it was worked out by.

The baseline gives every line two errors. That of its grade is an error of division: it moves spend
between the lines and lists of one contract. What part-year, rolled-forward or old sources add makes
the contract's whole spend uncertain. The bands by grade are dated assumptions of the model
(`error_band.preferred`, `.second`, `.last`).
Source: handbook 2.4.1 footnote 29, Table 2; req 33, 34, 412.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass

from wpb.baseline.accuracy import BAND_KEYS, error_bands
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.run import Budget
from wpb.shadow.distributions import Distribution, made


@dataclass(frozen=True)
class Band:
    """One way in which spend may be out: a name that all it applies to share, how far out, as a
    share, and the status of the assumption for its grade where that is not final.
    """

    name: str
    share: float
    status: str


@dataclass(frozen=True)
class LineBand:
    """How far out one line may be: by the division of its contract's spend, and by the total of
    that contract; None where the total is known.
    """

    division: Band
    total: Band | None


def line_bands(budget: Budget) -> list[LineBand | None]:
    """The error bands of every budget line, in order; None where the model has no band for its
    grade.

    Errors that come from the same things but are of another size have names of their own.
    Source: handbook 2.4.1, Table 2; req 33, 37, 412.
    """
    found = error_bands(
        budget.model, budget.book, budget.current.lines, budget.adjusted.repaired.seasons
    )
    sizes: dict[str, set[float]] = {}
    for band in found:
        if band is not None:
            sizes.setdefault(band.division_reason, set()).add(band.division)
            sizes.setdefault(band.total_reason, set()).add(band.total)
    status = _statuses(budget)

    def named(reason: str, share: float, status: str) -> Band:
        one_size = len(sizes[reason]) == 1
        return Band(reason if one_size else f"{reason}, within {share:.1%}", share, status)

    return [
        (
            None
            if band is None
            else LineBand(
                named(band.division_reason, band.division, status[line.grade]),
                named(band.total_reason, band.total, "") if band.total > 0 else None,
            )
        )
        for line, band in zip(budget.current.lines.lines, found, strict=True)
    ]


def _statuses(budget: Budget) -> dict[int, str]:
    settings = budget.model.settings
    known_on = datetime.date.fromisoformat(settings.known_on) if settings.known_on else None
    found = {
        grade: budget.book.find(key, settings.spend_year, known_on)
        for grade, key in BAND_KEYS.items()
    }
    return {
        grade: "" if one is None or one.citation.status == "final" else one.citation.status
        for grade, one in found.items()
    }


def known_bands(
    budget: Budget, place: Cell, problems: ProblemLog
) -> tuple[dict[str, Band], dict[str, Band]]:
    """The bands of division and of totals that lines with spend have, by name, those of zero left
    out; a grade without one is an error that says which assumption is missing.
    """
    lines, bands = budget.current.lines.lines, line_bands(budget)
    division, total, missing = dict[str, Band](), dict[str, Band](), set[int]()
    levels = [budget.ledger[name].value[0] for name in ("forecast/start", "out_of_scope/start")]
    for row, band in enumerate(bands):
        if not any(level[row].any() for level in levels):
            continue
        if band is None:
            missing.add(lines[row].grade)
            continue
        if band.division.share > 0:
            division[band.division.name] = band.division
        if band.total is not None:
            total[band.total.name] = band.total
    for grade in sorted(missing):
        problems.error(
            place,
            f"Some lines were worked out by a method of the grade that {BAND_KEYS[grade]} is for,"
            " and the model has no such assumption.",
            f"Enter a local assumption {BAND_KEYS[grade]} for {budget.model.settings.spend_year}, a"
            " share with its evidence; mark it a placeholder where there is none.",
            "error_band",
        )
    return _by_size(division), _by_size(total)


def _by_size(found: dict[str, Band]) -> dict[str, Band]:
    return dict(sorted(found.items(), key=lambda one: (one[1].share, one[0])))


def by_grade(share: float, covers: float) -> Distribution:
    """The factor by which a line's baseline may be out: lognormal with mean 1, its band reached by
    the part of lines that lie beyond it.

    spread = ln(1 + share) / z((1 + covers) / 2); centre = exp(-spread^2 / 2), so that errors either
    way even out.
    Source: handbook 2.4.1 footnote 29 (errors grow when projected); req 34.
    """
    from scipy.special import ndtri

    spread = math.log1p(share) / float(ndtri(0.5 + covers / 2))
    return made("lognormal", centre=math.exp(-(spread**2) / 2), spread=spread)
