"""The report's charts for a notebook.

Source: handbook 3.7; req 361, 362.
"""

from __future__ import annotations

from dataclasses import dataclass

from wpb.present.charts import Chart
from wpb.present.report_sections import Reader, affordability_view, bridge_view, path_view
from wpb.present.result_tables import result_tables
from wpb.present.whole_pence import WholePence


@dataclass(frozen=True)
class Picture:
    """A chart that shows itself in a notebook: its name, title, the same in words, and its SVG."""

    name: str
    title: str
    description: str
    svg: str

    def _repr_svg_(self) -> str:
        """Show the chart where a notebook asks for it."""
        return self.svg


def pictures(whole: WholePence) -> dict[str, Picture]:
    """Draw the bridge, the path and affordability, by name.

    Source: handbook 2.7, 3.6; req 362.
    """
    reader = Reader(whole, result_tables(whole))
    charts: list[Chart] = [
        chart
        for view in (bridge_view, path_view, affordability_view)
        for chart in view(reader)["charts"]
    ]
    return {
        chart.name: Picture(chart.name, chart.title, chart.description, chart.svg)
        for chart in charts
    }
