"""Incentive schemes as the tables of a model tell them, year by year, and what must hold of those
tables.

Source: handbook 5; overview 5.1; Mid-Nottinghamshire article (2016); req 246, 247, 249-252, 254.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from wpb.incentives.schemes import PUBLISHED, Metric, Scheme, Standing, check_scheme
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.schema import TypedTable

PUBLISHED_BY_CODE: Mapping[str, Scheme] = {scheme.scheme: scheme for scheme in PUBLISHED}


@dataclass(frozen=True)
class SchemeYear:
    """A scheme in one year: its terms and metrics, and the rows of the tables they stand in."""

    year: str
    scheme: Scheme
    published_as: str
    metric_rows: Mapping[str, int]
    """By metric, its row in incentive_metrics."""
    choice_row: int = -1
    """Its row in incentive_choices; -1 where it is only paid through providers' own contracts."""

    @property
    def paid(self) -> tuple[Metric, ...]:
        """The metrics that earn."""
        return tuple(metric for metric in self.scheme.metrics if metric.paid)


def schemes_by_year(model: Model, years: Sequence[str]) -> dict[tuple[str, str], SchemeYear]:
    """Read what each scheme is in each year it is chosen or paid, by (scheme, year); those with
    metrics and those without.

    Source: handbook 5.1-5.4; overview 5.1; req 246, 250, 251.
    """
    choices, payments, schemes = (
        model["incentive_choices"],
        model["outcome_payments"],
        model["incentive_schemes"],
    )
    chosen = {
        (str(choices.columns["scheme"][row]), str(choices.columns["year"][row])): row
        for row in range(len(choices))
    }
    wanted = dict.fromkeys(
        [*chosen, *zip(payments.text("scheme"), payments.text("year"), strict=True)]
    )
    row_of = {code: row for row, code in enumerate(schemes.text("scheme"))}
    found = {}
    for code, year in wanted:
        if year not in years:
            continue
        choice, row = chosen.get((code, year), -1), row_of.get(code)
        metrics = metrics_of(model["incentive_metrics"], code, year)
        standing = (
            cast(Standing, str(choices.columns["treatment"][choice])) if choice >= 0 else "beside"
        )
        rate = float(choices.numbers("rate")[choice]) if choice >= 0 else None
        published = "" if row is None else str(schemes.columns["published_as"][row])
        title, source = (
            (code, "")
            if row is None
            else (str(schemes.columns["title"][row]), str(schemes.columns["source"][row]))
        )
        joint = row is not None and bool(schemes.columns["all_or_nothing"][row])
        scheme = Scheme(
            code,
            title,
            standing,
            rate,
            year,
            year,
            ("any",),
            tuple(metrics.values()),
            replaced_in(model, code, year),
            joint,
            published == "local",
            source,
        )
        found[code, year] = SchemeYear(
            year, scheme, published, {metric.metric: at for at, metric in metrics.items()}, choice
        )
    return found


def metrics_of(table: TypedTable, scheme: str, year: str) -> dict[int, Metric]:
    """Read the metrics of a scheme that stand in a year, by their row.

    Source: handbook 5.1, 5.2; req 249, 250.
    """
    found = {}
    for row in table.rows_where("scheme", scheme):
        text = {
            name: str(table.columns[name][row])
            for name in (
                "metric",
                "title",
                "measure",
                "metric_kind",
                "wants",
                "first_year",
                "last_year",
                "scale",
            )
        }
        if not stands_in(text["first_year"], text["last_year"], year):
            continue
        paid, threshold = bool(table.columns["paid"][row]), float(table.numbers("threshold")[row])
        weight = float(table.numbers("weight")[row]) if paid else 0.0
        full_at = (
            threshold if text["scale"] == "all_or_nothing" else float(table.numbers("full_at")[row])
        )
        kind, wants = (
            ("outcome" if text["metric_kind"] == "outcome" else "process"),
            ("less" if text["wants"] == "less" else "more"),
        )
        found[row] = Metric(
            text["metric"],
            text["title"],
            text["measure"],
            weight,
            threshold,
            full_at,
            paid,
            kind,  # type: ignore[arg-type]
            wants,  # type: ignore[arg-type]
        )
    return found


def stands_in(first_year: str, last_year: str, year: str) -> bool:
    """Say whether a year lies between a first year and a last one ('' for no end).

    Source: handbook 5.1; req 250.
    """
    return first_year <= year and (not last_year or year <= last_year)


def replaced_in(model: Model, scheme: str, year: str) -> tuple[str, ...]:
    """List the schemes that one stands in for in a year.

    Source: overview 5.1; Mid-Nottinghamshire article (2016); req 251, 254.
    """
    table = model["incentive_substitutions"]
    rows = [
        row
        for row in table.rows_where("scheme", scheme)
        if stands_in(
            str(table.columns["first_year"][row]), str(table.columns["last_year"][row]), year
        )
    ]
    return tuple(str(table.columns["replaces"][row]) for row in rows)


def check_scheme_tables(model: Model, years: Sequence[str], problems: ProblemLog) -> None:
    """Check the tables of incentive schemes, recording every problem at its cell.

    Errors: a paid metric without weight or scale, an unpaid one with a weight, weights that don't
    add to 1, one metric twice in a year, a report of a metric that doesn't stand, an achievement
    that is both entered and worked out, or settled and neither, two schemes in one year of which
    one stands in for the other, and a published scheme in a year it did not run.
    Source: handbook 5.1-5.4; overview 5.1; req 246, 247, 249-252, 254.
    """
    _check_metric_rows(model["incentive_metrics"], problems)
    if problems.errors:
        return
    found = schemes_by_year(model, years)
    for one in found.values():
        table = model["incentive_metrics"]
        if one.scheme.metrics:
            check_scheme(
                one.scheme, table.where(next(iter(one.metric_rows.values())), "weight"), problems
            )
        for metric in {
            metric.metric
            for metric in one.scheme.metrics
            if [other.metric for other in one.scheme.metrics].count(metric.metric) > 1
        }:
            problems.error(
                table.where(one.metric_rows[metric], "first_year"),
                f"Metric {metric} of {one.scheme.scheme} stands twice in {one.year}.",
                "Let one row end before the next begins.",
                "metric_twice",
            )
    _check_reports(model, found, years, problems)
    _check_settled(model, found, problems)
    _check_substitutions(model, found, problems)


def _check_metric_rows(table: TypedTable, problems: ProblemLog) -> None:
    for row in range(len(table)):
        values = {
            name: float(table.numbers(name)[row]) for name in ("weight", "threshold", "full_at")
        }
        scale, paid = str(table.columns["scale"][row]), bool(table.columns["paid"][row])
        given = {name for name, value in values.items() if not np.isnan(value)} | (
            {"scale"} if scale else set()
        )
        needed = (
            ({"weight", "scale", "threshold"} | ({"full_at"} if scale == "sliding" else set()))
            if paid
            else set()
        )
        for name in sorted(needed - given):
            problems.error(
                table.where(row, name),
                f"{table.columns['title'][row]} is paid, and its {name} is blank.",
                "Enter it, or let the metric be published only.",
                "metric_incomplete",
            )
        for name in sorted(given - needed):
            words = "published and not paid" if not paid else "all or nothing at its threshold"
            problems.error(
                table.where(row, name),
                f"{table.columns['title'][row]} is {words}, and has a {name}.",
                "Take it out, or let it be paid on a sliding scale.",
                "metric_has_too_much",
            )


def _check_reports(
    model: Model,
    found: Mapping[tuple[str, str], SchemeYear],
    years: Sequence[str],
    problems: ProblemLog,
) -> None:
    table = model["incentive_reports"]
    for row in range(len(table)):
        scheme, year, metric = (
            str(table.columns[name][row]) for name in ("scheme", "year", "metric")
        )
        one = found.get((scheme, year))
        if one is None:
            where = "year" if year not in years else "scheme"
            problems.error(
                table.where(row, where),
                f"{scheme} does not run in {year}.",
                "Enter its worth for the year in incentive_choices or outcome_payments.",
                "scheme_not_running",
            )
        elif metric not in one.metric_rows:
            problems.error(
                table.where(row, "metric"),
                f"{scheme} has no metric '{metric}' in {year}.",
                f"It has {', '.join(one.metric_rows) or 'none'}.",
                "metric_missing",
            )


def _check_settled(
    model: Model, found: Mapping[tuple[str, str], SchemeYear], problems: ProblemLog
) -> None:
    table = model["incentive_choices"]
    for one in (one for one in found.values() if one.choice_row >= 0):
        row, name = one.choice_row, f"{one.scheme.scheme} in {one.year}"
        achieved, settled = (
            not np.isnan(table.numbers("achieved")[row]),
            bool(str(table.columns["settled_on"][row])),
        )
        if achieved and one.scheme.metrics:
            problems.error(
                table.where(row, "achieved"),
                f"What {name} achieved is entered, and its metrics give it too.",
                "Leave it blank: it is worked out from incentive_reports.",
                "achieved_twice",
            )
        elif settled and not achieved and not one.paid:
            problems.error(
                table.where(row, "achieved"),
                f"{name} is settled, and nothing says what it achieved.",
                "Enter the share achieved, or the scheme's metrics in incentive_metrics.",
                "achieved_missing",
            )
        elif achieved and not settled:
            problems.error(
                table.where(row, "settled_on"),
                f"{name} has a share achieved and no day it was settled.",
                "Enter the day.",
                "settled_missing",
            )
    payments = model["outcome_payments"]
    for row in range(len(payments)):
        scheme_year = found.get(
            (str(payments.columns["scheme"][row]), str(payments.columns["year"][row]))
        )
        if scheme_year is not None and not scheme_year.paid:
            problems.error(
                payments.where(row, "scheme"),
                f"{scheme_year.scheme.scheme} pays for no metric in {scheme_year.year}.",
                "Enter what it pays for in incentive_metrics.",
                "metric_missing",
            )


def _check_substitutions(
    model: Model, found: Mapping[tuple[str, str], SchemeYear], problems: ProblemLog
) -> None:
    table = model["incentive_choices"]
    for one in found.values():
        place = table.where(one.choice_row, "scheme") if one.choice_row >= 0 else None
        published = PUBLISHED_BY_CODE.get(one.published_as)
        if published is not None and not published.runs_in(one.year):
            last = f" to {published.to_year}" if published.to_year else ""
            instead = [
                other.title
                for other in PUBLISHED
                if one.published_as in other.replaces or other.scheme in published.replaces
            ]
            problems.error(
                place,
                f"The {published.title} ran from {published.from_year}{last}, not in {one.year}.",
                f"Choose what stands in that year: {', '.join(instead) or 'a local scheme'}.",
                "scheme_not_running",
            )
        elif (
            published is not None
            and one.choice_row >= 0
            and published.standing != one.scheme.standing
        ):
            problems.warning(
                place,
                f"The {published.title} was {published.standing.replace('_', ' ')}, and is"
                f" {one.scheme.standing.replace('_', ' ')} here in {one.year}.",
                "Check that this is agreed.",
                "scheme_standing",
            )
        replaced = {*one.scheme.replaces, *(published.replaces if published is not None else ())}
        for other in (
            other
            for other in found.values()
            if other.year == one.year and other.scheme.scheme != one.scheme.scheme
        ):
            if other.scheme.scheme in replaced or other.published_as in replaced:
                problems.error(
                    place,
                    f"{one.scheme.title} stands in for {other.scheme.title} in {one.year}, and both"
                    " are paid.",
                    "Take the one that is replaced out of the year.",
                    "scheme_replaced",
                )
