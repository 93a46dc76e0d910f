"""Papers about the budget: for a board, for due diligence, for bidders, for reviewers and for the
public.

Source: handbook 2.4.1, 3.6, 3.7, 5.2; req 35, 361, 362, 366, 371.
"""

from __future__ import annotations

from wpb.kernel.money import whole_pence
from wpb.present.documents.assumption_tables import assumption_tables
from wpb.present.documents.content import Document, Grid, Heading, Paragraph, Part
from wpb.present.documents.contract_papers import POSSIBLE_CHANGES
from wpb.present.documents.papers import Papers
from wpb.present.words import spell_date


def board_paper(papers: Papers) -> Document:
    """Tell a board what the budget is, how it was reached, whether it can be afforded and what it
    rests on.

    Source: handbook 2.7, 3.6; req 361, 362.
    """
    views = papers.views
    parts: list[Part] = [
        Heading("The budget in brief"),
        Paragraph(str(views["path"]["story"])),
        *[Paragraph(str(sentence)) for sentence in views["affordability"]["sentences"]],
        papers.table("years", caption="Each year at a glance", millions=True),
        Heading("From current spend to the baseline"),
        Paragraph(str(views["bridge"]["story"])),
        *views["bridge"]["charts"],
        papers.table("bridge", ("step", "amount_pence", "running_pence", "reason")),
        Heading("From the baseline to the forecast"),
        *views["path"]["charts"],
        Heading("Can it be afforded?"),
        *views["affordability"]["charts"],
        *_contributions(papers),
        *papers.section("two_sided_test"),
        *_contract(papers),
        Heading("How sure the figures are"),
        papers.table("grades"),
        papers.table("elements", ("name", "baseline_pence", "share")),
        *_accuracy(papers),
        *papers.section("risk_register"),
        Heading("What the board should weigh"),
        papers.table("problems", ("severity", "what", "fix"), "What the checks found", most=25),
    ]
    return papers.document("Whole population budget: paper for the board", parts)


def due_diligence(papers: Papers) -> Document:
    """Set out everything an assessor asks of a budget: sources, methods, reconciliations, checks,
    sign-offs.

    Source: handbook 2.1, 2.4, 3.7; req 37, 361, 366, 367.
    """
    parts: list[Part] = [
        Heading("Figures"),
        papers.table("years"),
        papers.table("bridge", ("step", "amount_pence", "running_pence", "rule", "reason")),
        Heading("Ties to the commissioners' ledgers"),
        *_ties(papers),
        Heading("Contracts today and how each was taken apart"),
        papers.table(
            "contracts",
            (
                "contract",
                "title",
                "provider",
                "payment_basis",
                "value_pence",
                "allocated_pence",
                "residual_pence",
            ),
        ),
        papers.table(
            "contract_workings",
            (
                "contract",
                "step",
                "method",
                "service_line",
                "activity_type",
                "amount_pence",
                "reason",
            ),
            most=60,
        ),
        Heading("Baseline by service line"),
        papers.table(
            "baseline_by_service_line",
            (
                "service_line",
                "name",
                "scope",
                "weakest_grade",
                "spend_pence",
                "in_scope_pence",
                "out_of_scope_pence",
                "baseline_pence",
            ),
            most=120,
        ),
        Heading("Quality of method"),
        papers.table("grades"),
        *papers.section("weight_sensitivity", "accuracy", "rigour_and_effort", "spend_and_cost"),
        Heading("Checks"),
        *papers.section(
            "scope_checks",
            "baseline_checks",
            "contract_checks",
            "activity_data_checks",
            "plan_consistency",
            most=80,
        ),
        Heading("Law, information and sign-off"),
        *papers.section(
            "pooling_law",
            "information_governance",
            "checklists",
            "reviews",
            "review_status",
            "vat_by_holder",
        ),
        Heading("Efficiency and savings"),
        *papers.section(
            "efficiency_steps", "residual_efficiency", "savings_register", "capability_stretch"
        ),
        Heading("Choices and assumptions"),
        papers.table("choices"),
        *assumption_tables(papers),
        Heading("What the checks found"),
        papers.table("problems"),
    ]
    return papers.document("Due-diligence pack", parts)


def assumption_log(papers: Papers) -> Document:
    """List each assumption with source, date, owner, evidence and version, and every choice of
    method with its reason.

    Source: handbook 3.7, 4.5; req 366.
    """
    parts: list[Part] = [
        Heading("Choices of method"),
        papers.table("choices"),
        Heading("Assumptions"),
        *assumption_tables(papers),
        *papers.section("beyond_published_years", most=100),
    ]
    return papers.document("Assumption log", parts)


def bidder_workings(papers: Papers) -> Document:
    """Publish the calculation to every bidder alike: inputs by source, methods, workings and what
    could not be validated.

    Source: handbook 2.4.1; req 35.
    """
    parts: list[Part] = [
        Paragraph(
            "These workings are the same for every bidder. Each figure can be traced to its source"
            " in the workbook and the ledger that go with them."
        ),
        Heading("The calculation in steps"),
        papers.table("bridge", ("step", "amount_pence", "running_pence", "rule", "reason")),
        papers.table("forecast_by_year", ("year", "step", "amount_pence", "in_year_pence", "rule")),
        Heading("Contracts taken apart"),
        papers.table(
            "contract_workings",
            (
                "contract",
                "step",
                "method",
                "reason",
                "service_line",
                "activity_type",
                "units",
                "weight",
                "amount_pence",
            ),
            most=400,
        ),
        Heading("Assumptions"),
        *assumption_tables(papers),
        Heading("What was not validated"),
        papers.table("grades"),
        *papers.section("contract_checks", "activity_data_checks", most=80),
        papers.table("problems", ("severity", "what", "fix")),
    ]
    return papers.document("Workings for bidders", parts)


def public_summary(papers: Papers) -> Document:
    """Tell the public in plain words what is spent on what, how the sum was reached and how it may
    change.

    Source: handbook 1.2.2, 5.2; req 371.
    """
    baseline = papers.reader.whole.baseline
    parts: list[Part] = [
        Heading("What this is"),
        Paragraph(
            "Several health and care services for one population are planned and paid for together,"
            " out of one sum of money. This page says how large the sum is, how it was worked out,"
            " and how it can change."
        ),
        Heading("How much"),
        Paragraph(
            f"The sum for the services taken together starts at {papers.reader.millions(baseline)}"
            " a year."
        ),
        papers.table(
            "years",
            ("year", "forecast_pence", "allocation_pence", "out_of_scope_pence"),
            "Expected cost by year, the money available, and what other services need",
            millions=True,
        ),
        Heading("How it was worked out"),
        Paragraph(str(papers.views["bridge"]["story"])),
        *papers.views["bridge"]["charts"][-1:],
        Paragraph(str(papers.views["path"]["story"])),
        *papers.views["path"]["charts"][:1],
        Heading("On which services"),
        *_services(papers),
        Heading("How it can change"),
        *_how_it_changes(papers),
    ]
    return papers.document("Public summary", parts)


def reviewer_pack(papers: Papers) -> Document:
    """Give a reviewer what was set by hand, what balances, what matters most and what has changed.

    Source: handbook 3.3.3, 3.7; req 179, 366, 369.
    """
    parts: list[Part] = [
        Heading("Set by hand"),
        *assumption_tables(papers, lambda record: bool(record["local"]), displaced=True),
        papers.table("choices"),
        *papers.section("hand_adjustments"),
        Heading("Balancing figures"),
        papers.table(
            "contracts",
            ("contract", "title", "value_pence", "allocated_pence", "residual_pence"),
            "What contracts pay that activity does not explain",
        ),
        *_ties(papers),
        *papers.section("coverage_by_list", "residual_efficiency"),
        Heading("What moves the figures most"),
        *papers.section("weight_sensitivity", "efficiency_method", "accuracy", most=20),
        Heading("What has changed"),
        *_versions(papers),
        *papers.section("review_status", "reviews"),
        Heading("What the checks found"),
        papers.table("problems"),
    ]
    return papers.document("Reviewer's pack", parts)


def _versions(papers: Papers) -> list[Part]:
    if not papers.contract:
        return [
            Paragraph(
                "The model has no contract yet. The command wpb compare explains the difference"
                " between two versions of a budget, step by step."
            )
        ]
    rows = [
        (
            v["version"],
            spell_date(v["known_on"]),
            v["event"],
            v["kind"],
            v["title"],
            v["change_pence"],
            v["lifetime_pence"],
        )
        for v in papers.contract["versions"]
    ]
    return [
        papers.grid(
            "Versions of the contract",
            ("Version", "Known on", "Event", "Kind", "Title", "Change", "Over the term"),
            rows,
            (5, 6),
        )
    ]


def _contributions(papers: Papers) -> list[Part]:
    """What each commissioner puts in, a column a year."""
    table = papers.sections.get("more_contributions")
    if table is None:
        return []
    years = list(dict.fromkeys(str(year) for year in table.column("year")))
    amounts: dict[str, list[int]] = {}
    for record in table.records():
        amounts.setdefault(papers.named(str(record["commissioner"])), [0] * len(years))[
            years.index(str(record["year"]))
        ] = whole_pence(record["contribution"])
    return papers.by_year(
        "What each commissioner contributes",
        ("Commissioner",),
        [((name,), values) for name, values in amounts.items()],
        years,
        "The budget",
    )


def _accuracy(papers: Papers) -> list[Part]:
    """How far out the baseline may be; in words alone where nobody has entered how far each method
    errs.
    """
    table = papers.sections.get("more_accuracy")
    if table is None:
        return []
    bands = [
        record
        for record in table.records()
        if not str(record[table.columns[0].name]).endswith("no band entered")
    ]
    if len(bands) <= 1:
        return [
            Paragraph(
                "How far the baseline may be out has not been worked out: nobody has entered how"
                " far each method errs (error_bands)."
            )
        ]
    return papers.section("accuracy")


def _ties(papers: Papers) -> list[Part]:
    """Totals that tie to the commissioners' ledgers, and each account that does not."""
    table = papers.reader.tables["reconciliation"]
    columns = (
        "level",
        "commissioner",
        "account",
        "ledger_pence",
        "lines_pence",
        "difference_pence",
    )
    grid = papers.table("reconciliation", columns)
    records = table.records()
    chosen = [
        row
        for row, record in zip(grid.rows, records, strict=True)
        if record["level"] != "account" or record["difference_pence"]
    ]
    agreeing = sum(
        record["level"] == "account" and not record["difference_pence"] for record in records
    )
    found: list[Part] = [Grid(grid.caption, grid.headings, tuple(chosen), grid.figures)]
    return (
        [
            *found,
            Paragraph(
                f"{agreeing:,} more accounts agree to the penny; they are in reconciliation.csv."
            ),
        ]
        if agreeing
        else found
    )


def _contract(papers: Papers) -> list[Part]:
    """The contract's value as it stands, and what has moved it, where the model has one."""
    if not papers.contract:
        return []
    figures = papers.contract
    rows = [
        (
            y["year"],
            y["indicative_wpb_pence"],
            y["wpb_pence"],
            y["wpap_pence"],
            y["withheld_pence"],
            y["beside_pence"],
        )
        for y in figures["years"]
    ]
    moved = [
        (v["event"], spell_date(v["effective_on"]), v["title"], v["change_pence"])
        for v in figures["versions"]
        if v["event"] and v["change_pence"]
    ]
    return [
        Heading("The contract"),
        papers.grid(
            f"Value by year, as first set out and as it stands ({figures['version']})",
            (
                "Year",
                "First set out",
                "Budget now",
                "Annual payment",
                "Withheld for incentives",
                "Beside the payment",
            ),
            rows,
            range(1, 6),
        ),
        papers.grid(
            "What has moved it, over the term", ("Event", "From", "What", "Change"), moved, (3,)
        ),
    ]


def _services(papers: Papers) -> list[Part]:
    """Services inside the budget with what they start with, and the names of those outside."""
    records = papers.reader.tables["baseline_by_service_line"].records()
    inside = sorted(
        (
            (str(record["name"]), papers.pounds(record["baseline_pence"]))
            for record in records
            if record["baseline_pence"]
        ),
        key=lambda row: row[0],
    )
    outside = sorted(str(record["name"]) for record in records if not record["baseline_pence"])
    found: list[Part] = [
        Grid(
            "Services paid for together, and what they start with",
            ("Service", "A year"),
            tuple(inside),
            frozenset({1}),
        )
    ]
    return (
        [*found, Paragraph(f"Paid for apart, as before: {'; '.join(outside)}.")]
        if outside
        else found
    )


def _how_it_changes(papers: Papers) -> list[Part]:
    """The ways in which the sum can change, in plain words, with what has changed it so far."""
    ways = tuple((name, what) for name, what, _ in POSSIBLE_CHANGES)
    found: list[Part] = [
        Grid(
            "The sum is not changed for any other reason without a new agreement",
            ("What", "When"),
            ways,
        )
    ]
    if papers.contract:
        now, first = (
            sum(y[name] for y in papers.contract["years"])
            for name in ("wpb_pence", "indicative_wpb_pence")
        )
        more = papers.reader.millions(abs(now - first))
        found.append(
            Paragraph(
                "Since it was first set out the sum for the whole term has"
                f" {'grown' if now >= first else 'fallen'} by {more}, to"
                f" {papers.reader.millions(now)}."
            )
        )
    return found
