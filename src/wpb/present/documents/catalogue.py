"""The documents by name."""

from __future__ import annotations

from collections.abc import Callable

from wpb.present.documents import budget_papers, contract_papers, sharing_papers, statement_papers
from wpb.present.documents.content import Document
from wpb.present.documents.papers import Papers

DOCUMENTS: dict[str, Callable[[Papers], Document]] = {
    "board-paper": budget_papers.board_paper,
    "due-diligence": budget_papers.due_diligence,
    "assumption-log": budget_papers.assumption_log,
    "bidder-workings": budget_papers.bidder_workings,
    "public-summary": budget_papers.public_summary,
    "reviewer-pack": budget_papers.reviewer_pack,
    "schedule-4a": contract_papers.schedule_4a,
    "indicative-values": contract_papers.indicative_values,
    "term-sheet": sharing_papers.term_sheet,
    "gain-loss-statement": sharing_papers.gain_loss_statement,
    "risk-allocation": sharing_papers.risk_allocation,
    "local-payment": statement_papers.local_payment,
    "best-interests": statement_papers.best_interests,
}


def make_document(name: str, papers: Papers) -> Document:
    """Make a document by its name.

    Raises KeyError for a name there isn't; UsageProblem where the model lacks what the document is
    about.
    """
    return DOCUMENTS[name](papers)
