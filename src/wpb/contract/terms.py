"""The terms of the contract as the tables state them.

Source: handbook 4.2-4.4; overview 3.5; req 215, 217, 218.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from typing import Any

from wpb.contract.timing import anniversary, years_between
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.tables.contract_life import MONTHS
from wpb.tables.model import Model
from wpb.tables.schema import TypedTable
from wpb.tables.settings_shape import LONGEST_TERM


def on_day(text: str) -> datetime.date:
    """Read a checked date cell.

    Source: handbook 4.3; req 215.
    """
    return datetime.date.fromisoformat(text)


@dataclass(frozen=True)
class Terms:
    """The terms of one contract."""

    contract: str
    starts_on: datetime.date
    ends_on: datetime.date
    legal_regime: str
    advertised_change_limit: float | None
    too_small_share: float
    review_share: float
    fixed_years: int
    update_frequency: str
    update_mode: str
    value_method: str
    thin_types: str
    full_credibility_people: float
    in_year_rule: str
    notice_days: int
    outside_providers: str
    lead_provider: str
    form: str
    years: tuple[str, ...]
    """The financial years of the model, some of which the term may not touch."""
    profile: tuple[float, ...]
    """Share of the year by month, April first."""
    place: Cell


def read_terms(model: Model, problems: ProblemLog) -> Terms | None:
    """Read the terms; None, with a problem, where the model states none or its term is not covered
    by the forecast.

    Source: handbook 4.2-4.4; req 215, 217, 218.
    """
    table = model["contract_terms"]
    if len(table) != 1:
        what = (
            "has no contract terms"
            if not len(table)
            else f"has {len(table)} rows of contract terms"
        )
        problems.error(
            Cell(table.file or "inputs/contract_terms.csv", table.sheet or "contract_terms", ""),
            f"The model {what}.",
            "Enter one row in contract_terms: a live contract needs its dates and its rules.",
            "terms_missing",
        )
        return None
    row = {column.name: table.columns[column.name][0] for column in table.spec.columns}
    for name in ("fixed_years", "notice_days"):
        if not float(row[name]).is_integer():
            problems.error(
                table.where(0, name),
                f"{float(row[name]):g} is not a whole number.",
                f"Enter {'years' if name == 'fixed_years' else 'days'} in whole numbers.",
                "not_whole",
            )
    limit = float(row["advertised_change_limit"])
    terms = Terms(
        starts_on=on_day(str(row["starts_on"])),
        ends_on=on_day(str(row["ends_on"])),
        advertised_change_limit=None if math.isnan(limit) else limit,
        fixed_years=int(float(row["fixed_years"])),
        notice_days=int(float(row["notice_days"])),
        lead_provider=model.settings.lead_provider,
        form=model.settings.form,
        years=model.settings.years,
        profile=_profile(model["instalment_profile"], problems),
        place=table.where(0, "starts_on"),
        **_plain(row),
    )
    _check_term(terms, table, problems)
    return terms


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    names = (
        "contract",
        "legal_regime",
        "update_frequency",
        "update_mode",
        "value_method",
        "thin_types",
        "in_year_rule",
        "outside_providers",
    )
    numbers = ("too_small_share", "review_share", "full_credibility_people")
    return {
        **{name: str(row[name]) for name in names},
        **{name: float(row[name]) for name in numbers},
    }


def _profile(table: TypedTable, problems: ProblemLog) -> tuple[float, ...]:
    if not len(table):
        problems.note(
            None,
            "No instalment profile is given, so the year is paid in equal twelfths.",
            "",
            "profile_level",
        )
        return (1 / 12,) * 12
    shares = dict(zip(table.text("month"), table.numbers("share").tolist(), strict=True))
    total = math.fsum(shares.values())
    if len(shares) != 12 or abs(total - 1) > 1e-9:
        problems.error(
            table.where(0, "share"),
            f"The instalment profile has {len(shares)} months and adds to {total:.10g}.",
            "Give each of the twelve months its share, adding to exactly 1.",
            "profile_total",
        )
    return tuple(shares.get(month, 0.0) for month in MONTHS)


def _check_term(terms: Terms, table: TypedTable, problems: ProblemLog) -> None:
    if terms.ends_on <= terms.starts_on:
        problems.error(
            table.where(0, "ends_on"),
            "The contract ends before it starts.",
            "Correct the dates.",
            "term_backwards",
        )
        return
    touched = years_between(terms.starts_on, terms.ends_on)
    missing = [year for year in touched if year not in terms.years]
    if missing:
        problems.error(
            table.where(0, "ends_on"),
            f"The contract runs in {', '.join(missing)}, for which the model has no forecast.",
            "Lengthen contract.years in the settings (a contract that starts within a year touches"
            " one year more than its term), or correct the dates.",
            "term_beyond_forecast",
        )
    if terms.ends_on >= anniversary(terms.starts_on, LONGEST_TERM):
        problems.error(
            table.where(0, "ends_on"),
            f"The contract runs for more than {LONGEST_TERM} years.",
            f"A term may be {LONGEST_TERM} years at most; a longer one is a new contract.",
            "term_too_long",
        )
    if terms.fixed_years > 1 and terms.ends_on < anniversary(
        terms.starts_on, terms.fixed_years - 1
    ):
        problems.error(
            table.where(0, "fixed_years"),
            "A fixed period is longer than the contract.",
            "Shorten it.",
            "fixed_period_too_long",
        )
