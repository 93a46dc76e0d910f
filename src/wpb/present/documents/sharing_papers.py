"""Papers of gain and loss sharing: the terms, each year's statement, and who bears which risk.

Source: handbook 1.1.2, 6; req 276, 284, 286, 364, 365.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from wpb.kernel.money import exact, pounds, round_half_up, whole_pence
from wpb.kernel.problems import ProblemLog, UsageProblem
from wpb.present.documents.content import Document, Field, Form, Grid, Heading, Paragraph, Part
from wpb.present.documents.papers import Papers
from wpb.present.exposure_view import total_exposure
from wpb.present.words import spell_date, spell_pennies, years_in_words
from wpb.sharing.party_steps import PARTY_KINDS
from wpb.sharing.statement import term_sheet as terms_of

OVERSPEND = 0.05
"""How far every shared line is taken over its baseline to show exposure; the statement says so."""
DECIMAL = re.compile(r"(?<![\d.,])0\.\d+")
"""A rate within a term, which people read in per cent."""
SHARED = {"fixed_price_activity": "Volume of activity at prices fixed in advance", "spend": "Spend"}


def term_sheet(papers: Papers) -> Document:
    """Set out the terms of gain and loss sharing, arrangement by arrangement.

    Source: handbook 6; req 276, 278, 286, 293, 364.
    """
    if not papers.arrangements:
        raise UsageProblem(
            "There are no arrangements to set out: put their files into the model's arrangements"
            " folder."
        )
    read = {arrangement.name: arrangement for arrangement in papers.parties}
    parts: list[Part] = []
    for name, declared in papers.arrangements:
        parts.append(Heading(str(declared.get("title", name))))
        arrangement = read.get(str(declared.get("arrangement", name)))
        parts += (
            _read_terms(papers, terms_of(arrangement), declared)
            if arrangement is not None
            else [Grid(f"Terms of {name}", ("Term", "As declared"), tuple(_spelled(declared)))]
        )
    parts += [Heading("Agreed"), Form((Field("Signed for each party, and date"),))]
    return papers.document("Gain and loss sharing: term sheet", parts)


def _read_terms(
    papers: Papers, terms: Mapping[str, Any], declared: Mapping[str, Any]
) -> list[Part]:
    """Terms as people negotiate them: what is shared, shares by year, steps in order, ends,
    reviews.
    """
    years = terms["years"]
    facts = [
        ("Years", years_in_words(years)),
        ("What is shared", SHARED.get(terms["what_is_shared"], terms["what_is_shared"])),
        ("Settled", terms["frequency"]),
        ("What no step shares out stays with", papers.named(str(declared.get("retained_by", "")))),
        (
            "Transformation fund held by",
            papers.named(str(declared.get("fund_held_by", "") or declared.get("retained_by", ""))),
        ),
        *((f"Sharing of {side} ends", str(end)) for side, end in terms["ends"].items()),
    ]
    lines = [
        (
            line["title"],
            line["unit"].replace("_", " "),
            (
                "; ".join(
                    _grouped(
                        {
                            year: pounds(exact(price) * 100, 2).replace("£", papers.reader.sign)
                            for year, price in line["price_pounds"].items()
                        }
                    )
                )
                if line["price_pounds"]
                else ""
            ),
            papers.named(line["gap_falls_on"]),
            _of(line["source_of_cash"]),
            _of(line["baseline_from"]),
        )
        for line in terms["lines"]
    ]
    found: list[Part] = [
        Grid(
            f"Terms of {terms['arrangement']}",
            ("Term", "As agreed"),
            tuple((name, str(value)) for name, value in facts if value),
        ),
        Grid(
            "What is shared",
            ("Line", "Unit", "Price", "A gap falls first on", "Source of cash", "Baseline from"),
            tuple(lines),
            frozenset({2}),
        ),
        Grid(
            "Baselines by year",
            ("Line", *years),
            tuple(
                (line["title"], *(f"{round_half_up(line['baseline'][year]):,}" for year in years))
                for line in terms["lines"]
            ),
            frozenset(range(1, len(years) + 1)),
        ),
    ]
    shares = [
        (
            party["title"],
            party["role"],
            "; ".join(_shares(party["gains"])),
            "; ".join(_shares(party["losses"])),
            papers.named(party["paid_through"]) if party["paid_through"] else "",
            _whys(terms, party["why"]),
        )
        for party in terms["parties"]
    ]
    found.append(
        Grid(
            "Shares of gains and losses",
            ("Party", "Role", "Of gains", "Of losses", "Paid through", "Why"),
            tuple(shares),
        )
    )
    if terms["tiers"]:
        found.append(
            Grid(
                "Corridors",
                ("Corridor", "From", "To"),
                tuple(
                    (
                        tier["tier"],
                        f"{tier['from_rate']:.1%}",
                        "no limit" if tier["to_rate"] is None else f"{tier['to_rate']:.1%}",
                    )
                    for tier in terms["tiers"]
                ),
                frozenset({1, 2}),
            )
        )
    found.append(
        Grid(
            "How a settlement is worked out, step by step",
            ("Step", "Kind", "What it does", "As agreed", "Why"),
            tuple(
                (
                    str(step["step"]),
                    step["kind"].replace("_", " "),
                    PARTY_KINDS[step["kind"]].help,
                    _step_words(step),
                    _whys(terms, step["why"]),
                )
                for step in terms["steps"]
            ),
        )
    )
    if terms["reviews"]:
        found.append(
            Grid(
                "Reviews",
                ("When", "Then"),
                tuple((review["when"], review["then"]) for review in terms["reviews"]),
            )
        )
    if terms["principles"]:
        found.append(
            Grid(
                "Principles, and what they led to",
                ("Principle", "Led to"),
                tuple(
                    (principle["text"], ", ".join(_of(what) for what in principle["led_to"]))
                    for principle in terms["principles"]
                ),
            )
        )
    return [*found, *(Paragraph(f"Not settled: {words}.") for words in terms["unsettled"])]


def _whys(terms: Mapping[str, Any], why: Any) -> str:
    named = {principle["id"]: principle["text"] for principle in terms["principles"]}
    found = [why] if isinstance(why, str) else list(why or ())
    return "; ".join(named.get(one, one) for one in found if one)


def _of(words: Any) -> str:
    return str(words).replace("_", " ")


def _shares(by_year: Mapping[str, float] | None) -> list[str]:
    return (
        _grouped({year: f"{share:.1%}".replace(".0%", "%") for year, share in by_year.items()})
        if by_year
        else ["none"]
    )


def _grouped(by_year: Mapping[str, str]) -> list[str]:
    """Spell values by year, years with the same value together; one value alone where all years
    have it.
    """
    spans: dict[str, list[str]] = {}
    for year, value in by_year.items():
        spans.setdefault(value, []).append(year)
    return [
        value if len(spans) == 1 else f"{value} in {years_in_words(years)}"
        for value, years in spans.items()
    ]


def _step_words(step: Mapping[str, Any]) -> str:
    words = "; ".join(
        f"{_of(name)}: {_of(value)}"
        for name, value in step.items()
        if name not in ("step", "kind", "why") and value not in (None, "")
    )
    return DECIMAL.sub(lambda found: f"{float(found[0]):.2%}".replace(".00%", "%"), words)


def _spelled(declared: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """Spell what an arrangement's file declares, term by term."""
    if isinstance(declared, Mapping):
        for key, value in declared.items():
            yield from _spelled(value, f"{before} · {key}" if before else str(key))
    elif isinstance(declared, list) and any(isinstance(item, Mapping | list) for item in declared):
        for number, item in enumerate(declared, 1):
            yield from _spelled(item, f"{before} {number}")
    else:
        yield (
            before.replace("_", " "),
            ", ".join(map(str, declared)) if isinstance(declared, list) else str(declared),
        )


def gain_loss_statement(papers: Papers) -> Document:
    """State what was shared, settlement by settlement and party by party, with what is still due.

    Source: handbook 6.4.6; req 286, 287, 288, 364.
    """
    stated = papers.live.sharing.statements if papers.live is not None else ()
    if not stated:
        raise UsageProblem(
            "No gain or loss has been settled: the model needs a contract, an arrangement, and rows"
            " in sharing_outturn."
        )
    parts: list[Part] = [
        Paragraph(
            "Each settlement in whole pence, in the order in which its outturn was known. A gain"
            " without a source of cash is shown and not paid."
        )
    ]
    before: dict[tuple[str, str, str], int] = {}
    for one in stated:
        parts += _statement(papers, one, before)
    return papers.document("Gains and losses: statements by party", parts)


def _statement(
    papers: Papers, one: Mapping[str, Any], before: dict[tuple[str, str, str], int]
) -> list[Part]:
    sign = papers.reader.sign

    def pennies(amount: float) -> str:
        return spell_pennies(whole_pence(amount), sign)

    lines = [
        (
            line["title"],
            *(
                pennies(line[f"{name}_pence"])
                for name in ("baseline", "outturn", "gap", "cash", "notional")
            ),
            _of(line["source_of_cash"]),
        )
        for line in one["lines"]
    ]
    kept = [
        (_of(step["step"].split("_", 1)[1]), pennies(step["amount_pence"]))
        for step in one["kept_back"]
        if whole_pence(step["amount_pence"])
    ]
    rows = []
    for party in one["parties"]:
        key = (one["arrangement"], one["year"], party["party"])
        settled, before[key] = before.get(key, 0), party["due_pence"]
        rows.append(
            (
                party["title"],
                *(pennies(party[f"{name}_pence"]) for name in ("share", "fell_on_it", "due")),
                pennies(settled),
                pennies(party["due_pence"] - settled),
            )
        )
    words = f"{one['title']}: {one['year']}, {one['status']}"
    return [
        Heading(f"{words}, known on {spell_date(one['known_on'])}"),
        Grid(
            "What was shared",
            (
                "Line",
                "Baseline",
                "Outturn",
                "Gain, or loss below nought",
                "of which cash",
                "of which notional",
                "Source of cash",
            ),
            tuple(lines),
            frozenset(range(1, 6)),
        ),
        Paragraph(
            f"The pool is {spell_pennies(one['pool_pence'], sign)}."
            f" {spell_pennies(one['retained_pence'], sign)} of it no step shares out, and it stays"
            f" with {papers.named(one['retained_by'])};"
            f" {spell_pennies(one['reinvested_pence'], sign)} is set aside for transformation."
        ),
        *(
            [Grid("Kept back, step by step", ("Step", "Amount"), tuple(kept), frozenset({1}))]
            if kept
            else []
        ),
        Grid(
            "By party; what is due below nought is to pay",
            ("Party", "Share", "Gap that fell on it", "Due", "Settled before", "To settle now"),
            tuple(rows),
            frozenset(range(1, 6)),
        ),
    ]


def risk_allocation(papers: Papers) -> Document:
    """State who bears each risk, and the most each party could lose in a year where arrangements
    say so.

    Source: handbook 1.1.2, 6.4.5; req 284, 365.
    """
    parts: list[Part] = [
        Heading("Who bears each risk"),
        *papers.section("risk_register"),
        Heading("Exposure"),
        *_exposure(papers),
        *papers.section("residual_efficiency"),
    ]
    for arrangement in papers.parties:
        terms = terms_of(arrangement)
        shares = tuple(
            (
                party["title"],
                "; ".join(_shares(party["gains"])),
                "; ".join(_shares(party["losses"])),
            )
            for party in terms["parties"]
        )
        parts.append(Grid(f"Shares: {terms['title']}", ("Party", "Of gains", "Of losses"), shares))
        limits = tuple(
            (step["kind"].replace("_", " "), _step_words(step))
            for step in terms["steps"]
            if step["kind"] in ("limit", "corridor", "gate")
        )
        parts.append(Grid(f"Limits: {terms['title']}", ("Step", "As agreed"), limits))
    parts.append(
        Paragraph(
            "The command wpb share works an arrangement out on figures of your own; wpb shadow"
            " shows how often each outcome comes about."
        )
    )
    return papers.document("Risk allocation statement", parts)


def _exposure(papers: Papers) -> list[Part]:
    """The most each party could lose in a year across every scheme of the contract, beside its
    limit.
    """
    if papers.live is None:
        return [
            Paragraph(
                "The model has no contract yet, so no party's exposure under it can be added up."
            )
        ]
    log = ProblemLog()
    figures = total_exposure(papers.live, list(papers.parties), OVERSPEND, log)
    worst: dict[str, dict[str, Any]] = {}
    for one in figures["exposures"]:
        if one["party"] not in worst or one["total_pence"] > worst[one["party"]]["total_pence"]:
            worst[one["party"]] = one
    rows = []
    for party, one in worst.items():
        limit = (
            "none set"
            if one["limit_pence"] is None
            else papers.pounds(whole_pence(one["limit_pence"]))
        )
        schemes = "; ".join(
            f"{_of(name)} {papers.pounds(whole_pence(amount))}"
            for name, amount in one["by_scheme_pence"].items()
            if whole_pence(amount)
        )
        rows.append(
            (
                papers.named(party),
                one["year"],
                papers.pounds(whole_pence(one["total_pence"])),
                schemes,
                limit,
                (
                    "no limit set"
                    if one["limit_pence"] is None
                    else "within it"
                    if one["within_limit"]
                    else "above it"
                ),
            )
        )
    words = (
        f"The most each party could lose in its worst year, were every shared line {OVERSPEND:.0%}"
        " over its baseline and every incentive withheld lost."
    )
    return [
        Paragraph(words),
        Grid(
            "Greatest exposure in a year, by party",
            ("Party", "Year", "In all", "By scheme", "Limit", "Against the limit"),
            tuple(rows),
            frozenset({2, 4}),
        ),
    ]
