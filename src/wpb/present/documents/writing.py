"""Writing a document in the form that its file name asks for."""

from __future__ import annotations

from pathlib import Path

from wpb.kernel.problems import UsageProblem
from wpb.present.documents.content import Document

FORMS = (".pdf", ".docx", ".html")


def write_document(document: Document, path: Path) -> None:
    """Write a document as PDF, Word or HTML, whole or not at all.

    Raises UsageProblem for a file name that ends otherwise.
    """
    form = path.suffix.lower()
    if form == ".pdf":
        from wpb.present.documents.as_pdf import pdf_bytes

        content = pdf_bytes(document)
    elif form == ".docx":
        from wpb.present.documents.as_word import word_bytes

        content = word_bytes(document)
    elif form == ".html":
        from wpb.present.documents.as_page import page_text

        content = page_text(document).encode()
    else:
        raise UsageProblem(f"{path} should end in {', '.join(FORMS[:-1])} or {FORMS[-1]}.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
