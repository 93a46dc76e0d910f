"""The path of each activity that grows with its use by segment, for a reader: use, programmes, unit
cost, spend.

Source: handbook 3.3.3 Tower Hamlets; req 180, 182.
"""

from __future__ import annotations

from collections.abc import Sequence

from wpb.forecast.growth_rates import GrowthRates
from wpb.forecast.segment_growth import ActivityKey, asked_categories, read_segment_use
from wpb.kernel.ledger import Ledger
from wpb.kernel.money import whole_pence
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.records import Line, Section, SectionColumn, SectionValue, year_columns


def segment_section(
    model: Model, ledger: Ledger, lines: Sequence[Line], rates: GrowthRates, problems: ProblemLog
) -> Section | None:
    """Give each activity's use by the population as an index, with programmes laid over it, its
    unit cost, and their product in pence.

    spend = base x use x other activity growth x unit cost, before efficiency and programmes.
    Source: handbook 3.3.3 Tower Hamlets; req 180, 182.
    """
    asked, years = asked_categories(model), model.settings.years
    found = read_segment_use(model, ProblemLog()) if asked else None
    if found is None:
        return None
    members: dict[tuple[int, ActivityKey], list[int]] = {}
    for position, (line, group) in enumerate(zip(lines, rates.group_of_line.tolist(), strict=True)):
        activity = found.activity_of(line.service_line, line.activity_type)
        if rates.category_rows[group] in asked and activity is not None:
            members.setdefault((group, activity), []).append(position)
    spend = [ledger[f"{name}/after_combined"] for name in ("forecast", "out_of_scope")]
    demographic, unit_cost = (
        ledger[f"growth_factor/{step}"] for step in ("demographic", "cost_pressure")
    )
    rows: list[tuple[SectionValue, ...]] = []
    for (group, activity), positions in sorted(
        members.items(), key=lambda item: (item[0][1], item[0][0])
    ):
        change = _change(ledger, activity, len(years))
        use = [demographic.at(group, year) for year in range(len(years))]
        figures: tuple[tuple[str, str, list[float] | list[int]], ...] = (
            ("use", "index", use),
            (
                "use with programmes",
                "index",
                [value * (1 + moved) for value, moved in zip(use, change, strict=True)],
            ),
            ("unit cost", "index", [unit_cost.at(group, year) for year in range(len(years))]),
            (
                "spend before efficiency and programmes",
                "pence",
                [
                    whole_pence(sum(block.at(row, year) for block in spend for row in positions))
                    for year in range(len(years))
                ],
            ),
        )
        rows += [(*activity, figure, unit, *values) for figure, unit, values in figures]
    if not rows:
        return None
    problems.note(
        model["growth_categories"].where(asked[0], "demographic_rate"),
        f"Demographic growth of {len(members)} kinds of activity is worked out from their use by"
        f" segment and age, at the population of '{found.projection.source}'.",
        "",
        "segments_used",
    )
    columns = (
        SectionColumn("service_line", "Service line", "code"),
        SectionColumn("activity_type", "Activity type", "code"),
        SectionColumn("figure", "Figure"),
        SectionColumn("unit", "Unit"),
        *year_columns(years, "number"),
    )
    return Section(
        "segment_paths",
        "Activity from use by segment",
        "Each segment keeps its use a head, and its people grow with their age band. Indices are 1"
        " before growth starts.",
        columns,
        tuple(rows),
    )


def _change(ledger: Ledger, activity: ActivityKey, years: int) -> list[float]:
    """What all programmes together change of an activity, by year."""
    if "segment_shift/all_programmes" not in ledger:
        return [0.0] * years
    block = ledger["segment_shift/all_programmes"]
    row = block.axis.positions.get(".".join(activity))
    return [block.at(row, year) if row is not None else 0.0 for year in range(years)]
