"""A page of a shadow test, of scenarios or of a search over designs: sections of sentences, charts
and tables; it loads nothing and runs nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import wpb
from wpb.present.charts import Chart
from wpb.present.html_tables import HtmlTable
from wpb.tables.settings import ModelSettings

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Section:
    """A section: its heading, sentences, and charts and tables in the order they are read."""

    id: str
    title: str
    sentences: Sequence[str]
    blocks: Sequence[Chart | HtmlTable] = field(default=())


def page_html(
    kind: str,
    settings: ModelSettings,
    facts: Sequence[tuple[str, str]],
    sections: Sequence[Section],
    files: str,
) -> str:
    """Give a page as HTML.

    files: a sentence that says where the figures stand in whole pence.
    Source: req 301.
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
    return environment.get_template("shadow_page.html.j2").render(
        kind=kind,
        settings=settings,
        facts=facts,
        version=wpb.__version__,
        style=style,
        style_hash=f"sha256-{digest}",
        sections=sections,
        files=files,
    )
