"""A document as a Word file: real headings, tables with heading rows, pictures with descriptions."""

from __future__ import annotations

import io
from typing import Any

from wpb.present.charts import Chart
from wpb.present.documents.content import Document, Form, Grid, Heading, Paragraph

FIXED_DAY = (2000, 1, 1)


def word_bytes(document: Document) -> bytes:
    """Write a document as .docx.

    Source: req 361.
    """
    import datetime

    import docx
    from docx.enum.section import WD_ORIENT
    from docx.shared import Pt

    book = docx.Document()
    properties = book.core_properties
    properties.title, properties.author, properties.subject, properties.comments, properties.language = document.title, document.author, document.subject, document.mark, "en-GB"
    properties.created = properties.modified = datetime.datetime(*FIXED_DAY)
    section = book.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    section.header.paragraphs[0].text = document.mark
    section.footer.paragraphs[0].text = document.subject
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
            _table(book, Grid("", ("Item", "Entry"), tuple((field.name, field.value) for field in part.fields)))
        else:
            _table(book, part)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _picture(book: Any, chart: Chart) -> None:
    import vl_convert
    from docx.shared import Cm

    book.add_paragraph(chart.title, style="Caption")
    picture = book.add_picture(io.BytesIO(vl_convert.svg_to_png(chart.svg, scale=2)), width=Cm(20))
    picture._inline.docPr.set("descr", chart.description)


def _table(book: Any, grid: Grid) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.shared import Pt

    if grid.caption:
        book.add_paragraph(grid.caption if grid.rows else f"{grid.caption}: nothing to show.", style="Caption")
    if not grid.rows:
        return
    table = book.add_table(rows=1 + len(grid.rows), cols=len(grid.headings), style="Light Grid Accent 1")
    lines = list(table.rows)
    for line, texts in zip(lines, (grid.headings, *grid.rows), strict=True):
        for at, (cell, text) in enumerate(zip(line.cells, texts, strict=True)):
            words = cell.paragraphs[0]
            run = words.add_run(text)
            run.font.size = Pt(8)
            run.bold = run.bold or (grid.total and line is lines[-1])
            if at in grid.figures:
                words.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    book.add_paragraph("")
