"""How far out each line's baseline may be, taken from the grade of the method it was worked out by.

The baseline gives every line an error band: that of its grade, joined with what part-year,
rolled-forward or old sources add. The bands by grade are dated assumptions of the model
(`error_band.preferred`, `.second`, `.last`).
Source: handbook 2.4.1 footnote 29, Table 2; req 33, 34.
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
class LineBand:
    """One line's error band: a name that lines of the same band share, how far out they may be, as
    a share, and the status of the assumption for its grade where that is not final.
    """

    name: str
    share: float
    status: str


def line_bands(budget: Budget) -> list[LineBand | None]:
    """The error band of every budget line, in order; None where the model has no band for its
    grade.

    Lines whose error comes from the same things but is of another size have names of their own.
    Source: handbook 2.4.1, Table 2; req 33, 37.
    """
    found = error_bands(
        budget.model, budget.book, budget.current.lines, budget.adjusted.repaired.seasons
    )
    sizes: dict[str, set[float]] = {}
    for band in found:
        if band is not None:
            sizes.setdefault(band.reason, set()).add(band.share)
    status = _statuses(budget)
    named = zip(budget.current.lines.lines, found, strict=True)
    return [
        (
            None
            if band is None
            else LineBand(
                (
                    band.reason
                    if len(sizes[band.reason]) == 1
                    else f"{band.reason}, within {band.share:.1%}"
                ),
                band.share,
                status[line.grade],
            )
        )
        for line, band in named
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


def known_bands(budget: Budget, place: Cell, problems: ProblemLog) -> dict[str, LineBand]:
    """The bands that lines with spend have, by name, those of nought left out; a grade without one
    is an error that says which assumption is missing.
    """
    lines, bands, found, missing = (
        budget.current.lines.lines,
        line_bands(budget),
        dict[str, LineBand](),
        set[int](),
    )
    levels = [budget.ledger[name].value[0] for name in ("forecast/start", "out_of_scope/start")]
    for row, band in enumerate(bands):
        if not any(level[row].any() for level in levels):
            continue
        if band is None:
            missing.add(lines[row].grade)
        elif band.share > 0:
            found[band.name] = band
    for grade in sorted(missing):
        problems.error(
            place,
            f"Some lines were worked out by a method of the grade that {BAND_KEYS[grade]} is for,"
            " and the model has no such assumption.",
            f"Enter a local assumption {BAND_KEYS[grade]} for {budget.model.settings.spend_year}, a"
            " share with its evidence; mark it a placeholder where there is none.",
            "error_band",
        )
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
