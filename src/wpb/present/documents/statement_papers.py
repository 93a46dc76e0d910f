"""Statements the rules ask for: of a locally agreed payment, and of the patients' best interests
test.

Source: handbook 1.1.4; overview 3.3.1, 4.3.1; req 228, 229.
"""

from __future__ import annotations

from wpb.present.documents.content import Document, Field, Form, Grid, Heading, Paragraph, Part
from wpb.present.documents.contract_papers import POSSIBLE_CHANGES
from wpb.present.documents.papers import Papers
from wpb.present.words import spell_date


def local_payment(papers: Papers) -> Document:
    """Draw up the statement of a locally agreed payment for services that have national prices.

    Source: handbook 1.1.4; overview 3.3.1, 4.3.1; req 228.
    """
    priced = [
        record
        for record in papers.reader.tables["budget_lines"].records()
        if record["payment_basis"] in ("activity", "aligned") and record["in_scope_pence"]
    ]
    services: dict[str, int] = {}
    for record in priced:
        services[record["service_line"]] = (
            services.get(record["service_line"], 0) + record["in_scope_pence"]
        )
    rows = [
        (papers.services.get(code, code), papers.pounds(amount))
        for code, amount in sorted(
            services.items(), key=lambda pair: papers.services.get(pair[0], pair[0])
        )
    ]
    parts: list[Part] = [
        Paragraph(
            "A locally agreed payment covers services for which national prices or rules of payment"
            " stand. The parties publish this statement, and publish it again when the payment"
            " changes."
        ),
        Form(tuple(Field(name, value) for name, value in _facts(papers))),
        Grid(
            "Services with national prices that the payment covers",
            ("Service", "Current spend in scope"),
            (*rows, ("In all", papers.pounds(sum(services.values())))),
            frozenset({1}),
            total=True,
        ),
        _value(papers),
        *_updates(papers),
        Form(
            (
                Field("Why the payment was agreed"),
                Field("How it serves patients"),
                Field("How prices were set and are updated"),
                Field("Signed for the commissioners, and date"),
                Field("Signed for the provider, and date"),
            )
        ),
    ]
    return papers.document("Statement of a local payment", parts)


def _facts(papers: Papers) -> list[tuple[str, str]]:
    settings, live = papers.budget.model.settings, papers.live
    term = (
        (
            spell_date(live.terms.starts_on.isoformat()),
            spell_date(live.history.versions[-1].ends_on.isoformat()),
        )
        if live is not None
        else (settings.years[0], settings.years[-1])
    )
    facts = [
        (
            "Commissioners",
            ", ".join(
                sorted(
                    {papers.named(line.commissioner) for line in papers.budget.current.lines.lines}
                )
            ),
        ),
        ("Provider", papers.named(settings.lead_provider)),
        ("From", term[0]),
        ("To", term[1]),
        ("Form of integration", settings.form.replace("_", " ")),
    ]
    return [("Contract", live.terms.contract), *facts] if live is not None else facts


def _value(papers: Papers) -> Grid:
    if not papers.contract:
        return papers.table(
            "years",
            ("year", "forecast_pence"),
            "Value of the payment by year: the forecast of the budget",
        )
    rows = [(y["year"], y["wpap_pence"], y["wpb_pence"]) for y in papers.contract["years"]]
    return papers.grid(
        f"Value of the payment by year, as it stands ({papers.contract['version']})",
        ("Year", "Annual payment", "Whole population budget"),
        rows,
        (1, 2),
    )


def _updates(papers: Papers) -> list[Part]:
    changed = (
        [
            (spell_date(v["effective_on"]), v["title"])
            for v in papers.contract["versions"]
            if v["event"] and v["change_pence"]
        ]
        if papers.contract
        else []
    )
    found: list[Part] = [
        Grid(
            "How the payment may change; the list is not exhaustive",
            ("Change", "What it covers", "Where the rule stands"),
            POSSIBLE_CHANGES,
        )
    ]
    return (
        [
            *found,
            Grid(
                "Changes since it was agreed, each of which calls for this statement to be"
                " published again",
                ("From", "Change"),
                tuple(changed),
            ),
        ]
        if changed
        else found
    )


def best_interests(papers: Papers) -> Document:
    """Record the test of whether the pricing approach is in patients' best interests.

    Source: overview 3.3.1; req 229.
    """
    questions = (
        "Quality of care",
        "Access to care",
        "Cost-effectiveness for patients",
        "Innovation",
        "Fair sharing of risk",
        "Others who may be affected, and what they said",
    )
    parts: list[Part] = [
        Paragraph(
            "The parties record how the pricing approach serves patients, question by question,"
            " with evidence."
        ),
        Form(tuple(Field(name, value) for name, value in _facts(papers))),
        Heading("The test"),
        Form(tuple(Field(name) for name in questions)),
        Heading("What the budget shows"),
        *papers.section("evaluation", "two_sided_test", "checklists"),
        Heading("Decision"),
        Form((Field("Decision"), Field("Decided by, and date"), Field("To be looked at again on"))),
    ]
    return papers.document("Record of the patients' best interests test", parts)
