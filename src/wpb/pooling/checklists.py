"""What partners complete before they pool budgets: the checklist, the agreement's contents, the
building blocks, five steps.

Source: SCIE 3 (checklist, building blocks, figure); handbook 6.4 (Tower Hamlets case study); req
325-327, 329.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

POOLING_CHECKLIST = {
    "aims": "Aims and objectives are agreed, from the local assessment of needs",
    "partners": "The partners are named, and the part each plays is clear",
    "scope": "The services in scope are named",
    "business_case": "A business case sets out costs, and benefits over time",
    "funding_and_management": "It is agreed how the work is funded and how the pool is managed",
    "risks": "The risks, of each partner and of the whole, are understood in detail",
}
AGREEMENT_CONTENTS = {
    "outcomes": "Aims, outcomes and the functions covered",
    "benefits": "Benefits expected, and how they are measured, realised and shared",
    "risks": "Main risks, and how they are managed, shared and eased",
    "contributions": "Each partner's money, and other resources it puts in",
    "governance": "How the pool is managed, governed and reported on",
    "duration": "How long it lasts",
    "review": "How it is reviewed each year",
    "termination": "How it is renewed or ended",
    "vat": "How VAT is treated",
    "complaints": "Legal matters and complaints",
    "disputes": "How disputes are resolved, and risk is shared",
}
BUILDING_BLOCKS = {
    "transparency": (
        "Baseline and performance can be followed, and are reviewed at least every quarter"
    ),
    "common_purpose": (
        "The outcomes for people, and how services will change to meet them, are shared"
    ),
    "understanding": (
        "Each partner knows how it can influence risks and benefits, and with which levers"
    ),
    "governance": "Decisions and accountability are clear, and leadership is shared",
    "trust": "Leaders trust one another and work well together",
}
FIVE_STEPS = (
    "establish_purpose",
    "understand_baseline",
    "identify_risks_and_benefits",
    "agree_shares",
    "review_and_adjust",
)
"""Five steps to a risk and benefit agreement. The guide shows its steps in a picture; the names
here are our own.
"""
SHARING_PRINCIPLES = {
    "collective": "Sharing serves the change of the whole system, and openness between its parts",
    "measurable": "What is shared on can be measured",
    "one_pot": (
        "There is one set amount of money, within which gains and losses are managed together"
    ),
    "evolving": "The rules change as the programme does",
    "accountable": (
        "Each answers for its own part; sharing is among those whose actions bear on the result"
    ),
    "net": "Gains and losses are netted over the system, not taken line by line",
    "reinvest": "Part of what is gained goes back into lasting change",
    "gateway": "A gateway review tests gains and losses before they are shared",
}
"""An editable set after the draft principles of Tower Hamlets Together. Source: handbook 6.4."""


@dataclass(frozen=True)
class Completeness:
    """How far a checklist is answered: what is done, what is open, and whether all of it is
    done.
    """

    done: tuple[str, ...]
    open: tuple[str, ...]
    rate: float

    @property
    def complete(self) -> bool:
        """Whether nothing is open."""
        return not self.open


def completeness(checklist: Mapping[str, str], answers: Mapping[str, bool]) -> Completeness:
    """Measure answers against a checklist; a point without an answer is open.

    Raises ValueError for an answer to a point that the checklist doesn't have.
    Source: SCIE 3; handbook 6.4; req 289, 325, 326, 327.
    """
    unknown = [point for point in answers if point not in checklist]
    if unknown:
        raise ValueError(
            f"the checklist has no point {', '.join(unknown)}; it has {', '.join(checklist)}"
        )
    done = tuple(point for point in checklist if answers.get(point, False))
    return Completeness(
        done, tuple(point for point in checklist if point not in done), len(done) / len(checklist)
    )


def next_step(done: Sequence[str]) -> str:
    """Name the step that comes next; '' where all five are done.

    Raises ValueError for a step done before one that comes earlier.
    Source: SCIE 3 (five steps); req 329.
    """
    order = [step for step in FIVE_STEPS if step in done]
    if list(FIVE_STEPS[: len(order)]) != order or len(order) != len(set(done)):
        raise ValueError(f"the steps are taken in order: {', '.join(FIVE_STEPS)}")
    return FIVE_STEPS[len(order)] if len(order) < len(FIVE_STEPS) else ""
