"""Papers of the contract: its schedule of payments, how values change, and the values set out for
the whole term.

Source: overview 2, 4.2, 4.3; handbook 1.2.2, 3.1, 4; req 210-214, 217, 363.
"""

from __future__ import annotations

from typing import Any

from wpb.kernel.problems import UsageProblem
from wpb.live import LiveContract
from wpb.present.documents.content import Document, Field, Form, Grid, Heading, Paragraph, Part
from wpb.present.documents.papers import Papers
from wpb.present.statements import annual_payment_by_month
from wpb.present.words import spell_date, spell_pennies, spell_share, years_in_words

MONTHS = (
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
    "January",
    "February",
    "March",
)
POSSIBLE_CHANGES = (
    (
        "Population update",
        "People who join, move and leave lists, at the weights agreed",
        "handbook 4.4",
    ),
    (
        "Periodic agreement",
        "New assumptions and new evidence for the years ahead",
        "handbook 4.3.1",
    ),
    (
        "Re-opener",
        "A change of allocation, inflation or policy beyond the limits agreed",
        "handbook 4.3.1",
    ),
    ("Scope change", "Services or practices that join or leave", "handbook 4.2"),
    ("Incentive schemes", "Schemes that begin, end or change their size", "handbook 5"),
    (
        "Gain and loss sharing",
        "Shares, caps and what is shared, as the model of care matures",
        "handbook 6",
    ),
    (
        "Change of law or national rules",
        "New payment rules, duties or organisations",
        "overview 4.3.1",
    ),
)
"""Kinds of change the handbook and the overview name; the list is not exhaustive, and says so (req
214).
"""
IN_YEAR = {
    "remaining_months": (
        "What is left of the year's value, after what has been paid, is spread over the months left"
        " by their weights."
    ),
    "catch_up": (
        "The difference is spread over the months it holds for; what belongs to months gone by is"
        " made good in the first month left."
    ),
}
OUTSIDE = {
    "lead_pays": "The holder pays them at the price in force.",
    "commissioner_deducts": "The commissioner pays them at the price in force, and deducts it.",
}
BANDS = {"in_range": "within the limits", "too_small": "too small to count"}


def contract_of(papers: Papers) -> dict[str, Any]:
    """The contract's figures.

    Raises UsageProblem where the model has no contract.
    Source: overview 2; req 363.
    """
    if not papers.contract:
        raise UsageProblem(
            "The model has no contract for the whole population budget yet: add contract_terms and"
            " contract_events, then ask again."
        )
    return papers.contract


def contract_facts(papers: Papers) -> Grid:
    """Say which contract it is: holder, payers, term, version, and the inputs it was worked out
    from.

    Source: overview 2, 4.3; req 363.
    """
    figures, live = contract_of(papers), papers.live
    assert live is not None
    payers = sorted({papers.named(code.split(".", 1)[0]) for code in live.history.tree.cells.codes})
    facts = [
        ("Contract", figures["contract"]),
        ("Holder", papers.named(live.terms.lead_provider)),
        ("Payers", ", ".join(payers)),
        ("Term", f"{spell_date(figures['starts_on'])} to {spell_date(figures['ends_on'])}"),
        ("Form of integration", live.terms.form),
        ("Legal regime", live.terms.legal_regime.replace("_", " ")),
        (
            "Version",
            (
                f"{figures['version']}, {figures['status']}, as known on"
                f" {spell_date(live.history.at(live.as_known_on).known_on.isoformat())}"
            ),
        ),
        ("Worked out from inputs", figures["manifest"]),
    ]
    return Grid(
        "The contract", ("Item", "Entry"), tuple((name, str(value)) for name, value in facts)
    )


def schedule_4a(papers: Papers) -> Document:
    """Draw up Schedule 4A: annual payments by payer and part, instalments, and the rules by which
    they change.

    Source: overview 2, 4.3; req 211, 213, 217, 363.
    """
    figures = contract_of(papers)
    parts: list[Part] = [
        contract_facts(papers),
        Heading("Annual payment"),
        _value_table(papers, figures),
        *_by_payer(papers, figures),
        Heading("Instalments"),
        Paragraph(
            "What the payers pay the holder in each month, once everything known is counted. Twelve"
            " months add to the year's annual payment exactly."
        ),
        *_instalments(papers),
        Heading("How values are updated"),
        _rules(papers),
        *_values_of_people(papers),
        *_schemes(papers),
        Grid(
            "Changes that may be made to value or mechanism; the list is not exhaustive",
            ("Change", "What it covers", "Where the rule stands"),
            POSSIBLE_CHANGES,
        ),
        Heading("Changes so far"),
        *_changes(papers, figures),
        Heading("Agreed"),
        Form((Field("Signed for the payers, and date"), Field("Signed for the holder, and date"))),
    ]
    return papers.document("Schedule 4A: whole population annual payment", parts)


def _value_table(papers: Papers, figures: dict[str, Any]) -> Part:
    rows = [
        (
            y["year"],
            *(
                spell_pennies(y[f"{name}_pence"], papers.reader.sign)
                for name in ("wpb", "wpap", "part_a", "part_b", "withheld", "beside")
            ),
            y["certainty"].replace("_", " "),
        )
        for y in figures["years"]
    ]
    return Grid(
        "Budget and annual payment by year",
        (
            "Year",
            "Whole population budget",
            "Annual payment",
            "of which Part A, NHS",
            "of which Part B, councils",
            "Withheld for incentives",
            "Beside the payment",
            "Certainty of allocations",
        ),
        tuple(rows),
        frozenset(range(1, 7)),
    )


def _by_payer(papers: Papers, figures: dict[str, Any]) -> list[Part]:
    amounts: dict[tuple[str, str, str], list[int]] = {}
    for at, year in enumerate(figures["years"]):
        for row in year["schedule_4a"]:
            key = (
                papers.named(row["commissioner"]),
                papers.named(row["funding_stream"]),
                row["part"],
            )
            amounts.setdefault(key, [0] * len(figures["years"]))[at] = row["wpap_pence"]
    rows = [
        (key, values)
        for key, values in sorted(amounts.items(), key=lambda pair: (pair[0][2], *pair[0][:2]))
        if any(values)
    ]
    return papers.by_year(
        "Annual payment by payer and funding stream",
        ("Payer", "Funding stream", "Part"),
        rows,
        [y["year"] for y in figures["years"]],
        "Annual payment",
        pennies=True,
    )


def _instalments(papers: Papers) -> list[Part]:
    assert papers.live is not None
    tree = papers.live.tree()
    paid = [annual_payment_by_month(papers.live, tree, at) for at in range(len(tree.years))]
    if not all(len(months) == 12 for months in paid):
        return []
    return papers.by_year(
        "Annual payment by month",
        ("Month",),
        [((month,), [months[at] for months in paid]) for at, month in enumerate(MONTHS)],
        tree.years,
        "The year",
        pennies=True,
    )


def _rules(papers: Papers) -> Grid:
    """The rules of the contract's terms in words."""
    assert papers.live is not None
    terms = papers.live.terms
    limit = (
        "none was advertised"
        if terms.advertised_change_limit is None
        else (
            f"{spell_share(terms.advertised_change_limit)} of the value over the term, all changes"
            " together"
        )
    )
    rows = [
        (
            "People who join, move and leave",
            (
                f"Updated {terms.update_frequency}, in {terms.update_mode} mode: people registered"
                " less people planned in the forecast, at the values below."
            ),
            "handbook 4.4",
        ),
        (
            "Types with few people behind their value",
            (
                f"{terms.thin_types.replace('_', ' ').capitalize()}; full trust at"
                f" {terms.full_credibility_people:,.0f} people."
            ),
            "handbook 4.4",
        ),
        (
            "A change within a year",
            IN_YEAR.get(terms.in_year_rule, terms.in_year_rule.replace("_", " ")),
            "overview Table 1",
        ),
        (
            "Notice",
            f"An instalment is fixed {terms.notice_days} days before its month begins.",
            "overview Table 1",
        ),
        (
            "Value held",
            f"For {terms.fixed_years} years, but for the changes listed below.",
            "handbook 4.3",
        ),
        (
            "Too small to count",
            f"A change below {terms.too_small_share:.3%} of the value.",
            "handbook 4.3.1",
        ),
        (
            "Review",
            (
                f"Where a year's value differs by {spell_share(terms.review_share)} from the one"
                " set out first."
            ),
            "handbook 4.3",
        ),
        ("Limit of changes", limit, "handbook 4.2"),
        (
            "Outside providers that patients choose",
            OUTSIDE.get(terms.outside_providers, terms.outside_providers.replace("_", " ")),
            "handbook 1.1.6",
        ),
    ]
    return Grid("Rules of update", ("What", "Rule", "Where it comes from"), tuple(rows))


def _values_of_people(papers: Papers) -> list[Part]:
    """What one person of each type is worth for a year, of the vintage last agreed."""
    table, years = papers.budget.model["type_values"], [str(year) for year in papers.budget.years]
    if not len(table):
        return []
    latest = max(table.text("agreed_on"))
    amounts: dict[tuple[str, str], list[int]] = {}
    for row in table.rows_where("agreed_on", latest):
        key = (
            str(table.columns["patient_type"][row]).replace("_", " "),
            papers.named(str(table.columns["funding_stream"][row])),
        )
        if table.columns["year"][row] in years:
            amounts.setdefault(key, [0] * len(years))[
                years.index(str(table.columns["year"][row]))
            ] = round_pence(table.numbers("value")[row])
    return papers.by_year(
        f"Value of one person for a year, agreed on {spell_date(latest)}",
        ("Patient type", "Funding stream"),
        sorted(amounts.items()),
        years,
        pennies=True,
    )


def round_pence(amount: float) -> int:
    """Round an amount of pence to whole pence, for print."""
    from wpb.kernel.money import whole_pence

    return whole_pence(float(amount))


def _schemes(papers: Papers) -> list[Part]:
    table = papers.budget.model["incentive_choices"]
    found: dict[tuple[str, str, str, str], list[str]] = {}
    for row in range(len(table)):
        key = (
            str(table.columns["scheme"][row]),
            str(table.columns["treatment"][row]).replace("_", " "),
            f"{float(table.numbers('rate')[row]):.2%}",
            str(table.columns["parts"][row]).replace("_", " "),
        )
        found.setdefault(key, []).append(str(table.columns["year"][row]))
    return (
        [
            Grid(
                "Incentive schemes",
                ("Scheme", "Against the annual payment", "Rate", "Parts", "Years"),
                tuple((*key, years_in_words(years)) for key, years in found.items()),
                frozenset({2}),
            )
        ]
        if found
        else []
    )


def _changes(papers: Papers, figures: dict[str, Any]) -> list[Part]:
    titles = {
        v["event"]: (spell_date(v["effective_on"]), v["title"])
        for v in figures["versions"]
        if v["event"]
    }
    rows = [
        (
            c["event"],
            *titles.get(c["event"], ("", "")),
            papers.pounds(c["change_pence"]),
            papers.pounds(c["cumulative_pence"]),
            BANDS.get(c["band"], c["band"].replace("_", " ")),
            c["words"],
        )
        for c in figures["changes"]
    ]
    words = (
        "Each change over the term. Mechanisms that the contract states unambiguously are tested"
        " apart and do not count against the limit."
    )
    return [
        Paragraph(words),
        Grid(
            "Every change, tested on what changes add up to",
            (
                "Event",
                "From",
                "What",
                "Change over the term",
                "Counted against the limit so far",
                "Band",
                "What it means",
            ),
            tuple(rows),
            frozenset({3, 4}),
        ),
    ]


def standing_value(live: LiveContract) -> str:
    """Name the version that stands, for a caption."""
    version = live.history.versions[-1]
    return f"version {version.name}, {version.status}"


def indicative_values(papers: Papers) -> Document:
    """Set out indicative values for the whole term, with the possible changes to value or
    mechanism.

    Source: handbook Summary, 1.2.2, 3.1; overview 4.2, 4.3.1; req 213, 214.
    """
    figures = papers.contract
    parts: list[Part] = [
        Paragraph(
            "Values are indicative. They rest on the assumptions in the log that goes with them,"
            " and on allocations as certain as shown."
        )
    ]
    if figures:
        rows = [
            (
                y["year"],
                y["indicative_wpb_pence"],
                y["wpb_pence"],
                y["wpb_pence"] - y["indicative_wpb_pence"],
                y["certainty"],
            )
            for y in figures["years"]
        ]
        assert papers.live is not None
        parts += [
            contract_facts(papers),
            papers.grid(
                "Indicative value by year, as first set out, and as it stands"
                f" ({standing_value(papers.live)})",
                ("Year", "Indicative value", "As it stands", "Change", "Certainty of allocations"),
                rows,
                (1, 2, 3),
            ),
        ]
    else:
        parts.append(
            papers.table(
                "years",
                ("year", "forecast_pence", "allocation_pence"),
                "Indicative value by year: the forecast of the budget",
            )
        )
    parts += [
        *papers.views["path"]["charts"][:1],
        *papers.section("allocation_certainty"),
        Heading("Possible changes to value or mechanism"),
        papers.grid(
            "Not an exhaustive list",
            ("Change", "What it covers", "Where the rule stands"),
            POSSIBLE_CHANGES,
        ),
    ]
    return papers.document("Indicative values for the whole term", parts)
