"""A document as a Word file: real headings, tables with heading rows, pictures with
descriptions.
"""

from __future__ import annotations

import io
from typing import Any

from wpb.present.charts import Chart
from wpb.present.documents.content import Document, Form, Grid, Heading, Paragraph

FIXED_DAY = (2000, 1, 1)
MANY = 7
"""Tables of more columns are set smaller."""
MARGIN_CM, PAGE_CM = 1.8, 26.1
"""The margins of a page across, and the room between them."""
CHARACTER_CM, GAP_CM, SHORT = 0.19, 0.55, 20
"""The room a character of a table takes, what a cell needs beside it, and up to which length a cell
stays on one line.
"""


def word_bytes(document: Document) -> bytes:
    """Write a document as .docx.

    Source: req 361.
    """
    import datetime

    import docx
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm, Pt

    book = docx.Document()
    properties = book.core_properties
    (
        properties.title,
        properties.author,
        properties.subject,
        properties.comments,
        properties.language,
    ) = (
        document.title,
        document.author,
        document.subject,
        document.mark,
        "en-GB",
    )
    properties.created = properties.modified = datetime.datetime(*FIXED_DAY)
    section = book.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(
        MARGIN_CM
    )
    section.header.paragraphs[0].text = document.mark
    foot = section.footer.paragraphs[0]
    foot.add_run(f"{document.subject} · page ")
    _page_number(foot)
    book.styles["Normal"].font.name, book.styles["Normal"].font.size = "Arial", Pt(10)
    book.add_heading(document.title, 0)
    book.add_paragraph(f"{document.subject}. {document.author}, {document.date}. {document.mark}.")
    for part in document.parts:
        if isinstance(part, Heading):
            book.add_heading(part.text, part.level)
        elif isinstance(part, Paragraph):
            book.add_paragraph(part.text)
        elif isinstance(part, Chart):
            _picture(book, part)
        elif isinstance(part, Form):
            _table(
                book,
                Grid(
                    "", ("Item", "Entry"), tuple((field.name, field.value) for field in part.fields)
                ),
            )
        else:
            _table(book, part)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _page_number(paragraph: Any) -> None:
    """Put the page's number into a paragraph, as a field that Word fills in."""
    from docx.oxml import OxmlElement

    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = paragraph.add_run()._r
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(
                "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}fldCharType", kind
            )
        else:
            part.text = text
        run.append(part)


def _caption(book: Any, text: str) -> None:
    """Write a caption that stays with what it is of."""
    book.add_paragraph(text, style="Caption").paragraph_format.keep_with_next = True


def _picture(book: Any, chart: Chart) -> None:
    import vl_convert
    from docx.shared import Cm

    _caption(book, chart.title)
    picture = book.add_picture(io.BytesIO(vl_convert.svg_to_png(chart.svg, scale=2)), width=Cm(18))
    picture._inline.docPr.set("descr", chart.description)


def _widths(grid: Grid) -> list[float]:
    """Give each column its width in centimetres: short ones what their words need, long ones what
    is left, by their length.
    """
    longest = [
        max(len(text) for text in (*(row[at] for row in grid.rows), *heading.split(), ""))
        for at, heading in enumerate(grid.headings)
    ]
    needs = [length * CHARACTER_CM + GAP_CM if length <= SHORT else 0.0 for length in longest]
    long = [min(length, 80) if length > SHORT else 0 for length in longest]
    left = PAGE_CM - sum(needs)
    if any(long):
        room = max(left, 3.0 * sum(1 for length in long if length))
        widths = [
            need or min(room * length / sum(long), length * CHARACTER_CM + GAP_CM)
            for need, length in zip(needs, long, strict=True)
        ]
    else:
        widths = needs
    scale = min(1.0, PAGE_CM / sum(widths))
    return [width * scale for width in widths]


def _table(book: Any, grid: Grid) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.shared import Cm, Pt

    if grid.caption:
        _caption(book, grid.caption if grid.rows else f"{grid.caption}: nothing to show.")
    if not grid.rows:
        return
    table = book.add_table(
        rows=1 + len(grid.rows), cols=len(grid.headings), style="Light Grid Accent 1"
    )
    table.autofit = False
    widths = [Cm(width) for width in _widths(grid)]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    size = Pt(7 if len(grid.headings) > MANY else 8)
    lines = list(table.rows)
    for line, texts in zip(lines, (grid.headings, *grid.rows), strict=True):
        line._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for at, (cell, text) in enumerate(zip(line.cells, texts, strict=True)):
            cell.width = widths[at]
            words = cell.paragraphs[0]
            run = words.add_run(text)
            run.font.size = size
            run.bold = line is lines[0] or (grid.total and line is lines[-1])
            if at in grid.figures:
                words.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    lines[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    book.add_paragraph("")
