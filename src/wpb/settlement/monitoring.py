"""Monthly monitoring: year to date, forecast outturn, and what moved the year.

Source: handbook 4.3, 4.3.1; req 219, 222.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wpb.kernel.calendar import months_of


@dataclass(frozen=True)
class Watched:
    """One thing watched through a year, in whole pence: what was agreed, what has come, and where
    the year is heading.

    Where no budget was agreed there is none to name: budget and outturn are None, and so is what
    differs from them.
    """

    name: str
    budget_pence: int | None
    budget_to_date_pence: int | None
    actual_to_date_pence: int
    forecast_outturn_pence: int | None
    note: str = ""

    @property
    def variance_to_date_pence(self) -> int | None:
        """Actual - budget, to date."""
        return (
            None
            if self.budget_to_date_pence is None
            else self.actual_to_date_pence - self.budget_to_date_pence
        )

    @property
    def variance_pence(self) -> int | None:
        """Forecast outturn - budget, for the year."""
        return (
            None
            if self.forecast_outturn_pence is None or self.budget_pence is None
            else self.forecast_outturn_pence - self.budget_pence
        )


def watch(
    name: str, year: str, month: str, budget: Sequence[int], actual: Mapping[str, int]
) -> Watched:
    """Watch twelve monthly budgets beside what came: outturn = actual to date + budget of the
    months to come.

    budget: whole pence of each month, April first. actual: whole pence by month; a month to date
    without a figure counts at its budget only in the outturn, never as nought spent.
    Source: handbook 4.3; req 222.
    """
    months = months_of(year)
    to_date = [at for at, name_of in enumerate(months) if name_of <= month]
    known = [at for at in to_date if months[at] in actual]
    spent = sum(actual[months[at]] for at in known)
    rest = sum(budget[at] for at in range(12) if at not in known)
    return Watched(name, sum(budget), sum(budget[at] for at in known), spent, spent + rest)
