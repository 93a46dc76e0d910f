"""What the lines of a gain/loss arrangement are measured on: budget lines, inside or outside the
budget.

Source: handbook 6.4.2-6.4.4; req 269, 272, 273.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.problems import ProblemLog
from wpb.run import Budget
from wpb.sharing.parties import PartyArrangement
from wpb.sharing.statement import planned_units

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Link:
    """A line of an arrangement is measured on a service line, inside or outside the budget."""

    line: str
    service_line: str
    inside: bool


@dataclass(frozen=True)
class Shared:
    """An arrangement and what it is measured on."""

    arrangement: PartyArrangement
    links: tuple[Link, ...]
    planned_units: Array
    """The baseline in the arrangement's own units (pence where spend is shared), [line, year of the
    arrangement].
    """

    def inside(self, line: str) -> bool:
        """Whether a line is measured inside the budget."""
        return any(link.inside for link in self.links if link.line == line)


def shared_arrangements(
    budget: Budget, arrangements: Sequence[PartyArrangement], problems: ProblemLog
) -> tuple[Shared, ...]:
    """Link arrangements to the budget lines they are measured on; parties must be organisations of
    the model, by code.

    Source: handbook 6.4.2-6.4.4; req 269, 272, 273.
    """
    table = budget.model["shadow_sharing"]
    known, organisations = (
        {one.name: one for one in arrangements},
        set(budget.model["organisations"].text("organisation")),
    )
    links: dict[str, list[Link]] = {name: [] for name in known}
    for row, (name, line, service, scope) in enumerate(
        zip(
            table.text("arrangement"),
            table.text("line"),
            table.text("service_line"),
            table.text("scope"),
            strict=True,
        )
    ):
        if name not in known:
            problems.error(
                table.where(row, "arrangement"),
                f"There is no arrangement '{name}'.",
                "Put its file in the model's folder 'arrangements'; there is"
                f" {', '.join(known) or 'none'}.",
                "arrangement_missing",
            )
        elif line not in known[name].line_names:
            problems.error(
                table.where(row, "line"),
                f"Arrangement {name} has no line '{line}'.",
                f"It has {', '.join(known[name].line_names)}.",
                "arrangement_line",
            )
        else:
            links[name].append(Link(line, service, scope == "inside"))
    for name, one in known.items():
        for party in one.parties:
            if party.party not in organisations:
                problems.error(
                    party.place,
                    f"Party '{party.party}' of {name} is not an organisation of the model.",
                    "Use its code in the table organisations.",
                    "arrangement_party",
                )
        for line in one.line_names:
            sides = {link.inside for link in links[name] if link.line == line}
            if not sides:
                problems.error(
                    None,
                    f"Nothing says what line '{line}' of {name} is measured on.",
                    "Enter its service lines in the table shadow_sharing.",
                    "arrangement_link",
                )
            if len(sides) > 1:
                problems.error(
                    None,
                    f"Line '{line}' of {name} is measured both inside and outside the budget.",
                    "Make two lines of it: one baseline must mirror the budget, the other is"
                    " projected.",
                    "arrangement_link",
                )
        if not set(one.years) & set(budget.years):
            problems.error(
                None,
                f"Arrangement {name} runs from {one.years[0]} to {one.years[-1]}, outside the"
                " contract.",
                "Give it years of the contract.",
                "arrangement_years",
            )
    problems.raise_if_errors()
    return tuple(Shared(one, tuple(links[name]), planned_units(one)) for name, one in known.items())
