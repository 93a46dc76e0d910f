"""A shadow test as result tables, to be kept beside its report and read again without running it.

Source: handbook 1.1.5, 6.4.4, 6.6; overview 3.4; req 299-301.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from wpb.kernel.money import whole_pence
from wpb.present.result_table import (
    ResultColumn,
    ResultTable,
    Value,
    label,
    result_table,
    worked_out,
)
from wpb.shadow.appraisal import Appraisal
from wpb.shadow.outcome import Chance, Fan, Spread
from wpb.shadow.shadow_test import ShadowResults

POINTS = (
    ("principal", "Plan"),
    ("p5", "1 in 20 below"),
    ("p25", "1 in 4 below"),
    ("p50", "Middle"),
    ("p75", "1 in 4 above"),
    ("p95", "1 in 20 above"),
)
MET = {True: "met", False: "not met", None: "could not be measured"}


def shadow_tables(results: ShadowResults, found: Appraisal) -> list[ResultTable]:
    """Give a shadow test as tables: the run, each party, fans by year, chances, drivers, baselines,
    models, criteria.

    Source: handbook 1.1.5, 6.6; req 299-301.
    """
    tables = [
        _run(results),
        _parties(results),
        _fans(results),
        _affordable(results),
        _swings(found),
        _drivers(found),
        _baselines(results),
        _chance_alone(results),
        _baseline_alone(results),
        _models(results),
        _criteria(found),
        _weighed(results, found),
    ]
    return [table for table in tables if len(table)]


def _run(results: ShadowResults) -> ResultTable:
    rows: list[list[Value]] = [
        ["Runs", f"{results.runs:,}"],
        ["Seed", str(results.seed)],
        ["Scenario", results.scenario or "none"],
        [
            "Chance that spend passes all allocations in some year",
            _words(results.unaffordable_ever),
        ],
    ]
    return result_table(
        "shadow_run",
        "The run",
        "The same runs and seed give the same figures.",
        [label("what", "What"), label("is", "Is")],
        rows,
    )


def _words(chance: Chance) -> str:
    return f"{chance.value:.1%} (between {chance.low:.1%} and {chance.high:.1%})"


def _pence(value: float | None) -> int | None:
    return None if value is None else whole_pence(value)


def _spread(found: Spread) -> list[Value]:
    return [
        whole_pence(found.mean),
        *(whole_pence(getattr(found, name)) for name in ("p5", "p25", "p50", "p75", "p95")),
    ]


SPREAD = (
    worked_out("mean_pence", "Mean"),
    *(worked_out(f"{name}_pence", words) for name, words in POINTS[1:]),
)


def _parties(results: ShadowResults) -> ResultTable:
    columns = (
        label("party", "Party", "code"),
        label("role", "Role", "code"),
        *SPREAD,
        worked_out("gain", "Chance of a gain", "share"),
        worked_out("loss", "Chance of a loss", "share"),
        worked_out("worst_5_pence", "Mean of the worst 5%"),
        worked_out("worst_1_pence", "Mean of the worst 1%"),
        worked_out("sharing_pence", "Sharing, mean"),
        worked_out("beyond_limit", "Chance beyond its yearly limit", "share"),
        worked_out("beyond_contingency", "Chance beyond its contingency", "share"),
    )
    rows: list[list[Value]] = []
    for one in results.parties:
        chances = [
            None if chance is None else chance.value
            for chance in (one.beyond_exposure_limit, one.beyond_contingency)
        ]
        rows.append(
            [
                one.terms.organisation,
                one.terms.role,
                *_spread(one.gain),
                one.gain.gain.value,
                one.gain.loss.value,
                _pence(one.gain.shortfall_95),
                _pence(one.gain.shortfall_99),
                None if one.sharing is None else whole_pence(one.sharing.mean),
                *chances,
            ]
        )
    return result_table(
        "shadow_parties",
        "Gain or loss of each party against plan, over the term",
        "A gain or a loss is the margin of a run less the margin if all goes as planned. Every run"
        " moves all parties at once.",
        columns,
        rows,
    )


def _fans(results: ShadowResults) -> ResultTable:
    columns = (
        label("result", "Figure", "code"),
        label("party", "Party", "code"),
        label("year", "Year", "year"),
        *(worked_out(f"{name}_pence", words) for name, words in POINTS),
    )

    def rows_of(result: str, party: str, found: Fan) -> list[list[Value]]:
        return [
            [result, party, year, *(whole_pence(getattr(found, name)[at]) for name, _ in POINTS)]
            for at, year in enumerate(results.budget.years)
        ]

    rows = [*rows_of("forecast", "", results.forecast), *rows_of("headroom", "", results.headroom)]
    for one in results.parties:
        rows += rows_of("margin", one.terms.organisation, one.margin)
    return result_table(
        "shadow_fan",
        "Year by year",
        "Nine tenths of runs lie between 1 in 20 below and 1 in 20 above; one half between 1 in 4"
        " below and above.",
        columns,
        rows,
    )


def _affordable(results: ShadowResults) -> ResultTable:
    columns = (
        label("year", "Year", "year"),
        worked_out("chance", "Chance that spend passes all allocations", "share"),
        worked_out("low", "at least", "share"),
        worked_out("high", "at most", "share"),
    )
    return result_table(
        "shadow_affordable",
        "Chance that the budget is not affordable",
        "Spend in and out of scope above all allocations; at least and at most hold with 95%"
        " confidence.",
        columns,
        [
            [year, one.value, one.low, one.high]
            for year, one in zip(results.budget.years, results.unaffordable, strict=True)
        ],
    )


def _result(name: str) -> tuple[str, str]:
    result, _, party = name.partition("/")
    return result, party


def _swings(found: Appraisal) -> ResultTable:
    columns = (
        label("result", "Figure", "code"),
        label("party", "Party", "code"),
        label("title", "Uncertainty"),
        worked_out("low_pence", "At its low end (1 in 10)"),
        worked_out("high_pence", "At its high end (1 in 10)"),
    )
    rows: list[list[Value]] = [
        [*_result(name), one.title, whole_pence(one.at_low), whole_pence(one.at_high)]
        for name, swings in found.swings.items()
        for one in swings
    ]
    return result_table(
        "shadow_tornado",
        "One uncertainty at a time",
        "The change of the result over the term when one uncertainty moves and all else goes as"
        " planned, the widest first.",
        columns,
        rows,
    )


def _drivers(found: Appraisal) -> ResultTable:
    columns = (
        label("result", "Figure", "code"),
        label("party", "Party", "code"),
        label("title", "Uncertainty"),
        worked_out("alone", "Part of the variance, alone", "share"),
        worked_out("together", "with all it acts with", "share"),
    )
    rows: list[list[Value]] = [
        [*_result(name), one.title, one.alone, one.together]
        for name, shares in found.shares.items()
        for one in shares
    ]
    return result_table(
        "shadow_drivers",
        "What drives the results",
        "Parts of the variance over the term; correlated uncertainties count as one.",
        columns,
        rows,
    )


def _baselines(results: ShadowResults) -> ResultTable:
    columns = (
        label("arrangement", "Arrangement", "code"),
        label("line", "What is shared", "code"),
        label("inside", "Inside the budget", "yes_no"),
        worked_out("gain", "Chance of a gain", "share"),
        worked_out("loss", "Chance of a loss", "share"),
        worked_out("shift", "Shift that makes them equal", "share"),
        worked_out("gain_share", "With this share of gains", "share"),
        worked_out("loss_share", "this share of losses comes out even", "share"),
    )
    rows: list[list[Value]] = [
        [
            one.arrangement,
            one.line,
            one.inside,
            one.odds.gain.value,
            one.odds.loss.value,
            None if one.shift is None else one.shift.rate,
            one.odds.provider_gain_share,
            one.odds.provider_loss_share,
        ]
        for one in results.lines
    ]
    return result_table(
        "shadow_baselines",
        "Is the baseline fair?",
        "A baseline inside the budget mirrors the forecast and is not moved: shares make up for the"
        " odds.",
        columns,
        rows,
    )


def _chance_alone(results: ShadowResults) -> ResultTable:
    columns = (
        label("arrangement", "Arrangement", "code"),
        label("line", "What varies", "code"),
        worked_out("people", "People", "count"),
        worked_out("variation", "Variation of a year", "share"),
        worked_out("evens_out", "evens out over people", "share"),
        worked_out("shared", "hits everyone at once", "share"),
        worked_out("false_payment", "Chance of paying for chance", "share"),
        worked_out("rate", "Minimum savings rate it asks for", "share"),
    )
    rows: list[list[Value]] = [
        [
            one.arrangement,
            one.line or "whole budget",
            one.people,
            one.variation,
            one.evens_out,
            one.shared,
            chance,
            rate,
        ]
        for one in results.chance
        for chance, rate in one.rates
    ]
    return result_table(
        "shadow_chance",
        "What chance alone does",
        "Only activity varies about its plan. The minimum savings rate keeps the chance of paying"
        " for chance below what is asked.",
        columns,
        rows,
    )


def _baseline_alone(results: ShadowResults) -> ResultTable:
    columns = (
        label("what", "What departs from plan"),
        label("year", "Year", "year"),
        worked_out("p5_pence", "1 in 20 below"),
        worked_out("p50_pence", "Middle"),
        worked_out("p95_pence", "1 in 20 above"),
    )
    found = results.baseline
    fans = (
        ()
        if found is None
        else (
            ("spend in scope", found.forecast),
            ("spend out of scope", found.out_of_scope),
            ("spend in and out of scope", found.total),
            ("affordability margin", found.headroom),
            (f"margin of the lead provider, {found.lead_provider}", found.lead),
        )
    )
    rows: list[list[Value]] = [
        [what, year, fan.p5[at], fan.p50[at], fan.p95[at]]
        for what, fan in fans
        if fan is not None
        for at, year in enumerate(results.budget.years)
    ]
    return result_table(
        "shadow_baseline_error",
        "What the error of the baseline does by itself",
        "How spend is divided moves it between the lines and lists of one contract and not the"
        " contract's total. The lead provider bears what care in scope truly costs.",
        columns,
        rows,
    )


def _models(results: ShadowResults) -> ResultTable:
    columns = (
        label("model", "Payment model", "code"),
        label("party", "Party", "code"),
        worked_out("mean_pence", "Mean"),
        worked_out("deviation_pence", "Spread (one standard deviation)"),
        worked_out("p5_pence", "1 in 20 below"),
        worked_out("p95_pence", "1 in 20 above"),
    )
    rows: list[list[Value]] = [
        [code, party, *(whole_pence(value) for value in (one.mean, one.deviation, one.p5, one.p95))]
        for code, by_party in results.model_spreads.items()
        for party, one in by_party.items()
    ]
    return result_table(
        "shadow_models",
        "Payment models side by side",
        "The same runs go through every model, so they differ by their terms and not by chance.",
        columns,
        rows,
    )


def _criteria(found: Appraisal) -> ResultTable:
    columns = (
        label("title", "Criterion"),
        label("found", "Found"),
        label("asked", "Asked"),
        label("standing", "Met"),
        label("owner", "Owner"),
    )
    return result_table(
        "shadow_criteria",
        "From shadow to live",
        "A chance meets its criterion only where its whole interval does.",
        columns,
        [
            [one.title, one.found, one.asked, MET[one.met], one.owner]
            for one in found.decision.criteria
        ],
    )


def _weighed(results: ShadowResults, found: Appraisal) -> ResultTable:
    return result_table(
        "shadow_problems",
        "To weigh",
        "Problems that did not stop the test.",
        [label("what", "What was found"), label("fix", "What to do")],
        [[problem.what, problem.fix] for problem in (*results.problems, *found.problems)],
    )


def tables_to_json(tables: Sequence[ResultTable]) -> str:
    """Write tables as JSON, so that they can be kept."""
    return json.dumps(
        [
            {
                "name": table.name,
                "title": table.title,
                "help": table.help,
                "columns": [
                    [column.name, column.heading, column.kind, column.origin, column.adds_up]
                    for column in table.columns
                ],
                "rows": table.rows,
            }
            for table in tables
        ],
        ensure_ascii=False,
    )


def tables_from_json(text: str) -> list[ResultTable]:
    """Read tables that were kept as JSON."""
    found: list[dict[str, Any]] = json.loads(text)
    return [
        result_table(
            each["name"],
            each["title"],
            each["help"],
            [ResultColumn(*column) for column in each["columns"]],
            each["rows"],
        )
        for each in found
    ]
