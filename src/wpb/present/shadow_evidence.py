"""Sections of a shadow test's page that say why, and how sure: drivers, baselines, chance, going
live, access, evidence, enough runs.

Source: handbook 1.1.5, 2.4.1, 6.4.4, 6.5.2, 6.6; overview 3.4; req 5, 33, 274, 275, 283, 300, 301,
302, 342.
"""

from __future__ import annotations

from typing import Any

from wpb.kernel.money import round_half_up, whole_pence
from wpb.present.html_tables import Cell, HtmlTable, figure, html_table, words
from wpb.present.shadow_charts import convergence_chart, fit_chart, odds_chart, swings_chart
from wpb.present.shadow_page import Section
from wpb.present.shadow_view import View
from wpb.present.words import MINUS, spell_count, spell_pounds, spell_share
from wpb.shadow.declared import POINTS_DRIVERS
from wpb.shadow.fair_baseline import CASES

BY_GRADE = ("division", "total")
"""What an uncertainty is applied by where the method grades give it."""


def evidence_sections(view: View) -> list[Section]:
    """Every section of evidence that this model has something for.

    Source: req 300, 301.
    """
    made = [
        drivers(view),
        baselines(view),
        chance(view),
        baseline_error(view),
        decision(view),
        access(view),
        segmentations(view),
        uncertainties(view),
        settled(view),
        problems(view),
    ]
    return [section for section in made if section is not None]


def drivers(view: View) -> Section | None:
    """What drives the results, one at a time and all together, and where they break even."""
    blocks: list[Any] = []
    for name, shares in view.found.shares.items():
        result, slug = view.result(name), name.replace("/", "-")
        rows = [
            [
                words(share.title),
                figure(_part(share.alone)),
                figure(f"{_part(share.alone_interval[0])} to {_part(share.alone_interval[1])}"),
                figure(_part(share.together)),
                figure(
                    f"{_part(share.together_interval[0])} to {_part(share.together_interval[1])}"
                ),
            ]
            for share in shares
        ]
        swings = view.found.swings[name][:10]
        if swings:
            blocks.append(
                swings_chart(
                    f"tornado-{slug}",
                    f"One at a time: {result}",
                    "Bars to what the low end and the high end of each uncertainty do, the widest"
                    " first, as in the table.",
                    [(swing.title, swing.at_low, swing.at_high) for swing in swings],
                    view.sign,
                )
            )
        blocks.append(
            html_table(
                f"swings-{slug}",
                f"Change of the {result} over the term, one uncertainty at a time",
                ["Uncertainty", "At its low end (1 in 10)", "At its high end (1 in 10)"],
                [
                    [
                        words(swing.title),
                        figure(view.millions(swing.at_low)),
                        figure(view.millions(swing.at_high)),
                    ]
                    for swing in swings
                ],
            )
        )
        blocks.append(
            html_table(
                f"shares-{slug}",
                f"Parts of the variance of the {result} over the term",
                ["Uncertainty", "Alone", "95% interval", "With all it acts with", "95% interval"],
                rows,
            )
        )
        blocks.append(_break_even_table(view, name, result))
    if not any(view.found.shares.values()):
        return None
    return Section(
        "drivers",
        "What drives the results",
        [
            (
                "One at a time, each uncertainty stands in every year where one run in ten lies"
                " below it, then where one in ten lies above, and all else goes as planned."
            ),
            (
                "Parts of variance are Sobol' indices; correlated uncertainties count as one."
                " Intervals that reach nought say that a part may be noise."
            ),
            (
                "A break-even is a value held in every year; uncertainties not listed would have to"
                " pass all but one outcome in a thousand."
            ),
        ],
        blocks,
    )


def _break_even_table(view: View, name: str, result: str) -> HtmlTable:
    target = view.found.targets[name]
    aim = f"the {result} over the term comes to " + (
        f"{view.millions(target)}, all that is set aside" if target else "nought"
    )
    drivers = {one.code: one.driver for one in view.results.declared.uncertainties}
    rows = [
        [
            words(one.title),
            figure(spell_driver(drivers[one.uncertainty], one.planned)),
            figure(spell_driver(drivers[one.uncertainty], one.value)),
            figure(spell_share(one.probability)),
        ]
        for one in view.found.break_evens[name]
        if one.value is not None
    ]
    rows = rows or [
        [words("nothing likely brings it there alone"), figure(""), figure(""), figure("")]
    ]
    # What is left out would have to pass all but one outcome in a thousand.
    return html_table(
        f"break-even-{name.replace('/', '-')}",
        f"Where {aim}: each uncertainty that brings it there alone",
        [
            "Uncertainty",
            "As planned",
            "Break-even, in every year",
            "Chance of being there or beyond",
        ],
        rows,
    )


def _part(share: float) -> str:
    """Write a part of variance; estimates a little below nought are nought."""
    return spell_share(max(0.0, share))


def spell_driver(driver: str, value: float) -> str:
    """Write a value of an uncertainty in its own terms: points of growth, a factor, a share or
    years.
    """
    if driver in POINTS_DRIVERS:
        return f"{round_half_up(value * 100, 2) + 0:+} points".replace("-", MINUS).replace(
            "+0.00", "0.00"
        )
    if driver in ("activity", "baseline_error"):
        return f"× {round_half_up(value, 3)}"
    return (
        f"{round_half_up(value, 2)} years" if driver == "care_model_delay" else spell_share(value)
    )


def baselines(view: View) -> Section | None:
    """Whether the baselines of sharing are fair."""
    if not view.results.lines:
        return None
    rows, sentences, charts = [], [], []
    for line in view.results.lines:
        name, odds = line.line.replace("_", " "), line.odds
        shift = (
            "mirrors the budget"
            if line.shift is None
            else (
                f"{spell_share(line.shift.rate)} ({spell_share(line.shift.rate_interval[0])} to"
                f" {spell_share(line.shift.rate_interval[1])})"
            )
        )
        rows.append(
            [
                words(name),
                words("inside" if line.inside else "outside"),
                figure(spell_share(odds.gain.value)),
                figure(spell_share(odds.loss.value)),
                words(odds.case),
                figure(spell_pounds(whole_pence(odds.expected_gain), view.sign)),
                figure(spell_pounds(whole_pence(-odds.expected_loss), view.sign)),
                figure(shift),
                figure(spell_share(odds.provider_gain_share)),
                figure(spell_share(odds.provider_loss_share)),
                figure(spell_share(line.spread_of_rate)),
            ]
        )
        sentences.append(
            f"{name.capitalize()}: {CASES[odds.case]} With {spell_share(odds.provider_gain_share)}"
            f" of gains, {spell_share(odds.provider_loss_share)} of losses comes out even for the"
            " provider."
        )
        if line.bars:
            charts.append(
                odds_chart(
                    f"odds-{line.line}",
                    f"{name.capitalize()}: where a year's gap comes out (case {line.odds.case} of"
                    " Figure 24)",
                    "How often the gap of a year, on average over the term, comes out where: losses"
                    " left of nought, gains right of it.",
                    line.bars,
                    view.sign,
                )
            )
    sentences.append(
        "A baseline inside the budget is not moved, for it mirrors the forecast: shares make up for"
        " the odds. Outside it, the shift makes gain and loss as likely."
    )
    headings = [
        "Line",
        "Budget",
        "Chance of a gain",
        "Chance of a loss",
        "Case of Figure 24",
        "Gain, a run on average",
        "Loss, a run on average",
        "Shift that makes chances equal",
        "Share of gains",
        "Share of losses that comes out even",
        "Spread of a year, of baseline",
    ]
    limits = [
        [
            words(one.arrangement.replace("_", " ")),
            figure(spell_share(one.cap.value)),
            figure(spell_share(one.cap_years)),
            figure(spell_share(one.collar.value)),
            figure(spell_share(one.collar_years)),
        ]
        for one in view.results.limits
    ]
    binding = html_table(
        "limits",
        "How often the limits of sharing bind",
        [
            "Arrangement",
            "Cap on gains, in some year",
            "Cap, part of years",
            "Limit on losses, in some year",
            "Limit on losses, part of years",
        ],
        limits,
    )
    return Section(
        "baselines",
        "Is the baseline fair?",
        sentences,
        [
            *charts,
            html_table("odds", "Odds against each baseline, a year on average", headings, rows),
            binding,
        ],
    )


def chance(view: View) -> Section | None:
    """What chance alone does, and the minimum rates and population sizes it asks for."""
    found = view.results.chance
    if not found:
        return None
    names = [one.line.replace("_", " ") or "whole budget" for one in found]
    rows = [
        [
            words(name),
            *(figure(spell_share(value)) for value in (one.variation, one.evens_out, one.shared)),
        ]
        for name, one in zip(names, found, strict=True)
    ]
    chances, shares = (
        [value for value, _ in getattr(found[0], name)] for name in ("rates", "people_for")
    )
    rates = [
        [words(name), *(figure(spell_share(rate)) for _, rate in one.rates)]
        for name, one in zip(names, found, strict=True)
        if one.line
    ]
    people = [
        [
            words(name),
            *(
                figure("no number does" if size is None else spell_count(size))
                for _, size in one.people_for
            ),
        ]
        for name, one in zip(names, found, strict=True)
    ]
    tables = [
        html_table(
            "chance",
            f"A year by chance alone at {spell_count(found[0].people)} people: one standard"
            " deviation, of plan",
            ["What", "In all", "Evens out with more people", "Hits everyone at once"],
            rows,
        ),
        *(
            [
                html_table(
                    "minimum-rates",
                    "Minimum savings rate that chance alone passes as seldom as chosen",
                    ["Line", *(f"In {spell_share(value)} of years" for value in chances)],
                    rates,
                )
            ]
            if rates
            else []
        ),
        html_table(
            "people-needed",
            "People needed for random variation to fall to a chosen share of a year",
            ["What", *(spell_share(value) for value in shares)],
            people,
        ),
    ]
    sentences = [
        (
            "Here only activity departs from plan, as chance and hard years move it; growth,"
            " prices, baselines and the care model go as planned."
        ),
        (
            "A minimum savings rate is a gap as a part of the line's own baseline. More people make"
            " it smaller only as far as chance evens out."
        ),
    ]
    sentences += [
        f"As it stands, {name.replace('_', ' ')} shares money out by chance alone in"
        f" {spell_share(part)} of years."
        for name, part in {one.arrangement: one.shares_out for one in found if one.line}.items()
    ]
    return Section("chance-alone", "What chance alone does", sentences, tables)


def baseline_error(view: View) -> Section | None:
    """What the error of the baseline does by itself, and what of it the lead provider bears."""
    found = view.results.baseline
    if found is None:
        return None
    fans = [
        ("Spend in scope", found.forecast),
        ("Spend out of scope", found.out_of_scope),
        ("Both", found.total),
        ("Affordability margin", found.headroom),
        (f"Borne by the lead provider, {found.lead_provider}", found.lead),
    ]
    rows = [
        [
            words(year),
            *(
                figure(f"{view.millions(fan.p5[at])} to {view.millions(fan.p95[at])}")
                for _, fan in fans
                if fan is not None
            ),
        ]
        for at, year in enumerate(view.results.budget.years)
    ]
    return Section(
        "baseline-error",
        "What the error of the baseline does",
        [
            (
                "The grade of a method says how well spend is divided between services and lists."
                " In the base year its error moves spend between the lines of one contract and one"
                " funder, in scope and out of it, and not their total."
            ),
            (
                "A contract's total is uncertain only where it was rolled forward, made up from"
                " part of a year, or rests on a source out of date. The lead provider bears what"
                " care in scope truly costs, so its error does not net to zero."
            ),
        ],
        [
            html_table(
                "baseline-error",
                f"Departure from plan in nine runs of ten, {spell_count(found.runs)} runs",
                ["Year", *(title for title, fan in fans if fan is not None)],
                rows,
            )
        ],
    )


def decision(view: View) -> Section | None:
    """From shadow to live."""
    found = view.found.decision
    if not found.criteria:
        return None
    rows = [
        [
            words(one.title),
            words(one.found),
            words(one.asked),
            words({True: "met", False: "not met", None: "could not be measured"}[one.met]),
            words(one.owner),
        ]
        for one in found.criteria
    ]
    sentence = (
        "Every criterion is met."
        if found.ready
        else f"{len(found.open)} of {len(found.criteria)} criteria are not met yet: "
        + "; ".join(one.title[0].lower() + one.title[1:] for one in found.open)
        + "."
    )
    return Section(
        "live",
        "From shadow to live",
        [sentence, "A chance meets its criterion only where its whole interval does."],
        [
            html_table(
                "criteria",
                "Criteria agreed beforehand",
                ["Criterion", "Found", "Asked", "Met", "Owner"],
                rows,
            )
        ],
    )


def access(view: View) -> Section | None:
    """Access by group."""
    if not view.found.access:
        return None
    rows = [
        [
            words(one.people_group.replace("_", " ")),
            words(one.measure.replace("_", " ")),
            figure(spell_share(one.ratio)),
            figure("" if one.leavers is None else spell_count(one.leavers)),
            words(one.words),
        ]
        for one in view.found.access
    ]
    return Section(
        "access",
        "Choosing patients, narrowing access",
        [
            (
                "Under capitation fewer people with high need pays, so use is held against"
                " need, and"
                " joiners against leavers."
            )
        ],
        [
            html_table(
                "access-table",
                "Use against need, and who leaves",
                [
                    "Group",
                    "Counted",
                    "Use over what need expects",
                    "Leavers less joiners",
                    "What it says",
                ],
                rows,
            )
        ],
    )


def segmentations(view: View) -> Section | None:
    """Ways of segmenting."""
    if not view.found.segmentations:
        return None
    rows = [
        [
            words(one.segmentation.replace("_", " ")),
            figure(spell_count(one.segments)),
            figure(spell_share(one.explained)),
            words(one.smallest_segment),
            figure(spell_count(one.smallest_people)),
            figure(spell_share(one.variation)),
        ]
        for one in view.found.segmentations
    ]
    return Section(
        "segments",
        "Ways of segmenting",
        [
            (
                "The more of the difference in people's cost a segmentation explains, the less a"
                " capitation by it rewards choosing within a segment."
            )
        ],
        [
            html_table(
                "segmentations",
                "Segmentations of the same people",
                [
                    "Segmentation",
                    "Segments",
                    "Variance explained",
                    "Smallest segment",
                    "People in it",
                    "Chance left in the total",
                ],
                rows,
            )
        ],
    )


def uncertainties(view: View) -> Section:
    """What was taken as uncertain, how it is known, and history beside what was fitted to it."""
    rows, fits, charts = [], [], []
    for one in view.results.declared.uncertainties:
        p5, p50, p95 = (float(value) for value in one.distribution.quantile([0.05, 0.5, 0.95]))
        by_grade = one.applies_by in BY_GRADE
        known = "history" if one.fitted else "method grades" if by_grade else "asked"
        rows.append(
            [
                words(one.title),
                words(one.driver.replace("_", " ")),
                words(one.distribution.kind.replace("_", " ")),
                *(figure(spell_driver(one.driver, value)) for value in (p5, p50, p95)),
                Cell(known, badges=(one.status,) if one.status else ()),
                words(one.evidence),
            ]
        )
        if one.fitted:
            fits.append(
                [
                    words(one.title),
                    figure(spell_count(one.fitted.points)),
                    *(
                        figure(
                            f"{spell_driver(one.driver, seen)} / {spell_driver(one.driver, made)}"
                        )
                        for seen, made in zip(one.fitted.observed, one.fitted.fitted, strict=True)
                    ),
                    figure(f"{one.fitted.agreement:.2f}"),
                ]
            )
            charts.append(
                fit_chart(
                    f"fit-{one.code}",
                    f"{one.title}: history (points) and what was fitted to it (line)",
                    "Each point is one past year: the part of history at or below it. The line is"
                    " the fitted distribution, as in the table.",
                    one.fitted,
                )
            )
    tables = [
        html_table(
            "uncertainties",
            "Uncertainties",
            [
                "Uncertainty",
                "Moves",
                "Distribution",
                "1 in 20 below",
                "Middle",
                "1 in 20 above",
                "Known from",
                "Evidence",
            ],
            rows,
        )
    ]
    if fits:
        tables.append(
            html_table(
                "fits",
                "History and what was fitted to it: observed / fitted",
                ["Uncertainty", "Points", "5%", "25%", "50%", "75%", "95%", "Agreement (p)"],
                fits,
            )
        )
    return Section(
        "uncertain",
        "What is uncertain",
        [
            "A fit to a short history is widened for what so few points cannot tell.",
            (
                "The error of a baseline is the error band of each line's method grade: a line"
                " worked out by a worse method moves more. A badge marks a band that is no more"
                " than a placeholder."
            ),
        ],
        [tables[0], *charts, *tables[1:]],
    )


def settled(view: View) -> Section:
    """Whether there are runs enough."""
    blocks: list[Any] = []
    for party in view.bearers:
        found, code = party.convergence, party.terms.organisation
        rows = [
            [
                words(spell_count(count)),
                figure(view.millions(mean)),
                figure(view.millions(p5)),
                figure(spell_share(loss)),
            ]
            for count, mean, p5, loss in zip(
                found.runs, found.mean, found.p5, found.loss, strict=True
            )
        ]
        if party.terms.role == "lead":
            blocks.append(
                convergence_chart(
                    f"settling-{code}",
                    f"{view.name(code)}: how the figures settle as runs grow",
                    "Mean and fifth percentile on a growing part of the runs, as in the table.",
                    found,
                    view.sign,
                )
            )
        blocks.append(
            html_table(
                f"settled-{code}",
                f"{view.name(code)}: the same figures on a growing part of the runs",
                ["Runs", "Mean", "1 in 20 below", "Chance of a loss"],
                rows,
            )
        )
    intervals = [
        f"{view.name(party.terms.organisation)}: the fifth percentile lies between"
        f" {view.millions(party.gain.p5_interval[0])} and"
        f" {view.millions(party.gain.p5_interval[1])}, and the mean is known to within"
        f" {view.millions(1.96 * party.gain.mean_error, False)} (95% intervals)."
        for party in view.bearers
    ]
    return Section("settled", "Are these runs enough?", intervals, blocks)


def problems(view: View) -> Section | None:
    """What to weigh."""
    found = [*view.results.problems, *view.found.problems]
    if not found:
        return None
    return Section(
        "problems",
        "To weigh",
        [],
        [
            html_table(
                "problem-list",
                "Problems that did not stop the test",
                ["What", "What would mend it"],
                [[words(problem.what), words(problem.fix)] for problem in found],
            )
        ],
    )
