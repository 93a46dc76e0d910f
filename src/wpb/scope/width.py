"""Is the scope wide enough? Services that push cost across its edge, and how much is spent on the
other side.

Source: handbook 1.1.5; overview 3.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wpb.kernel.money import pounds, whole_pence
from wpb.kernel.places import Cell
from wpb.tables.findings import Finding, passed, warned
from wpb.tables.model import Model
from wpb.tables.records import Scope, Section, SectionColumn

WAYS = {
    True: "from the budget to services outside it",
    False: "from services outside to the budget",
}


@dataclass(frozen=True)
class Exposure:
    """Two services that influence one another across the edge of the scope."""

    inside: str
    outside: str
    leaves: bool
    """True where the budget's service influences the one outside; False the other way round."""
    strength: str
    how: str
    spend_outside_pence: float
    place: Cell


def cost_shift_exposures(
    model: Model, scope: Scope, spend_pence: Mapping[str, float]
) -> list[Exposure]:
    """Find services on opposite sides of the scope's edge of which one influences the other.

    spend_pence: current spend out of scope by service line. A service outside that the care model
    influences, and which the interaction map doesn't mention, counts as an exposure of unstated
    strength.
    Source: handbook 1.1.5; overview 3.4; req 4.
    """
    found, table = [], model["service_interactions"]
    for row, (first, second) in enumerate(
        zip(table.text("service_line"), table.text("influences"), strict=True)
    ):
        first_in, second_in = _inside(scope, first), _inside(scope, second)
        if first_in != second_in:
            inside, outside = (first, second) if first_in else (second, first)
            strength, how = str(table.columns["strength"][row]), str(table.columns["how"][row])
            found.append(
                Exposure(
                    inside,
                    outside,
                    first_in,
                    strength,
                    how,
                    spend_pence.get(outside, 0.0),
                    table.where(row, "influences"),
                )
            )
    named, services = {exposure.outside for exposure in found}, model["service_lines"]
    for row, (code, influenced) in enumerate(
        zip(services.text("service_line"), services.flags("influenced_by_model"), strict=True)
    ):
        if influenced and not _inside(scope, code) and code not in named:
            found.append(
                Exposure(
                    "",
                    code,
                    True,
                    "not stated",
                    "marked as influenced by the care model",
                    spend_pence.get(code, 0.0),
                    services.where(row, "influenced_by_model"),
                )
            )
    return found


def _inside(scope: Scope, service_line: str) -> bool:
    return scope.service_scope.get(service_line) in ("in", "part")


def check_width(exposures: list[Exposure], mapped: bool) -> Finding:
    """Warn where cost could be shifted across the edge of the scope.

    Source: handbook 1.1.5; req 4.
    """
    if not exposures:
        words = "No service outside the scope is marked or mapped as bound up with one inside."
        return passed(
            "scope_width", "scope", words if mapped else f"{words} There is no interaction map."
        )
    outside = {exposure.outside: exposure.spend_outside_pence for exposure in exposures}
    names = ", ".join(sorted(outside, key=lambda code: (-outside[code], code))[:5]) + (
        f" and {len(outside) - 5} more" if len(outside) > 5 else ""
    )
    return warned(
        "scope_width",
        "scope",
        f"Cost could be shifted between the budget and {len(outside)} service lines outside it, on"
        f" which {pounds(sum(outside.values()))} is spent: {names}.",
        "Widen the scope, share gains and losses on them, or say why the risk is small.",
        exposures[0].place,
    )


def exposures_section(exposures: list[Exposure]) -> Section:
    """List the exposures, largest spend first.

    Source: handbook 1.1.5; req 4.
    """
    columns = (
        SectionColumn("outside", "Service outside", "code"),
        SectionColumn("inside", "Service inside", "code"),
        SectionColumn("way", "Way cost could go"),
        SectionColumn("strength", "Strength"),
        SectionColumn("spend_outside_pence", "Spend outside", "pounds"),
        SectionColumn("how", "How"),
    )
    ordered = sorted(exposures, key=lambda e: (-e.spend_outside_pence, e.outside, e.inside))
    rows = tuple(
        (e.outside, e.inside, WAYS[e.leaves], e.strength, whole_pence(e.spend_outside_pence), e.how)
        for e in ordered
    )
    return Section(
        "scope_width",
        "Where cost could cross the edge of the scope",
        "A scope that is too narrow lets cost be shifted to services outside it.",
        columns,
        rows,
    )
