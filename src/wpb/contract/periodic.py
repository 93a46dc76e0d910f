"""The periodic agreement and the re-openers: which new figures count, what each does, and what was
agreed of it.

Source: handbook 4.3, 4.3.1; req 217-223.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wpb.contract.events import Event
from wpb.contract.terms import Terms, on_day
from wpb.kernel.ledger import TOTAL, Array, Axis, Block, Ledger, Ref
from wpb.kernel.money import exact
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model


def new_less_old(new_pence: Array, old_pence: Array) -> Array:
    """What one factor's new figures do to the lines: recalculated with them - before them.

    Source: handbook 4.3.1 step 2; req 219.
    """
    return new_pence - old_pence


def agreed_part(change_pence: Array, accepted_share: Array) -> Array:
    """What the parties agreed of the recalculated change: change x share accepted.

    Source: handbook 4.3.1 step 3; req 220.
    """
    return change_pence * accepted_share


@dataclass(frozen=True)
class NewFigure:
    """One new figure of a factor: the old one, the new one, and whether they differ by enough."""

    factor: str
    assumption: str
    year: str
    old_value: float
    new_value: float
    threshold: float
    published_on: datetime.date
    source: str
    row: int

    @property
    def counts(self) -> bool:
        """Whether it fires: |new - old| > threshold, as the figures are written: a difference that
        equals it does not.
        """
        return abs(exact(self.new_value) - exact(self.old_value)) > exact(self.threshold)


@dataclass(frozen=True)
class FactorEffect:
    """What one factor's new figures do to the lines, by cell and year."""

    factor: str
    figures: tuple[NewFigure, ...]
    change: Block | None
    """None where no figure differed by enough, so that nothing was recalculated."""


@dataclass(frozen=True)
class Decision:
    """A periodic agreement or re-opener: each factor's effect, what was accepted, and the yearly
    effect agreed.
    """

    event: str
    factors: tuple[FactorEffect, ...]
    accepted_share: float
    unambiguous: bool
    rate: Block | None


def factor_rows(event: Event, model: Model, problems: ProblemLog) -> list[tuple[str, int]]:
    """The factors an event looks at, in the order of the factor table, with their rows.

    A re-opener looks at the one it refers to, which must be open to it inside a fixed period.
    Source: handbook 4.3.1 step 1; req 217, 218, 221.
    """
    factors, evidence = model["periodic_factors"], model["periodic_evidence"]
    used = {
        str(evidence.columns["factor"][row]) for row in evidence.rows_where("event", event.code)
    }
    found = [(code, row) for row, code in enumerate(factors.text("factor")) if code in used]
    if event.kind != "re_opener":
        return found
    wanted = [(code, row) for code, row in found if code == event.refers_to]
    if not wanted or not factors.flags("opens_inside_fixed_period")[wanted[0][1]]:
        problems.error(
            event.place,
            f"{event.code}: factor '{event.refers_to}' is not one the contract lets reopen the"
            " value inside a fixed period, or has no new figures.",
            "Name a factor with opens_inside_fixed_period, and enter its figures in"
            " periodic_evidence.",
            "re_opener_not_allowed",
        )
        return []
    return wanted


def new_figures(
    event: Event,
    factor: str,
    row: int,
    model: Model,
    old_value: dict[tuple[str, str], float],
    problems: ProblemLog,
) -> list[NewFigure]:
    """Read a factor's new figures beside the old ones; a figure published after the event was known
    is refused.

    old_value: the assumption's figure by key and year, as known when the contract was agreed.
    Source: handbook 4.3.1; req 219, 221.
    """
    factors, evidence = model["periodic_factors"], model["periodic_evidence"]
    key, threshold = (
        str(factors.columns["assumption"][row]),
        float(factors.numbers("threshold")[row]),
    )
    found = []
    for at in [
        r
        for r in evidence.rows_where("event", event.code)
        if evidence.columns["factor"][r] == factor
    ]:
        year, published = (
            str(evidence.columns["year"][at]),
            on_day(str(evidence.columns["published_on"][at])),
        )
        if published > event.known_on:
            problems.error(
                evidence.where(at, "published_on"),
                f"{event.code} was known on {event.known_on}, before this figure was published.",
                "Correct the date, or leave the figure for a later agreement.",
                "known_before_published",
            )
        elif (key, year) not in old_value:
            problems.error(
                evidence.where(at, "year"),
                f"{event.code}: the forecast uses no figure of {key} for {year}.",
                "Give new figures for years the forecast grows in.",
                "no_old_figure",
            )
        else:
            found.append(
                NewFigure(
                    factor,
                    key,
                    year,
                    old_value[key, year],
                    float(evidence.numbers("new_value")[at]),
                    threshold,
                    published,
                    str(evidence.columns["source"][at]),
                    at,
                )
            )
    return found


def decide(
    event: Event,
    model: Model,
    factors: Sequence[FactorEffect],
    cells: Axis,
    terms: Terms,
    ledger: Ledger,
) -> Decision:
    """Set out what a recalculation came to and what was agreed of it: sum of the factors' changes x
    share accepted.

    Source: handbook 4.3.1 step 3; req 220, 221, 222, 223.
    """
    table = model["periodic_factors"]
    flags = dict(zip(table.text("factor"), table.flags("unambiguous"), strict=True))
    changes = [factor.change for factor in factors if factor.change is not None]
    clear = all(flags[factor.factor] for factor in factors if factor.change is not None)
    if not changes:
        return Decision(event.code, tuple(factors), event.accepted_share, clear, None)
    name = f"wpb/periodic/{event.code}"
    whole = ledger.total(
        f"{name}/change",
        cells,
        *((change, np.arange(len(cells))) for change in changes),
        title="Recalculated change",
    )
    share = ledger.leaf(
        f"{name}/accepted",
        TOTAL,
        "share",
        np.array([event.accepted_share]),
        lambda row, year: event.place,
        title="Share accepted",
    )
    rate = ledger.add(
        f"{name}/rate",
        agreed_part,
        cells,
        "pence",
        terms.years,
        f"Agreed effect of {event.code}",
        change_pence=whole,
        accepted_share=Ref(share, np.zeros(len(cells), dtype=np.int64)),
    )
    return Decision(event.code, tuple(factors), event.accepted_share, clear, rate)
