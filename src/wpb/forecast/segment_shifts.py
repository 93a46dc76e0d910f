"""What programmes change in the use that segments make of services, and what that releases or
costs.

A change of a segment's use becomes a change of its activity by the segment's share of that activity
in the year; the activity's forecast, already at the unit costs of the year, times that change is
the saving or the cost.
Source: handbook 3.3.3 Tower Hamlets, 3.5; req 182.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wpb.forecast.care_model import ImpactLine, Impacts, all_of_it
from wpb.forecast.overlays import areas_by_category, overlay_cost, overlay_saving
from wpb.forecast.segment_growth import ActivityKey, SegmentUse, read_segment_use
from wpb.kernel.ledger import Array, Axis, Block, Ledger, Ref, Rows
from wpb.kernel.places import Cell, Place
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.records import Line
from wpb.tables.schema import TypedTable

ShiftKey = tuple[str, ActivityKey]
"""Programme and activity."""
PayerKey = tuple[str, str, str, str, bool]
"""Service line, activity type, commissioner, stream, and whether inside the budget."""


def changed_use(units: Array, use_change: Array) -> Array:
    """Units that a programme adds to a segment's use, or takes from it: units x change.

    Source: handbook 3.3.3 Tower Hamlets; req 182.
    """
    return units * use_change


def share_of_use(changed_units: Array, units: Array) -> Array:
    """Change of an activity: units added by segments, less those taken / all units of the activity.

    Source: handbook 3.3.3 Tower Hamlets; req 182.
    """
    return changed_units / units


def segment_impacts(
    model: Model,
    ledger: Ledger,
    lines: Sequence[Line],
    inside: Block,
    outside: Block,
    problems: ProblemLog,
) -> Impacts | None:
    """Work out what programmes change in the use of segments, and price what stands in no other
    table.

    Source: handbook 3.3.3 Tower Hamlets, 3.5; req 182.
    """
    table = model["segment_shifts"]
    if not len(table):
        return None
    found = read_segment_use(model, problems)
    problems.raise_if_errors()
    assert found is not None
    found.projection.usable(set(model.settings.years))
    _check(model, found, problems)
    problems.raise_if_errors()
    change, keys = _changes(model, ledger, found)
    _check_not_below_nothing(model, ledger, keys, change, problems)
    priced = {
        str(table.columns["programme"][row])
        for row in range(len(table))
        if table.columns["pounds_in"][row] == "this_row"
    }
    return _priced(model, ledger, lines, inside, outside, found, change, keys, priced)


def _covered(model: Model, found: SegmentUse, row: int) -> dict[ActivityKey, list[tuple[str, str]]]:
    """The activities and segments a row changes; a blank stands for all."""
    words = {
        name: str(model["segment_shifts"].columns[name][row])
        for name in ("service_line", "activity_type", "segment", "age_band")
    }
    activities = [
        key
        for key in found.use_rows
        if key[0] == words["service_line"] and words["activity_type"] in ("", key[1])
    ]
    return {
        activity: [
            segment
            for segment in found.segments
            if segment in found.use_rows[activity]
            and words["segment"] in ("", segment[0])
            and words["age_band"] in ("", segment[1])
        ]
        for activity in activities
    }


def _check(model: Model, found: SegmentUse, problems: ProblemLog) -> None:
    table, years = model["segment_shifts"], model.settings.years
    areas = areas_by_category(model)
    category = dict(
        zip(
            model["service_lines"].text("service_line"),
            model["service_lines"].text("growth_category"),
            strict=True,
        )
    )
    pounds = set(
        zip(
            model["care_model_impacts"].text("programme"),
            model["care_model_impacts"].text("service_line"),
            strict=True,
        )
    )
    overlays = model["activity_overlays"]
    laid = {
        (overlays.text("programme")[row], overlays.text("acute_area")[row])
        for row in range(len(overlays))
        if overlays.columns["pounds_in"][row] == "this_row"
    }
    places: dict[str, str] = {}
    once: dict[tuple[str, str, ActivityKey, tuple[str, str]], int] = {}
    for row in range(len(table)):
        programme, service, year = (
            str(table.columns[name][row]) for name in ("programme", "service_line", "year")
        )
        if year not in years:
            problems.error(
                table.where(row, "year"),
                f"{year} is outside the contract, {years[0]} to {years[-1]}.",
                "Correct the year, or take the row out.",
                "year_outside_term",
            )
        covered = _covered(model, found, row)
        if not any(covered.values()):
            problems.error(
                table.where(row, "segment"),
                f"The programme '{programme}' is to change use of {service} by people whom"
                " segment_use does not have.",
                "Correct the service line, activity type, segment or age band.",
                "segment_unknown",
            )
        for activity, segments in covered.items():
            for segment in segments:
                if once.setdefault((programme, year, activity, segment), row) != row:
                    problems.error(
                        table.where(row, "segment"),
                        f"Two rows of the programme '{programme}' change the use of {service} by"
                        f" {segment[0]} aged {segment[1]} in {year}.",
                        "Keep one of them, or name the segments apart.",
                        "segment_twice",
                    )
        place = str(table.columns["pounds_in"][row])
        if places.setdefault(programme, place) != place:
            problems.error(
                table.where(row, "pounds_in"),
                f"The programme '{programme}' has its pounds in two places.",
                "Enter the same in all its rows, or name its parts as programmes of their own.",
                "segment_pounds",
            )
        if place == "this_row" and (
            (programme, service) in pounds
            or (programme, areas.get(category.get(service, ""), "")) in laid
        ):
            problems.error(
                table.where(row, "pounds_in"),
                f"The programme '{programme}' already has pounds for {service} in another table, so"
                " they would count twice.",
                "Enter care_model_impacts here, or take the rows out there.",
                "overlay_twice",
            )


def _changes(model: Model, ledger: Ledger, found: SegmentUse) -> tuple[Block, list[ShiftKey]]:
    """The change of each activity by programme and year, as a share of the activity."""
    table, years = model["segment_shifts"], model.settings.years
    rows: dict[tuple[str, ActivityKey, tuple[str, str]], dict[str, int]] = {}
    for row, (programme, year) in enumerate(
        zip(table.text("programme"), table.text("year"), strict=True)
    ):
        for activity, segments in _covered(model, found, row).items():
            for segment in segments:
                rows.setdefault((programme, activity, segment), {})[year] = row
    cells = sorted(rows)
    keys = sorted({(programme, activity) for programme, activity, _ in cells})
    activities = sorted({activity for _, activity in keys})
    units = found.use(ledger, "segment_shift/use", activities, years, years)
    at = {cell: position for position, cell in enumerate(found.cells(activities))}
    whole = ledger.total(
        "segment_shift/units",
        Axis("activity", tuple(".".join(activity) for activity in activities)),
        (units, [activities.index(activity) for activity, _ in at]),
        title="Units of the population",
    )
    axis = Axis(
        "programme, activity and segment",
        tuple(".".join((programme, *activity, *segment)) for programme, activity, segment in cells),
    )
    numbers = table.numbers("use_change")
    values = np.array(
        [
            [numbers[rows[cell][year]] if year in rows[cell] else 0.0 for year in years]
            for cell in cells
        ]
    )

    def where(row: int, year: int) -> Place:
        found_row = rows[cells[row]].get(years[year])
        return (
            table.where(found_row, "use_change")
            if found_row is not None
            else Cell(table.file, table.sheet, "", f"no row for {years[year]}")
        )

    entered = ledger.leaf(
        "segment_shift/use_change",
        axis,
        "rate",
        values,
        where,
        years=years,
        title="Change of the segment's use",
    )
    changed = ledger.add(
        "segment_shift/changed_units",
        changed_use,
        axis,
        "units",
        years,
        "Units added or taken",
        units=Ref(
            units,
            np.array([at[activity, segment] for _, activity, segment in cells], dtype=np.int64),
        ),
        use_change=entered,
    )
    shifts = Axis(
        "programme and activity",
        tuple(".".join((programme, *activity)) for programme, activity in keys),
    )
    by_activity = ledger.total(
        "segment_shift/changed_by_activity",
        shifts,
        (changed, [keys.index((programme, activity)) for programme, activity, _ in cells]),
        title="Units added or taken",
    )
    of_activity: Rows = np.array(
        [activities.index(activity) for _, activity in keys], dtype=np.int64
    )
    return (
        ledger.add(
            "segment_shift/activity_change",
            share_of_use,
            shifts,
            "rate",
            years,
            "Change of the activity",
            changed_units=by_activity,
            units=Ref(whole, of_activity),
        ),
        keys,
    )


def _check_not_below_nothing(
    model: Model, ledger: Ledger, keys: list[ShiftKey], change: Block, problems: ProblemLog
) -> None:
    activities = sorted({activity for _, activity in keys})
    total = ledger.total(
        "segment_shift/all_programmes",
        Axis("activity", tuple(".".join(activity) for activity in activities)),
        (change, [activities.index(activity) for _, activity in keys]),
        title="Change by all programmes",
    )
    for row, activity in enumerate(activities):
        if total.value[0, row].min() < -1.0:
            problems.error(
                model["segment_shifts"].where(0, "use_change"),
                f"All programmes together take more of {' '.join(activity).strip()} than there is.",
                "Correct the changes.",
                "out_of_range",
            )
    problems.raise_if_errors()


def _priced(
    model: Model,
    ledger: Ledger,
    lines: Sequence[Line],
    inside: Block,
    outside: Block,
    found: SegmentUse,
    change: Block,
    keys: list[ShiftKey],
    priced: set[str],
) -> Impacts | None:
    table = model["segment_shifts"]
    payers: dict[PayerKey, ActivityKey] = {}
    for line in lines:
        activity = found.activity_of(line.service_line, line.activity_type)
        for within in (True, False) if activity else ():
            payers[
                line.service_line,
                line.activity_type,
                line.commissioner,
                line.funding_stream,
                within,
            ] = activity  # type: ignore[assignment]
    rows = [
        (keys.index((programme, activity)), payer)
        for programme, activity in keys
        if programme in priced
        for payer, own in sorted(payers.items())
        if own == activity
    ]
    if not rows:
        return None
    order = sorted(payers)
    cells = Axis("activity, commissioner and stream", tuple(_code(payer) for payer in order))
    into = {
        within: [
            cells.positions.get(
                _code(
                    (
                        line.service_line,
                        line.activity_type,
                        line.commissioner,
                        line.funding_stream,
                        within,
                    )
                ),
                -1,
            )
            for line in lines
        ]
        for within in (True, False)
    }
    level = ledger.total(
        "segment_shift/level",
        cells,
        (inside, into[True]),
        (outside, into[False]),
        title="Forecast of the activity",
    )
    impact_lines = []
    for position, payer in rows:
        programme = keys[position][0]
        first = _first_row(table, programme)
        words = {
            name: str(table.columns[name][first]) for name in ("programme_kind", "owner", "plan")
        }
        impact_lines.append(
            ImpactLine(
                f"SG.{programme}.{_code(payer)}",
                programme,
                payer[0],
                payer[2],
                payer[3],
                payer[4],
                "segment",
                **words,
            )
        )
    axis = Axis("segment shift line", tuple(line.code for line in impact_lines))
    of_payer = np.array([order.index(payer) for _, payer in rows], dtype=np.int64)
    of_shift = np.array([position for position, _ in rows], dtype=np.int64)
    parts = {"level_pence": Ref(level, of_payer), "activity_change": Ref(change, of_shift)}
    saving = ledger.add(
        "segment_shift/saving",
        overlay_saving,
        axis,
        "pence",
        model.settings.years,
        "Spend that less use releases",
        **parts,
    )
    cost = ledger.add(
        "segment_shift/investment",
        overlay_cost,
        axis,
        "pence",
        model.settings.years,
        "Spend that more use needs",
        **parts,
    )
    return Impacts(
        tuple(impact_lines),
        cost,
        saving,
        all_of_it(len(rows), model),
        lambda row, _: table.where(_first_row(table, impact_lines[row].programme), "pounds_in"),
    )


def _first_row(table: TypedTable, programme: str) -> int:
    """The row of a programme's first year; of several, that of the first service and segment."""
    key = table.spec.key
    return min(
        table.rows_where("programme", programme),
        key=lambda row: (table.text("year")[row], *(table.text(name)[row] for name in key)),
    )


def _code(payer: PayerKey) -> str:
    return ".".join(word for word in payer[:4] if word) + ("" if payer[4] else ".outside")
