"""Which sheet of the workbook each figure stands on: one sheet a stage, in the handbook's order.

Source: handbook 1.2, 2.2-2.7, 3.2-3.6; req 361, 362.
"""

from __future__ import annotations

from collections.abc import Sequence

from wpb.kernel.ledger import Block, Ledger, difference

SCOPE, PRICED, ALIGNED = "3 Scope", "4 Priced activity", "5 Aligned payment"
STEP_1, STEP_2, STEP_3, STEP_4 = (
    "6 Block step 1",
    "7 Block step 2",
    "8 Block step 3",
    "9 Block step 4",
)
OTHER_ROUTES, SPEND, BASELINE = "10 Primary and social care", "11 Current spend", "12 Baseline"
GROWTH, FORECAST, CARE_MODEL = "13 Growth", "14 Forecast", "16 Care model"
OUTSIDE, AFFORDABILITY = "15 Out of scope", "17 Affordability"
CONTRACT, MOVERS, PAYMENTS = "18 Contract", "19 Population updates", "20 Partners and providers"
SCHEDULE_4A, INSTALMENTS = "21 Schedule 4A", "22 Instalments"
ONE_MONTH, SHARING, SHARES_TO_PAY, OTHER = (
    "23 Payments of one month",
    "24 Gains and losses",
    "25 Shares to pay",
    "26 Other workings",
)

PURPOSE = {
    SCOPE: "When each line is in scope (handbook 1.1).",
    PRICED: "Contracts paid by activity: units at unit prices (handbook 2.3).",
    ALIGNED: (
        "Contracts paid a fixed part and a variable part: the fixed part is shared by priced"
        " activity."
    ),
    STEP_1: "Block contracts, step 1: pounds to service lines (handbook 2.4.2).",
    STEP_2: "Block contracts, step 2: activity to service lines (handbook 2.4.3).",
    STEP_3: "Block contracts, step 3: pounds to activity by cost weights (handbook 2.4.4).",
    STEP_4: (
        "Step 4: the part of each activity that is for people on lists in scope (handbook 2.4.5)."
    ),
    OTHER_ROUTES: "Primary care, care packages and spend entered as it stands (handbook 2.5, 2.6).",
    SPEND: "Current spend by budget line, in scope and out of it (handbook 2.1, 2.2).",
    BASELINE: "From current spend to the baseline, adjustment by adjustment (handbook 2.7).",
    GROWTH: "Growth rates by category and year, and compounded factors (handbook 3.3, 3.4).",
    FORECAST: "Each line carried forward, step after step, in each year (handbook 3.3, 3.4).",
    OUTSIDE: "What stays outside the budget, carried forward in the same way (handbook 3.6).",
    CARE_MODEL: "What the care model and its schemes invest and save (handbook 3.5).",
    AFFORDABILITY: "Allocation, forecast, out of scope and headroom (handbook 3.6).",
    CONTRACT: (
        "The contract's budget version by version, and what each event does to it (overview 2;"
        " handbook 4.1-4.4)."
    ),
    MOVERS: (
        "People registered less people planned, at the values agreed for their types (handbook"
        " 4.4)."
    ),
    PAYMENTS: (
        "What the lead provider owes its partners, outside providers and schemes, before rounding"
        " (handbook 1.1.5, 1.1.6, 5.3)."
    ),
    SHARING: (
        "Each arrangement worked out step by step for each outturn (handbook 6). Yellow: its terms"
        " as declared. Try a change here; to keep it, change the arrangement's file."
    ),
    OTHER: "Workings that other sheets refer to.",
}
STAGES = tuple(PURPOSE)
AFTER_STAGES = {
    SCHEDULE_4A: (
        "The contract in whole pence: each part rounded so that the parts add to their total"
        " (overview 2, Table 1)."
    ),
    INSTALMENTS: (
        "The year's value paid month by month, and spread again after each change (overview Table"
        " 1; handbook 4.4)."
    ),
    ONE_MONTH: (
        "What belongs to one month: outside providers, activity delivered, incentives earned, sums"
        " agreed once (handbook 1.1.6, 5.3)."
    ),
    SHARES_TO_PAY: (
        "Each settlement of gains and losses in whole pence: share, what fell on each party, what"
        " is due, what is still to pay (handbook 6.4.6)."
    ),
}
"""Sheets that round and pay; their tables are not figures of the ledger."""

_BY_CONTRACT_STEP = {
    STEP_1: (
        "schedule",
        "schedule_by_service",
        "non_service",
        "driver",
        "all_drivers",
        "schedule_with_non_service",
        "step_1",
        "step_1_weights",
        "provider_cost",
        "provider_cost_by_service",
    ),
    STEP_2: ("activity", "activity_share", "step_2"),
}
_BY_PREFIX = {
    SCOPE: ("in_scope_by_year",),
    STEP_4: ("population",),
    OTHER_ROUTES: ("primary_care", "care_packages", "direct_spend", "appointments"),
    SPEND: (
        "spend",
        "service_in_scope",
        "spend_in_scope",
        "spend_unmapped",
        "spend_out_of_scope",
        "reconciliation",
    ),
    GROWTH: (
        "growth_rate",
        "conversion_rate",
        "growth_factor",
        "conversion_factor",
        "line_rate",
        "efficiency_plan",
    ),
    CARE_MODEL: (
        "care_model",
        "impact",
        "scheme",
        "schemes",
        "overlay",
        "overlays",
        "segment_shift",
        "shift",
        "shifts",
        "unidentified",
    ),
    AFFORDABILITY: ("affordability", "do_nothing", "residual"),
    FORECAST: ("forecast",),
    BASELINE: ("baseline", "adjustment", "recurrent", "repair"),
}
_PREFIX_SHEET = {prefix: sheet for sheet, prefixes in _BY_PREFIX.items() for prefix in prefixes}
_STEP_SHEET = {step: sheet for sheet, steps in _BY_CONTRACT_STEP.items() for step in steps}


def contract_of(block: Block) -> str:
    """Name the contract a figure belongs to; blank for others."""
    parts = block.id.split("/")
    return parts[1] if parts[0] == "contract" and len(parts) > 2 else ""


def group_of(block: Block) -> str:
    """Name the heading a figure stands under beside figures of its kind; blank for most."""
    contract = contract_of(block)
    return f"Contract {contract}" if contract else ""


def stage_of(block: Block, aligned: frozenset[str], priced: frozenset[str]) -> str:
    """Give the sheet a figure stands on; aligned and priced name the contracts paid so."""
    prefix, _, rest = block.id.partition("/")
    contract = contract_of(block)
    if contract in aligned:
        return ALIGNED
    if contract in priced:
        return PRICED
    if contract:
        return _STEP_SHEET.get(block.id.rpartition("/")[2], STEP_3)
    if prefix == "out_of_scope":
        return BASELINE if block.years is None or rest.startswith("conversion") else OUTSIDE
    return _PREFIX_SHEET.get(prefix, OTHER)


def contracts_by_basis(ledger: Ledger) -> tuple[frozenset[str], frozenset[str]]:
    """Name the contracts paid a fixed part with activity, and those paid by activity alone."""
    aligned = frozenset(
        contract_of(block)
        for block in ledger
        if block.id.startswith("contract/") and block.id.endswith("/fixed_value")
    )
    priced = frozenset(
        contract_of(block)
        for block in ledger
        if block.id.startswith("contract/") and block.id.endswith("/priced_activity")
    )
    return aligned, priced - aligned


def chosen_blocks(ledger: Ledger, ends: Sequence[Block]) -> list[Block]:
    """List the blocks the workbook needs: everything the final figures rest on, in the order they
    were made.

    Movements by line are left out: they are differences of levels that stand there, and the bridge
    shows their totals.
    """
    wanted: set[Block] = set()
    waiting = list(ends)
    while waiting:
        block = waiting.pop()
        if block not in wanted:
            wanted.add(block)
            waiting += [ref.block for ref in block.inputs.values()] + [
                part.block for part in block.parts
            ]
    return [block for block in ledger if block in wanted]


def final_blocks(ledger: Ledger) -> list[Block]:
    """List the figures a budget ends in: affordability, what was paid and explained, what ties to
    the ledger, and recorded movements.
    """
    named = [
        block
        for block in ledger
        if block.id.startswith(("affordability/", "reconciliation/"))
        or block.id in ("do_nothing", "baseline", "forecast", "out_of_scope")
    ]
    named += [
        block
        for block in ledger
        if contract_of(block) and block.id.rpartition("/")[2] in ("value", "unexplained")
    ]
    recorded = [
        movement.block for movement in ledger.movements if movement.block.rule is not difference
    ]
    return named + [
        source for block in recorded for source in ([part.block for part in block.parts]) or [block]
    ]
