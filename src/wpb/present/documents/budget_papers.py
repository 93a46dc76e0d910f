"""Papers about the budget: for a board, for due diligence, for bidders, for reviewers and for the public.

Source: handbook 2.4.1, 3.6, 3.7, 5.2; req 35, 361, 362, 366, 371.
"""

from __future__ import annotations

from wpb.present.documents.content import Document, Heading, Paragraph, Part
from wpb.present.documents.papers import Papers

LOG_COLUMNS = ("key", "title", "year", "value", "vintage", "status", "source", "locator", "local", "owner", "reason", "evidence")


def board_paper(papers: Papers) -> Document:
    """Tell a board what the budget is, how it was reached, whether it can be afforded and what it rests on.

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
        *papers.section("two_sided_test", "contributions", most=20),
        Heading("How sure the figures are"),
        papers.table("grades"),
        papers.table("elements"),
        *papers.section("accuracy", "risk_register"),
        Heading("What the board should weigh"),
        papers.table("problems", ("severity", "what", "fix"), "What the checks found", most=25),
    ]
    return papers.document("Whole population budget: paper for the board", parts)


def due_diligence(papers: Papers) -> Document:
    """Set out everything an assessor asks of a budget: sources, methods, reconciliations, checks, sign-offs.

    Source: handbook 2.1, 2.4, 3.7; req 37, 361, 366, 367.
    """
    parts: list[Part] = [
        Heading("Figures"), papers.table("years"), papers.table("bridge", ("step", "amount_pence", "running_pence", "rule", "reason")),
        Heading("Ties to the commissioners' ledgers"), papers.table("reconciliation", ("level", "commissioner", "account", "ledger_pence", "lines_pence", "difference_pence"), most=40),
        Heading("Contracts today and how each was taken apart"), papers.table("contracts", ("contract", "title", "provider", "payment_basis", "value_pence", "allocated_pence", "residual_pence")),
        papers.table("contract_workings", ("contract", "step", "method", "service_line", "activity_type", "amount_pence", "reason"), most=60),
        Heading("Baseline by service line"), papers.table("baseline_by_service_line", ("service_line", "name", "scope", "weakest_grade", "spend_pence", "in_scope_pence", "out_of_scope_pence", "baseline_pence"), most=120),
        Heading("Quality of method"), papers.table("grades"), *papers.section("weight_sensitivity", "accuracy", "rigour_and_effort", "spend_and_cost"),
        Heading("Checks"), *papers.section("scope_checks", "baseline_checks", "contract_checks", "activity_data_checks", "plan_consistency", most=80),
        Heading("Law, information and sign-off"), *papers.section("pooling_law", "information_governance", "checklists", "reviews", "review_status", "vat_by_holder"),
        Heading("Efficiency and savings"), *papers.section("efficiency_steps", "residual_efficiency", "savings_register", "capability_stretch"),
        Heading("Choices and assumptions"), papers.table("choices"), papers.table("assumptions", LOG_COLUMNS),
        Heading("What the checks found"), papers.table("problems"),
    ]  # fmt: skip
    return papers.document("Due-diligence pack", parts)


def assumption_log(papers: Papers) -> Document:
    """List each assumption with source, date, owner, evidence and version, and every choice of method with its reason.

    Source: handbook 3.7, 4.5; req 366.
    """
    parts: list[Part] = [Heading("Choices of method"), papers.table("choices"), Heading("Assumptions"), papers.table("assumptions", LOG_COLUMNS), *papers.section("beyond_published_years", most=100)]
    return papers.document("Assumption log", parts)


def bidder_workings(papers: Papers) -> Document:
    """Publish the calculation to every bidder alike: inputs by source, methods, workings and what could not be validated.

    Source: handbook 2.4.1; req 35.
    """
    parts: list[Part] = [
        Paragraph("These workings are the same for every bidder. Each figure can be traced to its source in the workbook and the ledger that go with them."),
        Heading("The calculation in steps"), papers.table("bridge", ("step", "amount_pence", "running_pence", "rule", "reason")), papers.table("forecast_by_year", ("year", "step", "amount_pence", "in_year_pence", "rule")),
        Heading("Contracts taken apart"), papers.table("contract_workings", ("contract", "step", "method", "reason", "service_line", "activity_type", "units", "weight", "amount_pence"), most=400),
        Heading("Assumptions"), papers.table("assumptions", LOG_COLUMNS),
        Heading("What was not validated"), papers.table("grades"), *papers.section("contract_checks", "activity_data_checks", most=80), papers.table("problems", ("severity", "what", "fix")),
    ]  # fmt: skip
    return papers.document("Workings for bidders", parts)


def public_summary(papers: Papers) -> Document:
    """Tell the public in plain words what is spent on what, how the sum was reached and how it may change.

    Source: handbook 1.2.2, 5.2; req 371.
    """
    baseline = papers.reader.whole.baseline
    parts: list[Part] = [
        Heading("What this is"),
        Paragraph("Several health and care services for one population are planned and paid for together, out of one sum of money. This page says how large the sum is, how it was worked out, and how it can change."),
        Heading("How much"),
        Paragraph(f"The sum for the services taken together starts at {papers.reader.millions(baseline)} a year."),
        papers.table("years", ("year", "forecast_pence", "allocation_pence", "out_of_scope_pence"), "Expected cost by year, the money available, and what other services need", millions=True),
        Heading("How it was worked out"), Paragraph(str(papers.views["bridge"]["story"])), *papers.views["bridge"]["charts"][-1:],
        Paragraph(str(papers.views["path"]["story"])), *papers.views["path"]["charts"][:1],
        Heading("On which services"), papers.table("baseline_by_service_line", ("name", "scope", "baseline_pence"), "Services and what they start with", most=120),
    ]  # fmt: skip
    return papers.document("Public summary", parts)


def reviewer_pack(papers: Papers) -> Document:
    """Give a reviewer what was set by hand, what balances, what matters most and what has changed.

    Source: handbook 3.3.3, 3.7; req 179, 366, 369.
    """
    local = papers.table("assumptions", ("key", "year", "value", "displaced_value", "owner", "reason", "evidence"), "Local values and the national ones they stand in place of")
    rows = [row for row, is_local in zip(local.rows, papers.reader.tables["assumptions"].column("local"), strict=True) if is_local]
    parts: list[Part] = [
        Heading("Set by hand"), type(local)(local.caption, local.headings, tuple(rows), local.figures), papers.table("choices"),
        Heading("Balancing figures"), papers.table("contracts", ("contract", "title", "value_pence", "allocated_pence", "residual_pence"), "What contracts pay that activity does not explain"),
        papers.table("reconciliation", ("level", "commissioner", "account", "ledger_pence", "lines_pence", "difference_pence"), most=40), *papers.section("residual_efficiency"),
        Heading("What moves the figures most"), *papers.section("weight_sensitivity", "efficiency_method", "accuracy", most=20),
        Heading("What has changed"), *_versions(papers), *papers.section("review_status", "reviews"),
        Heading("What the checks found"), papers.table("problems"),
    ]  # fmt: skip
    return papers.document("Reviewer's pack", parts)


def _versions(papers: Papers) -> list[Part]:
    if not papers.contract:
        return [Paragraph("The model has no contract yet. `wpb compare` explains the difference between two versions of a budget, step by step.")]
    rows = [(v["version"], v["known_on"], v["event"], v["kind"], v["title"], v["change_pence"], v["lifetime_pence"]) for v in papers.contract["versions"]]
    return [papers.grid("Versions of the contract", ("Version", "Known on", "Event", "Kind", "Title", "Change", "Over the term"), rows, (5, 6))]
