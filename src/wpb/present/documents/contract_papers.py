"""Papers of the contract: its schedule and values, how they change, the terms of sharing, and the statements the rules ask for.

Source: overview 2, 3.3.1, 4.3; handbook 1.1.2, 1.1.4, 6; req 210-214, 228, 229, 363-365.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wpb.kernel.problems import UsageProblem
from wpb.present.documents.content import Document, Field, Form, Heading, Paragraph, Part
from wpb.present.documents.papers import Papers
from wpb.tables.records import Section

POSSIBLE_CHANGES = (
    ("Population update", "People who join, move and leave lists, at the weights agreed", "handbook 4.4"),
    ("Periodic agreement", "New assumptions and new evidence for the years ahead", "handbook 4.3.1"),
    ("Re-opener", "A change of allocation, inflation or policy beyond the limits agreed", "handbook 4.3.1"),
    ("Scope change", "Services or practices that join or leave", "handbook 4.2"),
    ("Incentive schemes", "Schemes that begin, end or change their size", "handbook 5"),
    ("Gain and loss sharing", "Shares, caps and what is shared, as the model of care matures", "handbook 6"),
    ("Change of law or national rules", "New payment rules, duties or organisations", "overview 4.3.1"),
)
"""Kinds of change the handbook and the overview name; the list is not exhaustive, and says so (req 214)."""


def _contract(papers: Papers) -> dict[str, Any]:
    """The contract's figures.

    Raises UsageProblem where the model has no contract.
    """
    if not papers.contract:
        raise UsageProblem("The model has no contract for the whole population budget yet: add contract_terms and contract_events, then ask again.")
    return papers.contract


def _value_table(papers: Papers, figures: dict[str, Any]) -> Part:
    rows = [(y["year"], y["wpb_pence"], y["wpap_pence"], y["part_a_pence"], y["part_b_pence"], y["withheld_pence"], y["beside_pence"], y["certainty"]) for y in figures["years"]]
    return papers.grid("Budget and annual payment by year", ("Year", "Whole population budget", "Annual payment", "Part A", "Part B", "Withheld", "Beside it", "Certainty"), rows, range(1, 7))


def schedule_4a(papers: Papers) -> Document:
    """Draw up Schedule 4A: annual payments by payer and part, indicative values, and the rules by which they change.

    Source: overview 2, 4.3; req 211, 213, 363.
    """
    figures = _contract(papers)
    by_payer = [(y["year"], row["commissioner"], row["funding_stream"], row["part"], row["wpap_pence"]) for y in figures["years"] for row in y["schedule_4a"] if row["wpap_pence"]]
    parts: list[Part] = [
        Paragraph(f"Contract {figures['contract']}, {figures['starts_on']} to {figures['ends_on']}, version {figures['version']} ({figures['status']}). Worked out from inputs {figures['manifest']}."),
        Heading("Annual payment"), _value_table(papers, figures),
        papers.grid("Annual payment by payer and funding stream", ("Year", "Payer", "Funding stream", "Part", "Annual payment"), by_payer, (4,)),
        Heading("Instalments"), *_instalments(papers),
        Heading("How values are updated"), *_update_rules(papers, figures),
        Heading("Changes so far"), *_changes(papers, figures),
    ]  # fmt: skip
    return papers.document("Schedule 4A: whole population annual payment", parts)


def _instalments(papers: Papers) -> list[Part]:
    from wpb.present.statements import annual_payment_by_month

    assert papers.live is not None
    live = papers.live
    tree, months = live.tree(), ("April", "May", "June", "July", "August", "September", "October", "November", "December", "January", "February", "March")
    rows: list[tuple[str | int, ...]] = [(year, *annual_payment_by_month(live, tree, at)) for at, year in enumerate(tree.years)]
    return [papers.grid("Annual payment by month", ("Year", *months), rows, range(1, 13))] if rows and len(rows[0]) == 13 else []


def _update_rules(papers: Papers, figures: dict[str, Any]) -> list[Part]:
    assert papers.live is not None
    rule = papers.live.terms.in_year_rule.replace("_", " ")
    parts: list[Part] = [Paragraph(f"A change within a year is settled by the rule: {rule}. A change that is known is due after {papers.live.terms.notice_days} days' notice.")]
    parts.append(papers.grid("Changes that may be made to value or mechanism; the list is not exhaustive", ("Change", "What it covers", "Where the rule stands"), POSSIBLE_CHANGES))
    return parts


def _changes(papers: Papers, figures: dict[str, Any]) -> list[Part]:
    rows = [(c["event"], c["change_pence"], c["cumulative_pence"], c["band"], c["words"]) for c in figures["changes"]]
    return [papers.grid("Every change, tested on what changes add up to", ("Event", "Change", "All changes so far", "Band", "What it means"), rows, (1, 2))]


def indicative_values(papers: Papers) -> Document:
    """Set out indicative values for the whole term, with the possible changes to value or mechanism.

    Source: handbook Summary, 1.2.2, 3.1; overview 4.2, 4.3.1; req 213, 214.
    """
    figures = papers.contract
    if figures:
        rows = [(y["year"], y["indicative_wpb_pence"], y["certainty"]) for y in figures["years"]]
        values: Part = papers.grid("Indicative value by year, as it stood when values were first set out", ("Year", "Indicative value", "Certainty"), rows, (1,))
    else:
        values = papers.table("years", ("year", "forecast_pence", "allocation_pence"), "Indicative value by year: the forecast of the budget")
    parts: list[Part] = [
        Paragraph("Values are indicative. They rest on the assumptions in the log that goes with them, and on allocations as certain as shown."),
        values, *papers.section("allocation_certainty"), Heading("Possible changes to value or mechanism"),
        papers.grid("Not an exhaustive list", ("Change", "What it covers", "Where the rule stands"), POSSIBLE_CHANGES),
    ]  # fmt: skip
    return papers.document("Indicative values for the whole term", parts)


def term_sheet(papers: Papers) -> Document:
    """Set out the terms of gain and loss sharing as they are declared, arrangement by arrangement.

    Source: handbook 6; req 286, 364.
    """
    if not papers.arrangements:
        raise UsageProblem("There are no arrangements to set out: put their files into the model's arrangements folder.")
    parts: list[Part] = []
    for name, declared in papers.arrangements:
        parts.append(Heading(str(declared.get("title", name))))
        parts.append(papers.grid(f"Terms of {name}", ("Term", "As declared"), list(_terms(declared))))
    return papers.document("Gain and loss sharing: term sheet", parts)


def _terms(declared: Any, before: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(declared, Mapping):
        for key, value in declared.items():
            yield from _terms(value, f"{before} · {key}" if before else str(key))
    elif isinstance(declared, list) and any(isinstance(item, Mapping | list) for item in declared):
        for number, item in enumerate(declared, 1):
            yield from _terms(item, f"{before} {number}")
    else:
        yield before.replace("_", " "), ", ".join(map(str, declared)) if isinstance(declared, list) else str(declared)


def _section(papers: Papers, name: str) -> Section | None:
    return next((section for section in papers.budget.sections if section.name == name and section.rows), None)


def risk_allocation(papers: Papers) -> Document:
    """State who bears each risk, with what each party is exposed to where that has been worked out.

    Source: handbook 1.1.2, 6.4.5; req 365.
    """
    parts: list[Part] = [Heading("Who bears each risk"), *papers.section("risk_register"), Heading("Exposure")]
    parts += papers.section("residual_efficiency")
    for name, declared in papers.arrangements:
        limits = [(term, value) for term, value in _terms(declared) if any(word in term for word in ("cap", "collar", "limit", "share", "falls on", "fund held", "retained"))]
        parts.append(papers.grid(f"Shares and limits of {name}, as declared", ("Term", "As declared"), limits))
    parts.append(Paragraph("`wpb share` works out each party's largest loss from an arrangement; `wpb shadow` shows how often each outcome comes about."))
    return papers.document("Risk allocation statement", parts)


def local_payment(papers: Papers) -> Document:
    """Draw up the statement of a locally agreed payment for services that have national prices.

    Source: handbook 1.1.4; overview 3.3.1, 4.3.1; req 228.
    """
    tables = papers.reader.tables
    priced = [record for record in tables["budget_lines"].records() if record["payment_basis"] in ("activity", "aligned") and record["in_scope_pence"]]
    services: dict[str, int] = {}
    for record in priced:
        services[record["service_line"]] = services.get(record["service_line"], 0) + record["in_scope_pence"]
    settings = papers.budget.model.settings
    parts: list[Part] = [
        Paragraph("A locally agreed payment covers services for which national prices or rules of payment stand. The parties publish this statement, and publish it again when the payment changes."),
        Form((Field("Commissioners", ", ".join(sorted({papers.reader.name(line.commissioner) for line in papers.budget.current.lines.lines}))), Field("Lead provider", papers.reader.name(settings.lead_provider)), Field("From", settings.years[0]), Field("To", settings.years[-1]), Field("Form of integration", settings.form.replace("_", " ")))),
        papers.grid("Services with national prices that the payment covers", ("Service line", "Current spend in scope"), sorted(services.items()), (1,)),
        papers.table("years", ("year", "forecast_pence"), "Value of the payment by year: the forecast of the budget"),
        Form((Field("Why the payment was agreed"), Field("How it serves patients"), Field("How prices were set and are updated"), Field("Signed for the commissioners, and date"), Field("Signed for the provider, and date"))),
    ]  # fmt: skip
    return papers.document("Statement of a local payment", parts)


def best_interests(papers: Papers) -> Document:
    """Record the test of whether the pricing approach is in patients' best interests.

    Source: overview 3.3.1; req 229.
    """
    questions = ("Quality of care", "Access to care", "Cost-effectiveness for patients", "Innovation", "Fair sharing of risk", "Others who may be affected, and what they said")
    parts: list[Part] = [
        Paragraph("The parties record how the pricing approach serves patients, question by question, with evidence."),
        Form(tuple(Field(name) for name in questions)),
        *papers.section("evaluation", "two_sided_test", "checklists"),
        Form((Field("Decision"), Field("Decided by, and date"), Field("To be looked at again on"))),
    ]
    return papers.document("Record of the patients' best interests test", parts)
