"""What a rule looks like as a spreadsheet formula.

Source: handbook 3.7; req 367.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Template:
    """A rule as a formula: `{name}` stands for an input's cell, `{before}` for the figure's own
    cell a year earlier.

    first: the formula of the first year, where it differs; absent: what an input that was not given
    counts as.
    """

    formula: str
    first: str = ""
    absent: Mapping[str, str] | None = None
    whole_columns: bool = False
    """Whether inputs are also wanted as whole columns, `{name_all}`."""

    def pieces(self, first_year: bool) -> tuple[str, list[str]]:
        """Give the formula with `%s` where each input's cell goes, and the inputs' names in that
        order; absent ones filled in.
        """
        text = self.first if first_year and self.first else self.formula
        for name, standing in (self.absent or {}).items():
            text = text.replace(f"{{{name}}}", f"{{{name}|{standing}}}")
        names: list[str] = []

        def mark(found: re.Match[str]) -> str:
            names.append(found[1])
            return "%s"

        return INPUT.sub(mark, text), names


INPUT = re.compile(r"\{([^}]+)\}")
"""An input in a template: its name, or `name|value` with what stands where it was not given."""
