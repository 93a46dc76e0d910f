"""Demographic growth of each activity from its use by segment and age: use a head x people of the
segment, year by year.

The population of each age band comes from the projection the model chooses and divides into
segments as it did in the base year. A budget line grows as its own activity does, and is priced by
its own unit cost afterwards.
Source: handbook 3.3.3 Tower Hamlets (projecting activity using a patient-level linked dataset); req
180, 182.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from wpb.forecast.growth import year_on_year
from wpb.forecast.growth_rates import STEP_NAMES, GrowthRates
from wpb.forecast.line_rates import same_rate
from wpb.forecast.population_growth import Projection, weighted_people
from wpb.kernel.calendar import next_year
from wpb.kernel.ledger import Array, Axis, Block, Ledger, Ref, Rows
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.records import BudgetLines
from wpb.tables.segments import FROM_SEGMENTS

ActivityKey = tuple[str, str]
"""Service line and activity type."""
SegmentKey = tuple[str, str]
"""Segment and age band."""


def people_of_segment(people: Array, people_in_segment: Array, people_in_band: Array) -> Array:
    """People of a segment in a year: people of the age band x the segment's share of the band in
    the base year.

    Source: handbook 3.3.3 Tower Hamlets; req 180.
    """
    return people * people_in_segment / people_in_band


@dataclass(frozen=True)
class SegmentUse:
    """Use by segment and age, as it was entered: which rows of the two tables stand for which
    activity and segment.
    """

    model: Model
    projection: Projection
    segments: tuple[SegmentKey, ...]
    people_rows: dict[SegmentKey, int]
    use_rows: dict[ActivityKey, dict[SegmentKey, int]]

    def activity_of(self, service_line: str, activity_type: str) -> ActivityKey | None:
        """The rows of use an activity takes: its own, else those of the whole service line; None
        where there are none.
        """
        return next(
            (
                key
                for key in ((service_line, activity_type), (service_line, ""))
                if key in self.use_rows
            ),
            None,
        )

    def cells(self, activities: Sequence[ActivityKey]) -> list[tuple[ActivityKey, SegmentKey]]:
        """The segments that use each activity."""
        return [
            (activity, segment)
            for activity in activities
            for segment in self.segments
            if segment in self.use_rows[activity]
        ]

    def use(
        self,
        ledger: Ledger,
        block_id: str,
        activities: Sequence[ActivityKey],
        years: tuple[str, ...],
        at: tuple[str, ...],
    ) -> Block:
        """Units of each activity by segment and age band at some years: people of the segment x
        units a head.

        Gives [activity, segment and age band; year], on the axis of `cells`.
        Source: handbook 3.3.3 Tower Hamlets; req 180.
        """
        cells = self.cells(activities)
        people_table, use_table = self.model["segment_people"], self.model["segment_use"]
        axis = Axis("segment and age band", tuple(".".join(segment) for segment in self.segments))
        bands = Axis("age band", self.projection.bands)
        of_band = np.array([bands.positions[band] for _, band in self.segments], dtype=np.int64)
        count = people_table.numbers("people")
        own = ledger.leaf(
            f"{block_id}/people_in_segment",
            axis,
            "people",
            [count[self.people_rows[segment]] for segment in self.segments],
            lambda row, year: people_table.where(self.people_rows[self.segments[row]], "people"),
            title="People in the segment, base year",
        )
        whole = ledger.total(
            f"{block_id}/people_in_band",
            bands,
            (own, of_band),
            title="People in the age band, base year",
        )
        projected = self.projection.people(ledger, f"{block_id}/people_by_age", years, at)
        people = ledger.add(
            f"{block_id}/people",
            people_of_segment,
            axis,
            "people",
            years,
            "People of the segment",
            people=Ref(projected, of_band),
            people_in_segment=own,
            people_in_band=Ref(whole, of_band),
        )
        fine = Axis(
            "activity, segment and age band",
            tuple(".".join((*activity, *segment)) for activity, segment in cells),
        )
        use = use_table.numbers("use_per_head")
        rates = ledger.leaf(
            f"{block_id}/use_per_head",
            fine,
            "units",
            [use[self.use_rows[activity][segment]] for activity, segment in cells],
            lambda row, year: use_table.where(
                self.use_rows[cells[row][0]][cells[row][1]], "use_per_head"
            ),
            title="Units a head",
        )
        rows = np.array([axis.positions[".".join(segment)] for _, segment in cells], dtype=np.int64)
        return ledger.add(
            f"{block_id}/by_segment",
            weighted_people,
            fine,
            "units",
            years,
            "Units by segment and age",
            people=Ref(people, rows),
            use_per_person=rates,
        )


def read_segment_use(model: Model, problems: ProblemLog) -> SegmentUse | None:
    """Line the tables of segments up with the projection; None, with every fault logged, where they
    don't fit.

    Source: handbook 3.3.3 Tower Hamlets; req 180.
    """
    people, use = model["segment_people"], model["segment_use"]
    projection = Projection(model, str(model.settings.population.get("projection", "")), problems)
    before = len(problems.errors)
    for table, name in ((people, "segment_people"), (use, "segment_use")):
        if not len(table):
            problems.error(
                model["growth_categories"].where(0, "demographic_rate"),
                f"Activity is to grow with its use by segment, and {name} has no rows.",
                "Put people's records in patients, fill the table in, or choose another demographic"
                " rate.",
                "segments_missing",
            )
    people_rows = {
        (segment, band): row
        for row, (segment, band) in enumerate(
            zip(people.text("segment"), people.text("age_band"), strict=True)
        )
        if people.numbers("people")[row] > 0
    }
    for (segment, band), row in people_rows.items():
        if projection.bands and band not in projection.bands:
            problems.error(
                people.where(row, "age_band"),
                f"The segment '{segment}' has the age band '{band}', which the projection"
                f" '{projection.source}' does not have ({', '.join(projection.bands)}).",
                "Use the projection's age bands.",
                "segment_bands",
            )
    for band in (
        sorted(set(projection.bands) - {band for _, band in people_rows}) if people_rows else ()
    ):
        problems.error(
            people.where(0, "age_band"),
            f"No segment has people of the age band '{band}' of the projection"
            f" '{projection.source}'.",
            "Add them, so that their growth counts.",
            "segment_bands",
        )
    use_rows: dict[ActivityKey, dict[SegmentKey, int]] = {}
    for row, (service, activity, segment, band) in enumerate(
        zip(
            *(use.text(name) for name in ("service_line", "activity_type", "segment", "age_band")),
            strict=True,
        )
    ):
        use_rows.setdefault((service, activity), {})[segment, band] = row
        if (
            people_rows
            and (segment, band) not in people_rows
            and use.numbers("use_per_head")[row] > 0
        ):
            problems.error(
                use.where(row, "segment"),
                f"{service} is used by people of the segment '{segment}' aged {band}, and"
                " segment_people has none.",
                "Add them to segment_people, or correct the row.",
                "segment_unknown",
            )
    for key, rows in use_rows.items():
        if not any(use.numbers("use_per_head")[row] > 0 for row in rows.values()):
            problems.error(
                use.where(min(rows.values()), "use_per_head"),
                f"Nobody uses {' '.join(key).strip()}, so no growth can be worked out from its"
                " use.",
                "Correct the rows, or give the service line a category with another demographic"
                " rate.",
                "segment_use_none",
            )
    if len(problems.errors) > before:
        return None
    return SegmentUse(
        model,
        projection,
        tuple(sorted(people_rows)),
        people_rows,
        {
            key: {segment: row for segment, row in rows.items() if segment in people_rows}
            for key, rows in use_rows.items()
        },
    )


def asked_categories(model: Model) -> list[int]:
    """The growth categories whose demographic growth is worked out from use by segment, by row.

    Source: handbook 3.3.3 Tower Hamlets; req 180.
    """
    table = model["growth_categories"]
    return [
        row
        for row, (key, method) in enumerate(
            zip(table.text("demographic_rate"), table.text("growth_method"), strict=True)
        )
        if key == FROM_SEGMENTS and method == "unit_cost_and_activity"
    ]


def rates_by_segment(
    model: Model, ledger: Ledger, lines: BudgetLines, rates: GrowthRates, problems: ProblemLog
) -> GrowthRates:
    """Give lines of categories that ask for it the growth of their own activity in place of one
    rate for the category.

    growth = units of the year's people / units of the people of the year before - 1, all else as
    the category has it.
    Raises InputProblems where a line's activity has no use by segment, or the tables don't fit the
    projection.
    Source: handbook 3.3.3 Tower Hamlets; req 180, 182.
    """
    asked = asked_categories(model)
    if not asked:
        return rates
    found = read_segment_use(model, problems)
    problems.raise_if_errors()
    assert found is not None
    groups = _activity_groups(model, lines, rates, asked, found, problems)
    problems.raise_if_errors()
    known = sorted(set(groups.values()))
    if not known:
        return rates
    axis = Axis(
        rates.axis.name,
        (*rates.axis.codes, *(_code(rates.axis.codes[base], activity) for base, activity in known)),
    )
    builder = _Builder(ledger, found, axis, rates, known, problems)
    steps = {
        step: builder.step(step, block, model.settings.first_growth_year)
        for step, block in rates.by_step.items()
    }
    conversion = {step: builder.step(step, block, "") for step, block in rates.conversion.items()}
    problems.raise_if_errors()
    of_line = rates.group_of_line.copy()
    for line, key in groups.items():
        of_line[line] = len(rates.axis) + known.index(key)
    rows = (*rates.category_rows, *(rates.category_rows[base] for base, _ in known))
    return replace(
        rates,
        axis=axis,
        by_step=steps,
        conversion=conversion,
        group_of_line=of_line,
        category_rows=rows,
        summed=builder.summed(),
    )


def _code(category: str, activity: ActivityKey) -> str:
    return f"{category}; {activity[0]}" + (f".{activity[1]}" if activity[1] else "")


def _activity_groups(
    model: Model,
    lines: BudgetLines,
    rates: GrowthRates,
    asked: Sequence[int],
    found: SegmentUse,
    problems: ProblemLog,
) -> dict[int, tuple[int, ActivityKey]]:
    """The category and activity of each line that grows with its use by segment, by position of the
    line.
    """
    groups: dict[int, tuple[int, ActivityKey]] = {}
    missing: dict[str, int] = {}
    for position, (line, base) in enumerate(
        zip(lines.lines, rates.group_of_line.tolist(), strict=True)
    ):
        if rates.category_rows[base] not in asked:
            continue
        activity = found.activity_of(line.service_line, line.activity_type)
        if activity is None:
            of_type = (
                f" {line.activity_type}" if line.activity_type else ", without an activity type"
            )
            missing.setdefault(f"{line.service_line}{of_type}", rates.category_rows[base])
        else:
            groups[position] = base, activity
    for name, row in missing.items():
        table = model["growth_categories"]
        problems.error(
            table.where(row, "demographic_rate"),
            f"Lines of the category '{table.text('growth_category')[row]}' are to grow with their"
            f" use by segment, and segment_use has none for {name}.",
            "Add its rows (with a blank activity type for all of a service line), or give the"
            " service line a category with another demographic rate.",
            "segment_use_missing",
        )
    return groups


class _Builder:
    """Rates on the longer axis: those of categories again for each activity, the demographic one
    worked out.
    """

    def __init__(
        self,
        ledger: Ledger,
        found: SegmentUse,
        axis: Axis,
        rates: GrowthRates,
        known: Sequence[tuple[int, ActivityKey]],
        problems: ProblemLog,
    ) -> None:
        self.ledger, self.found, self.axis, self.rates, self.known, self.problems = (
            ledger,
            found,
            axis,
            rates,
            known,
            problems,
        )
        self.base_rows: Rows = np.array(
            [*range(len(rates.axis)), *(base for base, _ in known)], dtype=np.int64
        )

    def step(self, step: str, block: Block, first_growth_year: str) -> Block:
        """One step's rates; the demographic one is nought before growth starts."""
        name, years = f"{block.id}/by_activity", block.years or ()
        if step != "demographic":
            return self.ledger.add(
                name,
                same_rate,
                self.axis,
                "rate",
                years,
                STEP_NAMES[step],
                rate=Ref(block, self.base_rows),
            )
        growth = self._growth(
            f"{block.id}/segments",
            years,
            tuple(year for year in years if year >= first_growth_year),
        )
        into = len(self.rates.axis) + np.arange(len(self.known))
        return self.ledger.total(
            name,
            self.axis,
            (block, np.arange(len(self.rates.axis))),
            (growth, into),
            title=STEP_NAMES[step],
        )

    def summed(self) -> Block | None:
        """Which groups add their two parts of activity growth."""
        if self.rates.summed is None:
            return None
        return self.ledger.add(
            "growth_rate/summed/by_activity",
            same_rate,
            self.axis,
            "flag",
            None,
            "Parts of activity growth are added",
            rate=Ref(self.rates.summed, self.base_rows),
        )

    def _growth(self, prefix: str, years: tuple[str, ...], wanted: tuple[str, ...]) -> Block:
        activities = sorted({activity for _, activity in self.known})
        axis = Axis("activity", tuple(".".join(activity) for activity in activities))
        before = tuple(next_year(year, -1) if year in wanted else year for year in years)
        self.found.projection.usable({*years, *before})
        self.problems.raise_if_errors()
        into = [activities.index(activity) for activity, _ in self.found.cells(activities)]
        levels = {}
        for name, at in (("this_year", years), ("last_year", before)):
            by_segment = self.found.use(self.ledger, f"{prefix}/{name}", activities, years, at)
            levels[name] = self.ledger.total(
                f"{prefix}/{name}", axis, (by_segment, into), title="Units of the population"
            )
        rows = np.array([activities.index(activity) for _, activity in self.known], dtype=np.int64)
        group_axis = Axis("category and activity", self.axis.codes[len(self.rates.axis) :])
        return self.ledger.add(
            f"{prefix}/growth",
            year_on_year,
            group_axis,
            "rate",
            years,
            "Demographic growth from use by segment",
            **{name: Ref(block, rows) for name, block in levels.items()},
        )
