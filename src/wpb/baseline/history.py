"""Does the baseline stand out from earlier years, is it volatile, and what happened once only?

Source: handbook 2.2, 2.7.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from wpb.kernel.intervals import departs, growth_rates_of, mean_and_deviation, median
from wpb.kernel.money import pounds, whole_pence
from wpb.kernel.problems import ProblemLog
from wpb.tables.findings import Finding, judged, not_checked, warned
from wpb.tables.limits import limit
from wpb.tables.model import Model
from wpb.tables.records import Section, SectionColumn

MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True)
class History:
    """A subject's spend by year, the last being the spend year, and what its growth says."""

    subject: str
    years: tuple[str, ...]
    spend_pence: tuple[float, ...]

    @property
    def growth(self) -> list[float]:
        """Growth from year to year."""
        return growth_rates_of(self.spend_pence)

    @property
    def expected_pence(self) -> float:
        """What earlier growth would have led to expect: last year's spend x (1 + median of earlier
        growth).
        """
        earlier = self.growth[:-1]
        return self.spend_pence[-2] * (1 + median(earlier)) if earlier else math.nan


def histories(model: Model, spend_pence: Mapping[str, float]) -> list[History]:
    """Join each subject's earlier years with its full spend year.

    spend_pence: spend of the spend year by subject, repaired where it was not for a full current
    year.
    Source: handbook 2.2, 2.7; req 27.
    """
    table, found = model["spend_history"], []
    for subject in dict.fromkeys(table.text("subject")):
        earlier = {
            str(table.columns["year"][row]): float(table.numbers("spend")[row])
            for row in table.rows_where("subject", subject)
        }
        years = tuple(sorted(year for year in earlier if year < model.settings.spend_year))
        if years and subject in spend_pence:
            found.append(
                History(
                    subject,
                    (*years, model.settings.spend_year),
                    (*(earlier[year] for year in years), spend_pence[subject]),
                )
            )
    return found


def check_history(model: Model, found: list[History]) -> list[Finding]:
    """Warn where this year departs from several earlier years, and where spend swings from year to
    year.

    Source: handbook 2.2, 2.7; req 27, 28.
    """
    least, volatile = limit(model, "growth_departure"), limit(model, "growth_volatility")
    if not found:
        return [not_checked("outlier", "spend", "Enter several earlier years in spend_history.")]
    findings, table = [], model["spend_history"]
    for history in found:
        place, growth = (
            table.where(table.rows_where("subject", history.subject)[0], "spend"),
            history.growth,
        )
        if len(growth) < 3:
            findings.append(
                not_checked(
                    "outlier",
                    history.subject,
                    f"Enter at least three earlier years of {history.subject};"
                    f" {len(history.years) - 1} are there.",
                )
            )
            continue
        words = (
            f"{history.subject} grew by {growth[-1]:.1%} into {history.years[-1]}; earlier years"
            f" grew by {min(growth[:-1]):.1%} to {max(growth[:-1]):.1%}. They would lead to expect"
            f" {pounds(history.expected_pence)}, and it is {pounds(history.spend_pence[-1])}."
        )
        findings.append(
            judged(
                "outlier",
                history.subject,
                not departs(growth[-1], growth[:-1], least),
                words,
                "Find out why; correct what will not recur by an adjustment.",
                place,
            )
        )
        _, deviation = mean_and_deviation(growth)
        findings.append(
            judged(
                "volatile",
                history.subject,
                deviation <= volatile,
                f"The yearly growth of {history.subject} varies by {deviation:.1%} (one standard"
                " deviation).",
                "Rest the baseline on several years, or share the risk.",
                place,
            )
        )
    return findings


def proposed_adjustment(kind: str, effect_pence: float, months_in_effect: float) -> float:
    """What an event would take off or add: a one-off, its opposite; a change of service, the months
    it was not yet in effect.

    one_off: -effect; service_model_change: effect x (12 / months in effect - 1); data_change:
    nought, for people to judge.
    Source: handbook 2.7; req 28.
    """
    if kind == "one_off":
        return -effect_pence
    if kind == "service_model_change":
        return effect_pence * (MONTHS_OF_A_YEAR / months_in_effect - 1)
    return 0.0


def check_events(model: Model, problems: ProblemLog) -> None:
    """Refuse a change of service that doesn't say for how many months it was in effect.

    Source: handbook 2.7; req 28.
    """
    table = model["events"]
    months = table.numbers("months_in_effect")
    for row in table.rows_where("event_kind", "service_model_change"):
        if math.isnan(months[row]):
            problems.error(
                table.where(row, "months_in_effect"),
                f"The event {table.columns['event'][row]} changed a service, and doesn't say for"
                " how many months of the year.",
                "Enter 1 to 12.",
                "event_months",
            )


def check_answered(model: Model) -> list[Finding]:
    """Warn of events that no agreed adjustment answers.

    Source: handbook 2.7; req 28.
    """
    found, table = [], model["events"]
    months, effects = table.numbers("months_in_effect"), table.numbers("effect")
    for row, (event, kind, answer) in enumerate(
        zip(table.text("event"), table.text("event_kind"), table.text("adjustment"), strict=True)
    ):
        proposed = proposed_adjustment(kind, float(effects[row]), float(months[row]))
        words = (
            f"{table.columns['description'][row]}: {pounds(effects[row])} on"
            f" {table.columns['subject'][row]}."
        )
        if answer or abs(proposed) < 0.5:
            found.append(
                judged(
                    "event",
                    event,
                    bool(answer) or kind != "data_change",
                    words,
                    "See whether the change of recording altered the figures, and adjust if it"
                    " did.",
                    table.where(row, "adjustment"),
                )
            )
        else:
            found.append(
                warned(
                    "event",
                    event,
                    f"{words} No adjustment answers it; {pounds(proposed)} would.",
                    "Agree an adjustment and name it here, or say why none is needed.",
                    table.where(row, "adjustment"),
                )
            )
    return found


def history_section(found: list[History]) -> Section:
    """List each subject's years with the growth into the spend year and what was to be expected.

    Source: handbook 2.2, 2.7; req 27, 28.
    """
    columns = (
        SectionColumn("subject", "Contract or line", "code"),
        SectionColumn("year", "Year", "year"),
        SectionColumn("spend_pence", "Spend", "pounds"),
        SectionColumn("growth", "Growth", "rate"),
    )
    rows = []
    for history in found:
        growth = [
            None,
            *(
                after / before - 1 if before else None
                for before, after in zip(
                    history.spend_pence[:-1], history.spend_pence[1:], strict=True
                )
            ),
        ]
        rows += [
            (history.subject, year, whole_pence(spend), rate)
            for year, spend, rate in zip(history.years, history.spend_pence, growth, strict=True)
        ]
    return Section(
        "spend_history",
        "This year beside earlier years",
        "One odd year carried forward becomes many.",
        columns,
        tuple(rows),
    )
