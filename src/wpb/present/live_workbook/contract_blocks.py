"""Which figures of a live contract the workbook holds, on which sheet, and under which heading.

Source: overview 2; handbook 4, 6; req 210, 234, 286, 367.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from wpb.kernel.ledger import Block, Ledger
from wpb.live import LiveContract
from wpb.present.live_workbook.stages import CONTRACT, MOVERS, PAYMENTS, SHARING
from wpb.present.live_workbook.templates import has_template
from wpb.run import Budget

PAID = (
    "subcontracts",
    "outside_providers",
    "delivered_activity",
    "sums_agreed",
    "incentives_earned",
    "outcome_payments",
)
"""What is owed to others than the lead provider, or for one month."""


@dataclass
class ContractBlocks:
    """The contract's figures in the order they were made."""

    blocks: list[Block] = field(default_factory=list)
    stage_of: dict[Block, str] = field(default_factory=dict)
    groups: dict[Block, str] = field(default_factory=dict)
    fixed: list[Block] = field(default_factory=list)
    """Figures written as they are: they rest on another calculation than the one in the workbook.
    """


def rests_on(live: LiveContract, budget: Budget) -> Budget:
    """The budget to lay out beside a contract: the one the contract rests on where it is the same,
    to the last figure.

    Source: handbook 4.1; req 213.
    """
    frozen = live.budget
    pairs = [
        (frozen.forecast, budget.forecast),
        (frozen.out_of_scope, budget.out_of_scope),
        (frozen.baseline, budget.baseline),
    ]
    same = list(frozen.ledger.blocks) == list(budget.ledger.blocks) and all(
        np.array_equal(one.value, other.value) for one, other in pairs
    )
    return frozen if same else budget


def contract_blocks(live: LiveContract, budget: Budget) -> ContractBlocks:
    """List a contract's figures and those of the arrangements settled in it.

    A figure that rests on a budget calculated afresh, such as what a re-opener adds, is written as
    it is.
    Source: overview 2; handbook 4.1-4.4, 6.4.6; req 210, 367.
    """
    found, own = ContractBlocks(), set(budget.ledger)
    elsewhere: set[Block] = set()
    for block in live.ledger:
        sources = [ref.block for ref in block.inputs.values()] + [
            part.block for part in block.parts
        ]
        if any(
            source in elsewhere or (source not in own and source.id in budget.ledger)
            for source in sources
        ):
            elsewhere.add(block)
            if block.kind == "sum":
                continue
            found.fixed.append(block)
            elsewhere.discard(block)
        elif block.rule is not None and not has_template(block.rule, list(block.inputs)):
            found.fixed.append(block)
        elif block.id.startswith("wpb/sharing/"):
            _add_sharing(found, [source for source in sources if source not in own], block)
        own.add(block)
        found.blocks.append(block)
        found.stage_of[block], found.groups[block] = _stage(block), _heading(block, live)
    return found


def _add_sharing(found: ContractBlocks, sources: Iterable[Block], due: Block) -> None:
    """Add the steps of the arrangement that one settlement rests on, before what is due."""
    steps: dict[Block, None] = {}
    waiting = list(sources)
    while waiting:
        block = waiting.pop()
        if block not in found.stage_of and block not in steps:
            steps[block] = None
            waiting += [ref.block for ref in block.inputs.values()] + [
                part.block for part in block.parts
            ]
    for block in sorted(steps, key=_depth):
        found.blocks.append(block)
        found.stage_of[block], found.groups[block] = SHARING, _sharing_heading(due)


def _depth(block: Block) -> tuple[str, int]:
    """Steps in their order; within one, what others rest on first."""
    below = [ref.block for ref in block.inputs.values()] + [part.block for part in block.parts]
    return block.id.rpartition("/")[0], max((_depth(each)[1] for each in below), default=0) + 1


def _stage(block: Block) -> str:
    parts = block.id.split("/")
    if parts[1] == "sharing":
        return SHARING
    if parts[1] == "update":
        return MOVERS
    return (
        PAYMENTS
        if parts[1] in PAID or parts[-1].startswith("partners") or parts[-1] == "wpap_total"
        else CONTRACT
    )


def _heading(block: Block, live: LiveContract) -> str:
    parts = block.id.split("/")
    if parts[1] == "sharing":
        return _sharing_heading(block)
    if parts[1].startswith("v") and parts[1][1:].isdigit():
        version = live.history.versions[int(parts[1][1:])]
        words = f" after {version.event}" if version.event else ""
        return f"Version {version.number}, {version.status}{words}: {version.title}"
    if parts[1] == "update":
        return f"Population update {parts[2]}, working {int(parts[3]) + 1}"
    if parts[1] == "effect":
        return f"Effect of {parts[3]}"
    if parts[1] in ("incentives_earned", "outcome_payments"):
        return f"Scheme {parts[2]}" + (f", {parts[3]}" if len(parts) > 3 else "")
    named = {
        "periodic": "Periodic agreement",
        "practice": "Practice",
        "scope": "Change of scope",
        "subcontracts": "Agreements with partners",
    }
    return (
        " ".join((named[parts[1]], parts[2]))
        if parts[1] in ("periodic", "practice", "scope")
        else named.get(parts[1], "")
    )


def _sharing_heading(block: Block) -> str:
    parts = block.id.split("/")
    return (
        f"{parts[2]}, as known on {parts[3]}"
        if parts[3][:1].isdigit()
        else f"{parts[2]}: the budget's own forecast"
    )


def sources_in(ledger: Ledger, blocks: Sequence[Block], fixed: Collection[Block]) -> list[Block]:
    """List the blocks of a ledger that other blocks, such as a contract's, are made from; those
    written as they are need none.
    """
    held = set(ledger)
    found = [
        source
        for block in blocks
        if block not in fixed
        for source in (
            *(ref.block for ref in block.inputs.values()),
            *(part.block for part in block.parts),
        )
    ]
    return [block for block in dict.fromkeys(found) if block in held]
