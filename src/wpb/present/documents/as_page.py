"""A document as one HTML page that loads nothing and runs nothing."""

from __future__ import annotations

import base64
import hashlib
from html import escape

from wpb.present.charts import Chart
from wpb.present.documents.content import Document, Form, Grid, Heading, Paragraph, Part

SHORT = 14
"""Cells up to this length stay on one line."""
STYLE = """body{font:16px/1.5 Arial,Helvetica,sans-serif;color:#1B2A31;max-width:72rem;margin:2rem auto;padding:0 1rem}
h1,h2,h3{color:#1D3F4E}.mark{color:#52636B}.scroll{overflow-x:auto}table{border-collapse:collapse;margin:1rem 0;font-size:.9rem}
caption{text-align:left;font-weight:bold;padding:.3rem 0}th,td{border-bottom:1px solid #C9D3D8;padding:.3rem .6rem;text-align:left;vertical-align:top}
.total th,.total td{font-weight:bold;border-top:1px solid #1D3F4E}thead th{background:#1D3F4E;color:#fff}.figure{text-align:right;white-space:nowrap}img{max-width:100%;height:auto}.short{white-space:nowrap}tbody th{font-weight:normal;min-width:8rem}figure{margin:1rem 0}figcaption{font-weight:bold}
@media print{body{max-width:none;font-size:11px}.scroll{overflow:visible}tr{break-inside:avoid}}"""


def page_text(document: Document) -> str:
    """Write a document as HTML.

    Source: req 361.
    """
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:"
    head = (
        '<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport"'
        ' content="width=device-width, initial-scale=1">\n<meta'
        ' http-equiv="Content-Security-Policy"'
        f' content="{policy}">\n<title>{escape(document.title)}</title><style>{STYLE}</style></head>\n'
    )
    body = "\n".join(_part(part) for part in document.parts)
    return (
        f"{head}<body><main><h1>{escape(document.title)}</h1>\n<p"
        f' class="mark">{escape(document.subject)}. {escape(document.author)},'
        f" {escape(document.date)}. {escape(document.mark)}.</p>\n{body}\n</main></body></html>\n"
    )


def _part(part: Part) -> str:
    if isinstance(part, Heading):
        return f"<h{part.level + 1}>{escape(part.text)}</h{part.level + 1}>"
    if isinstance(part, Paragraph):
        return f"<p>{escape(part.text)}</p>"
    if isinstance(part, Chart):
        return (
            "<figure><img"
            f' src="data:image/svg+xml;base64,{base64.b64encode(part.svg.encode()).decode()}"'
            f' alt="{escape(part.description)}"><figcaption>{escape(part.title)}</figcaption></figure>'
        )
    if isinstance(part, Form):
        return _grid(
            Grid(
                "To fill in",
                ("Item", "Entry"),
                tuple((field.name, field.value) for field in part.fields),
            )
        )
    return _grid(part)


def _grid(grid: Grid) -> str:
    if not grid.rows:
        return f"<p>{escape(grid.caption)}: nothing to show.</p>"

    def cell(at: int, text: str, tag: str = "td", scope: str = "") -> str:
        kind = (
            " class=figure" if at in grid.figures else " class=short" if len(text) <= SHORT else ""
        )
        return f"<{tag}{scope}{kind}>{escape(text)}</{tag}>"

    heads = "".join(cell(at, text, "th", ' scope="col"') for at, text in enumerate(grid.headings))
    last = len(grid.rows) - 1 if grid.total else -1
    rows = "\n".join(
        ("<tr class=total>" if place == last else "<tr>")
        + "".join(
            cell(at, text, "th" if at == 0 else "td", ' scope="row"' if at == 0 else "")
            for at, text in enumerate(row)
        )
        + "</tr>"
        for place, row in enumerate(grid.rows)
    )
    return (
        '<div class="scroll" tabindex="0" role="region"'
        f' aria-label="{escape(grid.caption)}"><table><caption>{escape(grid.caption)}</caption><thead><tr>{heads}</tr></thead><tbody>\n{rows}\n</tbody></table></div>'
    )
