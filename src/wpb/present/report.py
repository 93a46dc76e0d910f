"""The report: one HTML file that needs nothing else, headline numbers first, each chart beside its
table.

Source: handbook 3.7; req 361, 362, 366.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path

import wpb
from wpb.present.report_records import (
    elements_view,
    grades_view,
    lists_view,
    records_view,
    services_view,
)
from wpb.present.report_sections import (
    Reader,
    affordability_view,
    bridge_view,
    contracts_view,
    headline_view,
    path_view,
)
from wpb.present.result_table import ResultTable
from wpb.present.section_tables import section_tables, sections_view
from wpb.present.whole_pence import WholePence

TEMPLATES = Path(__file__).parent / "templates"


def write_report(whole: WholePence, tables: Mapping[str, ResultTable], path: Path) -> None:
    """Write the report of a budget as one self-contained HTML file; the same budget gives the same
    bytes.

    Source: handbook 3.7; req 361, 362, 366, 370.
    """
    path.write_text(report_html(whole, tables), encoding="utf-8", newline="\n")


def report_html(whole: WholePence, tables: Mapping[str, ResultTable]) -> str:
    """Give the report as HTML.

    A content policy in its head lets nothing load and nothing run; the one style sheet is named by
    its hash.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    reader = Reader(whole, tables)
    return environment.get_template("report.html.j2").render(
        settings=whole.budget.model.settings,
        lead_provider=reader.name(whole.budget.model.settings.lead_provider),
        version=wpb.__version__,
        style=style,
        style_hash=f"sha256-{digest}",
        headline=headline_view(reader),
        bridge=bridge_view(reader),
        path=path_view(reader),
        affordability=affordability_view(reader),
        contracts=contracts_view(reader),
        grades=grades_view(reader),
        elements=elements_view(reader),
        services=services_view(reader),
        lists=lists_view(reader),
        records=records_view(reader),
        more=sections_view(reader, section_tables(whole.budget)),
    )
