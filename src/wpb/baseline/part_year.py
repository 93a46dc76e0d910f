"""Part of a year made up to twelve months by the season of past years, with how far out that may
be.

Source: handbook 2.2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wpb.baseline.roll_forward import Levels, after_change
from wpb.kernel.arithmetic import share_of
from wpb.kernel.intervals import mean_and_deviation, student_95
from wpb.kernel.ledger import Array, Axis, Ledger, Ref
from wpb.kernel.money import pounds, whole_pence
from wpb.kernel.problems import ProblemLog
from wpb.tables.findings import Finding, judged
from wpb.tables.leaves import table_leaf
from wpb.tables.limits import limit
from wpb.tables.model import Model
from wpb.tables.records import Section, SectionColumn

MONTHS = frozenset(range(1, 13))
STEP = "Part of a year made up to twelve months"


@dataclass(frozen=True)
class Season:
    """What is known of one subject's year: months to hand, past full years, and the share of a year
    those months were.
    """

    subject: str
    months: tuple[int, ...]
    past_years: tuple[str, ...]
    past_rows: tuple[int, ...]
    known_rows: tuple[int, ...]
    known_spend_pence: float
    known_share: float
    yearly_shares: tuple[float, ...]

    @property
    def full_year_pence(self) -> float:
        """The full-year estimate: spend known / share of a year it usually is."""
        return self.known_spend_pence / self.known_share

    @property
    def unsteadiness(self) -> float:
        """How much the share has varied: its standard deviation over past years / its mean; nan
        with one year.
        """
        mean, deviation = mean_and_deviation(self.yearly_shares)
        return deviation / mean

    @property
    def relative_error(self) -> float:
        """Half of a 95% interval over the estimate: t x unsteadiness x sqrt(1 + 1/years); nan with
        one year.
        """
        years = len(self.yearly_shares)
        return (
            student_95(years - 1) * self.unsteadiness * math.sqrt(1 + 1 / years)
            if years > 1
            else math.nan
        )


def completion_share(known: Sequence[float], full: Sequence[float]) -> float:
    """The share of a year that some of its months are: sum over past years of those months / sum of
    the full years.

    It equals the product of volume-weighted development factors of a chain ladder on full past
    years.
    Source: handbook 2.2; req 25.
    """
    return math.fsum(known) / math.fsum(full)


def to_full_year(before_pence: Array, known_share: Array) -> Array:
    """What the missing months add: before / share of the year - before.

    Source: handbook 2.2; req 25.
    """
    return before_pence / known_share - before_pence


def seasons(model: Model) -> dict[str, Season]:
    """Learn each part-year subject's season from its past full years; a subject without one is left
    out.

    Source: handbook 2.2; req 25, 26.
    """
    repaired, found = model["spend_repairs"], {}
    for row in repaired.rows_where("repair", "part_year"):
        season = _season(model, str(repaired.columns["subject"][row]))
        if season is not None:
            found[season.subject] = season
    return found


def _season(model: Model, subject: str) -> Season | None:
    table, by_year = model["monthly_spend"], dict[str, dict[int, int]]()
    for row in table.rows_where("subject", subject):
        by_year.setdefault(str(table.columns["year"][row]), {})[
            int(table.numbers("month")[row])
        ] = row
    spend, this = table.numbers("spend"), by_year.pop(model.settings.spend_year, {})
    past = {
        year: months
        for year, months in sorted(by_year.items())
        if set(months) == MONTHS and year < model.settings.spend_year
    }
    if not this or not past:
        return None
    known = [math.fsum(spend[months[month]] for month in this) for months in past.values()]
    full = [math.fsum(spend[row] for row in months.values()) for months in past.values()]
    if not all(full) or not math.fsum(known):
        return None
    rows = tuple(row for months in past.values() for row in months.values())
    return Season(
        subject,
        tuple(sorted(this)),
        tuple(past),
        rows,
        tuple(months[month] for months in past.values() for month in this),
        math.fsum(spend[row] for row in this.values()),
        completion_share(known, full),
        tuple(part / whole for part, whole in zip(known, full, strict=True)),
    )


def extend_part_years(
    model: Model,
    ledger: Ledger,
    subjects: dict[str, list[int]],
    levels: Levels,
    learnt: dict[str, Season],
) -> Levels:
    """Make part-year spend up to a full year: level / share of a year that the months to hand
    usually are.

    Source: handbook 2.2; req 25.
    """
    chosen = [season for season in learnt.values() if season.subject in subjects]
    if not chosen:
        return levels
    table, axis = (
        model["monthly_spend"],
        Axis("subject", tuple(season.subject for season in chosen)),
    )
    rows = [row for season in chosen for row in season.past_rows]
    months = table_leaf(
        ledger,
        "repair/past_months",
        Axis("month of a past year", tuple(table.key_of(row) for row in rows)),
        "pence",
        table,
        "spend",
        rows,
        "Spend in a month of a past year",
    )
    owner = {row: position for position, season in enumerate(chosen) for row in season.past_rows}
    known = {row for season in chosen for row in season.known_rows}
    full = ledger.total(
        "repair/past_years", axis, (months, [owner[row] for row in rows]), title="Past full years"
    )
    part = ledger.total(
        "repair/past_known_months",
        axis,
        (months, [owner[row] if row in known else -1 for row in rows]),
        title="The same months of past years",
    )
    share = ledger.add(
        "repair/known_share",
        share_of,
        axis,
        "share",
        part=part,
        whole=full,
        title="Share of a year that the months to hand usually are",
    )
    lines = [line for season in chosen for line in subjects[season.subject]]
    line_owner = np.array(
        [position for position, season in enumerate(chosen) for _ in subjects[season.subject]],
        dtype=np.int64,
    )
    line_axis = Axis("budget line", tuple(levels.inside.axis.codes[line] for line in lines))
    after = []
    for side, level, stage in (
        ("inside", levels.inside, "baseline"),
        ("outside", levels.outside, "out of scope"),
    ):
        added = ledger.add(
            f"repair/part_year/{side}_added",
            to_full_year,
            line_axis,
            "pence",
            before_pence=Ref(level, np.array(lines)),
            known_share=Ref(share, line_owner),
            title="What the missing months add",
        )
        movement = ledger.total(
            f"repair/part_year/{side}_change", level.axis, (added, lines), title=STEP
        )
        ledger.record(stage, STEP, movement)
        after.append(
            ledger.add(
                f"repair/part_year/{side}",
                after_change,
                level.axis,
                "pence",
                before_pence=level,
                change_pence=movement,
                title=f"After: {STEP.lower()}",
            )
        )
    return Levels(*after)


def check_part_years(model: Model, learnt: dict[str, Season], problems: ProblemLog) -> None:
    """Refuse part-year spend with no full past year, or whose months don't add to the amount
    entered.

    Source: handbook 2.2; req 25.
    """
    repaired = model["spend_repairs"]
    paid = dict(
        zip(
            model["contracts"].text("contract"),
            model["contracts"].numbers("value").tolist(),
            strict=True,
        )
    )
    paid |= dict(
        zip(
            model["direct_spend"].text("budget_line"),
            model["direct_spend"].numbers("value").tolist(),
            strict=True,
        )
    )
    for row in repaired.rows_where("repair", "part_year"):
        subject, place = str(repaired.columns["subject"][row]), repaired.where(row, "repair")
        season = learnt.get(subject)
        if season is None:
            problems.error(
                place,
                f"The season of {subject} can't be learnt: it needs the months known of"
                f" {model.settings.spend_year} and at least one full past year, above nought.",
                "Add them to monthly_spend, or roll last year's spend forward.",
                "season_unknown",
            )
        elif subject in paid and abs(paid[subject] - season.known_spend_pence) >= 0.5:
            problems.error(
                place,
                f"The months of {subject} add to {pounds(season.known_spend_pence, 2)}, and the"
                f" amount entered for it is {pounds(paid[subject], 2)}.",
                "Enter as the amount what was spent in the months to hand.",
                "months_total",
            )
        elif set(season.months) == MONTHS:
            problems.error(
                place,
                f"All twelve months of {subject} are to hand, so there is nothing to make up.",
                "Take the row out of spend_repairs.",
                "months_full",
            )


def check_seasons(model: Model, learnt: dict[str, Season]) -> list[Finding]:
    """Warn where few months are to hand, and where the season has not been steady or can't be known
    to be.

    Source: handbook 2.2; req 26.
    """
    repaired, few, steady = (
        model["spend_repairs"],
        limit(model, "few_months"),
        limit(model, "profile_steadiness"),
    )
    found = []
    for season in learnt.values():
        place, subject = (
            repaired.where(repaired.rows_where("subject", season.subject)[0], "repair"),
            season.subject,
        )
        count = len(season.months)
        found.append(
            judged(
                "few_months",
                subject,
                count >= few,
                f"{count} months of {subject} are to hand, {season.known_share:.0%} of a usual"
                " year.",
                "Add months as they come; the estimate is worth little with few.",
                place,
            )
        )
        if len(season.yearly_shares) < 2:
            found.append(
                judged(
                    "season_steady",
                    subject,
                    False,
                    f"The season of {subject} rests on one past year, so nobody can say how steady"
                    " it is.",
                    "Add earlier years to monthly_spend.",
                    place,
                )
            )
            continue
        words = (
            f"Over {len(season.past_years)} past years the share of these months in {subject}"
            f" varied by {season.unsteadiness:.1%}, so the full year is known to within"
            f" {season.relative_error:.1%} (95%), if past seasons hold."
        )
        found.append(
            judged(
                "season_steady",
                subject,
                season.unsteadiness <= steady,
                words,
                "Ask what changed between years, or use another estimate beside it.",
                place,
            )
        )
    return found


def part_year_section(learnt: dict[str, Season]) -> Section:
    """List each part-year estimate with its months, season and how far out it may be.

    Source: handbook 2.2; req 25, 26.
    """
    columns = (
        SectionColumn("subject", "Contract or line", "code"),
        SectionColumn("months", "Months to hand", "count"),
        SectionColumn("past_years", "Past years", "count"),
        SectionColumn("known_pence", "Spent in them", "pounds"),
        SectionColumn("known_share", "Usual share of a year", "share"),
        SectionColumn("full_year_pence", "Full year", "pounds"),
        SectionColumn("unsteadiness", "Variation of the share", "share"),
        SectionColumn("error", "Full year to within (95%)", "share"),
    )
    rows = tuple(
        (
            s.subject,
            len(s.months),
            len(s.past_years),
            whole_pence(s.known_spend_pence),
            s.known_share,
            whole_pence(s.full_year_pence),
            None if math.isnan(s.unsteadiness) else s.unsteadiness,
            None if math.isnan(s.relative_error) else s.relative_error,
        )
        for s in learnt.values()
    )
    return Section(
        "part_year",
        "Spend made up to a full year",
        "It is assumed that this year's season is that of past years.",
        columns,
        rows,
    )
