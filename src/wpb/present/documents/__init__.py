"""Documents from one set of result tables: papers for boards, schedules for contracts, statements
and packs.
"""

from wpb.present.documents.catalogue import DOCUMENTS, make_document
from wpb.present.documents.writing import write_document

__all__ = ["DOCUMENTS", "make_document", "write_document"]
