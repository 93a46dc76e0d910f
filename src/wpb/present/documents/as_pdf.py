"""A document as a PDF that reads aloud: tagged, titled, in English, every picture described
(PDF/UA-1).
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from wpb.present.charts import Chart
from wpb.present.documents.content import Document, Form, Grid, Heading, Paragraph, Part

WIDE = 7
"""Tables of more columns are set small, and those of more than twice as many smaller still."""
PAGE = 120
"""Characters that a line of a table has room for."""
ROOM = {"8.5pt": 150, "7pt": 180, "5.5pt": 230}
"""Characters that a line has room for by size of type, where headings break between words."""
TOGETHER = 14
"""Tables of up to this many rows stay on one page."""
SHORT = 18
"""Cells up to this length stay on one line."""
LONG_CODE = re.compile(r"(?=\S*[A-Za-z])\S{13,}")
"""A code, which has letters; an amount of money is never broken."""
BREAK_AFTER = re.compile(r"([._/-])")
STYLE = """
#set text(lang: "en", region: "GB", font: ("Arial", "Liberation Sans", "DejaVu Sans"), size: 10pt, fill: rgb("#1B2A31"))
#set par(leading: 0.65em, spacing: 1em)
#set table(stroke: (x, y) => (bottom: 0.4pt + rgb("#C9D3D8")), inset: (x: 4pt, y: 3.5pt), fill: (x, y) => if y == 0 { rgb("#1D3F4E") })
#show table.cell.where(y: 0): set text(fill: white, weight: "bold")
#show heading: set text(fill: rgb("#1D3F4E"))
#show heading: set block(above: 1.4em, below: 0.7em)
#show figure: set align(left)
#show figure.where(kind: table): set block(breakable: true)
#set figure.caption(position: top)
#show figure.caption: it => block(sticky: true, align(left, text(weight: "bold", size: 9pt, it.body)))
#set figure(gap: 0.5em)
"""


def pdf_bytes(document: Document) -> bytes:
    """Typeset a document; the same document gives the same bytes.

    Raises ValueError where it would not read aloud, such as a picture without a description.
    Source: req 361.
    """
    import typst

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for position, part in enumerate(document.parts):
            if isinstance(part, Chart):
                (root / f"{position}.svg").write_text(part.svg, encoding="utf-8")
        (root / "document.typ").write_text(typst_text(document), encoding="utf-8")
        found = typst.compile(
            str(root / "document.typ"),
            root=str(root),
            format="pdf",
            pdf_standards=["ua-1"],
            timestamp=0,
        )
    assert isinstance(found, bytes)
    return found


def typst_text(document: Document) -> str:
    """Write a document as typst reads it."""
    mark = _quoted(document.mark)
    head = (
        f"#set document(title: {_quoted(document.title)}, author: {_quoted(document.author)}, date:"
        " none)\n"
    )
    page = (
        '#set page(paper: "a4", flipped: true, margin: (x: 1.8cm, y: 1.8cm), header: align(right,'
        f' text(size: 8pt, fill: rgb("#5A6B73"), {mark})), footer: context align(center, text(size:'
        f' 8pt, fill: rgb("#5A6B73"), [#{_quoted(document.subject)} · page #counter(page).display()'
        " of #counter(page).final().first()])))\n"
    )
    top = (
        '#text(size: 20pt, weight: "bold", fill:'
        f' rgb("#1D3F4E"))[#title()]\n\n#{_quoted(f"{document.subject}. {document.author}, {document.date}. {document.mark}.")}\n\n'
    )
    return (
        head
        + STYLE
        + page
        + "#show title: set text(size: 20pt)\n"
        + top
        + "\n".join(
            _part(part, position, isinstance(after, Grid | Chart))
            for position, (part, after) in enumerate(
                zip(document.parts, (*document.parts[1:], None), strict=True)
            )
        )
    )


def _part(part: Part, position: int, before_table: bool) -> str:
    """Write one part; words that lead up to a table or a chart stay on its page."""
    if isinstance(part, Heading):
        return f"{'=' * part.level} #{_quoted(part.text)}\n"
    if isinstance(part, Paragraph):
        return (
            f"#block(sticky: true)[#{_quoted(part.text)}]\n\n"
            if before_table
            else f"#{_quoted(part.text)}\n\n"
        )
    if isinstance(part, Chart):
        return (
            f'#figure(image("{position}.svg", width: 74%, alt: {_quoted(part.description)}), alt:'
            f" {_quoted(part.description)}, caption: [#{_quoted(part.title)}])\n"
        )
    if isinstance(part, Form):
        rows = "".join(
            f"[#{_quoted(field.name)}], [#{_quoted(field.value)}],\n" for field in part.fields
        )
        return f"#table(columns: (1fr, 2fr), inset: 7pt, table.header([Item], [Entry]),\n{rows})\n"
    return _grid(part)


def _grid(grid: Grid) -> str:
    if not grid.rows:
        return f"#{_quoted(f'{grid.caption}: nothing to show.')}\n\n"
    columns = ", ".join(_widths(grid))
    aligned = ", ".join(
        "right" if at in grid.figures else "left" for at in range(len(grid.headings))
    )
    heads = ", ".join(f"[#{_quoted(heading)}]" for heading in grid.headings)
    last = len(grid.rows) - 1 if grid.total else -1
    rows = "".join(
        "".join(
            (
                f"[#strong({_quoted(_breakable(text))})], "
                if at == last
                else f"[#{_quoted(_breakable(text))}], "
            )
            for text in row
        )
        + "\n"
        for at, row in enumerate(grid.rows)
    )
    size = _size(grid)
    whole = (
        "#figure(kind: table, supplement: none, numbering: none, caption:"
        f" [#{_quoted(grid.caption)}], text(size: {size}, table(columns: ({columns},), align:"
        f" ({aligned},), table.header({heads}),\n{rows})))\n"
    )
    return f"#block(breakable: false)[{whole.rstrip()}]\n" if len(grid.rows) <= TOGETHER else whole


def _size(grid: Grid) -> str:
    return (
        "5.5pt"
        if len(grid.headings) > 2 * WIDE
        else "7pt"
        if len(grid.headings) > WIDE
        else "8.5pt"
    )


def _widths(grid: Grid) -> list[str]:
    """Give each column its width: a narrow table as its words need, a wide one in parts of the
    page, so that nothing runs over.
    """
    longest = [max(len(row[at]) for row in grid.rows) for at in range(len(grid.headings))]
    heads = [max((len(word) for word in heading.split()), default=0) for heading in grid.headings]
    if (
        sum(
            max(length, len(heading))
            for length, heading in zip(longest, grid.headings, strict=True)
        )
        <= PAGE
    ):
        return ["auto"] * len(longest)
    if (
        sum(max(length, head) + 3 for length, head in zip(longest, heads, strict=True))
        <= ROOM[_size(grid)]
    ):
        return [
            f"{0.6 * max(length, head) + 1.4:.1f}em"
            for length, head in zip(longest, heads, strict=True)
        ]
    return [
        f"{0.66 * max(length, head) + 1.2:.1f}em" if length <= SHORT else f"{min(length, 60)}fr"
        for length, head in zip(longest, heads, strict=True)
    ]


def _breakable(text: str) -> str:
    """Let a long code break after its stops, strokes and dashes."""
    return LONG_CODE.sub(lambda found: BREAK_AFTER.sub("\\1\u200b", found[0]), text)


def _quoted(text: str) -> str:
    """Write text so that typst takes it as text, whatever it holds."""
    safe = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{safe}"'
