"""Unidentified QIPP: shown on a line of its own, never netted, and questioned twice.

Source: handbook 3.6; req 196, 197, 198.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wpb.forecast.care_model import ImpactLine, Impacts, all_of_it
from wpb.forecast.overrides import said
from wpb.kernel.ledger import Axis, Ledger
from wpb.kernel.money import whole_pence
from wpb.kernel.places import Cell, Place
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.records import Section, SectionColumn, SectionValue

QUESTIONS = {
    "deliverable": "whether this provider can deliver it for this population and scope",
    "right_place": "whether this is the right place in the system for the pressure",
}


@dataclass(frozen=True)
class UnidentifiedRow:
    """One row of unidentified saving and where it stands: assured, to be assured, or refused and
    left out.
    """

    row: int
    status: str
    counted: bool


def judged_qipp(model: Model, problems: ProblemLog) -> list[UnidentifiedRow]:
    """Ask of each row whether it can be delivered here and whether this is the place for it.

    Both answered yes with evidence: assured. Either answered no: left out of the forecast, and said
    so. Otherwise it counts as drafted and is to be assured.
    Source: handbook 3.6; req 196, 197.
    """
    table, found, years = model["unidentified_qipp"], [], model.settings.years
    for row in range(len(table)):
        if table.columns["year"][row] not in years:
            problems.error(
                table.where(row, "year"),
                f"{table.columns['year'][row]} is outside the contract, {years[0]} to {years[-1]}.",
                "Correct the year, or take the row out.",
                "year_outside_term",
            )
        if not table.numbers("amount")[row] >= 0:
            problems.error(
                table.where(row, "amount"),
                "An unidentified saving is below nought.",
                "Enter the saving from nought up.",
                "out_of_range",
            )
        answers = {name: str(table.columns[name][row]) for name in QUESTIONS}
        refused = [name for name, answer in answers.items() if answer == "no"]
        unshown = [
            name
            for name, answer in answers.items()
            if answer != "yes" or not said(str(table.columns[f"{name}_evidence"][row]))
        ]
        status = "refused" if refused else "to be assured" if unshown else "assured"
        found.append(UnidentifiedRow(row, status, not refused))
        code = f"'{table.columns['qipp'][row]}' in {table.columns['year'][row]}"
        if refused:
            problems.warning(
                table.where(row, refused[0]),
                f"The unidentified saving {code} is left out of the forecast: the answer is no to"
                f" {' and to '.join(QUESTIONS[name] for name in refused)}.",
                "Take the row out, or place the pressure elsewhere in the system.",
                "qipp_refused",
            )
        elif unshown:
            problems.warning(
                table.where(row, unshown[0]),
                f"The unidentified saving {code} is in the forecast, and it is not shown"
                f" {' nor '.join(QUESTIONS[name] for name in unshown)}.",
                "Answer with evidence, or take it out.",
                "qipp_unassured",
            )
    return found


def unidentified_impacts(
    model: Model, ledger: Ledger, judged: list[UnidentifiedRow]
) -> Impacts | None:
    """Enter unidentified savings as lines of their own, by code, commissioner and stream; refused
    ones are left out.

    Source: handbook 3.6; req 198.
    """
    table, years = model["unidentified_qipp"], model.settings.years
    rows: dict[tuple[str, str, str], dict[str, int]] = {}
    for each in judged:
        if each.counted:
            code, commissioner, stream, year = (
                str(table.columns[name][each.row])
                for name in ("qipp", "commissioner", "funding_stream", "year")
            )
            rows.setdefault((code, commissioner, stream), {})[year] = each.row
    if not rows:
        return None
    keys = sorted(rows)
    owners = [table.text("owner")[rows[key][min(rows[key])]] for key in keys]
    lines = tuple(
        ImpactLine(
            "UQ." + ".".join(key), key[0], "", key[1], key[2], True, "unidentified", "", owner, ""
        )
        for key, owner in zip(keys, owners, strict=True)
    )
    axis, amounts = (
        Axis("unidentified saving", tuple(line.code for line in lines)),
        table.numbers("amount"),
    )
    values = np.array(
        [[amounts[rows[key][year]] if year in rows[key] else 0.0 for year in years] for key in keys]
    )

    def where(row: int, year: int) -> Place:
        at = rows[keys[row]].get(years[year])
        return (
            table.where(at, "amount")
            if at is not None
            else Cell(table.file, table.sheet, "", f"no row for {years[year]}")
        )

    saving = ledger.leaf(
        "unidentified/saving", axis, "pence", values, where, years=years, title="Unidentified QIPP"
    )
    nothing = ledger.leaf(
        "unidentified/investment",
        axis,
        "pence",
        np.zeros_like(values),
        where,
        years=years,
        title="No investment stands behind it",
    )
    return Impacts(
        lines,
        nothing,
        saving,
        all_of_it(len(lines), model),
        lambda row, _: table.where(min(rows[keys[row]].values()), "amount"),
    )


def qipp_section(model: Model, judged: list[UnidentifiedRow]) -> Section | None:
    """Disclose every unidentified saving with the answers to both questions, their evidence and its
    status.

    Source: handbook 3.6; req 196, 197, 198.
    """
    if not judged:
        return None
    table = model["unidentified_qipp"]
    names = (
        "qipp",
        "commissioner",
        "funding_stream",
        "year",
        "deliverable",
        "deliverable_evidence",
        "right_place",
        "right_place_evidence",
        "owner",
    )
    rows: list[tuple[SectionValue, ...]] = [
        (
            *(str(table.columns[name][each.row]) for name in names),
            whole_pence(float(table.numbers("amount")[each.row])),
            each.status,
            "yes" if each.counted else "no",
        )
        for each in judged
    ]
    columns = [SectionColumn(name, table.spec.column(name).help) for name in names]
    columns += [
        SectionColumn("amount", "Saving assumed", "pounds"),
        SectionColumn("status", "Status"),
        SectionColumn("counted", "In the forecast"),
    ]
    return Section(
        "unidentified_qipp",
        "Unidentified QIPP",
        "Savings that no scheme stands behind. They have a line of their own in the forecast and"
        " are never netted against others.",
        tuple(columns),
        tuple(rows),
    )
