"""QIPP and transformation schemes: those of one service, and those of the system shared among
services by a key.

Source: handbook 3.5 Mid-Nottinghamshire case; req 157, 190, 192, 205.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wpb.forecast.care_model import ImpactLine, Impacts, entered_share, place_of_share
from wpb.kernel.ledger import TOTAL, Array, Axis, Block, Ledger
from wpb.kernel.places import Cell, Place
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.records import Line


def shared_by_key(amount_pence: Array, key: Array, key_total: Array) -> Array:
    """A service's part of a scheme: amount x its key / the key of all services; nought where no
    service has any.

    Source: handbook 3.5 Mid-Nottinghamshire case; req 192.
    """
    return amount_pence * np.divide(
        key,
        key_total,
        out=np.zeros(np.broadcast_shapes(key.shape, key_total.shape)),
        where=key_total != 0,
    )


@dataclass(frozen=True)
class _Scheme:
    row: int
    code: str
    services: tuple[str, ...]
    savings: dict[str, int]


def scheme_impacts(
    model: Model,
    ledger: Ledger,
    lines: Sequence[Line],
    inside: Block,
    outside: Block,
    problems: ProblemLog,
) -> Impacts | None:
    """Enter each scheme's investment and saving by service line; a system scheme is shared by its
    distribution key.

    inside, outside: the forecast after provider efficiency, [line, year]. Keys: spend is the
    forecast of the scheme's commissioner and stream in the year; equal gives each such service the
    same; own_weights is read from scheme_keys.
    Source: handbook 3.5 Mid-Nottinghamshire case; req 157, 190, 192, 205.
    """
    table = model["efficiency_schemes"]
    if not len(table):
        return None
    schemes = _schemes(model, lines, problems)
    problems.raise_if_errors()
    impact_lines, blocks = [], {"investment": [], "saving": []}  # type: ignore[var-annotated]
    rows: list[int] = []
    for scheme in schemes:
        level = inside if table.columns["scope"][scheme.row] == "inside" else outside
        found = _lines_of(model, scheme)
        key = _key(model, ledger, scheme, lines, level, found, problems)
        for name, pieces in blocks.items():
            pieces.append(_shared(model, ledger, scheme, name, key, found))
        impact_lines += found
        rows += [scheme.row] * len(found)
    problems.raise_if_errors()
    axis = Axis("scheme line", tuple(line.code for line in impact_lines))
    joined = {
        name: ledger.total(
            f"scheme/{name}",
            axis,
            *((block, [axis.positions[code] for code in block.axis.codes]) for block in pieces),
            title=f"{name.capitalize()} of schemes",
        )
        for name, pieces in blocks.items()
    }
    return Impacts(
        tuple(impact_lines),
        joined["investment"],
        joined["saving"],
        [[entered_share(model, table, row)] * len(model.settings.years) for row in rows],
        lambda line, _: place_of_share(model, table, rows[line]),
    )


def _schemes(model: Model, lines: Sequence[Line], problems: ProblemLog) -> list[_Scheme]:
    table, savings = model["efficiency_schemes"], model["scheme_savings"]
    by_scheme: dict[str, dict[str, int]] = {}
    for row, (code, year) in enumerate(
        zip(savings.text("scheme"), savings.text("year"), strict=True)
    ):
        if year not in model.settings.years:
            problems.error(
                savings.where(row, "year"),
                f"{year} is outside the contract, {model.settings.years[0]} to"
                f" {model.settings.years[-1]}.",
                "Correct the year, or take the row out.",
                "year_outside_term",
            )
        if savings.numbers("saving")[row] < 0 or savings.numbers("investment")[row] < 0:
            problems.error(
                savings.where(row, "saving"),
                f"The scheme '{code}' has a saving or an investment below nought.",
                "Enter both from nought up.",
                "out_of_range",
            )
        by_scheme.setdefault(code, {})[year] = row
    found = []
    for row, code in enumerate(table.text("scheme")):
        if code not in by_scheme:
            problems.error(
                table.where(row, "scheme"),
                f"The scheme '{code}' has no savings.",
                "Add its years to scheme_savings, or take the scheme out.",
                "scheme_empty",
            )
        services = _services(model, row, lines, problems)
        found.append(_Scheme(row, code, services, by_scheme.get(code, {})))
    return found


def _services(
    model: Model, row: int, lines: Sequence[Line], problems: ProblemLog
) -> tuple[str, ...]:
    table = model["efficiency_schemes"]
    level, code, service, key = (
        str(table.columns[name][row])
        for name in ("level", "scheme", "service_line", "distribution_key")
    )
    if level == "service":
        if not service:
            problems.error(
                table.where(row, "service_line"),
                f"The scheme '{code}' is of one service line, and none is named.",
                "Enter the service line, or make it a system scheme with a key.",
                "scheme_service",
            )
        return (service,)
    if service or not key:
        problems.error(
            table.where(row, "distribution_key"),
            f"The system scheme '{code}'"
            f" {'names a service line' if service else 'has no distribution key'}.",
            "Leave the service line blank, and choose spend, equal or own_weights.",
            "scheme_key",
        )
    if key == "own_weights":
        keys = model["scheme_keys"]
        services = [
            str(keys.columns["service_line"][r])
            for r in keys.rows_where("scheme", code)
            if keys.numbers("weight")[r] > 0
        ]
        if not services:
            problems.error(
                table.where(row, "distribution_key"),
                f"The scheme '{code}' is shared by weights of its own, and scheme_keys has none"
                " above nought.",
                "Add a weight for each service line it touches.",
                "scheme_key",
            )
        return tuple(services)
    cell = (table.columns["commissioner"][row], table.columns["funding_stream"][row])
    return tuple(
        sorted(
            {
                line.service_line
                for line in lines
                if (line.commissioner, line.funding_stream) == cell
            }
        )
    )


def _lines_of(model: Model, scheme: _Scheme) -> list[ImpactLine]:
    table = model["efficiency_schemes"]
    commissioner, stream, scope, kind, owner, plan = (
        str(table.columns[name][scheme.row])
        for name in ("commissioner", "funding_stream", "scope", "programme_kind", "owner", "plan")
    )
    return [
        ImpactLine(
            f"QS.{scheme.code}.{service}",
            scheme.code,
            service,
            commissioner,
            stream,
            scope == "inside",
            "scheme",
            kind,
            owner,
            plan,
        )
        for service in scheme.services
    ]


def _key(
    model: Model,
    ledger: Ledger,
    scheme: _Scheme,
    lines: Sequence[Line],
    level: Block,
    found: list[ImpactLine],
    problems: ProblemLog,
) -> Block | None:
    table = model["efficiency_schemes"]
    axis, way = (
        Axis("scheme line", tuple(line.code for line in found)),
        str(table.columns["distribution_key"][scheme.row]),
    )
    if str(table.columns["level"][scheme.row]) == "service":
        return None
    block_id, title = f"scheme/{scheme.code}/key", f"Key of the scheme: {way.replace('_', ' ')}"
    if way == "spend":
        position = {line.service_line: row for row, line in enumerate(found)}
        cell = (found[0].commissioner, found[0].funding_stream) if found else ("", "")
        into = [
            position[line.service_line] if (line.commissioner, line.funding_stream) == cell else -1
            for line in lines
        ]
        key = ledger.total(block_id, axis, (level, into), title=title)
        short = [
            year
            for position, year in enumerate(model.settings.years)
            if year in scheme.savings and key.value[:, :, position].sum() <= 0
        ]
        if short:
            problems.error(
                table.where(scheme.row, "distribution_key"),
                f"The scheme '{scheme.code}' is shared by spend, and its commissioner and stream"
                f" have none {table.columns['scope'][scheme.row]} the budget in"
                f" {', '.join(short)}.",
                "Correct the commissioner, stream or scope, or choose another key.",
                "scheme_key",
            )
        return key
    if way == "equal" or not found:
        if not found:
            problems.error(
                table.where(scheme.row, "funding_stream"),
                f"The scheme '{scheme.code}' has no service line to fall on.",
                "Correct its commissioner and stream.",
                "scheme_key",
            )
            return None
        return ledger.leaf(
            block_id,
            axis,
            "weight",
            [1.0] * len(found),
            lambda row, year: table.where(scheme.row, "distribution_key"),
            title=title,
        )
    keys = model["scheme_keys"]
    row_of = {
        str(keys.columns["service_line"][r]): r for r in keys.rows_where("scheme", scheme.code)
    }
    rows = [row_of[line.service_line] for line in found]
    return ledger.leaf(
        block_id,
        axis,
        "weight",
        keys.numbers("weight")[rows],
        lambda row, year: keys.where(rows[row], "weight"),
        title=title,
    )


def _shared(
    model: Model,
    ledger: Ledger,
    scheme: _Scheme,
    column: str,
    key: Block | None,
    found: list[ImpactLine],
) -> Block:
    table, years = model["scheme_savings"], model.settings.years
    amounts = table.numbers(column)
    if column == "investment":
        # The table declares that a blank investment is nothing; a blank saving was refused where it
        # was read.
        amounts = np.where(np.isnan(amounts), 0.0, amounts)
    values = np.array(
        [[amounts[scheme.savings[year]] if year in scheme.savings else 0.0 for year in years]]
    )

    def where(row: int, year: int) -> Place:
        at = scheme.savings.get(years[year])
        return (
            table.where(at, column)
            if at is not None
            else Cell(table.file, table.sheet, "", f"no row for {years[year]}")
        )

    axis = Axis("scheme line", tuple(line.code for line in found))
    if key is None:
        return ledger.leaf(
            f"scheme/{scheme.code}/{column}",
            axis,
            "pence",
            np.repeat(values, len(found), axis=0),
            where,
            years=years,
            title=f"{column.capitalize()} of the scheme",
        )
    whole = ledger.leaf(
        f"scheme/{scheme.code}/{column}/whole",
        TOTAL,
        "pence",
        values,
        where,
        years=years,
        title=f"{column.capitalize()} of the whole scheme",
    )
    total = (
        ledger[f"{key.id}/total"]
        if f"{key.id}/total" in ledger
        else ledger.total(f"{key.id}/total", TOTAL, (key, None), title="Key of all its services")
    )
    return ledger.add(
        f"scheme/{scheme.code}/{column}",
        shared_by_key,
        axis,
        "pence",
        years,
        f"{column.capitalize()} of the scheme",
        amount_pence=whole,
        key=key,
        key_total=total,
    )
