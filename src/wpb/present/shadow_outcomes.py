"""Sections of a shadow test's page that say how everyone comes out: headline, parties, years,
payment models, today's contracts, deficits.

Source: handbook 1.1.5, 6.6; overview 3.4; req 209, 299, 303, 333-338.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from wpb.present.html_tables import HtmlTable, figure, html_table, words
from wpb.present.shadow_charts import fans_chart, models_chart, parties_chart
from wpb.present.shadow_page import Section
from wpb.present.shadow_view import View
from wpb.present.words import spell_pounds, spell_share
from wpb.shadow.payment_models import WPB_WORDS


def outcome_sections(view: View) -> list[Section]:
    """Every section of outcomes that this model has something for.

    Source: req 299, 301.
    """
    made = [
        headline(view),
        parties(view),
        budget_fans(view),
        party_fans(view),
        models(view),
        rewards(view),
        beside_today(view),
        subset(view),
        transitions(view),
    ]
    return [section for section in made if section is not None]


def headline(view: View) -> Section:
    """What a board reads first."""
    ever = view.results.unaffordable_ever
    sentences = [
        f"{view.name(party.terms.organisation)}: a loss against plan over the term in"
        f" {spell_share(party.gain.loss.value)} of runs; {_one_in_twenty(view, party.gain.p5)}."
        for party in view.bearers
    ]
    sentences.append(
        "Spend in and out of scope passes all allocations in some year in"
        f" {spell_share(ever.value)} of runs (between {spell_share(ever.low)} and"
        f" {spell_share(ever.high)})."
    )
    decision = view.found.decision
    if decision.criteria:
        sentences.append(
            "Every criterion for going live is met."
            if decision.ready
            else (
                f"{len(decision.open)} of {len(decision.criteria)} criteria for going live are not"
                " met yet."
            )
        )
    return Section("headline", "Headline", sentences)


def _one_in_twenty(view: View, p5: float) -> str:
    return (
        f"one run in twenty loses {view.millions(-p5, False)} or more"
        if p5 < 0
        else f"nineteen runs in twenty gain {view.millions(p5, False)} or more"
    )


def parties(view: View) -> Section:
    """Gain and loss of every party, and what each may breach."""
    rows, more = [], []
    for party in view.results.parties:
        gain, shared = party.gain, party.sharing
        tails = (
            "too few runs" if value is None else view.millions(value)
            for value in (gain.shortfall_95, gain.shortfall_99)
        )
        rows.append(
            [
                words(view.name(party.terms.organisation)),
                *(
                    figure(view.millions(value))
                    for value in (gain.mean, gain.p5, gain.p50, gain.p95)
                ),
                figure(spell_share(gain.gain.value)),
                figure(spell_share(gain.loss.value)),
                *(figure(text) for text in tails),
            ]
        )
        breach = [
            ("no limit given" if value is None else spell_share(value.value))
            for value in (party.beyond_exposure_limit, party.beyond_contingency)
        ]
        more.append(
            [
                words(view.name(party.terms.organisation)),
                figure(view.millions(sum(party.margin.principal))),
                figure(view.millions(party.margin_total.p5)),
                figure(spell_share(party.margin_total.loss.value)),
                figure("" if shared is None else view.millions(shared.mean)),
                *(figure(text) for text in breach),
            ]
        )
    chart = parties_chart(
        "parties-chart",
        "How every party may come out",
        "For each party the range of nine tenths of runs, the middle half, and the middle, as in"
        " the table.",
        [(view.name(party.terms.organisation), party.gain) for party in view.results.parties],
        view.sign,
    )
    tables = [
        html_table(
            "gains",
            "Gain or loss against plan over the whole term",
            [
                "Party",
                "Mean",
                "1 in 20 below",
                "Middle",
                "1 in 20 above",
                "Chance of a gain",
                "Chance of a loss",
                "Mean of the worst 5%",
                "Mean of the worst 1%",
            ],
            rows,
        ),
        html_table(
            "breaches",
            "Margins, sharing and limits",
            [
                "Party",
                "Planned margin",
                "Margin, 1 in 20 below",
                "Chance of a margin below nought",
                "Sharing, mean",
                "Chance that some year is beyond the exposure limit",
                "Chance that the term is beyond contingency",
            ],
            more,
        ),
    ]
    return Section(
        "parties",
        "Every party",
        [
            (
                "A gain or a loss is the margin of a run less the margin if all goes as planned."
                " Every run moves all parties at once, so what one is paid another pays."
            ),
            (
                "In the chart the thin bar holds nine tenths of runs, the thick one the middle"
                " half; the white mark is the middle."
            ),
        ],
        [chart, *tables],
    )


def budget_fans(view: View) -> Section:
    """The budget and its headroom by year."""
    results = view.results
    blocks: list[Any] = []
    for name, title, found in (
        ("forecast", "Spend on services in scope", results.forecast),
        ("headroom", "Headroom of all allocations", results.headroom),
    ):
        blocks += [
            fans_chart(
                f"{name}-fan",
                title,
                "Bands of nine tenths and half of runs, the middle and the plan by year, as in the"
                " table.",
                view.years,
                [("", found)],
                view.sign,
            ),
            _fan_table(view, f"{name}-years", f"{title} by year", found),
        ]
    short = [
        [
            words(year),
            figure(spell_share(one.value)),
            figure(f"{spell_share(one.low)} to {spell_share(one.high)}"),
        ]
        for year, one in zip(view.years, results.unaffordable, strict=True)
    ]
    blocks.append(
        html_table(
            "unaffordable",
            "Chance that spend in and out of scope is above all allocations",
            ["Year", "Chance", "95% interval"],
            short,
        )
    )
    return Section("fans", "The budget, year by year", [], blocks)


def party_fans(view: View) -> Section:
    """Income, cost and margin of every party by year."""
    blocks: list[Any] = []
    for party in view.results.parties:
        code = party.terms.organisation
        blocks.append(
            fans_chart(
                f"fans-{code}",
                view.name(code),
                "Income, cost and margin by year: bands of nine tenths and half of runs, the middle"
                " and the plan.",
                view.years,
                [("Income", party.income), ("Cost", party.cost), ("Margin", party.margin)],
                view.sign,
            )
        )
        blocks.append(
            _fan_table(
                view, f"margin-years-{code}", f"{view.name(code)}: margin by year", party.margin
            )
        )
    return Section(
        "party-fans",
        "Every party, year by year",
        ["Each panel has a scale of its own. Income and cost of every year are in parties.csv."],
        blocks,
    )


def _fan_table(view: View, name: str, caption: str, found: Any) -> HtmlTable:
    rows = [
        [
            words(year),
            *(
                figure(view.millions(getattr(found, key)[at], False))
                for key in ("principal", "p5", "p25", "p50", "p75", "p95")
            ),
        ]
        for at, year in enumerate(view.years)
    ]
    return html_table(
        name,
        caption,
        [
            "Year",
            "Plan",
            "1 in 20 below",
            "1 in 4 below",
            "Middle",
            "1 in 4 above",
            "1 in 20 above",
        ],
        rows,
    )


def models(view: View) -> Section | None:
    """Payment models on the same people and years: who bears what."""
    spreads = view.results.model_spreads
    if not spreads:
        return None
    about = {one.code: one for one in view.results.models} | WPB_WORDS
    codes = [party.terms.organisation for party in view.results.parties]
    rows = [
        [
            words(view.name(code)),
            *(
                figure(
                    f"{view.millions(found[code].mean)} ±"
                    f" {view.millions(found[code].deviation, False)}"
                )
                for found in spreads.values()
            ),
        ]
        for code in codes
    ]
    chart = models_chart(
        "models-chart",
        "Who bears what under each payment model",
        "For each party and payment model the range of nine tenths of runs and the mean, each row"
        " of panels on a scale of its own; mean and standard deviation are in the table.",
        [(about[code].title, found) for code, found in spreads.items()],
        [(code, view.name(code)) for code in codes],
        view.sign,
    )
    tables = [
        html_table(
            "models",
            "Gain or loss against plan over the term: mean, and standard deviation",
            ["Party", *(about[code].title for code in spreads)],
            rows,
        ),
        html_table(
            "model-notes",
            "What each rewards, and what to watch",
            ["Payment model", "Rewards", "Watch"],
            [
                [words(about[code].title), words(about[code].rewards), words(about[code].watch)]
                for code in spreads
            ],
        ),
    ]
    return Section(
        "models",
        "Payment models side by side",
        [
            (
                "The same runs go through every model, so they differ by their terms and not"
                " by chance."
                " A short bar for one party is a long one for another: payment moves risk and"
                " does not"
                " remove it."
            )
        ],
        [chart, *tables],
    )


def rewards(view: View) -> Section | None:
    """What each model rewards, in pounds."""
    if not view.found.rewards:
        return None
    about = {one.code: one for one in view.results.models} | WPB_WORDS
    tables = []
    for number, reward in enumerate(view.found.rewards):
        rows = [
            [
                words(view.name(party.terms.organisation)),
                *(
                    figure(view.millions(float(by_party[row])))
                    for by_party in reward.by_model.values()
                ),
            ]
            for row, party in enumerate(view.results.parties)
        ]
        tables.append(
            html_table(
                f"reward-{number}",
                reward.what,
                ["Party", *(about[code].title for code in reward.by_model)],
                rows,
            )
        )
    return Section(
        "rewards",
        "What each model rewards",
        [
            (
                "One thing differs from plan in every year and all else goes as planned: the"
                " change of"
                " each party's margin over the term."
            )
        ],
        tables,
    )


def beside_today(view: View) -> Section | None:
    """The design beside today's contracts, by party and year."""
    replayed = view.replayed
    if replayed is None:
        return None
    by_year = replayed.by_year()
    years = list(dict.fromkeys(year for found in by_year.values() for year in found))
    whole = replayed.by_party()
    rows = [
        [
            words(view.name(party)),
            *(figure(spell_pounds(found.get(year, 0), view.sign)) for year in years),
            figure(spell_pounds(whole[party], view.sign)),
        ]
        for party, found in by_year.items()
    ]
    source = (
        "Today's payments are those recorded in current_payments."
        if replayed.current_from == "recorded"
        else (
            "Today's payments are worked out: what is planned for each contract, in twelfths. Enter"
            " current_payments to set recorded ones beside the design."
        )
    )
    sentences = [
        (
            "What each party receives less what it pays under the design, less the same under"
            " today's contracts. The design is paid by the live contract's own settlement. Every"
            " month adds to nought over all parties; months are in replay.csv."
        ),
        (
            "What is planned for services bought from everyone else is taken as passed on by the"
            " lead provider, for the settlement names no payment for it."
        ),
        source,
    ]
    if replayed.months_left_out:
        sentences.append(
            f"{len(replayed.months_left_out)} months are left out, for no payment of today is"
            f" recorded in them: {', '.join(replayed.months_left_out)}."
        )
    return Section(
        "beside-today",
        "Beside today's contracts",
        sentences,
        [html_table("replay", "Design less today's contracts", ["Party", *years, "In all"], rows)],
    )


def subset(view: View) -> Section | None:
    """The shadow budget of a part of the services."""
    found = view.found.subset
    if not found:
        return None
    moved = [
        one
        for before, one in pairwise(found)
        if abs(one.subset_pence - before.subset_pence) > before.subset_pence / 1000
    ]
    months = [found[0], *moved]
    rows = [
        [
            words(one.month),
            figure(spell_pounds(one.subset_pence, view.sign)),
            figure(spell_pounds(one.whole_pence, view.sign)),
            figure(spell_share(one.subset_pence / one.whole_pence)),
        ]
        for one in months[:12]
    ]
    return Section(
        "subset",
        "A part of the services in shadow",
        [
            (
                "Services enter the shadow one after another, each from its month; the months"
                " shown are"
                " the first, and those in which the sum moves by more than a thousandth."
            )
        ],
        [
            html_table(
                "subset-months",
                "What the services in shadow come to",
                ["Month", "In shadow", "Whole budget", "Part"],
                rows,
            )
        ],
    )


def transitions(view: View) -> Section | None:
    """Support of providers in deficit."""
    if not view.found.transitions:
        return None
    rows = [
        [
            words(view.name(one.provider)),
            words(view.name(one.paid_by)),
            *(figure(spell_pounds(amount, view.sign)) for amount in one.support_pence),
        ]
        for one in view.found.transitions
    ]
    to_find = [
        [
            words(view.name(one.provider)),
            words(""),
            *(figure(spell_pounds(amount, view.sign)) for amount in one.to_find_pence),
        ]
        for one in view.found.transitions
    ]
    return Section(
        "transitions",
        "Transition of deficits",
        [
            (
                "Support is non-recurrent, is not grown, and is no part of the budget or its"
                " baseline;"
                " none of the figures above contains it."
            )
        ],
        [
            html_table("transition", "Support by year", ["Provider", "Paid by", *view.years], rows),
            html_table(
                "to-find",
                "What each provider must save anew",
                ["Provider", "", *view.years],
                to_find,
            ),
        ],
    )
