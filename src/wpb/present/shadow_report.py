"""The report page of a shadow test: headline chances first, each chart beside its table, and how far every figure may be off.

Source: handbook 1.1.5, 6.6; overview 3.4; req 299-301.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import wpb
from wpb.kernel.money import whole_pence
from wpb.present.charts import Chart
from wpb.present.html_tables import HtmlTable, figure, html_table, words
from wpb.present.shadow_charts import fan_chart, parties_chart, swings_chart
from wpb.present.shadow_summary import shadow_summary
from wpb.present.words import currency_sign, spell_count, spell_millions, spell_pounds, spell_share
from wpb.present.written_together import write_together
from wpb.shadow.appraisal import Appraisal, appraise
from wpb.shadow.fair_baseline import CASES
from wpb.shadow.payment_models import WPB_WORDS
from wpb.shadow.shadow_test import ShadowResults
from wpb.shadow.workers import Workers
from wpb.sharing.parties import PartyArrangement

TEMPLATES = Path(__file__).parent / "templates"
Section = dict[str, Any]


def write_shadow_report(results: ShadowResults, arrangements: Sequence[PartyArrangement], folder: Path, progress: Callable[[str], None] = lambda stage: None, workers: int | Workers = 1) -> Appraisal:
    """Write shadow.html, shadow.json and parties.csv; the same results give the same bytes.

    Source: req 299-301.
    """
    found = appraise(results, progress=progress, workers=workers)
    progress("report page")
    write_together(folder, {"shadow.html": shadow_html(results, found), "shadow.json": json.dumps(shadow_summary(results), indent=2, ensure_ascii=False) + "\n", "parties.csv": parties_csv(results)})
    return found


def parties_csv(results: ShadowResults) -> str:
    """Every party by year: margin, income and cost, as planned, on average, and at the ends of nine tenths of runs, in whole pence."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["party", "figure", "year", "principal_pence", "mean_pence", "p5_pence", "p25_pence", "p50_pence", "p75_pence", "p95_pence"])
    for party in results.parties:
        for name in ("income", "cost", "margin"):
            fan = getattr(party, name)
            for at, year in enumerate(results.budget.years):
                writer.writerow([party.terms.organisation, name, year, *(whole_pence(getattr(fan, key)[at]) for key in ("principal", "mean", "p5", "p25", "p50", "p75", "p95"))])
    return text.getvalue()


def shadow_html(results: ShadowResults, found: Appraisal) -> str:
    """Give the page as HTML; nothing is loaded and nothing runs."""
    import jinja2

    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page = _Page(results, found)
    return environment.get_template("shadow.html.j2").render(settings=results.budget.model.settings, results=results, version=wpb.__version__, style=style, style_hash=f"sha256-{digest}", sections=page.sections())


class _Page:
    """The page's sections, each a heading, sentences, charts and tables."""

    def __init__(self, results: ShadowResults, found: Appraisal) -> None:
        self.results, self.found = results, found
        self.years = results.budget.years
        self.sign = currency_sign(results.budget.model.settings.currency)
        table = results.budget.model["organisations"]
        self.names = dict(zip(table.text("organisation"), table.text("name"), strict=True))

    def sections(self) -> list[Section]:
        """Every section that this model has something for."""
        made = [self.headline(), self.parties(), self.fans(), self.drivers(), self.baselines(), self.chance(), self.models(), self.transitions(), self.decision(), self.access(), self.segmentations(), self.uncertainties(), self.settled(), self.problems()]
        return [section for section in made if section is not None]

    def millions(self, pence: float, plus: bool = True) -> str:
        """Write unrounded pence as millions."""
        return spell_millions(whole_pence(pence), self.sign, plus)

    def name(self, code: str) -> str:
        """Name an organisation."""
        return self.names.get(code, code)

    def headline(self) -> Section:
        """What a board reads first."""
        ever = self.results.unaffordable_ever
        sentences = [f"{self.name(party.terms.organisation)}: a loss against plan over the term in {spell_share(party.gain.loss.value)} of runs; one run in twenty is worse than {self.millions(party.gain.p5)}." for party in self.results.parties if party.terms.role != "provider"]
        sentences.append(f"Spend in and out of scope passes all allocations in some year in {spell_share(ever.value)} of runs (between {spell_share(ever.low)} and {spell_share(ever.high)}).")
        return {"id": "headline", "title": "Headline", "sentences": sentences, "charts": [], "tables": []}

    def parties(self) -> Section:
        """Gain and loss of every party."""
        rows, more = [], []
        for party in self.results.parties:
            gain = party.gain
            rows.append([words(self.name(party.terms.organisation)), *(figure(self.millions(value)) for value in (gain.mean, gain.p5, gain.p50, gain.p95)), figure(spell_share(gain.gain.value)), figure(spell_share(gain.loss.value)), *(figure("too few runs" if value is None else self.millions(value)) for value in (gain.shortfall_95, gain.shortfall_99))])
            breach = [("" if value is None else spell_share(value.value)) for value in (party.beyond_exposure_limit, party.beyond_contingency)]
            shared = party.sharing
            more.append([words(self.name(party.terms.organisation)), figure(self.millions(sum(party.margin.principal))), figure(self.millions(party.margin_total.p5)), figure(spell_share(party.margin_total.loss.value)), figure("" if shared is None else self.millions(shared.mean)), *(figure(text) for text in breach)])
        chart = parties_chart("parties-chart", "How every party may come out", "For each party the range of nine tenths of runs, the middle half, and the middle, as in the table.", [(self.name(party.terms.organisation), party.gain) for party in self.results.parties], self.sign)
        tables = [
            html_table("gains", "Gain or loss against plan over the whole term", ["Party", "Mean", "1 in 20 below", "Middle", "1 in 20 above", "Chance of a gain", "Chance of a loss", "Mean of the worst 5%", "Mean of the worst 1%"], rows),
            html_table("breaches", "Margins, sharing and limits", ["Party", "Planned margin", "Margin, 1 in 20 below", "Chance of a margin below nought", "Sharing, mean", "Chance beyond the yearly limit", "Chance beyond contingency"], more),
        ]
        return {"id": "parties", "title": "Every party", "sentences": ["A gain or a loss is the margin of a run less the margin if all goes as planned. Every run moves all parties at once, so what one is paid another pays."], "charts": [chart], "tables": tables}

    def fans(self) -> Section:
        """Fans by year, of the budget and of every party's margin."""
        charts = [self._fan("forecast-fan", "Spend on services in scope", self.results.forecast), self._fan("headroom-fan", "Headroom of all allocations", self.results.headroom)]
        tables = [self._fan_table("forecast-years", "Spend on services in scope by year", self.results.forecast), self._fan_table("headroom-years", "Headroom by year", self.results.headroom)]
        for party in self.results.parties:
            code = party.terms.organisation
            charts.append(self._fan(f"margin-{code}", f"{self.name(code)}: margin", party.margin))
            tables.append(self._fan_table(f"margin-years-{code}", f"{self.name(code)}: margin by year", party.margin))
        return {"id": "fans", "title": "Year by year", "sentences": ["The wide band holds nine tenths of runs and the narrow one half; the line is the middle, the dashed line the plan. Income and cost of every party are in parties.csv."], "charts": charts, "tables": tables}

    def _fan(self, name: str, title: str, found: Any) -> Chart:
        return fan_chart(name, title, "Bands of nine tenths and half of runs, the middle and the plan by year, as in the table.", self.years, found, self.sign)

    def _fan_table(self, name: str, caption: str, found: Any) -> HtmlTable:
        rows = [[words(year), *(figure(self.millions(getattr(found, key)[at], False)) for key in ("principal", "p5", "p25", "p50", "p75", "p95"))] for at, year in enumerate(self.years)]
        return html_table(name, caption, ["Year", "Plan", "1 in 20 below", "1 in 4 below", "Middle", "1 in 4 above", "1 in 20 above"], rows)

    def drivers(self) -> Section | None:
        """What drives the results."""
        charts, tables = [], []
        for name, shares in self.found.shares.items():
            words_of = "headroom" if name == "headroom" else f"margin of {self.name(name.split('/')[1])}"
            rows = [[words(share.title), figure(spell_share(share.alone)), figure(f"{spell_share(share.alone_interval[0])} to {spell_share(share.alone_interval[1])}"), figure(spell_share(share.together)), figure(f"{spell_share(share.together_interval[0])} to {spell_share(share.together_interval[1])}")] for share in shares]
            tables.append(html_table(f"shares-{name.replace('/', '-')}", f"Parts of the variance of the {words_of} over the term", ["Uncertainty", "Alone", "95% interval", "With all it acts with", "95% interval"], rows))
            swings = self.found.swings[name][:10]
            tables.append(html_table(f"swings-{name.replace('/', '-')}", f"Change of the {words_of} over the term, one uncertainty at a time", ["Uncertainty", "At its low end (1 in 10)", "At its high end (1 in 10)"], [[words(swing.title), figure(self.millions(swing.at_low)), figure(self.millions(swing.at_high))] for swing in swings]))
            if swings:
                charts.append(swings_chart(f"tornado-{name.replace('/', '-')}", f"One at a time: {words_of}", "Bars from what the low end does to what the high end does, the widest first, as in the table.", [(swing.title, swing.at_low, swing.at_high) for swing in swings], self.sign))
        if not any(self.found.shares.values()):
            return None
        return {"id": "drivers", "title": "What drives the results", "sentences": ["Parts of variance are Sobol' indices; correlated uncertainties count as one. Intervals that reach nought say that a part may be noise."], "charts": charts, "tables": tables}

    def baselines(self) -> Section | None:
        """Whether the baselines of sharing are fair."""
        if not self.results.lines:
            return None
        rows, sentences = [], []
        for line in self.results.lines:
            shift = "mirrors the budget" if line.shift is None else f"{spell_share(line.shift.rate)} ({spell_share(line.shift.rate_interval[0])} to {spell_share(line.shift.rate_interval[1])})"
            rows.append([words(line.line), words("inside" if line.inside else "outside"), figure(spell_share(line.odds.gain.value)), figure(spell_share(line.odds.loss.value)), words(line.odds.case), figure(shift), figure(spell_share(line.odds.provider_gain_share)), figure(spell_share(line.odds.provider_loss_share)), figure(spell_share(line.spread_of_rate))])
            sentences.append(f"{line.line.replace('_', ' ')}: {CASES[line.odds.case]}")
        sentences.append("A baseline inside the budget is not moved, for it mirrors the forecast: shares make up for the odds. Outside it, the shift makes gain and loss as likely.")
        return {"id": "baselines", "title": "Is the baseline fair?", "sentences": sentences, "charts": [], "tables": [html_table("odds", "Odds against each baseline, a year on average", ["Line", "Budget", "Chance of a gain", "Chance of a loss", "Case of Figure 24", "Shift that makes them equal", "Share of gains", "Share of losses that comes out even", "Spread of a year, of baseline"], rows)]}

    def chance(self) -> Section | None:
        """What chance alone does, and the minimum rates and population sizes it asks for."""
        found = self.results.chance
        if not found:
            return None
        names = [one.line.replace("_", " ") or "whole budget" for one in found]
        rows = [[words(name), *(figure(spell_share(value)) for value in (one.variation, one.evens_out, one.shared)), figure("" if one.shares_out is None else spell_share(one.shares_out))] for name, one in zip(names, found, strict=True)]
        chances, shares = ([value for value, _ in getattr(found[0], name)] for name in ("rates", "people_for"))
        rates = [[words(name), *(figure(spell_share(rate)) for _, rate in one.rates)] for name, one in zip(names, found, strict=True) if one.line]
        people = [[words(name), *(figure("no number does" if size is None else spell_count(size)) for _, size in one.people_for)] for name, one in zip(names, found, strict=True)]
        tables = [
            html_table("chance", f"A year by chance alone at {spell_count(found[0].people)} people: one standard deviation, of plan", ["What", "In all", "Evens out with more people", "Hits everyone at once", "Years in which money is shared out"], rows),
            *([html_table("minimum-rates", "Minimum savings rate, for a chosen chance that a year pays for chance", ["Line", *(f"{spell_share(value)} of years" for value in chances)], rates)] if rates else []),
            html_table("people-needed", "People needed for random variation to fall to a chosen share of a year", ["What", *(spell_share(value) for value in shares)], people),
        ]
        sentences = ["Here only activity departs from plan, as chance and hard years move it; growth, prices, baselines and the care model go as planned.", "A minimum savings rate is the gap, as a part of the line's own baseline, that chance alone passes as seldom as chosen. More people make it smaller only as far as chance evens out."]
        return {"id": "chance-alone", "title": "What chance alone does", "sentences": sentences, "charts": [], "tables": tables}

    def models(self) -> Section | None:
        """Payment models on the same people and years."""
        if not self.results.model_spreads:
            return None
        about = {one.code: one for one in self.results.models} | WPB_WORDS
        parties = [party.terms.organisation for party in self.results.parties]
        rows = [[words(about[code].title), *(figure(f"{self.millions(found[party].mean)} ± {self.millions(found[party].deviation, False)}") for party in parties)] for code, found in self.results.model_spreads.items()]
        tables = [html_table("models", "Gain or loss against plan over the term: mean, and standard deviation", ["Payment model", *(self.name(party) for party in parties)], rows)]
        tables.append(html_table("model-notes", "What each rewards, and what to watch", ["Payment model", "Rewards", "Watch"], [[words(about[code].title), words(about[code].rewards), words(about[code].watch)] for code in self.results.model_spreads]))
        for number, reward in enumerate(self.found.rewards):
            rows = [[words(about[code].title), *(figure(self.millions(float(value))) for value in by_party)] for code, by_party in reward.by_model.items()]
            tables.append(html_table(f"reward-{number}", f"{reward.what}: change of margin over the term", ["Payment model", *(self.name(party) for party in parties)], rows))
        return {"id": "models", "title": "Payment models side by side", "sentences": ["The same runs go through every model, so they differ by their terms and not by chance."], "charts": [], "tables": tables}

    def transitions(self) -> Section | None:
        """Support of providers in deficit."""
        if not self.found.transitions:
            return None
        rows = [[words(self.name(one.provider)), words(self.name(one.paid_by)), *(figure(spell_pounds(amount, self.sign)) for amount in one.support_pence)] for one in self.found.transitions]
        return {"id": "transitions", "title": "Transition of deficits", "sentences": ["Support is non-recurrent, is not grown, and is no part of the budget or its baseline; none of the figures above contains it."], "charts": [], "tables": [html_table("transition", "Support by year", ["Provider", "Paid by", *self.years], rows)]}

    def decision(self) -> Section | None:
        """From shadow to live."""
        decision = self.found.decision
        if not decision.criteria:
            return None
        rows = [[words(one.title), words(one.found), words(one.asked), words({True: "met", False: "not met", None: "could not be measured"}[one.met]), words(one.owner)] for one in decision.criteria]
        sentence = "Every criterion is met." if decision.ready else f"{len(decision.open)} of {len(decision.criteria)} criteria are not met yet: " + "; ".join(one.title.lower() for one in decision.open) + "."
        return {"id": "live", "title": "From shadow to live", "sentences": [sentence, "A chance meets its criterion only where its whole interval does."], "charts": [], "tables": [html_table("criteria", "Criteria agreed beforehand", ["Criterion", "Found", "Asked", "Met", "Owner"], rows)]}

    def access(self) -> Section | None:
        """Access by group."""
        if not self.found.access:
            return None
        rows = [[words(one.people_group.replace("_", " ")), words(one.measure.replace("_", " ")), figure(spell_share(one.ratio)), figure("" if one.leavers is None else spell_count(one.leavers)), words(one.words)] for one in self.found.access]
        return {"id": "access", "title": "Choosing patients, narrowing access", "sentences": ["Under capitation fewer people with high need pays, so use is held against need, and joiners against leavers."], "charts": [], "tables": [html_table("access-table", "Use against need, and who leaves", ["Group", "Counted", "Use over what need expects", "Leavers less joiners", "What it says"], rows)]}

    def segmentations(self) -> Section | None:
        """Ways of segmenting."""
        if not self.found.segmentations:
            return None
        rows = [[words(one.segmentation.replace("_", " ")), figure(spell_count(one.segments)), figure(spell_share(one.explained)), words(one.smallest_segment), figure(spell_count(one.smallest_people)), figure(spell_share(one.variation))] for one in self.found.segmentations]
        return {"id": "segments", "title": "Ways of segmenting", "sentences": ["The more of the difference in people's cost a segmentation explains, the less a capitation by it rewards choosing within a segment."], "charts": [], "tables": [html_table("segmentations", "Segmentations of the same people", ["Segmentation", "Segments", "Variance explained", "Smallest segment", "People in it", "Chance left in the total"], rows)]}

    def uncertainties(self) -> Section:
        """What was taken as uncertain, and how it is known."""
        rows, fits = [], []
        for one in self.results.declared.uncertainties:
            p5, p50, p95 = (float(value) for value in one.distribution.quantile([0.05, 0.5, 0.95]))
            rows.append([words(one.title), words(one.driver.replace("_", " ")), words(one.distribution.kind), *(figure(f"{value:.4g}") for value in (p5, p50, p95)), words("history" if one.fitted else "asked"), words(one.evidence)])
            if one.fitted:
                fits.append([words(one.title), figure(spell_count(one.fitted.points)), *(figure(f"{seen:.4g} / {made:.4g}") for seen, made in zip(one.fitted.observed, one.fitted.fitted, strict=True)), figure(f"{one.fitted.agreement:.2f}")])
        tables = [html_table("uncertainties", "Uncertainties", ["Uncertainty", "Moves", "Distribution", "1 in 20 below", "Middle", "1 in 20 above", "Known from", "Evidence"], rows)]
        if fits:
            tables.append(html_table("fits", "History and what was fitted to it: observed / fitted", ["Uncertainty", "Points", "5%", "25%", "50%", "75%", "95%", "Agreement (p)"], fits))
        return {"id": "uncertain", "title": "What is uncertain", "sentences": ["A fit to a short history is widened for what so few points cannot tell."], "charts": [], "tables": tables}

    def settled(self) -> Section:
        """Whether there are runs enough."""
        tables = []
        for party in self.results.parties:
            if party.terms.role == "provider":
                continue
            found, code = party.convergence, party.terms.organisation
            rows = [[words(spell_count(count)), figure(self.millions(mean)), figure(self.millions(p5)), figure(spell_share(loss))] for count, mean, p5, loss in zip(found.runs, found.mean, found.p5, found.loss, strict=True)]
            tables.append(html_table(f"settled-{code}", f"{self.name(code)}: the same figures on a growing part of the runs", ["Runs", "Mean", "1 in 20 below", "Chance of a loss"], rows))
        intervals = [f"{self.name(party.terms.organisation)}: the fifth percentile lies between {self.millions(party.gain.p5_interval[0])} and {self.millions(party.gain.p5_interval[1])} (95% interval)." for party in self.results.parties if party.terms.role != "provider"]
        return {"id": "settled", "title": "Are these runs enough?", "sentences": intervals, "charts": [], "tables": tables}

    def problems(self) -> Section | None:
        """What to weigh."""
        found = [*self.results.problems, *self.found.problems]
        if not found:
            return None
        return {"id": "problems", "title": "To weigh", "sentences": [], "charts": [], "tables": [html_table("problem-list", "Problems that did not stop the test", ["What", "What would mend it"], [[words(problem.what), words(problem.fix)] for problem in found])]}
